"""The command lines of the three programs. Paths are relative to the control plane's directory."""

from controlplane.layout import Settings
from controlplane.ports import HOST

# A socket in a directory of mode 0700: whoever reads etcd reads every token, and a port would be
# open to each user of this machine. Relative, because a socket's path has at most 107 bytes.
ETCD_SOCKET = "etcd.sock"
AUDIT_POLICY_FILE = "audit-policy.yaml"
CONTROLLER_MANAGER_KUBECONFIG = "controller-manager.kubeconfig"

# Who did what, and never a body: one could hold a token.
AUDIT_POLICY = b"""\
apiVersion: audit.k8s.io/v1
kind: Policy
rules:
- level: Metadata
"""

# No node, pod or workload controller: nothing runs here.
_CONTROLLERS = (
    "serviceaccount-controller",
    "serviceaccount-token-controller",
    "legacy-serviceaccount-token-cleaner-controller",
    "namespace-controller",
    "garbage-collector-controller",
    "resourcequota-controller",
    "clusterrole-aggregation-controller",
    "root-ca-certificate-publisher-controller",
)


def etcd() -> list[str]:
    """Return etcd's arguments: one member, no port."""
    # Nobody ever connects to the advertised URLs, but etcd insists on a host and a port.
    return [
        "--name=demo",
        "--data-dir=etcd",
        f"--listen-client-urls=unix://{ETCD_SOCKET}",
        "--advertise-client-urls=http://127.0.0.1:2379",
        "--listen-peer-urls=unix://etcd-peer.sock",
        "--initial-advertise-peer-urls=http://127.0.0.1:2380",
        "--initial-cluster=demo=http://127.0.0.1:2380",
        # Survives a crash of etcd, not of the machine: enough here, and much faster.
        "--unsafe-no-fsync",
        "--log-level=warn",
    ]


def kube_apiserver(settings: Settings) -> list[str]:
    """Return the API server's arguments; the caller's extra ones come last, and so win."""
    audit = [
        f"--audit-policy-file={AUDIT_POLICY_FILE}",
        "--audit-log-path=audit.log",
        "--audit-log-maxbackup=1",
    ]
    return [
        f"--etcd-servers=unix://{ETCD_SOCKET}",
        *_serving(settings.api_server_port),
        # An address of the loopback network is no valid endpoint of the `kubernetes` Service.
        f"--advertise-address={HOST}",
        "--endpoint-reconciler-type=none",
        "--service-cluster-ip-range=10.0.0.0/24",
        "--authorization-mode=RBAC",
        "--client-ca-file=certificates/ca.crt",
        "--service-account-issuer=https://kubernetes.default.svc",
        "--service-account-key-file=certificates/service-accounts.key",
        "--service-account-signing-key-file=certificates/service-accounts.key",
        # On by default; named because invariants of the product stand on them.
        "--enable-admission-plugins=PodSecurity,ResourceQuota,ServiceAccount",
        "--event-ttl=10m",
        *(audit if settings.audit else []),
        *settings.extra_api_server_args,
    ]


def kube_controller_manager(settings: Settings) -> list[str]:
    """Return the controller manager's arguments.

    --kube-api-qps stays at its default of 20: it is the token controller's limit, and the product
    has to cope with that. Each other controller has a client, and a limit, of its own.
    """
    return [
        f"--kubeconfig={CONTROLLER_MANAGER_KUBECONFIG}",
        *_serving(settings.controller_manager_port),
        f"--controllers={','.join(_CONTROLLERS)}",
        "--use-service-account-credentials=true",
        "--service-account-private-key-file=certificates/service-accounts.key",
        "--root-ca-file=certificates/ca.crt",
        "--leader-elect=false",
    ]


def _serving(port: int) -> list[str]:
    return [
        f"--bind-address={HOST}",
        f"--secure-port={port}",
        "--permit-port-sharing",
        "--tls-cert-file=certificates/server.crt",
        "--tls-private-key-file=certificates/server.key",
        "--profiling=false",
    ]
