"""Techniques to reach another identity by ServiceAccounts and by impersonation."""

from collections.abc import Iterable, Iterator

from kuberoster.model.identity import EVERYONES_GROUPS, USERNAME_PREFIX
from kuberoster.rbac.policy import Identity
from kuberoster.risk.guarded import is_guarded, reached_by_writes
from kuberoster.risk.hits import acting, names
from kuberoster.risk.paths.edge import Accounts, Edge, Reachable, edge, here, unnamed
from kuberoster.risk.rules.accounts import REQUEST_TOKENS
from kuberoster.risk.rules.impersonation import (
    AS_ACCOUNTS,
    AS_GROUPS,
    AS_SOME_ACCOUNTS,
    AS_SOME_GROUPS,
    AS_SOME_USERS,
    AS_USERS,
    MASTERS,
)
from kuberoster.risk.scope import Evidence, Scope

_AUTHENTICATED = EVERYONES_GROUPS[1]
_FOR_ACCOUNTS = acting("serviceaccount")
_FOR_USERS = acting("user-info")

REQUESTS = "request tokens for them"
IMPERSONATES = "impersonate them"
SOMETIMES = "impersonate them for the requests that the impersonate-on verbs name"
OF_MASTERS = f"impersonate a member of {MASTERS}, who may do anything"

OPENS = (REQUEST_TOKENS, AS_ACCOUNTS)


def by_accounts(scope: Scope, reachable: Reachable) -> Iterator[Edge]:
    """Request a token, or impersonate a ServiceAccount."""
    yield from _requests(scope, reachable, scope.evidence(REQUEST_TOKENS))
    yield from _each(IMPERSONATES, scope, reachable, scope.evidence(AS_ACCOUNTS))
    if some := scope.evidence(AS_SOME_ACCOUNTS):
        for_what = scope.evidence_anywhere(_FOR_ACCOUNTS)
        if for_what:
            yield from _each(SOMETIMES, scope, reachable, some, for_what)


def by_impersonation(scope: Scope, reachable: Reachable) -> Iterator[Edge]:
    """Impersonate a user that is no ServiceAccount, or a member of a group.

    A group can only be taken together with a user, who may be a ServiceAccount. The full name of
    a ServiceAccount is none of the users here: the API server asks for `serviceaccounts` then.
    """
    if scope.namespace:
        return
    users, groups = scope.evidence(AS_USERS), scope.evidence(AS_GROUPS)
    yield from _as_users(IMPERSONATES, scope, reachable, users)
    if groups:
        yield from _as_members(
            IMPERSONATES, scope, groups, [*users, *scope.evidence_anywhere(AS_ACCOUNTS)]
        )
    some = scope.evidence(AS_SOME_USERS)
    for_what = scope.evidence_anywhere(_FOR_USERS) if some else []
    if for_what:
        yield from _as_users(SOMETIMES, scope, reachable, some, for_what)
        yield from _as_members(SOMETIMES, scope, scope.evidence(AS_SOME_GROUPS), some, for_what)


def _requests(scope: Scope, reachable: Reachable, tokens: list[Evidence]) -> Iterator[Edge]:
    if not is_guarded(scope):
        yield from _each(REQUESTS, scope, reachable, tokens)
        return
    if everyone := unnamed(tokens):
        for namespace in reached_by_writes(scope, reachable.others):
            yield edge(REQUESTS, scope, Accounts(namespace), everyone)
    for each in _each(REQUESTS, scope, reachable, [right for right in tokens if names(right)]):
        if each.target.namespace not in reachable.users:  # type: ignore[union-attr]
            yield each


def _each(
    how: str, scope: Scope, reachable: Reachable, who: list[Evidence], *also: list[Evidence]
) -> Iterator[Edge]:
    if everyone := unnamed(who):
        yield edge(how, scope, here(scope), everyone, *also)
    for right in who:
        for name in names(right):
            for account in reachable.named(scope.namespace, name):
                yield edge(how, scope, account, [right], *also)


def _as_users(
    how: str, scope: Scope, reachable: Reachable, who: list[Evidence], *also: list[Evidence]
) -> Iterator[Edge]:
    for right in who:
        for name in names(right) or reachable.people:
            if not name.startswith(USERNAME_PREFIX):
                identity = Identity(username=name, groups=(_AUTHENTICATED,))
                yield edge(how, scope, identity, [right], *also)


def _as_members(
    how: str, scope: Scope, groups: list[Evidence], users: list[Evidence], *also: list[Evidence]
) -> Iterator[Edge]:
    if not users:
        return
    masters = [right for right in groups if not names(right) or MASTERS in names(right)]
    if masters:
        how = OF_MASTERS if how == IMPERSONATES else how
        yield edge(how, scope, Accounts(), masters, users, *also)
    if named := _names_of(groups):
        identity = Identity(username="", groups=(*named, _AUTHENTICATED))
        yield edge(how, scope, identity, groups, users, *also)


def _names_of(groups: Iterable[Evidence]) -> list[str]:
    return sorted({name for right in groups for name in names(right)})
