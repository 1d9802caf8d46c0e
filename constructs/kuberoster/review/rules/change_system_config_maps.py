"""Changing ConfigMaps of kube-system."""

from kuberoster.review.needs import WRITE, asks, in_system, meets
from kuberoster.review.risk import RiskRule

RULE = RiskRule(
    id="change-system-config-maps",
    severity="high",
    reason=(
        "can change what the cluster runs by: its DNS, its setup, and on EKS who is an "
        "administrator (aws-auth)"
    ),
    source="https://docs.aws.amazon.com/eks/latest/userguide/auth-configmap.html",
    mend="Grant nothing in kube-system, and ConfigMaps nowhere over the whole cluster.",
    hits=in_system(meets(asks(WRITE, "configmaps"))),
)
