"""What Kubernetes notes on a token Secret, and what it makes of it.

The API server notes the last use. The cleaner of kube-controller-manager marks a token that is
unused for a year as invalid, and the API server refuses it then, with 401. It marks only Secrets
that are listed in `.secrets` of their ServiceAccount, as kuberoster's never are.
https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#legacy-serviceaccount-token-cleaner
"""

from collections.abc import Iterator
from datetime import date, timedelta

from kuberoster.cluster.inventory import Metadata, Object, labels_in
from kuberoster.model.days import as_day

LAST_USED = "kubernetes.io/legacy-token-last-used"
"""A day in UTC, set by the API server when a token is used, from Kubernetes 1.26 on.

https://kubernetes.io/docs/reference/labels-annotations-taints/#kubernetes-io-legacy-token-last-used
"""
INVALID_SINCE = "kubernetes.io/legacy-token-invalid-since"
"""Whatever it says, the API server refuses the token, unless it is empty.

https://kubernetes.io/docs/reference/labels-annotations-taints/#kubernetes-io-legacy-token-invalid-since
"""
UNUSED = timedelta(days=365)
"""`--legacy-service-account-token-clean-up-period` of kube-controller-manager, by default."""


def invalid_since(metadata: Metadata) -> str | None:
    """What the label of a Secret says whose token is refused; None where it is taken."""
    return labels_in(metadata).get(INVALID_SINCE) or None


def how_to_validate(metadata: Metadata) -> str:
    """How the user of a Secret that is marked as invalid gets on."""
    return (
        "Rotate it: add a token to the user, deploy, and hand over a new kubeconfig. Or take the "
        f"label away: kubectl label secret {metadata['name']} -n {metadata['namespace']} "
        f"{INVALID_SINCE}-"
    )


def last_used(metadata: Metadata) -> date | None:
    """The day of the last use that the API server saw."""
    return as_day(labels_in(metadata).get(LAST_USED))


def made_on(metadata: Metadata) -> date:
    """The day on which an object was made, in UTC."""
    return date.fromisoformat(metadata["creationTimestamp"][:10])


def listed_secrets(account: Object) -> Iterator[str]:
    """The names of the Secrets in `.secrets` of a ServiceAccount."""
    for each in account.get("secrets") or ():
        if name := each.get("name"):
            yield str(name)


def invalid_from(metadata: Metadata) -> date:
    """From when on the cleaner makes a listed Secret invalid if it stays unused."""
    return max(made_on(metadata), last_used(metadata) or date.min) + UNUSED


def faults(metadata: Metadata, *, listed: bool) -> Iterator[str]:
    """What makes a token Secret useless, or will, with the way on; in words."""
    if since := invalid_since(metadata):
        yield (
            f"label {INVALID_SINCE} is {since!r}: the API server refuses its token (401). "
            f"{how_to_validate(metadata)}"
        )
    if listed:
        yield (
            "is listed in `.secrets` of its ServiceAccount, so that Kubernetes makes its token "
            f"invalid once it is unused for a year, from {invalid_from(metadata)} on. Take it out "
            "of the list: kubectl edit serviceaccount"
        )
