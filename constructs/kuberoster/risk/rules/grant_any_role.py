"""Binding any role to oneself."""

from kuberoster.risk.finding import RiskRule
from kuberoster.risk.needs import RBAC, WRITE, asks, either, meets

_BIND = asks("bind", f"roles.{RBAC} clusterroles.{RBAC}")
_BINDINGS = asks(WRITE, f"rolebindings.{RBAC}")
_BIND_CLUSTER = asks("bind", f"clusterroles.{RBAC}", clustered=True)
_CLUSTER_BINDINGS = asks(WRITE, f"clusterrolebindings.{RBAC}", clustered=True)

RULE = RiskRule(
    id="grant-any-role",
    severity="critical",
    reason=(
        "can bind roles with more rights than the user has: bind, and writing a binding, come "
        "together"
    ),
    source="https://kubernetes.io/docs/concepts/security/rbac-good-practices/#bind-verb",
    mend="Take away one of the two, and let the roster bind roles.",
    hits=either(meets(_BIND, _BINDINGS), meets(_BIND_CLUSTER, _CLUSTER_BINDINGS)),
)
