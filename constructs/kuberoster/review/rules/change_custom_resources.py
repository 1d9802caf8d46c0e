"""Changing CustomResourceDefinitions."""

from kuberoster.review.needs import CHANGE, asks, meets
from kuberoster.review.risk import RiskRule

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
