"""Pods and what makes them: starting, changing, entering and removing what runs."""

from kuberoster.risk.finding import RiskRule
from kuberoster.risk.hits import either, meets, one_of
from kuberoster.risk.right import CHANGE, DELETE, right

WORKLOADS = (
    "replicationcontrollers deployments.apps daemonsets.apps statefulsets.apps replicasets.apps "
    "jobs.batch cronjobs.batch"
)
"""Whatever makes pods of a template."""
_SCALED = (
    "replicationcontrollers/scale deployments.apps/scale statefulsets.apps/scale "
    "replicasets.apps/scale"
)
_PODS = "pods, which run as any ServiceAccount of their namespace"
_CONSTRAINTS = "securitycontextconstraints.security.openshift.io"
_CREATION = "https://kubernetes.io/docs/concepts/security/rbac-good-practices/#workload-creation"
_EXPIRES = "give it to a user of its own that `expires` when it is needed."
_LAST_BY_GET = "1.34"
"""Later the API server asks for create, also of who comes by a WebSocket (403 on 1.35 and 1.36)."""

CREATE_PODS = right("create", f"pods {WORKLOADS}", does="start pods", makes=_PODS)
CHANGED = WORKLOADS.replace("jobs.batch ", "")
"""Without Jobs, whose template stays as it is (the API server refuses to change it)."""
CHANGE_WORKLOADS = right("update patch", CHANGED, makes=_PODS)
CHANGE_PODS = right("update patch", "pods", makes=_PODS)
CHANGE_RUNNING = right("update patch", f"pods {CHANGED}")
DELETE_PODS = right(DELETE, "pods")
DELETE_RUNNING = right(DELETE, f"pods {WORKLOADS}")
READ_LOGS = right("get", "pods/log", does="read the logs of pods")
EVICT_PODS = right("create", "pods/eviction", does="evict pods")
EXEC = right("create", "pods/exec", does="run commands in pods", makes=_PODS)
EXEC_BY_GET = right(
    "get", "pods/exec", does="run commands in pods", makes=_PODS, until=_LAST_BY_GET
)
ATTACH = right("create", "pods/attach", does="attach to what runs in pods", makes=_PODS)
ATTACH_BY_GET = right(
    "get", "pods/attach", does="attach to what runs in pods", makes=_PODS, until=_LAST_BY_GET
)
FORWARD_PORTS = right("create", "pods/portforward", does="open ports of pods")
FORWARD_PORTS_BY_GET = right(
    "get", "pods/portforward", does="open ports of pods", until=_LAST_BY_GET
)
ADD_CONTAINERS = right(
    "update patch",
    "pods/ephemeralcontainers",
    does="put containers into running pods",
    makes=_PODS,
)
PROXY = right(
    "get create update patch delete",
    "pods/proxy services/proxy",
    does="send requests to pods and Services",
)
CHANGE_POD_STATUS = right("update patch", "pods/status", does="change what the status of pods says")
SCALE = right("update patch", _SCALED, does="scale workloads")
SCALE_BY_KEDA = right("create update patch", "scaledobjects.keda.sh", does="scale workloads")
RESIZE_PODS = right(
    "update patch", "pods/resize", does="change what processors and memory pods have"
)
BIND_PODS = right("create", "pods/binding bindings", does="say on which node a pod starts")
USE_CONSTRAINTS = right(
    "use",
    _CONSTRAINTS,
    does="start pods with what OpenShift's SecurityContextConstraints grant",
    names=lambda name: not name.startswith(("restricted", "nonroot")),
)
CHANGE_CONSTRAINTS = right(
    CHANGE, _CONSTRAINTS, does="change what OpenShift lets pods do", clustered=True
)
_STATUS = right("update patch", "pods pods/status")
_DELETE_NODES = right("delete", "nodes", clustered=True)
_NODES = right("update patch", "nodes nodes/status", clustered=True)

RULES = (
    RiskRule(
        id="create-workloads",
        severity="medium",
        system_severity="critical",
        reason=(
            "can run pods with any ServiceAccount of the namespace, mount its Secrets, and "
            "reach the node as far as Pod Security allows"
        ),
        source=_CREATION,
        mend=(
            "Enforce Pod Security `baseline` or `restricted` there, and keep powerful "
            "ServiceAccounts in other namespaces."
        ),
        hits=meets(CREATE_PODS),
    ),
    RiskRule(
        id="change-workloads",
        severity="medium",
        system_severity="critical",
        reason="can put another image, command or ServiceAccount into what runs already",
        source=_CREATION,
        mend="Let a deployment tool do it; resource_names narrow it to some workloads.",
        hits=meets(CHANGE_RUNNING),
    ),
    RiskRule(
        id="delete-workloads",
        severity="low",
        system_severity="medium",
        reason="can stop what runs there, by removing pods or what makes them, or by evicting",
        source="https://github.com/cyberark/KubiScan/blob/master/risky_roles.yaml",
        mend="Leave delete and pods/eviction to what deploys and what drains nodes.",
        hits=one_of(DELETE_RUNNING, EVICT_PODS),
    ),
    RiskRule(
        id="scale-workloads",
        severity="low",
        system_severity="medium",
        reason="can stop what runs there by scaling it to 0, or take up the nodes by scaling it up",
        source="https://kubernetes.io/docs/reference/kubernetes-api/autoscaling/scale-v1/",
        mend="Leave scaling to a HorizontalPodAutoscaler; resource_names narrow it to some.",
        hits=one_of(SCALE, SCALE_BY_KEDA),
    ),
    RiskRule(
        id="exec-pods",
        severity="medium",
        system_severity="critical",
        reason=(
            "can run commands in containers with the rights and Secrets of their "
            "ServiceAccounts; up to Kubernetes 1.34 get is enough, by a WebSocket"
        ),
        source="https://github.com/PaloAltoNetworks/rbac-police/blob/main/docs/policies.md#pods_exec",
        mend=f"Leave pods/exec out, and {_EXPIRES}",
        hits=one_of(EXEC, EXEC_BY_GET),
    ),
    RiskRule(
        id="attach-pods",
        severity="medium",
        system_severity="high",
        reason="can read and write the streams of what runs in a container",
        source="https://github.com/cyberark/KubiScan/blob/master/risky_roles.yaml",
        mend="Grant pods/log where reading is enough.",
        hits=one_of(ATTACH, ATTACH_BY_GET),
    ),
    RiskRule(
        id="ephemeral-containers",
        severity="medium",
        system_severity="critical",
        reason=(
            "can put a container of any image into a running pod, next to its processes and "
            "with its ServiceAccount"
        ),
        source="https://kubernetes.io/docs/concepts/workloads/pods/ephemeral-containers/",
        mend=f"Leave it out, and {_EXPIRES}",
        hits=meets(ADD_CONTAINERS),
    ),
    RiskRule(
        id="forward-ports",
        severity="low",
        system_severity="high",
        reason=(
            "can reach any port of a pod past NetworkPolicies, those that listen on localhost "
            "alone included"
        ),
        source="https://kubernetes.io/docs/tasks/access-application-cluster/port-forward-access-application-cluster/",
        mend="Leave pods/portforward out where an Ingress or a Service does.",
        hits=one_of(FORWARD_PORTS, FORWARD_PORTS_BY_GET),
    ),
    RiskRule(
        id="proxy-to-pods",
        severity="low",
        system_severity="high",
        reason=(
            "can send requests to any pod or Service past NetworkPolicies, in the API server's name"
        ),
        source="https://kubernetes.io/docs/tasks/access-application-cluster/access-cluster-services/",
        mend="Leave pods/proxy and services/proxy out where an Ingress or a Service does.",
        hits=meets(PROXY),
    ),
    RiskRule(
        id="change-pod-status",
        severity="low",
        system_severity="medium",
        reason=(
            "can make a pod look ready or failed, and so send a Service's connections to it or "
            "have it replaced"
        ),
        source="https://github.com/PaloAltoNetworks/rbac-police/blob/main/lib/modify_pod_status.rego",
        mend="Leave pods/status to kubelets and controllers.",
        hits=meets(CHANGE_POD_STATUS),
    ),
    RiskRule(
        id="resize-pods",
        severity="low",
        system_severity="medium",
        reason="can take processors and memory from what runs, or take up a node with one pod",
        source="https://kubernetes.io/docs/tasks/configure-pod-container/resize-container-resources/",
        mend="Leave pods/resize to autoscalers.",
        hits=meets(RESIZE_PODS),
    ),
    RiskRule(
        id="bind-pods",
        severity="low",
        system_severity="medium",
        reason="can send pods that wait to a node of its choice, past the scheduler's rules",
        source="https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/binding-v1/",
        mend="Leave pods/binding to schedulers.",
        hits=meets(BIND_PODS),
    ),
    RiskRule(
        id="use-security-constraints",
        severity="high",
        reason=(
            "can start pods that OpenShift else forbids: as root, with files, network or "
            "processes of the node, as the SecurityContextConstraints say"
        ),
        source="https://docs.redhat.com/en/documentation/openshift_container_platform/4.21/html/authentication_and_authorization/managing-pod-security-policies",
        mend=(
            "Leave it to the ServiceAccounts of what needs it; resource_names narrow it to "
            "restricted-v2 and nonroot-v2."
        ),
        hits=one_of(USE_CONSTRAINTS, CHANGE_CONSTRAINTS),
    ),
    RiskRule(
        id="steal-pods",
        severity="medium",
        system_severity="high",
        reason=(
            "can remove pods and keep other nodes from taking them, so that powerful ones start "
            "on a node of the user's choice"
        ),
        source="https://www.paloaltonetworks.com/resources/whitepapers/kubernetes-privilege-escalation-excessive-permissions-in-popular-platforms",
        mend="Grant either the removal of pods or the change of nodes, not both.",
        hits=either(
            *(meets(remove, _NODES) for remove in (DELETE_PODS, EVICT_PODS, _STATUS, _DELETE_NODES))
        ),
    ),
)
