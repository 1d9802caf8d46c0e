"""Lifting the quota of a users' namespace."""

from kuberoster.risk.finding import RiskRule
from kuberoster.risk.guarded import unguarded
from kuberoster.risk.needs import among_users, asks, meets

RULE = RiskRule(
    id="lower-users-guards",
    severity="high",
    reason="can lift the quota that keeps pods out of a users' namespace",
    source="https://kubernetes.io/docs/concepts/policy/resource-quotas/",
    mend=("Grant no writing of resourcequotas in a users' namespace, nor over the whole cluster."),
    hits=unguarded(
        among_users(meets(asks("update patch delete deletecollection", "resourcequotas")))
    ),
)
