"""Changing Services and Ingresses."""

from kuberoster.risk.finding import RiskRule
from kuberoster.risk.needs import CHANGE, asks, either, meets

_SERVICES = "services ingresses.networking.k8s.io ingresses.extensions"
_CLASSES = "ingressclasses.networking.k8s.io"

RULE = RiskRule(
    id="change-services",
    severity="low",
    system_severity="medium",
    reason=(
        "can send others' requests to pods of the user's choice, and take over addresses by "
        "externalIPs"
    ),
    source="https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#denyserviceexternalips",
    mend=(
        "Switch on the admission plugin DenyServiceExternalIPs, and check the hosts of "
        "Ingresses by a policy."
    ),
    hits=either(meets(asks(CHANGE, _SERVICES)), meets(asks(CHANGE, _CLASSES, clustered=True))),
)
