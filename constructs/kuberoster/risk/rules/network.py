"""The network: who receives what is sent to others."""

from kuberoster.risk.finding import RiskRule
from kuberoster.risk.hits import meets, one_of
from kuberoster.risk.right import CHANGE, right

_GATEWAYS = "gateway.networking.k8s.io"
_ROUTES = "gateways httproutes grpcroutes tcproutes tlsroutes udproutes referencegrants"

ROUTES = right(CHANGE, " ".join(f"{kind}.{_GATEWAYS}" for kind in _ROUTES.split()))
GATEWAY_CLASSES = right(CHANGE, f"gatewayclasses.{_GATEWAYS}", clustered=True)
NETWORK_POLICIES = right(CHANGE, "networkpolicies.networking.k8s.io networkpolicies.extensions")
SERVICES = right(CHANGE, "services ingresses.networking.k8s.io ingresses.extensions")
INGRESS_CLASSES = right(CHANGE, "ingressclasses.networking.k8s.io", clustered=True)
SERVICE_STATUS = right(
    "update patch", "services/status", does="change what the status of Services says"
)
ENDPOINTS = right(CHANGE, "endpoints endpointslices.discovery.k8s.io")

RULES = (
    RiskRule(
        id="change-gateways",
        severity="low",
        system_severity="medium",
        reason="can send others' requests to backends of the user's choice",
        source="https://gateway-api.sigs.k8s.io/concepts/security-model/",
        mend=(
            "Grant routes alone in the namespaces of applications; gateways and their classes "
            "to those who answer for the network."
        ),
        hits=one_of(ROUTES, GATEWAY_CLASSES),
    ),
    RiskRule(
        id="change-network-policies",
        severity="medium",
        system_severity="high",
        reason="can open or close the network between namespaces, and to the world",
        source="https://kubernetes.io/docs/concepts/services-networking/network-policies/",
        mend="Leave networkpolicies to those who answer for the network.",
        hits=meets(NETWORK_POLICIES),
    ),
    RiskRule(
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
        hits=one_of(SERVICES, INGRESS_CLASSES),
    ),
    RiskRule(
        id="change-service-status",
        severity="medium",
        reason=(
            "can take over the traffic of the cluster to any IP address by a load balancer's "
            "status (CVE-2020-8554)"
        ),
        source="https://github.com/kubernetes/kubernetes/issues/97076",
        mend="Leave services/status to controllers.",
        hits=meets(SERVICE_STATUS),
    ),
    RiskRule(
        id="write-endpoints",
        severity="medium",
        system_severity="high",
        reason=(
            "can send the traffic of an Ingress or load balancer into other namespaces, past "
            "NetworkPolicies (CVE-2021-25740)"
        ),
        source="https://github.com/kubernetes/kubernetes/issues/103675",
        mend="Leave endpoints and endpointslices to controllers.",
        hits=meets(ENDPOINTS),
    ),
)
