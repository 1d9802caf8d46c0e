"""The network: who receives what is sent to others, and who may send it."""

from kuberoster.risk.finding import RiskRule
from kuberoster.risk.hits import meets, one_of
from kuberoster.risk.right import CHANGE, of_groups, right

_GATEWAYS = "gateway.networking.k8s.io"

ROUTES = right(
    CHANGE,
    of_groups(
        {
            _GATEWAYS: (
                "gateways httproutes grpcroutes tcproutes tlsroutes udproutes referencegrants "
                "listenersets backendtlspolicies"
            ),
            "networking.x-k8s.io": "*",
            "gateway.networking.x-k8s.io": "*",
            "gateway.envoyproxy.io": "*",
            "traefik.io": "*",
            "traefik.containo.us": "*",
            "getambassador.io": "*",
            "x.getambassador.io": "*",
            "projectcontour.io": "*",
            "configuration.konghq.com": "*",
            "k8s.nginx.org": "*",
            "route.openshift.io": "routes routes/custom-host",
            "split.smi-spec.io": "*",
            "specs.smi-spec.io": "*",
            "access.smi-spec.io": "*",
            "appmesh.k8s.aws": "*",
            "kuma.io": "*",
            "gloo.solo.io": "*",
            "gateway.solo.io": "*",
            "elbv2.k8s.aws": "*",
            "multicluster.x-k8s.io": "serviceexports serviceimports",
        }
    ),
)
GATEWAY_CLASSES = right(CHANGE, f"gatewayclasses.{_GATEWAYS}", clustered=True)
MESH = right(
    CHANGE,
    of_groups(
        {
            "networking.istio.io": (
                "virtualservices destinationrules gateways serviceentries sidecars "
                "workloadentries workloadgroups envoyfilters proxyconfigs"
            ),
            "security.istio.io": (
                "authorizationpolicies peerauthentications requestauthentications"
            ),
            "extensions.istio.io": "wasmplugins",
            "telemetry.istio.io": "telemetries",
            "policy.linkerd.io": "*",
            "consul.hashicorp.com": "*",
            "cilium.io": "ciliumenvoyconfigs ciliumlocalredirectpolicies",
        }
    ),
    does="change which service of the mesh gets whose requests, and who may send them",
)
MESH_FOR_ALL = right(
    CHANGE,
    of_groups(
        {
            "cilium.io": "ciliumclusterwideenvoyconfigs ciliumegressgatewaypolicies",
            "install.istio.io": "istiooperators",
        }
    ),
    does="change which service of the mesh gets whose requests, and who may send them",
    clustered=True,
)
NETWORK_POLICIES = right(
    CHANGE,
    of_groups(
        {
            "networking.k8s.io": "networkpolicies",
            "extensions": "networkpolicies",
            "crd.projectcalico.org": "networkpolicies networksets stagednetworkpolicies",
            "projectcalico.org": "networkpolicies networksets stagednetworkpolicies",
            "cilium.io": "ciliumnetworkpolicies",
            "crd.antrea.io": "networkpolicies",
        }
    ),
)
CLUSTER_NETWORK_POLICIES = right(
    CHANGE,
    of_groups(
        {
            "policy.networking.k8s.io": (
                "adminnetworkpolicies baselineadminnetworkpolicies clusternetworkpolicies"
            ),
            **dict.fromkeys(
                ("crd.projectcalico.org", "projectcalico.org"),
                "globalnetworkpolicies globalnetworksets stagedglobalnetworkpolicies tiers "
                "hostendpoints ippools felixconfigurations bgpconfigurations bgppeers",
            ),
            "cilium.io": (
                "ciliumclusterwidenetworkpolicies ciliumcidrgroups ciliumidentities "
                "ciliumloadbalancerippools ciliuml2announcementpolicies ciliumbgpclusterconfigs "
                "ciliumbgpadvertisements ciliumbgppeerconfigs"
            ),
            "crd.antrea.io": "clusternetworkpolicies tiers",
        }
    ),
    clustered=True,
)
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
        id="change-mesh",
        severity="medium",
        system_severity="high",
        reason=(
            "can send the requests of other services of the mesh to backends of the user's "
            "choice, in other namespaces too, and change who may reach whom"
        ),
        source="https://istio.io/latest/docs/reference/config/networking/virtual-service/",
        mend=(
            "Leave the mesh to those who answer for the network, or routes in the namespaces of "
            "applications with `exportTo` of their own by default."
        ),
        hits=one_of(MESH, MESH_FOR_ALL),
    ),
    RiskRule(
        id="change-network-policies",
        severity="medium",
        system_severity="high",
        reason="can open or close the network between namespaces, and to the world",
        source="https://kubernetes.io/docs/concepts/services-networking/network-policies/",
        mend="Leave network policies to those who answer for the network.",
        hits=one_of(NETWORK_POLICIES, CLUSTER_NETWORK_POLICIES),
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
