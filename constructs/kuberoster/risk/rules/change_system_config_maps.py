"""Changing ConfigMaps of kube-system."""

from kuberoster.risk.finding import RiskRule
from kuberoster.risk.needs import WRITE, asks, in_system, meets

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
