"""Techniques to reach a token by Secrets."""

from collections.abc import Iterator

from kuberoster.risk.guarded import is_guarded, reached_by_writes
from kuberoster.risk.hits import names
from kuberoster.risk.paths.edge import Accounts, Edge, Reachable, about, edge, here, unnamed
from kuberoster.risk.rules.secrets import (
    CHANGE_SECRETS,
    CREATE_SECRETS,
    SHOW_SECRETS,
    SHOW_SECRETS_UNWRITTEN,
)
from kuberoster.risk.scope import Scope

READS = "read their tokens in Secrets"
MAKES = "have tokens made for them in Secrets, and read these"
TURNS = "turn a Secret that it may read into one for each of them"

OPENS = (SHOW_SECRETS,)
"""What a role has to allow, of all Secrets, to open a namespace of users."""


def by_secrets(scope: Scope, reachable: Reachable) -> Iterator[Edge]:
    """Read a token Secret, or make one and read it.

    In other namespaces than those of users no token Secret is taken to be there already.
    """
    shown = scope.evidence(SHOW_SECRETS)
    if not shown:
        return
    guarded = is_guarded(scope)
    of_users = scope.evidence(SHOW_SECRETS_UNWRITTEN) if guarded else shown
    everything = unnamed(of_users)
    if scope.has_users and everything:
        yield edge(READS, scope, here(scope), everything)
    if made := scope.evidence(CREATE_SECRETS):
        for namespace in reached_by_writes(scope, reachable.others):
            yield edge(MAKES, scope, Accounts(namespace), made, shown)
    changed = [] if guarded else scope.evidence(CHANGE_SECRETS)
    for name in sorted({name for each in of_users for name in names(each)}):
        for owner in reachable.owners(scope.namespace, name):
            read = about(of_users, name)
            yield edge(READS, scope, owner, read)
            # The type of a Secret stays, and whose token is in it is an annotation.
            if turned := about(changed, name):
                yield edge(
                    TURNS, scope, here(scope)._replace(namespace=owner.namespace), read, turned
                )
