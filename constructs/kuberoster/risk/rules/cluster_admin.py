"""Every verb on every resource."""

from kuberoster.risk.finding import RiskRule
from kuberoster.risk.needs import asks, meets

RULE = RiskRule(
    id="cluster-admin",
    severity="high",
    system_severity="critical",
    reason="may do anything there, now and with whatever is installed later",
    source="https://kubernetes.io/docs/concepts/security/rbac-good-practices/#least-privilege",
    mend="Grant what is needed: `admin` in the namespaces, and single rules for the cluster.",
    hits=meets(asks("*", "*.*")),
)
