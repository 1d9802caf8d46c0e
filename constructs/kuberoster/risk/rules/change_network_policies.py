"""Changing NetworkPolicies."""

from kuberoster.risk.finding import RiskRule
from kuberoster.risk.needs import CHANGE, asks, meets

_POLICIES = "networkpolicies.networking.k8s.io networkpolicies.extensions"

RULE = RiskRule(
    id="change-network-policies",
    severity="medium",
    system_severity="high",
    reason="can open or close the network between namespaces, and to the world",
    source="https://kubernetes.io/docs/concepts/services-networking/network-policies/",
    mend="Leave networkpolicies to those who answer for the network.",
    hits=meets(asks(CHANGE, _POLICIES)),
)
