"""End all of a user's access now, in the cluster, without Terraform."""

import time
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

from kuberoster.cluster import Cluster, ClusterError, NotFound
from kuberoster.cluster.ending import is_ending
from kuberoster.cluster.inventory import Metadata
from kuberoster.cluster.kinds import object_path
from kuberoster.operations.guard import DOES_NOT_SEE, outside_guard, read_guard, refuses_marked
from kuberoster.operations.revocation.could_make import Made, could_make
from kuberoster.operations.revocation.deletions import Deletions
from kuberoster.operations.revocation.find_user import Account, live_uid
from kuberoster.operations.revocation.live_tokens import (
    FORGOTTEN_AFTER,
    LEEWAY,
    LiveToken,
    credentials_of,
    requested_token,
    wait_until_dead,
    wait_until_forgotten,
)
from kuberoster.operations.revocation.marks import (
    MarkedAccount,
    Revocation,
    mark_revoked,
    read_revocations,
)

_ROUNDS = 3
"""How often a ServiceAccount that a running deploy brings back is deleted again."""

Waiting = Callable[[float], None]


@dataclass(slots=True)
class Revoked(Deletions):
    """What a revocation did, and what it could not do."""

    tried: int = 0
    """How many tokens were tried."""
    untried: list[str] = field(default_factory=list)
    """Why no token could be requested to be tried, for each ServiceAccount where that is so."""
    guard_untried: list[str] = field(default_factory=list)
    """Why it was not tried whether the guard keeps out who was revoked, for each ServiceAccount
    where that is so, and the guard is not known to be absent."""
    waited: float = 0.0
    """Seconds from the deletion until no API server takes a token that it remembers."""
    seconds: float | None = None
    """From the deletion until the last one was answered 401; None if there was none, or is one."""
    mark_held: bool = True
    """False where the namespace of the mark was made without the roster's label."""
    living: list[str] = field(default_factory=list)
    """Secrets with other tokens of the user, where one token was ended alone."""
    ways: list[Made] | None = None
    """What the user's rights could have been used to make; None if that is not known."""

    def request_token(self, account: Account) -> LiveToken | None:
        """A token of the ServiceAccount to try in the end; None where none is given."""
        try:
            return requested_token(self.cluster, account)
        except NotFound:
            pass
        except ClusterError as error:
            self.untried.append(f"{account}: {error}")
        return None

    def ask_ways(self, accounts: Sequence[Account], *, whole: bool) -> None:
        """Ask what the rights allow; the bindings have to be there still.

        Without `whole` an earlier revocation may have deleted some, so that no way is no answer.
        """
        with self.going_on("What the user's rights could have been used to make is not known"):
            made = [could_make(self.cluster, each.namespace, each.user) for each in accounts]
            found = [way for ways in made for way in ways or ()]
            self.ways = found if found or (whole and None not in made) else None

    def wait(
        self,
        tokens: Collection[LiveToken],
        since: float,
        waiting: Waiting,
        is_over: Callable[[], bool] = lambda: False,
    ) -> bool:
        """Wait until every API server has forgotten the tokens, and try each until it is refused.

        `since` is the moment of the deletion. False where `is_over` ended it.
        """
        kept = any(kind in _MAKE_TOKENS for kind, _ in self.kept.values())
        seconds = FORGOTTEN_AFTER + (LEEWAY if kept else 0)
        if not wait_until_forgotten(since, seconds, waiting=waiting, is_over=is_over):
            return False
        self.waited = seconds
        alive = wait_until_dead(self.cluster, tokens, waiting=waiting)
        self.tried = len(tokens)
        self.problems += alive
        if tokens:
            self.seconds = None if alive else time.monotonic() - since
        return True


_MAKE_TOKENS = ("ServiceAccount", "Secret")
"""What a requested token can be bound to, and outlives while it is kept: see LEEWAY."""


def revoke_user(
    cluster: Cluster, accounts: Sequence[Account], state_namespace: str, *, waiting: Waiting
) -> Revoked:
    """Delete a user's ServiceAccounts, Secrets, bindings and own roles; wait for 401.

    When it returns without a problem, no API server takes a token of the user, known or not: each
    ServiceAccount is gone for `FORGOTTEN_AFTER` seconds at least, and each token that could be
    known was refused.

    Leaves the mark that keeps a deploy from giving access back. A step that fails is a problem
    of the report, and the others are still taken; what is gone already is no problem. `waiting`
    is called with the seconds waited, some times a second.
    """
    report = Revoked(cluster)
    tokens: dict[LiveToken, None] = {}
    whole = False
    with report.going_on("Whether an earlier revocation has begun is not known"):
        whole = _is_whole(cluster, accounts, state_namespace)
    for turn in range(_ROUNDS):
        secrets: list[Metadata] = []
        requested: dict[Account, LiveToken] = {}
        for account in accounts:
            with report.going_on(f"{account}: its Secrets could not be read"):
                found = credentials_of(cluster, account)
                secrets += [each.metadata for each in found]
                tokens |= {each.token: None for each in found if each.token}
            if (token := report.request_token(account)) is not None:
                requested[account] = token
        if turn == 0:
            with report.going_on("No mark was left, so the next deploy may give access again"):
                report.mark_held = _mark(cluster, accounts, state_namespace)
        gone = {account: report.delete_account(account) for account in accounts}
        for secret in secrets:  # Kubernetes deletes them too, when it comes to it
            report.delete("Secret", secret)
        since = time.monotonic()
        # Where a ServiceAccount could not be deleted, its requested token need not be tried.
        tokens |= {token: None for account, token in requested.items() if gone[account]}
        if turn == 0:
            report.ask_ways(accounts, whole=whole)
        for account in accounts:
            report.delete_bindings(account)
            report.delete_roles(account)
        if not all(gone.values()):
            report.wait(tokens, since, waiting)
            break
        if report.wait(tokens, since, waiting, lambda: _is_seen_back(accounts, report)):
            back = False
            with report.going_on("Whether the ServiceAccount came back is not known"):
                back = _any_is_back(accounts, report)
            if not back:
                break
    else:
        report.problems.append(
            f"{accounts[0]} is there again each time: is a deploy running? Stop it, and revoke "
            "again."
        )
    _try_the_guard(accounts, state_namespace, report)
    report.name_what_is_kept()
    return report


def _try_the_guard(accounts: Sequence[Account], state_namespace: str, report: Revoked) -> None:
    """Add a problem where the guard stands, and the API server would make the user anew."""
    for account in accounts:
        cluster, roster, namespace = report.cluster, account.roster, account.namespace
        untried = ""
        try:
            if refuses_marked(cluster, roster, namespace, account.user):
                continue
        except ClusterError as error:  # such as a right that is missing
            untried = str(error)
        with suppress(ClusterError):  # then nothing of the guard is known, and nothing is said
            home = cluster.get(object_path("Namespace", namespace))["metadata"]
            # One that the guard is not for is named by drift and bootstrap, and in one that is
            # being deleted nobody makes anything.
            if is_ending(home) or outside_guard([home], {namespace}, roster):
                continue
            guard = read_guard(cluster, roster, state_namespace)
            if untried and guard.state not in ("absent", "unsupported"):
                report.guard_untried.append(f"{account} anew: {untried}")
            elif guard.stands:
                report.problems.append(
                    f"{account}: can be made anew, though {account.user} is marked: "
                    f"{DOES_NOT_SEE}. So a plan that was made before brings the user back. Start "
                    "each kube-apiserver again, and run kuberoster bootstrap."
                )


def _mark(cluster: Cluster, accounts: Sequence[Account], state_namespace: str) -> bool:
    """Mark the user in each namespace where it is, was when revoked before, or would be.

    Of two who revoke at once the later one may find less, and takes away nothing of a mark.
    What it returns is that of `mark_revoked`.
    """
    found = {each.namespace: _marked(cluster, each) for each in accounts}
    when = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def with_found(before: Revocation | None) -> Revocation:
        known = {each.namespace: each for each in before.accounts} if before else {}
        for namespace, each in found.items():
            if each.uid or namespace not in known:
                known[namespace] = each
        marked = tuple(known.values())
        # What the mark says is still so; one that names no namespace is about each of them.
        if before and (marked == before.accounts or not before.namespaces):
            return before
        return Revocation(when=when, by=cluster.whoami(), accounts=marked)

    user, roster = accounts[0].user, accounts[0].roster
    return mark_revoked(cluster, state_namespace, user, with_found, roster=roster)


def _marked(cluster: Cluster, account: Account) -> MarkedAccount:
    uid = live_uid(cluster, account)
    return MarkedAccount(team=account.team, namespace=account.namespace, uid=uid)


def _is_whole(cluster: Cluster, accounts: Sequence[Account], state_namespace: str) -> bool:
    """Whether no earlier revocation has begun to delete what is the user's. Raises ClusterError."""
    if accounts[0].user in read_revocations(cluster, state_namespace):
        return False
    return any(live_uid(cluster, account) for account in accounts)


def _any_is_back(accounts: Sequence[Account], report: Revoked) -> bool:
    """Whether a ServiceAccount is there that is not on its way out. Raises ClusterError."""
    known = {None, *(metadata["uid"] for _, metadata in report.kept.values())}
    return any(live_uid(report.cluster, account) not in known for account in accounts)


def _is_seen_back(accounts: Sequence[Account], report: Revoked) -> bool:
    with suppress(ClusterError):  # it is looked at once more after the wait
        return _any_is_back(accounts, report)
    return False
