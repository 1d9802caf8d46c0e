"""For each risk rule: grants that make a finding, and grants next to them that make none."""

from itertools import count
from typing import NamedTuple

from kuberoster import ClusterRole, Grant, Role, Rule, admin, edit, view
from kuberoster.model.severity import Severity

RBAC = "rbac.authorization.k8s.io"
WHO = "authentication.k8s.io"
CERTIFICATES = "certificates.k8s.io"
ADMISSION = "admissionregistration.k8s.io"
NETWORKING = "networking.k8s.io"
GATEWAYS = "gateway.networking.k8s.io"
ARGO = "argoproj.io"
KUSTOMIZE = "kustomize.toolkit.fluxcd.io"
RANCHER = "management.cattle.io"
KYVERNO = "policies.kyverno.io"
CALICO = "projectcalico.org"
SCC = ("securitycontextconstraints", "security.openshift.io")
_NUMBER = count()


class Case(NamedTuple):
    """One rule: how bad what it finds is, what it finds, and what is only alike."""

    severity: Severity
    hit: list[Grant]
    miss: list[Grant]


def can(verbs: str, resources: str, group: str = "", names: str = "") -> Rule:
    return Rule(verbs.split(), resources.split(), api_groups=[group], resource_names=names.split())


def urls(*paths: str) -> Rule:
    return Rule(["get"], non_resource_urls=paths)


def within(namespace: str, *rules: Rule) -> Grant:
    return Role(f"r{next(_NUMBER)}", rules=rules)(namespace)


def everywhere(*rules: Rule) -> Grant:
    return Role(f"r{next(_NUMBER)}", rules=rules).cluster_wide()


def web(verbs: str, resources: str, group: str = "", names: str = "") -> list[Grant]:
    """In the namespace of an application, where Bob may view."""
    return [within("web", can(verbs, resources, group, names))]


def api(verbs: str, resources: str, group: str = "", names: str = "") -> list[Grant]:
    """In the namespace of another application."""
    return [within("api", can(verbs, resources, group, names))]


def home(verbs: str, resources: str, group: str = "", names: str = "") -> list[Grant]:
    """In the namespace of the users themselves."""
    return [within("users-web", can(verbs, resources, group, names))]


def system(verbs: str, resources: str, group: str = "", names: str = "") -> list[Grant]:
    return [within("kube-system", can(verbs, resources, group, names))]


def cluster(verbs: str, resources: str, group: str = "", names: str = "") -> list[Grant]:
    return [everywhere(can(verbs, resources, group, names))]


CASES: dict[str, list[Case]] = {
    "act-as-user": [
        Case("critical", home("delete", "secrets"), web("delete", "secrets")),
        Case(
            "critical",
            home("get update", "secrets", names="ann-main-x7k2p"),
            home("get", "secrets", names="ann-main-x7k2p"),
        ),
        Case(
            "critical",
            home("create", "jobs", "batch") + home("delete", "resourcequotas", names="no-pods"),
            home("create", "jobs", "batch") + web("delete", "resourcequotas", names="no-pods"),
        ),
        Case(
            "critical",
            cluster("impersonate", "groups") + cluster("impersonate", "users", names="x"),
            cluster("impersonate", "groups") + web("impersonate", "users", names="x"),
        ),
        Case(
            "critical",
            home("escalate patch", "roles", RBAC),
            home("escalate create", "roles", RBAC),
        ),
        Case(
            "critical",
            home("bind", "clusterroles", RBAC) + home("create", "rolebindings", RBAC),
            home("bind", "clusterroles", RBAC, "view") + home("create", "rolebindings", RBAC),
        ),
        Case(
            "critical",
            cluster("create", "certificatesigningrequests", CERTIFICATES)
            + cluster("update", "certificatesigningrequests/approval", CERTIFICATES)
            + cluster("approve", "signers", CERTIFICATES, "kubernetes.io/kube-apiserver-client"),
            cluster("create", "certificatesigningrequests", CERTIFICATES)
            + cluster("update", "certificatesigningrequests/approval", CERTIFICATES)
            + cluster("approve", "signers", CERTIFICATES, "kubernetes.io/kubelet-serving"),
        ),
        Case(
            "critical",
            [within("kuberoster-state", can("patch", "secrets", names="tfstate-default-web"))],
            [within("kuberoster-state", can("get list", "secrets"))],
        ),
        Case(
            "critical",
            cluster("patch", "mutatingwebhookconfigurations", ADMISSION),
            cluster("patch", "validatingadmissionpolicies", ADMISSION),
        ),
        Case("critical", system("create", "pods/exec"), web("create", "pods/exec")),
    ],
    "approve-certificates": [
        Case(
            "critical",
            cluster("update", "certificatesigningrequests/approval", CERTIFICATES)
            + cluster("approve", "signers", CERTIFICATES, "kubernetes.io/*"),
            cluster("update", "certificatesigningrequests/approval", CERTIFICATES)
            + cluster("approve", "signers", CERTIFICATES, "kubernetes.io/kubelet-serving"),
        )
    ],
    "approve-serving-certificates": [
        Case(
            "medium",
            cluster("update", "certificatesigningrequests/approval", CERTIFICATES)
            + cluster("approve", "signers", CERTIFICATES, "kubernetes.io/kubelet-serving"),
            cluster("update", "certificatesigningrequests/approval", CERTIFICATES)
            + cluster("approve", "signers", CERTIFICATES, "issuers.cert-manager.io/*"),
        )
    ],
    "attach-pods": [
        Case("medium", web("create", "pods/attach"), web("get", "pods/log")),
        Case("high", cluster("create", "pods/attach"), cluster("get", "pods/attach")),
        Case("medium", web("create", "pods/attach"), web("create", "pods/attach", "apps")),
    ],
    "attest-trust-bundles": [
        Case(
            "high",
            cluster("create", "clustertrustbundles", CERTIFICATES)
            + cluster("attest", "signers", CERTIFICATES),
            cluster("create", "clustertrustbundles", CERTIFICATES)
            + cluster("sign", "signers", CERTIFICATES),
        )
    ],
    "bind-pods": [
        Case("medium", cluster("create", "pods/binding"), cluster("create", "pods/eviction")),
        Case("low", web("create", "pods/binding"), web("update", "pods/binding")),
    ],
    "bind-roles": [
        Case("low", web("bind", "clusterroles", RBAC, "x"), web("create", "rolebindings", RBAC)),
        Case("high", cluster("bind", "roles", RBAC), cluster("bind", "roles")),
    ],
    "change-admission": [
        Case(
            "critical",
            cluster("patch", "validatingwebhookconfigurations", ADMISSION, "x"),
            cluster("delete", "validatingwebhookconfigurations", ADMISSION)
            + web("patch", "mutatingwebhookconfigurations", ADMISSION),
        ),
        Case(
            "critical",
            cluster("create", "mutatingwebhookconfigurations", ADMISSION),
            cluster("create", "mutatingwebhookconfigurations", ADMISSION, "x"),
        ),
    ],
    "change-api-services": [
        Case(
            "high",
            cluster("update", "apiservices", "apiregistration.k8s.io"),
            cluster("get", "apiservices", "apiregistration.k8s.io"),
        )
    ],
    "change-custom-resources": [
        Case(
            "medium",
            cluster("delete", "customresourcedefinitions", "apiextensions.k8s.io"),
            cluster("list", "customresourcedefinitions", "apiextensions.k8s.io"),
        )
    ],
    "change-devices": [
        Case(
            "medium",
            cluster("create", "deviceclasses", "resource.k8s.io"),
            cluster("get", "deviceclasses", "resource.k8s.io"),
        )
    ],
    "change-flow-control": [
        Case(
            "medium",
            cluster("patch", "flowschemas", "flowcontrol.apiserver.k8s.io"),
            web("patch", "flowschemas", "flowcontrol.apiserver.k8s.io"),
        )
    ],
    "change-gateways": [
        Case(
            "low",
            web("create", "ingressroutes", "traefik.io"),
            web("get", "ingressroutes", "traefik.io"),
        ),
        Case("low", web("patch", "httproutes", GATEWAYS), web("patch", "httproutes", NETWORKING)),
        Case(
            "medium",
            cluster("create", "gatewayclasses", GATEWAYS),
            web("create", "gatewayclasses", GATEWAYS),
        ),
    ],
    "change-namespaces": [
        Case("high", web("patch", "namespaces"), web("get", "namespaces")),
        Case(
            "high", web("patch", "namespaces", names="web"), web("patch", "namespaces", names="x")
        ),
        Case("critical", cluster("patch", "namespaces"), cluster("create", "namespaces")),
        Case("critical", cluster("patch", "namespaces/status"), cluster("get", "*/status")),
        Case("high", web("update", "namespaces/finalize"), web("patch", "pods/status")),
    ],
    "change-network-policies": [
        Case(
            "medium",
            web("delete", "networkpolicies", NETWORKING),
            web("get", "networkpolicies", NETWORKING),
        ),
        Case(
            "high",
            cluster("create", "globalnetworkpolicies", CALICO),
            web("create", "globalnetworkpolicies", CALICO),
        ),
        Case(
            "high",
            cluster("patch", "baselineadminnetworkpolicies", "policy.networking.k8s.io"),
            cluster("patch", "baselineadminnetworkpolicies", NETWORKING),
        ),
        Case(
            "medium",
            web("delete", "ciliumnetworkpolicies", "cilium.io"),
            web("delete", "ciliumclusterwidenetworkpolicies", "cilium.io"),
        ),
    ],
    "change-nodes": [
        Case("medium", cluster("patch", "nodes/status"), web("patch", "nodes")),
    ],
    "change-pod-status": [
        Case("low", web("patch", "pods/status"), web("get", "pods/status")),
        Case("medium", cluster("update", "*/status"), cluster("update", "pods")),
    ],
    "change-policy-engines": [
        Case(
            "high",
            cluster("delete", "k8srequiredlabels", "constraints.gatekeeper.sh"),
            cluster("update", "k8srequiredlabels/status", "constraints.gatekeeper.sh"),
        ),
        Case(
            "high",
            cluster("create", "mutatingpolicies", KYVERNO),
            web("create", "mutatingpolicies", KYVERNO),
        ),
        Case(
            "medium",
            web("create", "namespacedvalidatingpolicies", KYVERNO),
            web("create", "validatingpolicies", KYVERNO),
        ),
        Case(
            "high",
            cluster("create", "constrainttemplates", "templates.gatekeeper.sh"),
            web("create", "constrainttemplates", "templates.gatekeeper.sh"),
        ),
        Case(
            "medium",
            web("create", "policyexceptions", "kyverno.io"),
            web("get", "policyexceptions", "kyverno.io"),
        ),
    ],
    "change-service-status": [
        Case("medium", web("patch", "services/status"), web("patch", "services")),
    ],
    "change-services": [
        Case("low", web("create", "ingresses", NETWORKING), web("list", "services")),
        Case(
            "medium",
            cluster("create", "ingressclasses", NETWORKING),
            web("create", "ingressclasses", NETWORKING),
        ),
    ],
    "change-storage": [
        Case(
            "medium",
            cluster("delete", "storageclasses", "storage.k8s.io"),
            cluster("get", "storageclasses", "storage.k8s.io"),
        ),
        Case("medium", cluster("delete", "persistentvolumes"), web("delete", "persistentvolumes")),
        Case("medium", web("update", "volumes", "longhorn.io"), web("update", "volumes")),
    ],
    "change-system-config-maps": [
        Case(
            "high",
            system("patch", "configmaps", names="aws-auth"),
            web("patch", "configmaps"),
        ),
        Case("high", cluster("update", "configmaps"), cluster("get", "configmaps")),
        Case("high", cluster("delete", "configmaps"), cluster("update", "configmaps", names="x")),
        Case(
            "high",
            [within("kube-public", can("update", "configmaps"))],
            [within("kube-public", can("get", "configmaps"))],
        ),
    ],
    "change-volume-claims": [
        Case(
            "low",
            web("delete", "persistentvolumeclaims"),
            web("get", "persistentvolumeclaims"),
        )
    ],
    "change-workloads": [
        Case("medium", web("patch", "deployments", "apps", "x"), web("patch", "deployments")),
        Case("critical", system("update", "pods"), web("delete", "pods")),
        Case("medium", cluster("patch", "deployments", "apps", "x"), web("patch", "jobs", "batch")),
    ],
    "checkpoint-containers": [
        Case("high", cluster("create", "nodes/checkpoint"), cluster("get", "nodes/checkpoint")),
    ],
    "cluster-admin": [
        Case("critical", [ClusterRole("cluster-admin").cluster_wide()], [admin.cluster_wide()]),
        Case("critical", web("*", "*", "*"), web("*", "*")),
    ],
    "create-workloads": [
        Case("medium", web("create", "pods"), web("create", "pods", names="x")),
        Case("critical", cluster("create", "cronjobs", "batch"), cluster("create", "cronjobs")),
    ],
    "delete-workloads": [
        Case("medium", cluster("delete", "pods"), cluster("delete", "configmaps")),
        Case("medium", system("delete", "daemonsets", "apps"), system("get", "pods")),
        Case("low", web("create", "pods/eviction"), web("get", "pods/eviction")),
    ],
    "delete-namespaces": [
        Case("high", web("delete", "namespaces"), web("delete", "pods")),
    ],
    "delete-users-tokens": [
        Case("medium", home("delete", "secrets"), web("delete", "secrets")),
        Case("medium", cluster("delete", "secrets"), cluster("delete", "secrets", names="regcred")),
        Case(
            "medium",
            home("deletecollection", "secrets"),
            home("deletecollection", "secrets", names="x"),
        ),
    ],
    "deploy-roster": [
        Case(
            "critical",
            cluster("deploy", "rosters", "kuberoster.io"),
            home("deploy", "rosters", "kuberoster.io"),
        ),
        Case(
            "critical",
            cluster("deploy", "rosters", "kuberoster.io", "main"),
            cluster("deploy", "rosters", "kuberoster.io", "other")
            + cluster("revoke", "rosters", "kuberoster.io", "main"),
        ),
    ],
    "edit-users-namespace": [
        Case("critical", [edit("users-web")], [edit("web")]),
        Case("critical", [edit.cluster_wide()], [view.cluster_wide()]),
    ],
    "ephemeral-containers": [
        Case(
            "medium",
            web("patch", "pods/ephemeralcontainers"),
            web("get", "pods/ephemeralcontainers"),
        ),
    ],
    "escalate-roles": [
        Case("low", web("escalate", "roles", RBAC), web("update", "roles", RBAC)),
        Case(
            "high", cluster("escalate", "clusterroles", RBAC), web("escalate", "clusterroles", RBAC)
        ),
    ],
    "exec-pods": [
        Case("medium", web("create", "pods/exec", names="x"), web("create", "pods")),
        Case("critical", cluster("create", "pods/exec"), cluster("get", "pods/exec")),
    ],
    "forward-ports": [
        Case("low", web("create", "pods/portforward"), web("create", "pods/eviction")),
    ],
    "grant-any-role": [
        Case(
            "critical",
            web("create", "rolebindings", RBAC)
            + web("bind", "clusterroles", RBAC, "cluster-admin"),
            web("create", "rolebindings", RBAC)
            + api("bind", "clusterroles", RBAC, "cluster-admin"),
        ),
        Case(
            "critical",
            cluster("create", "clusterrolebindings", RBAC)
            + cluster("bind", "clusterroles", RBAC, "admin"),
            cluster("create", "clusterrolebindings", RBAC)
            + cluster("bind", "clusterroles", RBAC, "view"),
        ),
        Case(
            "critical",
            web("create", "rolebindings", RBAC) + web("bind", "roles", RBAC),
            web("create", "rolebindings", RBAC) + web("bind", "clusterroles", RBAC, "view"),
        ),
        Case(
            "critical",
            web("create", "rolebindings", RBAC) + cluster("bind", "clusterroles", RBAC),
            cluster("create", "clusterrolebindings", RBAC) + web("bind", "clusterroles", RBAC),
        ),
    ],
    "impersonate-extras": [
        Case(
            "high",
            cluster("impersonate", "userextras/scopes", WHO, "x"),
            cluster("impersonate", "userextras/scopes"),
        ),
        Case("high", cluster("impersonate", "uids", WHO), web("impersonate", "uids", WHO)),
        Case(
            "high",
            cluster("impersonate:user-info", "userextras/scopes", WHO)
            + web("impersonate-on:user-info:get", "pods"),
            cluster("impersonate:user-info", "userextras/scopes", WHO),
        ),
    ],
    "impersonate-groups": [
        Case(
            "critical",
            cluster("impersonate", "groups") + web("impersonate", "serviceaccounts", names="ci"),
            cluster("impersonate", "groups") + web("impersonate", "groups users"),
        ),
        Case(
            "high",
            cluster("impersonate", "groups", names="developers")
            + cluster("impersonate", "users", names="jane"),
            cluster("impersonate", "groups", names="developers"),
        ),
    ],
    "impersonate-nodes-constrained": [
        Case(
            "high",
            cluster("impersonate:arbitrary-node", "nodes", WHO)
            + web("impersonate-on:arbitrary-node:list", "pods"),
            cluster("impersonate:arbitrary-node", "nodes", WHO) + web("list", "pods"),
        )
    ],
    "impersonate-roster-users": [
        Case("critical", home("impersonate", "serviceaccounts"), web("*", "serviceaccounts")),
        Case(
            "critical",
            cluster("impersonate:serviceaccount", "serviceaccounts", WHO)
            + web("impersonate-on:serviceaccount:get", "pods"),
            cluster("impersonate:serviceaccount", "serviceaccounts", WHO),
        ),
    ],
    "impersonate-service-accounts": [
        Case("medium", web("impersonate", "serviceaccounts"), web("get", "serviceaccounts")),
    ],
    "impersonate-service-accounts-constrained": [
        Case(
            "medium",
            web("impersonate:serviceaccount", "serviceaccounts", WHO)
            + api("impersonate-on:serviceaccount:get", "secrets"),
            web("impersonate:serviceaccount", "serviceaccounts", WHO)
            + web("impersonate-on:user-info:get", "secrets"),
        )
    ],
    "impersonate-users": [
        Case("critical", cluster("impersonate", "users", names="root"), web("*", "users")),
    ],
    "impersonate-users-constrained": [
        Case(
            "high",
            cluster("impersonate:user-info", "users", WHO)
            + web("impersonate-on:user-info:list", "pods"),
            cluster("impersonate:user-info", "users", WHO),
        )
    ],
    "lock-state": [
        Case(
            "low",
            cluster("update", "leases", "coordination.k8s.io"),
            cluster("update", "leases", "coordination.k8s.io", "cert-manager-controller"),
        ),
        Case(
            "medium",
            [within("kuberoster-state", can("delete", "leases", "coordination.k8s.io"))],
            [within("kuberoster-state", can("get", "leases", "coordination.k8s.io"))],
        ),
    ],
    "lower-pod-security": [
        Case(
            "high",
            web("patch", "namespaces") + web("create", "pods"),
            web("patch", "namespaces", names="api") + web("create", "pods"),
        ),
        Case(
            "critical",
            cluster("patch", "namespaces") + cluster("create", "pods"),
            cluster("get", "namespaces") + cluster("create", "pods"),
        ),
    ],
    "lower-users-guards": [
        Case("high", home("patch", "resourcequotas"), web("patch", "resourcequotas")),
        Case(
            "high",
            home("delete", "resourcequotas", names="no-pods"),
            home("delete", "resourcequotas", names="other"),
        ),
    ],
    "nodes-proxy": [
        Case("critical", cluster("get", "nodes/proxy"), cluster("get", "nodes nodes/metrics")),
        Case("critical", cluster("get", "*/proxy"), web("get", "nodes/proxy")),
    ],
    "proxy-to-pods": [
        Case("low", web("get", "services/proxy"), web("get", "services")),
    ],
    "read-node-logs": [
        Case("medium", cluster("get", "nodes/log"), web("get", "nodes/log")),
    ],
    "read-named-secrets": [
        Case("low", web("get", "secrets", names="tls"), web("get", "secrets")),
        Case("low", web("delete", "secrets", names="tls"), web("update", "secrets", names="tls")),
    ],
    "read-secrets": [
        Case("medium", web("watch", "secrets"), web("watch", "secrets", names="tls")),
        Case("medium", web("patch", "secrets"), web("create update", "secrets")),
        Case("medium", web("deletecollection", "secrets"), web("create update", "secrets")),
        Case("critical", cluster("list", "secrets"), [view.cluster_wide()]),
        Case("critical", system("get", "secrets"), [view("kube-system")]),
    ],
    "read-state": [
        Case("medium", [view("kuberoster-state")], [view("web")]),
        Case("medium", cluster("get", "secrets"), [view.cluster_wide()]),
        Case(
            "medium",
            cluster("get", "secrets", names="tfstate-default-web"),
            cluster("get", "secrets", names="regcred")
            + cluster("get", "leases", "coordination.k8s.io"),
        ),
    ],
    "read-users-tokens": [
        Case("critical", home("get", "secrets", names="ann-main-x7k2p"), web("get", "secrets")),
        Case(
            "critical",
            cluster("get", "secrets", names="bob-main-x7k2p"),
            cluster("get", "secrets", names="regcred"),
        ),
        Case("critical", cluster("watch", "secrets"), cluster("create update", "secrets")),
        Case("critical", home("delete", "secrets"), web("delete", "secrets")),
    ],
    "request-tokens": [
        Case(
            "medium",
            web("create", "serviceaccounts/token", names="x"),
            web("create", "serviceaccounts"),
        ),
        Case(
            "medium",
            cluster("create", "serviceaccounts/token", names="calico-cni-plugin"),
            cluster("create", "serviceaccounts", names="x"),
        ),
    ],
    "request-users-tokens": [
        Case("critical", home("create", "serviceaccounts/token"), web("create", "*/token")),
        Case(
            "critical",
            cluster("create", "serviceaccounts/token", names="bob"),
            cluster("create", "serviceaccounts/token", names="calico-cni-plugin"),
        ),
    ],
    "resize-pods": [
        Case("medium", cluster("patch", "pods/resize"), cluster("patch", "pods/status")),
    ],
    "run-in-users-namespace": [
        Case("high", home("create", "jobs", "batch"), web("create", "jobs", "batch")),
        Case("high", home("patch", "pods/ephemeralcontainers"), home("get", "pods")),
        Case("high", home("patch", "cronjobs", "batch"), home("patch", "jobs", "batch")),
    ],
    "scale-workloads": [
        Case("medium", cluster("patch", "*/scale"), cluster("get", "*/scale")),
        Case("low", web("update", "deployments/scale", "apps"), web("update", "deployments/scale")),
        Case(
            "low", web("patch", "scaledobjects", "keda.sh"), web("get", "scaledobjects", "keda.sh")
        ),
    ],
    "sign-certificates": [
        Case(
            "high",
            web("update", "podcertificaterequests/status", CERTIFICATES)
            + cluster("sign", "signers", CERTIFICATES, "kubernetes.io/kube-apiserver-client-pod"),
            web("update", "podcertificaterequests/status", CERTIFICATES)
            + cluster("sign", "signers", CERTIFICATES, "issuers.cert-manager.io/*"),
        ),
        Case(
            "high",
            cluster("update", "certificatesigningrequests/status", CERTIFICATES)
            + cluster("sign", "signers", CERTIFICATES),
            cluster("update", "certificatesigningrequests/status", CERTIFICATES)
            + cluster("approve", "signers", CERTIFICATES),
        ),
    ],
    "steal-pods": [
        Case(
            "high",
            system("create", "pods/eviction") + cluster("patch", "nodes"),
            system("create", "pods/eviction") + web("patch", "nodes"),
        ),
        Case("high", cluster("delete patch", "nodes"), cluster("patch", "nodes")),
    ],
    "unknown-role": [
        Case("low", [ClusterRole("monitor")("web")], [view("web")]),
    ],
    "wildcard-groups": [
        Case("low", web("get", "pods", "*"), web("get", "pods")),
    ],
    "wildcard-resources": [
        Case("medium", web("get create", "*"), web("get create", "pods")),
        Case("low", cluster("get", "*", "example.com"), cluster("get", "widgets", "example.com")),
        Case("low", cluster("update", "*/scale"), cluster("update", "deployments/scale", "apps")),
        Case("high", cluster("update", "*"), cluster("update", "services")),
    ],
    "weaken-admission": [
        Case(
            "high",
            cluster("delete", "validatingwebhookconfigurations", ADMISSION),
            cluster("create", "validatingwebhookconfigurations", ADMISSION),
        ),
        Case(
            "high",
            cluster("patch", "validatingadmissionpolicybindings", ADMISSION, "x"),
            web("patch", "validatingadmissionpolicybindings", ADMISSION),
        ),
    ],
    "wildcard-urls": [
        Case("medium", [everywhere(urls("/debug/*"))], [everywhere(urls("/metrics"))]),
        Case("medium", [everywhere(urls("*"))], [everywhere(urls("/apis/*"))]),
    ],
    "wildcard-verbs": [
        Case("medium", web("*", "serviceaccounts"), web("impersonate", "serviceaccounts")),
        Case("low", web("*", "configmaps"), web("get list watch create", "configmaps")),
        Case("high", cluster("*", "clusterroles", RBAC), cluster("bind", "clusterroles", RBAC)),
        Case("low", web("*", "widgets", "example.com"), web("get", "widgets", "example.com")),
    ],
    "write-any-role": [
        Case(
            "critical",
            web("escalate", "roles", RBAC) + web("patch", "roles", RBAC, "x"),
            web("escalate", "roles", RBAC) + web("create", "rolebindings", RBAC),
        ),
        Case(
            "critical",
            cluster("escalate", "clusterroles", RBAC) + cluster("update", "clusterroles", RBAC),
            cluster("escalate", "clusterroles", RBAC) + cluster("update", "roles", RBAC),
        ),
        Case(
            "critical",
            cluster("escalate patch", "clusterroles", RBAC, "a"),
            cluster("escalate", "clusterroles", RBAC, "a")
            + cluster("patch", "clusterroles", RBAC, "b"),
        ),
    ],
    "write-bindings": [
        Case("medium", web("patch", "rolebindings", RBAC, "x"), web("get", "rolebindings", RBAC)),
        Case(
            "high",
            cluster("create", "clusterrolebindings", RBAC),
            web("create", "clusterrolebindings", RBAC),
        ),
    ],
    "write-endpoints": [
        Case("medium", web("create", "endpoints"), web("get", "endpoints")),
    ],
    "write-others-access": [
        Case(
            "medium",
            web("patch", "rolebindings", RBAC, "web:bob:view"),
            [*web("patch", "rolebindings", RBAC, "web:ann:view"), view("web")],
        ),
        Case(
            "medium",
            web("delete", "rolebindings", RBAC),
            api("delete", "rolebindings", RBAC),
        ),
        Case(
            "high",
            cluster("update", "clusterroles", RBAC, "view"),
            cluster("update", "clusterroles", RBAC, "edit"),
        ),
    ],
    "write-persistent-volumes": [
        Case("high", cluster("create", "persistentvolumes"), cluster("patch", "persistentvolumes")),
        Case("high", cluster("create", "persistentvolumes"), web("create", "persistentvolumes")),
    ],
    "write-roles": [
        Case("medium", web("create", "roles", RBAC), web("list", "roles", RBAC)),
        Case("high", cluster("patch", "clusterroles", RBAC), web("patch", "clusterroles", RBAC)),
    ],
    "write-roster-users": [
        Case("high", home("create", "serviceaccounts"), web("create", "serviceaccounts")),
    ],
    "write-secrets": [
        Case("medium", web("create", "secrets"), web("create", "secrets", names="x")),
    ],
    "write-service-accounts": [
        Case("low", web("patch", "serviceaccounts"), web("create", "serviceaccounts/token")),
    ],
    "write-state": [
        Case(
            "critical",
            [within("kuberoster-state", can("create", "pods"))],
            [view("kuberoster-state")],
        ),
        Case(
            "critical",
            cluster("update", "secrets", names="tfstate-default-web"),
            cluster("update", "secrets", names="app-config")
            + cluster("update", "leases", "coordination.k8s.io")
            + [within("kuberoster-state", can("update", "leases", "coordination.k8s.io"))],
        ),
    ],
    "write-users-secrets": [
        Case("critical", home("patch", "secrets"), web("patch", "secrets")),
        Case("critical", cluster("create", "secrets"), home("get", "secrets")),
    ],
    "change-machines": [
        Case(
            "high",
            web("create", "kubeadmconfigs", "bootstrap.cluster.x-k8s.io"),
            web("get", "kubeadmconfigs", "bootstrap.cluster.x-k8s.io"),
        ),
        Case(
            "high",
            cluster("patch", "nodepools", "karpenter.sh"),
            web("patch", "nodepools", "karpenter.sh"),
        ),
        Case(
            "high",
            cluster("update", "*", "infrastructure.cluster.x-k8s.io"),
            cluster("update", "awsmachines/status", "infrastructure.cluster.x-k8s.io"),
        ),
    ],
    "change-mesh": [
        Case(
            "medium",
            web("update", "virtualservices", "networking.istio.io"),
            web("update", "virtualservices/status", "networking.istio.io"),
        ),
        Case(
            "high",
            cluster("create", "ciliumclusterwideenvoyconfigs", "cilium.io"),
            web("create", "ciliumclusterwideenvoyconfigs", "cilium.io"),
        ),
    ],
    "change-monitoring": [
        Case(
            "low",
            web("create", "servicemonitors", "monitoring.coreos.com"),
            web("create", "servicemonitors"),
        ),
        Case(
            "medium",
            cluster("patch", "prometheusrules", "monitoring.coreos.com"),
            cluster("list", "prometheusrules", "monitoring.coreos.com"),
        ),
    ],
    "copy-volumes": [
        Case(
            "low",
            web("create", "volumesnapshots", "snapshot.storage.k8s.io"),
            web("delete", "volumesnapshots", "snapshot.storage.k8s.io"),
        ),
    ],
    "deploy-by-controllers": [
        Case("high", web("patch", "applications", ARGO), web("get", "applications", ARGO)),
        Case(
            "critical",
            cluster("create", "kustomizations", KUSTOMIZE),
            cluster("create", "kustomizations"),
        ),
        Case(
            "high",
            web("create", "helmreleases", "helm.toolkit.fluxcd.io"),
            web("update", "helmreleases/status", "helm.toolkit.fluxcd.io"),
        ),
        Case(
            "critical",
            cluster("create", "providers", "pkg.crossplane.io"),
            web("create", "providers", "pkg.crossplane.io"),
        ),
        Case("critical", cluster("patch", "*", "*"), cluster("get", "*", "*")),
    ],
    "fetch-secrets": [
        Case(
            "medium",
            web("create", "externalsecrets", "external-secrets.io"),
            web("get", "externalsecrets", "external-secrets.io"),
        ),
        Case(
            "high",
            cluster("create", "clustersecretstores", "external-secrets.io"),
            web("create", "clustersecretstores", "external-secrets.io"),
        ),
    ],
    "give-access-by-controllers": [
        Case(
            "high",
            web("create", "projectroletemplatebindings", RANCHER),
            web("get", "projectroletemplatebindings", RANCHER),
        ),
        Case(
            "high",
            cluster("create", "globalrolebindings", RANCHER),
            web("create", "globalrolebindings", RANCHER),
        ),
    ],
    "issue-certificates": [
        Case(
            "low",
            web("create", "certificates", "cert-manager.io"),
            web("update", "certificates/status", "cert-manager.io"),
        ),
        Case(
            "medium",
            cluster("update", "clusterissuers", "cert-manager.io"),
            web("update", "clusterissuers", "cert-manager.io"),
        ),
    ],
    "restore-backups": [
        Case(
            "high", web("create", "restores", "velero.io"), web("delete", "restores", "velero.io")
        ),
        Case("critical", cluster("create", "restores", "velero.io"), cluster("create", "restores")),
    ],
    "run-by-controllers": [
        Case("medium", web("create", "workflows", ARGO), web("create", "workflows/status", ARGO)),
        Case(
            "high",
            cluster("create", "pipelineruns taskruns", "tekton.dev"),
            cluster("list", "pipelineruns taskruns", "tekton.dev"),
        ),
        Case(
            "high",
            cluster("patch", "clusterworkflowtemplates", ARGO),
            web("patch", "clusterworkflowtemplates", ARGO),
        ),
    ],
    "unknown-custom-resources": [
        Case("low", web("create", "widgets", "example.com"), web("get", "widgets", "example.com")),
        Case("low", cluster("*", "*", "example.com"), cluster("patch", "jobs", "batch")),
        Case("low", web("delete", "a", "a.com") + web("patch", "b", "b.com"), web("patch", "a")),
        Case("low", web("patch", "x", "example.com"), web("patch", "x/status", "example.com")),
        Case("low", web("patch", "x", "example.com"), web("patch", "x", "*")),
        Case("low", web("patch", "x", "example.com"), web("patch", "x", "argoproj.io")),
    ],
    "use-security-constraints": [
        Case("high", web("use", *SCC, "privileged"), web("use", *SCC, "restricted-v2 nonroot")),
        Case("high", cluster("update", *SCC, "x"), web("update", *SCC, "x")),
        Case("high", web("use", *SCC), web("get", *SCC)),
    ],
}
