"""What all namespaces share: namespaces themselves, nodes, admission, the API and its setup."""

from kuberoster.model.guard import ADMISSION
from kuberoster.risk.finding import RiskRule
from kuberoster.risk.hits import meets, naming, one_of, where
from kuberoster.risk.right import CHANGE, DELETE, WRITE, of_groups, right
from kuberoster.risk.rules.pods import CREATE_PODS
from kuberoster.risk.scope import Evidence, Scope

_PUBLIC_NAMESPACE = "kube-public"
_SETUP = {
    "aws-auth",
    "cluster-info",
    "coredns",
    "coredns-custom",
    "extension-apiserver-authentication",
    "kube-proxy",
    "kube-proxy-config",
    "kubeadm-config",
    "kubelet-config",
    "kube-root-ca.crt",
    "node-local-dns",
}
"""ConfigMaps that the cluster itself runs by, under kubeadm and on the large clouds."""
_INTERCEPTS = "webhooks, policies and API servers that see or change what others send"


_WEBHOOKS = of_groups({ADMISSION: "mutatingwebhookconfigurations validatingwebhookconfigurations"})
_MUTATING = " ".join(
    (_WEBHOOKS, of_groups({ADMISSION: "mutatingadmissionpolicies mutatingadmissionpolicybindings"}))
)
_VALIDATING = of_groups(
    {ADMISSION: "validatingadmissionpolicies validatingadmissionpolicybindings"}
)

LABEL_NAMESPACES = right(
    "update patch",
    "namespaces namespaces/status namespaces/finalize",
    does="change the labels of namespaces, Pod Security's included",
)
"""status and finalize take changed metadata too."""
DELETE_NAMESPACES = right(DELETE, "namespaces", does="delete namespaces")
CHANGE_NODES = right(CHANGE, "nodes nodes/status", clustered=True)
NODES_PROXY = right(
    "get create update patch delete",
    "nodes/proxy",
    does="run commands in every pod of every node",
    makes="pods, which run as any ServiceAccount of their namespace",
    clustered=True,
)
NODE_LOGS = right("get", "nodes/log", does="read the logs of nodes", clustered=True)
CHECKPOINT = right(
    "create", "nodes/checkpoint", does="copy the memory of running containers", clustered=True
)
"""The kubelet takes it by POST alone."""
INTERCEPT = right(
    WRITE,
    _MUTATING,
    does="see and change what others write, by admission",
    makes=_INTERCEPTS,
    clustered=True,
)
INTERCEPT_BY_WEBHOOK = right(
    WRITE,
    _WEBHOOKS,
    clustered=True,
)
WRITE_MUTATING_POLICIES = right(WRITE, f"mutatingadmissionpolicies.{ADMISSION}", clustered=True)
WRITE_MUTATING_BINDINGS = right(
    WRITE, f"mutatingadmissionpolicybindings.{ADMISSION}", clustered=True
)
WEAKEN_ADMISSION = right(
    DELETE,
    f"{_MUTATING} {_VALIDATING}",
    does="switch off what admission forbids",
    makes=_INTERCEPTS,
    clustered=True,
)
WRITE_VALIDATING_POLICIES = right(
    WRITE,
    _VALIDATING,
    does="switch off what admission forbids",
    makes=_INTERCEPTS,
    clustered=True,
)
API_SERVICES = right(
    CHANGE,
    "apiservices.apiregistration.k8s.io",
    does="send the requests of an API group elsewhere",
    makes=_INTERCEPTS,
    clustered=True,
)
DEFINITIONS = right(CHANGE, "customresourcedefinitions.apiextensions.k8s.io", clustered=True)
CONFIG_MAPS = right(CHANGE, "configmaps")
FLOW_CONTROL = right(
    CHANGE,
    of_groups({"flowcontrol.apiserver.k8s.io": "flowschemas prioritylevelconfigurations"}),
    clustered=True,
)
DEVICES = right(
    CHANGE,
    of_groups({"resource.k8s.io": "deviceclasses resourceslices devicetaintrules"}),
    clustered=True,
)


def _own_name(scope: Scope, name: str) -> bool:
    """A right in a namespace to a namespace is one to that namespace alone."""
    return scope.namespace in ("", name)


def _setup(scope: Scope) -> bool:
    return scope.is_system or scope.namespace == _PUBLIC_NAMESPACE


_LABELS = naming(meets(LABEL_NAMESPACES), _own_name)


def _unguarded_pods(scope: Scope) -> list[Evidence]:
    labels, pods = _LABELS(scope), scope.evidence(CREATE_PODS)
    return [*labels, *pods] if labels and pods else []


RULES = (
    RiskRule(
        id="change-namespaces",
        severity="high",
        system_severity="critical",
        reason=(
            "can set a namespace's labels, and so switch off Pod Security there and change "
            "which NetworkPolicies reach it"
        ),
        source="https://kubernetes.io/docs/concepts/security/rbac-good-practices/#namespace-modification",
        mend=(
            "Leave namespaces to the cluster's administrators; the roster makes those of its teams."
        ),
        hits=_LABELS,
    ),
    RiskRule(
        id="lower-pod-security",
        severity="high",
        system_severity="critical",
        reason=(
            "can take Pod Security away from a namespace and start pods there, and so reach the "
            "node and all that runs on it"
        ),
        source="https://kubernetes.io/docs/concepts/security/rbac-good-practices/#namespace-modification",
        mend="Take away one of the two: the change of namespaces, or starting pods in them.",
        hits=_unguarded_pods,
    ),
    RiskRule(
        id="delete-namespaces",
        severity="high",
        reason="can delete a namespace with all that is in it: users, tokens and bindings too",
        source="https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/",
        mend="Leave namespaces to the cluster's administrators.",
        hits=naming(meets(DELETE_NAMESPACES), _own_name),
    ),
    RiskRule(
        id="change-nodes",
        severity="medium",
        reason=(
            "can label, taint and remove nodes, and write their status, and so decide which "
            "pods run where"
        ),
        source="https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#node-isolation-restriction",
        mend="Leave nodes to the cluster's administrators.",
        hits=meets(CHANGE_NODES),
    ),
    RiskRule(
        id="nodes-proxy",
        severity="critical",
        reason=(
            "can run commands in every pod of every node by the kubelet's own API, past "
            "admission and the audit log; get alone is enough, by a WebSocket"
        ),
        source="https://kubernetes.io/docs/concepts/security/rbac-good-practices/#access-to-proxy-subresource-of-nodes",
        mend=(
            "Grant the fine-grained subresources instead: nodes/metrics, nodes/stats, "
            "nodes/healthz, nodes/pods."
        ),
        hits=meets(NODES_PROXY),
    ),
    RiskRule(
        id="read-node-logs",
        severity="medium",
        reason=(
            "can read the logs of nodes and of what runs on them, where passwords and tokens "
            "are often found"
        ),
        source="https://kubernetes.io/docs/concepts/cluster-administration/system-logs/#log-query",
        mend="Grant pods/log in the namespaces of applications instead.",
        hits=meets(NODE_LOGS),
    ),
    RiskRule(
        id="checkpoint-containers",
        severity="high",
        reason="can have the memory of a running container written to its node, keys included",
        source="https://kubernetes.io/docs/reference/node/kubelet-checkpoint-api/",
        mend="Leave nodes/checkpoint to those who administer nodes.",
        hits=meets(CHECKPOINT),
    ),
    RiskRule(
        id="change-admission",
        severity="critical",
        reason="can read every object that is written, Secrets included, and change it on its way",
        source="https://kubernetes.io/docs/concepts/security/rbac-good-practices/#control-admission-webhooks",
        mend="Leave admission to the cluster's administrators.",
        hits=meets(INTERCEPT),
    ),
    RiskRule(
        id="weaken-admission",
        severity="high",
        reason="can change or remove what forbids objects: webhooks, admission policies, bindings",
        source="https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/",
        mend="Leave admission to the cluster's administrators.",
        hits=one_of(WEAKEN_ADMISSION, WRITE_VALIDATING_POLICIES),
    ),
    RiskRule(
        id="change-api-services",
        severity="high",
        reason=(
            "can send the requests of a whole API group, with what users write in them, to a "
            "server of the user's choice"
        ),
        source="https://kubernetes.io/docs/concepts/extend-kubernetes/api-extension/apiserver-aggregation/",
        mend="Leave apiservices to those who install extensions.",
        hits=meets(API_SERVICES),
    ),
    RiskRule(
        id="change-custom-resources",
        severity="medium",
        reason=(
            "can change or delete the definitions of custom resources, and with them every "
            "object of that kind"
        ),
        source="https://kubernetes.io/docs/concepts/extend-kubernetes/api-extension/custom-resources/",
        mend="Leave customresourcedefinitions to those who install extensions.",
        hits=meets(DEFINITIONS),
    ),
    RiskRule(
        id="change-system-config-maps",
        severity="high",
        reason=(
            "can change what the cluster runs by: its DNS, its setup, what new nodes trust, and "
            "on EKS who is an administrator (aws-auth)"
        ),
        source="https://docs.aws.amazon.com/eks/latest/userguide/auth-configmap.html",
        mend=(
            "Grant nothing in kube-system and kube-public, and ConfigMaps nowhere over the whole "
            "cluster."
        ),
        hits=where(_setup, naming(meets(CONFIG_MAPS), lambda _, name: name in _SETUP)),
    ),
    RiskRule(
        id="change-flow-control",
        severity="medium",
        reason="can let the API server starve the requests of others, or its own go first",
        source="https://kubernetes.io/docs/concepts/cluster-administration/flow-control/",
        mend="Leave flow schemas and priority levels to the cluster's administrators.",
        hits=meets(FLOW_CONTROL),
    ),
    RiskRule(
        id="change-devices",
        severity="medium",
        reason=(
            "can say which devices of nodes pods get, with which setup, and keep pods from them"
        ),
        source="https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/",
        mend="Leave device classes, slices and taints to drivers and administrators.",
        hits=meets(DEVICES),
    ),
)
