"""What a roster's admission policies refuse, as risks and paths take it.

They see writes alone, so reading Secrets and impersonation stay what RBAC makes of them. What
they let pass is asked of RBAC too: whoever is a deployer, or may change the policies, is not
held up. Whether they stand, offline a setting says and live the cluster.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kuberoster.model.roster import Roster
from kuberoster.model.settings import Settings
from kuberoster.operations.guard import ADMISSION, RESOURCES, Guard, outside_guard
from kuberoster.operations.guard.policies import DEPLOY, RIGHTS_GROUP, RIGHTS_RESOURCE
from kuberoster.operations.inventory import Object
from kuberoster.review.needs import Hits, asks
from kuberoster.review.scope import Evidence, Scope

_DEPLOYS = asks(DEPLOY, f"{RIGHTS_RESOURCE}.{RIGHTS_GROUP}", clustered=True)
_UNDOES = asks(
    "update patch delete deletecollection",
    " ".join(f"{plural}.{ADMISSION}" for plural in RESOURCES.values()),
    clustered=True,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Guarding:
    """Whether the guard stands, and what is to be said of that."""

    stands: bool
    words: str = ""
    """Goes on from what a review stands on; empty where there is nothing to say."""


def as_set(settings: Settings) -> Guarding:
    """What cdktf.json says, where no cluster is asked."""
    if not settings.guard:
        return Guarding(stands=False)
    return Guarding(stands=True, words="; the guard is taken to stand, as cdktf.json says")


def as_found(
    guard: Guard, settings: Settings, roster: Roster, namespaces: Iterable[Object]
) -> Guarding:
    """What a cluster has; of these namespaces, those of the roster have to carry its label."""
    homes = {entry.team.namespace for entry in roster.teams}
    bare = outside_guard((each["metadata"] for each in namespaces), homes, settings.roster)
    if guard.stands and not bare:
        return Guarding(stands=True, words="; the guard stands")
    if guard.state in ("absent", "unsupported") and not settings.guard:
        return Guarding(stands=False)
    bare_ones = f"namespaces without the roster's label: {', '.join(bare)}"
    why = bare_ones if guard.stands else guard.why_not
    if guard.state == "unseen":
        said = "whether the guard stands is not known"
    elif settings.guard:
        said = "cdktf.json says that the guard stands, and it does not"
    else:
        said = "the guard does not stand whole"
    return Guarding(stands=False, words=f"; {said} ({why}), so all is judged without it")


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


def unguarded(hits: Hits) -> Hits:
    """Only where the guard does not refuse it; for what is about users or the state alone."""
    return lambda scope: [] if is_guarded(scope) else hits(scope)


def away_from_guard(hits: Hits) -> Hits:
    """The same for what is about any namespace: not in one of users."""
    return lambda scope: [] if _is_home(scope) and is_guarded(scope) else hits(scope)


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


def _is_home(scope: Scope) -> bool:
    return scope.namespace in scope.surroundings.users_namespaces
