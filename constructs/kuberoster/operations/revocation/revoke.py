"""End a user's access now, in the cluster, without Terraform."""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from kuberoster.model.errors import KuberosterError
from kuberoster.model.objects import TOKEN_LABEL, USER_LABEL
from kuberoster.model.token import secret_prefix
from kuberoster.operations.cluster import Cluster, NotFound
from kuberoster.operations.inventory import Metadata, labels_in
from kuberoster.operations.revocation.could_make import Ways, could_make
from kuberoster.operations.revocation.deletions import Deletions
from kuberoster.operations.revocation.find_user import Account, live_uid
from kuberoster.operations.revocation.live_tokens import (
    LiveToken,
    requested_token,
    secrets_of,
    tokens_in,
    wait_until_dead,
)
from kuberoster.operations.revocation.marks import Revocation, mark_revoked, read_revocations

_ROUNDS = 3
"""How often a ServiceAccount that a running deploy brings back is deleted again."""

Waiting = Callable[[float], None]


@dataclass(slots=True)
class Revoked(Deletions):
    """What a revocation did, and what it could not do."""

    tried: int = 0
    """How many tokens were tried."""
    seconds: float | None = None
    """From the deletion until the last one was answered 401; None if there was none, or is one."""
    ways: list[Ways] | None = None
    """What the user's rights could have been used to make; None if that is not known."""

    def ask_ways(self, accounts: Sequence[Account]) -> None:
        """Ask what the rights allow; the bindings have to be there still."""
        with self.going_on("What the user's rights could have been used to make is not known"):
            self.ways = [
                way
                for account in accounts
                for way in could_make(self.cluster, account.namespace, account.user)
            ]

    def wait(self, tokens: Sequence[LiveToken], started: float, waiting: Waiting) -> None:
        """Try these tokens until each is refused."""
        alive = wait_until_dead(self.cluster, tokens, waiting=waiting)
        self.tried += len(tokens)
        self.problems += alive
        if tokens:
            self.seconds = None if alive else time.monotonic() - started


def revoke_user(
    cluster: Cluster, accounts: Sequence[Account], state_namespace: str, *, waiting: Waiting
) -> Revoked:
    """Delete a user's ServiceAccounts, Secrets, bindings and own roles; wait for 401.

    Leaves the mark that keeps a deploy from giving access back. A step that fails is a problem
    of the report, and the others are still taken; what is gone already is no problem. `waiting`
    is called with the seconds waited, some times a second.
    """
    report = Revoked(cluster)
    for turn in range(_ROUNDS):
        tokens: list[LiveToken] = []
        secrets: list[Metadata] = []
        for account in accounts:
            with report.going_on(f"{account}: no token of it could be tried"):
                own = secrets_of(cluster, account)
                secrets += own
                tokens += _tokens_of(cluster, account, own)
        if turn == 0:
            with report.going_on("No mark was left, so the next deploy may give access again"):
                _mark(cluster, accounts, state_namespace)
        started = time.monotonic()
        gone = [report.delete_account(account) for account in accounts]
        for secret in secrets:  # Kubernetes deletes them too, when it comes to it
            report.delete("Secret", secret)
        if turn == 0:
            report.ask_ways(accounts)
        for account in accounts:
            report.delete_bindings(account)
            report.delete_roles(account)
        report.wait(tokens, started, waiting)
        if not (all(gone) and _any_is_back(accounts, report)):
            return report
    report.problems.append(
        f"{accounts[0]} is there again each time: is a deploy running? Stop it, and revoke again."
    )
    return report


def revoke_token(
    cluster: Cluster, accounts: Sequence[Account], label: str, *, waiting: Waiting
) -> Revoked:
    """Delete each Secret that is a user's token of this label, and wait for its 401.

    Raises KuberosterError where there is none.
    """
    report = Revoked(cluster)
    there = [(account, each) for account in accounts for each in secrets_of(cluster, account)]
    wanted = [each for account, each in there if _is_token(each, account, label)]
    if not wanted:
        labels = {labels_in(each).get(TOKEN_LABEL, "") for _, each in there} - {""}
        raise KuberosterError(
            f"user {accounts[0].user!r}: has no Secret of the token {label!r} in the cluster.\n"
            f"It has {', '.join(sorted(labels)) or 'none'}."
        )
    tokens = list(tokens_in(cluster, wanted))
    started = time.monotonic()
    for metadata in wanted:
        report.delete("Secret", metadata)
    report.ask_ways(accounts)
    report.wait(tokens, started, waiting)
    return report


def _tokens_of(cluster: Cluster, account: Account, secrets: Sequence[Metadata]) -> list[LiveToken]:
    tokens = list(tokens_in(cluster, secrets))
    if not tokens:
        with suppress(NotFound):
            tokens.append(requested_token(cluster, account))
    return tokens


def _mark(cluster: Cluster, accounts: Sequence[Account], state_namespace: str) -> None:
    user = accounts[0].user
    live = [(account, uid) for account in accounts if (uid := live_uid(cluster, account))]
    account, uid = live[0] if live else (accounts[0], None)
    if uid is None and user in read_revocations(cluster, state_namespace):
        return  # revoked before, and what the mark says is still so
    revocation = Revocation(
        when=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        by=cluster.whoami(),
        team=account.team,
        namespace=account.namespace,
        uid=uid,
    )
    mark_revoked(cluster, state_namespace, user, revocation)


def _any_is_back(accounts: Sequence[Account], report: Revoked) -> bool:
    with report.going_on("Whether the ServiceAccount came back is not known"):
        return any(live_uid(report.cluster, account) for account in accounts)
    return False


def _is_token(metadata: Metadata, account: Account, label: str) -> bool:
    labels = labels_in(metadata)
    return (labels.get(USER_LABEL), labels.get(TOKEN_LABEL)) == (account.user, label) and str(
        metadata["name"]
    ).startswith(secret_prefix(account.user, label))
