"""Changing pods and workloads that are there."""

from kuberoster.risk.finding import RiskRule
from kuberoster.risk.needs import WORKLOADS, asks, meets

RULE = RiskRule(
    id="change-workloads",
    severity="medium",
    system_severity="critical",
    reason="can put another image, command or ServiceAccount into what runs already",
    source="https://kubernetes.io/docs/concepts/security/rbac-good-practices/#workload-creation",
    mend="Let a deployment tool do it; resource_names narrow it to some workloads.",
    hits=meets(asks("update patch", f"pods {WORKLOADS}")),
)
