"""Deleting namespaces."""

from kuberoster.risk.finding import RiskRule
from kuberoster.risk.needs import DELETE, asks, meets

RULE = RiskRule(
    id="delete-namespaces",
    severity="high",
    reason="can delete a namespace with all that is in it: users, tokens and bindings too",
    source="https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/",
    mend="Leave namespaces to the cluster's administrators.",
    hits=meets(asks(DELETE, "namespaces")),
)
