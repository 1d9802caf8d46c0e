"""Changing namespaces."""

from kuberoster.review.needs import asks, meets
from kuberoster.review.risk import RiskRule

RULE = RiskRule(
    id="change-namespaces",
    severity="high",
    system_severity="critical",
    reason=(
        "can set a namespace's labels, and so switch off Pod Security there and change which "
        "NetworkPolicies reach it"
    ),
    source="https://kubernetes.io/docs/concepts/security/rbac-good-practices/#namespace-modification",
    mend=("Leave namespaces to the cluster's administrators; the roster makes those of its teams."),
    hits=meets(asks("update patch", "namespaces")),
)
