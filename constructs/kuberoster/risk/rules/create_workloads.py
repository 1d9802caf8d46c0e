"""Creating pods, directly or by a workload."""

from kuberoster.risk.finding import RiskRule
from kuberoster.risk.needs import WORKLOADS, asks, meets

RULE = RiskRule(
    id="create-workloads",
    severity="medium",
    system_severity="critical",
    reason=(
        "can run pods with any ServiceAccount of the namespace, mount its Secrets, and reach "
        "the node as far as Pod Security allows"
    ),
    source="https://kubernetes.io/docs/concepts/security/rbac-good-practices/#workload-creation",
    mend=(
        "Enforce Pod Security `baseline` or `restricted` there, and keep powerful "
        "ServiceAccounts in other namespaces."
    ),
    hits=meets(asks("create", f"pods {WORKLOADS}")),
)
