"""End one token of a user now, in the cluster, without Terraform."""

import time
from collections.abc import Sequence

from kuberoster.model.errors import KuberosterError
from kuberoster.model.objects import TOKEN_LABEL
from kuberoster.operations.cluster import Cluster
from kuberoster.operations.inventory import key_of, labels_in, shown
from kuberoster.operations.revocation.find_user import Account
from kuberoster.operations.revocation.live_tokens import Credential, credentials_of
from kuberoster.operations.revocation.revoke import Revoked, Waiting


def revoke_token(
    cluster: Cluster, accounts: Sequence[Account], label: str, *, waiting: Waiting
) -> Revoked:
    """Delete each Secret that is or holds a user's token of this label, and wait for its 401.

    When it returns without a problem, no API server takes the tokens in these Secrets, nor those
    that were requested to live as long as they do, and there is no other Secret of the token.
    Raises KuberosterError where there is none from the beginning.
    """
    report = Revoked(cluster)
    there = _credentials_of(cluster, accounts)
    wanted = [each for each in there if each.is_of(label)]
    if not wanted:
        labels = {labels_in(each.metadata).get(TOKEN_LABEL, "") for each in there} - {""}
        raise KuberosterError(
            f"user {accounts[0].user!r}: has no Secret of the token {label!r} in the cluster.\n"
            f"It has {', '.join(sorted(labels)) or 'none'}. Where it was ended before, nothing is "
            "left to be done."
        )
    for each in wanted:
        report.delete("Secret", each.metadata)
    since = time.monotonic()
    report.ask_ways(accounts, whole=True)
    # A copy of another token lives on where that token does.
    others = {each.metadata["name"] for each in there if each not in wanted}
    tokens = [each.token for each in wanted if each.token and each.origin not in others]
    report.wait(tokens, since, waiting)
    with report.going_on("Whether the token is in another Secret by now is not known"):
        known = [each.metadata["uid"] for each in wanted]
        for each in _credentials_of(cluster, accounts):
            secret = shown(key_of("Secret", {"metadata": each.metadata}))
            if not each.is_of(label):
                report.living.append(secret)
            elif each.metadata["uid"] not in known:
                report.problems.append(
                    f"{secret} is a token {label!r} that was not there before: put back, or made "
                    "by a deploy. If it is no deploy's, end it too."
                )
    report.name_what_is_kept()
    return report


def _credentials_of(cluster: Cluster, accounts: Sequence[Account]) -> list[Credential]:
    return [each for account in accounts for each in credentials_of(cluster, account)]
