"""Changing APIServices."""

from kuberoster.risk.finding import RiskRule
from kuberoster.risk.needs import CHANGE, asks, meets

RULE = RiskRule(
    id="change-api-services",
    severity="high",
    reason=(
        "can send the requests of a whole API group, with what users write in them, to a "
        "server of the user's choice"
    ),
    source="https://kubernetes.io/docs/concepts/extend-kubernetes/api-extension/apiserver-aggregation/",
    mend="Leave apiservices to those who install extensions.",
    hits=meets(asks(CHANGE, "apiservices.apiregistration.k8s.io", clustered=True)),
)
