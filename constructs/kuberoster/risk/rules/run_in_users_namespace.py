"""Running something in a users' namespace."""

from kuberoster.risk.finding import RiskRule
from kuberoster.risk.guarded import unguarded
from kuberoster.risk.needs import WORKLOADS, WRITE, among_users, asks, meets

RULE = RiskRule(
    id="run-in-users-namespace",
    severity="high",
    reason=(
        "can ask for pods in a users' namespace, where a pod can be any of the users; only "
        "its quota and Pod Security stand before it"
    ),
    source="https://kubernetes.io/docs/concepts/security/rbac-good-practices/#workload-creation",
    mend=("Grant nothing on pods and workloads in a users' namespace, nor over the whole cluster."),
    hits=unguarded(among_users(meets(asks(WRITE, f"pods pods/ephemeralcontainers {WORKLOADS}")))),
)
