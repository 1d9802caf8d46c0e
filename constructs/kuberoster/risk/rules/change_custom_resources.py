"""Changing CustomResourceDefinitions."""

from kuberoster.risk.finding import RiskRule
from kuberoster.risk.needs import CHANGE, asks, meets

RULE = RiskRule(
    id="change-custom-resources",
    severity="medium",
    reason=(
        "can change or delete the definitions of custom resources, and with them every object "
        "of that kind"
    ),
    source="https://kubernetes.io/docs/concepts/extend-kubernetes/api-extension/custom-resources/",
    mend="Leave customresourcedefinitions to those who install extensions.",
    hits=meets(asks(CHANGE, "customresourcedefinitions.apiextensions.k8s.io", clustered=True)),
)
