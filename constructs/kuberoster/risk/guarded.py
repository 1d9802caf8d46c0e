"""What a roster's admission policies refuse, as risks and paths take it.

They see writes alone, so reading Secrets and impersonation stay what RBAC makes of them. What
they let pass is asked of RBAC too: whoever is a deployer, or may change the policies, is not
held up.
"""

from collections.abc import Iterable, Iterator

from kuberoster.model.guard import ADMISSION, DEPLOY, RESOURCES, RIGHTS_GROUP, RIGHTS_RESOURCE
from kuberoster.risk.right import of_groups, right
from kuberoster.risk.scope import Evidence, Scope

_DEPLOYS = right(DEPLOY, f"{RIGHTS_RESOURCE}.{RIGHTS_GROUP}", clustered=True)
_UNDOES = right(
    "update patch delete deletecollection",
    of_groups({ADMISSION: " ".join(RESOURCES.values())}),
    clustered=True,
)


def deploys(scope: Scope) -> list[Evidence]:
    """The rights by which whoever has them is a deployer of the roster."""
    roster = scope.surroundings.roster
    return [
        each
        for each in scope.evidence(_DEPLOYS)
        if each.rule and (not each.rule.resource_names or roster in each.rule.resource_names)
    ]


def is_guarded(scope: Scope) -> bool:
    """Whether the guard stands before the writes of whoever has this scope."""
    stands = scope.surroundings.guarded
    return stands and not deploys(scope) and not scope.evidence(_UNDOES)


def reached_by_writes(scope: Scope, all_homes: Iterable[str]) -> Iterator[str]:
    """The namespaces in which a write here is let pass; empty for all at once.

    `all_homes` are those of ServiceAccounts that somebody could want to be.
    """
    users = scope.surroundings.users_namespaces
    if not is_guarded(scope):
        yield scope.namespace
    elif scope.namespace:
        yield from {scope.namespace} - users
    else:
        yield from sorted(set(all_homes) - users)
