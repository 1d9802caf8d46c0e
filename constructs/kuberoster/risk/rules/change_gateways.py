"""Changing the Gateway API's objects."""

from kuberoster.risk.finding import RiskRule
from kuberoster.risk.needs import CHANGE, asks, either, meets

_GROUP = "gateway.networking.k8s.io"
_NAMES = "gateways httproutes grpcroutes tcproutes tlsroutes udproutes referencegrants"
_ROUTES = " ".join(f"{name}.{_GROUP}" for name in _NAMES.split())
_CLASSES = f"gatewayclasses.{_GROUP}"

RULE = RiskRule(
    id="change-gateways",
    severity="low",
    system_severity="medium",
    reason="can send others' requests to backends of the user's choice",
    source="https://gateway-api.sigs.k8s.io/concepts/security-model/",
    mend=(
        "Grant routes alone in the namespaces of applications; gateways and their classes to "
        "those who answer for the network."
    ),
    hits=either(meets(asks(CHANGE, _ROUTES)), meets(asks(CHANGE, _CLASSES, clustered=True))),
)
