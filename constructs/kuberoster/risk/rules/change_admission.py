"""Webhooks and admission policies."""

from kuberoster.risk.finding import RiskRule
from kuberoster.risk.needs import CHANGE, asks, meets

_ADMISSION = " ".join(
    f"{name}.admissionregistration.k8s.io"
    for name in (
        "mutatingwebhookconfigurations",
        "validatingwebhookconfigurations",
        "mutatingadmissionpolicies",
        "mutatingadmissionpolicybindings",
        "validatingadmissionpolicies",
        "validatingadmissionpolicybindings",
    )
)

RULE = RiskRule(
    id="change-admission",
    severity="critical",
    reason=(
        "can read every object that is written, Secrets included, change it on its way, or "
        "switch off what forbids it"
    ),
    source="https://kubernetes.io/docs/concepts/security/rbac-good-practices/#control-admission-webhooks",
    mend="Leave admission to the cluster's administrators.",
    hits=meets(asks(CHANGE, _ADMISSION, clustered=True)),
)
