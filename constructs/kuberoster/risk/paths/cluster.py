"""Techniques to reach another identity by what the whole cluster, or Terraform, runs by."""

from collections.abc import Iterator

from kuberoster.model.objects import QUOTA_NAME
from kuberoster.risk.guarded import is_guarded
from kuberoster.risk.hits import names, one_of
from kuberoster.risk.paths.edge import Accounts, Edge, Reachable, about, edge, here
from kuberoster.risk.rules.certificates import APPROVAL, APPROVE_CLIENTS, REQUEST
from kuberoster.risk.rules.cluster import (
    INTERCEPT_BY_WEBHOOK,
    NODES_PROXY,
    WRITE_MUTATING_BINDINGS,
    WRITE_MUTATING_POLICIES,
)
from kuberoster.risk.rules.pods import (
    ADD_CONTAINERS,
    CHANGE_WORKLOADS,
    CREATE_PODS,
    EXEC,
    EXEC_BY_GET,
)
from kuberoster.risk.rules.roster import CHANGE_QUOTAS, WRITE_STATE
from kuberoster.risk.scope import Scope

RUNS = "run a pod with their ServiceAccounts"
LIFTS = "lift the quota, and run a pod with their ServiceAccounts"
ENTERS = "run commands in what runs the cluster"
STEERS = "write Terraform's state, and so steer the deployer"
ADMITS = "see and change every Secret and binding that is written, by admission"
EXECS = "run commands in pods with their ServiceAccounts"
CERTIFIES = "approve a client certificate in their names"

_INTO_PODS = one_of(EXEC, EXEC_BY_GET, ADD_CONTAINERS)


def by_pods(scope: Scope, reachable: Reachable) -> Iterator[Edge]:
    """Run a pod as them, or enter one; where users live, the quota of no pods has to go before.

    There is no workload to change then, only one to create.
    """
    run = scope.evidence(CREATE_PODS)
    if not scope.namespace or scope.namespace in reachable.users:
        quotas = about(scope.evidence(CHANGE_QUOTAS), QUOTA_NAME)
        if run and quotas and not is_guarded(scope):
            yield edge(LIFTS, scope, here(scope), run, quotas)
    run = [*run, *scope.evidence(CHANGE_WORKLOADS)]
    into = _INTO_PODS(scope)
    for namespace in sorted(reachable.others.keys() - reachable.users.keys()):
        if scope.namespace in ("", namespace):
            if run:
                yield edge(RUNS, scope, Accounts(namespace), run)
            if into:
                yield edge(EXECS, scope, Accounts(namespace), into)


def by_control_plane(scope: Scope, reachable: Reachable) -> Iterator[Edge]:
    """Get into the pods that run the cluster, where it runs in pods, or onto their nodes."""
    if scope.is_system:
        into = [each for each in _INTO_PODS(scope) if not names(each)]
        if into := [*into, *scope.evidence(NODES_PROXY)]:
            yield edge(ENTERS, scope, Accounts(), into)


def by_state(scope: Scope, reachable: Reachable) -> Iterator[Edge]:
    """Write the state, which names the providers that the deployer starts."""
    if scope.has_state and not is_guarded(scope) and (state := scope.evidence(WRITE_STATE)):
        yield edge(STEERS, scope, Accounts(), state)


def by_admission(scope: Scope, reachable: Reachable) -> Iterator[Edge]:
    """Have each object that is written sent somewhere, or changed on its way."""
    if scope.namespace:
        return
    if webhooks := scope.evidence(INTERCEPT_BY_WEBHOOK):
        yield edge(ADMITS, scope, Accounts(), webhooks)
    policies, bound = (
        scope.evidence(WRITE_MUTATING_POLICIES),
        scope.evidence(WRITE_MUTATING_BINDINGS),
    )
    if policies and bound:
        yield edge(ADMITS, scope, Accounts(), policies, bound)


def by_certificates(scope: Scope, reachable: Reachable) -> Iterator[Edge]:
    """Ask for a certificate in the full name of a ServiceAccount, and approve it."""
    if scope.namespace:
        return
    asked, approval = scope.evidence(REQUEST), scope.evidence(APPROVAL)
    signers = scope.evidence(APPROVE_CLIENTS)
    if asked and approval and signers:
        yield edge(CERTIFIES, scope, Accounts(), asked, approval, signers)
