"""Ways to another identity by what the whole cluster, or Terraform, runs by."""

from collections.abc import Iterator

from kuberoster.model.objects import QUOTA_NAME
from kuberoster.risk.guarded import is_guarded
from kuberoster.risk.needs import WORKLOADS, WRITE, asks
from kuberoster.risk.paths.edge import Edge, about, edge, here, names
from kuberoster.risk.paths.ground import Ground
from kuberoster.risk.paths.target import Accounts
from kuberoster.risk.scope import Scope

_CERTIFICATES = "certificates.k8s.io"
_ADMISSION = "admissionregistration.k8s.io"
_CLIENT_SIGNERS = {"kubernetes.io/kube-apiserver-client", "kubernetes.io/*"}
"""By whose certificates a client is who their common name says.

https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/#kubernetes-signers
"""
_STATE_PREFIX = "tfstate-"
"""https://developer.hashicorp.com/terraform/language/backend/kubernetes"""

_PODS = asks("create", f"pods {WORKLOADS}")
_WORKLOADS = asks("update patch", WORKLOADS)
_QUOTAS = asks("update patch delete deletecollection", "resourcequotas")
_INTO_PODS = asks("get create update patch", "pods/exec pods/ephemeralcontainers")
_NODES = asks("get list watch create update patch delete", "nodes/proxy", clustered=True)
_STATE = asks(WRITE, "secrets")
_WEBHOOKS = asks(
    WRITE,
    f"mutatingwebhookconfigurations.{_ADMISSION} validatingwebhookconfigurations.{_ADMISSION}",
    clustered=True,
)
_POLICIES = asks(WRITE, f"mutatingadmissionpolicies.{_ADMISSION}", clustered=True)
_POLICY_BINDINGS = asks(WRITE, f"mutatingadmissionpolicybindings.{_ADMISSION}", clustered=True)
_REQUESTS = asks("create", f"certificatesigningrequests.{_CERTIFICATES}", clustered=True)
_APPROVAL = asks(
    "update patch", f"certificatesigningrequests.{_CERTIFICATES}/approval", clustered=True
)
_SIGNERS = asks("approve", f"signers.{_CERTIFICATES}", clustered=True)

RUNS = "run a pod with their ServiceAccounts"
LIFTS = "lift the quota, and run a pod with their ServiceAccounts"
ENTERS = "run commands in what runs the cluster"
STEERS = "write Terraform's state, and so steer the deployer"
ADMITS = "see and change every Secret and binding that is written, by admission"
CERTIFIES = "approve a client certificate in their names"


def by_pods(scope: Scope, ground: Ground) -> Iterator[Edge]:
    """Run a pod as them; where users live, the quota of no pods has to go before.

    There is no workload to change then, only one to create.
    """
    run = scope.evidence(_PODS)
    if not scope.namespace or scope.namespace in ground.users:
        quotas = about(scope.evidence(_QUOTAS), QUOTA_NAME)
        if run and quotas and not is_guarded(scope):
            yield edge(LIFTS, scope, here(scope), run, quotas)
    run = [*run, *scope.evidence(_WORKLOADS)]
    for namespace in sorted(ground.others.keys() - ground.users.keys()) if run else ():
        if scope.namespace in ("", namespace):
            yield edge(RUNS, scope, Accounts(namespace), run)


def by_control_plane(scope: Scope, ground: Ground) -> Iterator[Edge]:
    """Get into the pods that run the cluster, where it runs in pods, or onto their nodes."""
    if scope.is_system:
        into = [each for each in scope.evidence(_INTO_PODS) if not names(each)]
        if into := [*into, *scope.evidence(_NODES)]:
            yield edge(ENTERS, scope, Accounts(), into)


def by_state(scope: Scope, ground: Ground) -> Iterator[Edge]:
    """Write the state, which names the providers that the deployer starts."""
    if scope.has_state and not is_guarded(scope):
        state = [
            each
            for each in scope.evidence(_STATE)
            if not names(each) or any(name.startswith(_STATE_PREFIX) for name in names(each))
        ]
        if state:
            yield edge(STEERS, scope, Accounts(), state)


def by_admission(scope: Scope, ground: Ground) -> Iterator[Edge]:
    """Have each object that is written sent somewhere, or changed on its way."""
    if scope.namespace:
        return
    if webhooks := scope.evidence(_WEBHOOKS):
        yield edge(ADMITS, scope, Accounts(), webhooks)
    policies, bound = scope.evidence(_POLICIES), scope.evidence(_POLICY_BINDINGS)
    if policies and bound:
        yield edge(ADMITS, scope, Accounts(), policies, bound)


def by_certificates(scope: Scope, ground: Ground) -> Iterator[Edge]:
    """Ask for a certificate in the full name of a ServiceAccount, and approve it."""
    if scope.namespace:
        return
    asked, approval = scope.evidence(_REQUESTS), scope.evidence(_APPROVAL)
    signers = [
        each
        for each in scope.evidence(_SIGNERS)
        if not names(each) or _CLIENT_SIGNERS & set(names(each))
    ]
    if asked and approval and signers:
        yield edge(CERTIFIES, scope, Accounts(), asked, approval, signers)
