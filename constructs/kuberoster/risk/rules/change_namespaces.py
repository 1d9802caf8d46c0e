"""Changing namespaces."""

from kuberoster.risk.finding import RiskRule
from kuberoster.risk.needs import asks, meets

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
