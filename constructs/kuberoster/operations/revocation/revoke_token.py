"""End one token of a user now, in the cluster, without Terraform."""

import time
from collections.abc import Sequence

from kuberoster.cluster import Cluster, ClusterError
from kuberoster.cluster.inventory import key_of, shown
from kuberoster.model.errors import KuberosterError
from kuberoster.model.names import did_you_mean
from kuberoster.model.settings import Settings
from kuberoster.model.token import label_in
from kuberoster.operations.revocation.find_user import Account
from kuberoster.operations.revocation.live_tokens import Credential, credentials_of
from kuberoster.operations.revocation.revoke import Revoked, Waiting
from kuberoster.terraform.leftover import teams_with_state


def revoke_token(
    cluster: Cluster,
    accounts: Sequence[Account],
    label: str,
    settings: Settings,
    *,
    waiting: Waiting,
) -> Revoked:
    """Delete each Secret that is or holds a user's token of this label, and wait for its 401.

    When it returns without a problem, no API server takes the tokens in these Secrets, nor those
    that were requested to live as long as they do, and there is no other Secret of the token.
    So it is too where all of them were gone before. Raises KuberosterError where neither the
    cluster, nor the roster, nor a state knows the label.
    """
    report = Revoked(cluster)
    there = _credentials_of(cluster, accounts)
    wanted = [each for each in there if label in each.labels]
    known = {known for account in accounts for known in account.labels}
    known |= {known for each in there for known in each.labels}
    if label not in known:
        _insist_on_states(cluster, accounts, label, settings, known)
    for each in wanted:
        report.delete("Secret", each.metadata)
    since = time.monotonic()
    report.ask_ways(accounts, whole=True)
    # A copy of another token lives on where that token does.
    others = {each.metadata["name"] for each in there if each not in wanted}
    tokens = [each.token for each in wanted if each.token and each.origin not in others]
    report.wait(tokens, since, waiting)
    with report.going_on("Whether the token is in another Secret by now is not known"):
        before = [each.metadata["uid"] for each in wanted]
        for each in _credentials_of(cluster, accounts):
            secret = shown(key_of("Secret", {"metadata": each.metadata}))
            if label not in each.labels:
                report.living.append(secret)
            elif each.metadata["uid"] not in before:
                report.problems.append(
                    f"{secret} is a token {label!r} that was not there before: put back, or made "
                    "by a deploy. If it is no deploy's, end it too."
                )
    report.name_what_is_kept()
    return report


def _insist_on_states(
    cluster: Cluster,
    accounts: Sequence[Account],
    label: str,
    settings: Settings,
    known: set[str],
) -> None:
    """Raise KuberosterError where no state has the token, which the roster may have dropped."""
    user, homes = accounts[0].user, {each.namespace for each in accounts}
    unseen = ""
    try:
        known |= {
            tracked
            for _, seen in teams_with_state(cluster, settings, without=())
            for kind, namespace, name in seen.tracked()
            if kind == "Secret" and namespace in homes and (tracked := label_in(name, user))
        }
    except ClusterError as error:
        unseen = f"\nNot looked at: Terraform's states: {error}"
    if label not in known:
        labels = sorted(known)
        raise KuberosterError(
            f"user {user!r}: has no token {label!r}.{did_you_mean(label, labels)}\n"
            f"It has {', '.join(labels) or 'none'}, as users/, Terraform's states and the cluster "
            "say, where they can be read. Where it was ended before, nothing is left to be done."
            f"{unseen}"
        )


def _credentials_of(cluster: Cluster, accounts: Sequence[Account]) -> list[Credential]:
    return [each for account in accounts for each in credentials_of(cluster, account)]
