"""Deleting namespaces."""

from kuberoster.review.needs import DELETE, asks, meets
from kuberoster.review.risk import RiskRule

RULE = RiskRule(
    id="delete-namespaces",
    severity="high",
    reason="can delete a namespace with all that is in it: users, tokens and bindings too",
    source="https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/",
    mend="Leave namespaces to the cluster's administrators.",
    hits=meets(asks(DELETE, "namespaces")),
)
