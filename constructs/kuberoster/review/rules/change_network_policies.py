"""Changing NetworkPolicies."""

from kuberoster.review.needs import CHANGE, asks, meets
from kuberoster.review.risk import RiskRule

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
