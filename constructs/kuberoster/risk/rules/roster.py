"""What is about this roster: its users' namespaces, its guard, and Terraform's state."""

from collections.abc import Sequence
from dataclasses import replace

from kuberoster.model.objects import QUOTA_NAME
from kuberoster.model.severity import Severity
from kuberoster.rbac.authorizer import PolicyRule
from kuberoster.rbac.policy import RoleKey
from kuberoster.risk.finding import RiskRule
from kuberoster.risk.guarded import deploys, is_guarded
from kuberoster.risk.hits import among_users, meets, naming, one_of, unguarded
from kuberoster.risk.right import DELETE, READ, WRITE, right
from kuberoster.risk.rules.pods import CHANGED, WORKLOADS
from kuberoster.risk.scope import Evidence, Form, Scope, UserScope

ACT_AS_USER = "act-as-user"
_LEASES = "leases.coordination.k8s.io"
_READS = {"get", "list", "watch"}
_STATE_DOCS = "https://developer.hashicorp.com/terraform/language/backend/kubernetes"
STATE_PREFIX, LOCK_PREFIX = "tfstate-", "lock-tfstate-"
"""Of the Secrets that hold a state, and of the Leases by which it is locked.

https://developer.hashicorp.com/terraform/language/backend/kubernetes
"""

WRITE_STATE = right(WRITE, "secrets", names=lambda name: name.startswith(STATE_PREFIX))
REMOVE_STATE = right(DELETE, "secrets", names=lambda name: name.startswith(STATE_PREFIX))
READ_STATE = right(READ, "secrets", names=lambda name: name.startswith(STATE_PREFIX))
LOCK_STATE = right(f"{WRITE} {DELETE}", _LEASES, names=lambda name: name.startswith(LOCK_PREFIX))
RUN_IN_NAMESPACE = right("create", f"pods {WORKLOADS}")
RERUN_IN_NAMESPACE = right("update patch", f"pods pods/ephemeralcontainers {CHANGED}")
CHANGE_QUOTAS = right(f"update patch {DELETE}", "resourcequotas")
_WIDE = {RoleKey("", name) for name in ("edit", "admin", "cluster-admin")}


def _wide(scope: Scope) -> list[Evidence]:
    return [Evidence(binding, None) for binding in scope.bindings if binding.role in _WIDE]


def _changes(rule: PolicyRule) -> PolicyRule | None:
    """What a rule lets change but for leases, which lock a state and hold nothing of it."""
    verbs = tuple(verb for verb in rule.verbs if verb not in _READS)
    resources = tuple(each for each in rule.resources if each != "leases")
    return replace(rule, verbs=verbs, resources=resources) if verbs and resources else None


def _unrefused(rule: PolicyRule) -> PolicyRule | None:
    """The same where the guard stands, which lets nobody but a deployer write Secrets there."""
    part = _changes(rule)
    return part if part and {*part.resources} != {"secrets"} else None


_ANYTHING = Form(find=lambda rule: rule if rule.resources else None)
_ANY_CHANGE = Form(find=_changes)
_UNREFUSED = Form(find=_unrefused)


def _here(scope: Scope, need: Form) -> list[Evidence]:
    return [each for each in scope.evidence(need) if each.binding.namespace]


def _reads_state(scope: Scope) -> list[Evidence]:
    """Over the whole cluster the state alone, in its namespace anything."""
    if not scope.has_state:
        return []
    return _here(scope, _ANYTHING) if scope.namespace else scope.evidence(READ_STATE)


def _writes_state(scope: Scope) -> list[Evidence]:
    if not scope.has_state:
        return []
    guarded = is_guarded(scope)
    if scope.namespace:
        return _here(scope, _UNREFUSED if guarded else _ANY_CHANGE)
    return [] if guarded else [*scope.evidence(WRITE_STATE), *scope.evidence(REMOVE_STATE)]


def _locks_state(scope: Scope) -> list[Evidence]:
    return scope.evidence(LOCK_STATE) if scope.has_state and not is_guarded(scope) else []


def _weigh_lock(scope: Scope, _: Sequence[Evidence]) -> Severity:
    return "medium" if scope.namespace else "low"


RULES = (
    RiskRule(
        id=ACT_AS_USER,
        severity="critical",
        reason=(
            "can come to act as another user of the roster, at once or by way of others, and "
            "the audit log names that one"
        ),
        source="https://kubernetes.io/docs/concepts/security/rbac-good-practices/#kubernetes-rbac-privilege-escalation-risks",
        mend=(
            "Take away the first step of the path that the review shows, or the right further "
            "on that makes it worth taking."
        ),
        hits_of_user=UserScope.first_steps,
    ),
    RiskRule(
        id="deploy-roster",
        severity="critical",
        reason=(
            "is a deployer of the roster: the guard lets the user write tokens, ServiceAccounts "
            "and bindings of all roster users, and Terraform's state, as far as other rights go"
        ),
        source="https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/#authz-checks",
        mend=(
            "Give the verb deploy on rosters.kuberoster.io to the credential of the deploy job "
            "alone."
        ),
        hits=deploys,
    ),
    RiskRule(
        id="edit-users-namespace",
        severity="critical",
        reason=(
            "has a role that includes impersonation of every ServiceAccount and, where no guard "
            "stands, their tokens, in the namespace where ServiceAccounts are people"
        ),
        source="https://kubernetes.io/docs/reference/access-authn-authz/rbac/#user-facing-roles",
        mend=(
            "Grant `edit` and `admin` in the namespaces of applications, never over the whole "
            "cluster."
        ),
        hits=among_users(_wide),
    ),
    RiskRule(
        id="run-in-users-namespace",
        severity="high",
        reason=(
            "can ask for pods in a users' namespace, where a pod can be any of the users; only "
            "its quota and Pod Security stand before it"
        ),
        source="https://kubernetes.io/docs/concepts/security/rbac-good-practices/#workload-creation",
        mend=(
            "Grant nothing on pods and workloads in a users' namespace, nor over the whole cluster."
        ),
        hits=unguarded(among_users(one_of(RUN_IN_NAMESPACE, RERUN_IN_NAMESPACE))),
    ),
    RiskRule(
        id="lower-users-guards",
        severity="high",
        reason="can lift the quota that keeps pods out of a users' namespace",
        source="https://kubernetes.io/docs/concepts/policy/resource-quotas/",
        mend=(
            "Grant no writing of resourcequotas in a users' namespace, nor over the whole cluster."
        ),
        hits=unguarded(
            among_users(naming(meets(CHANGE_QUOTAS), lambda _, name: name == QUOTA_NAME))
        ),
    ),
    RiskRule(
        id="read-state",
        severity="medium",
        reason=(
            "reaches the namespace of Terraform's state, which names every user, grant and "
            "token label, and should hold nothing else"
        ),
        source="https://developer.hashicorp.com/terraform/language/state/sensitive-data",
        mend="Grant nothing in the state's namespace; the deploy job alone needs it.",
        hits=_reads_state,
    ),
    RiskRule(
        id="write-state",
        severity="critical",
        reason=(
            "can change Terraform's state, and so steer what the deployer creates, replaces and "
            "destroys"
        ),
        source=_STATE_DOCS,
        mend="Grant nothing in the state's namespace; the deploy job alone needs it.",
        hits=_writes_state,
    ),
    RiskRule(
        id="lock-state",
        severity="medium",
        reason="can hold the lock of Terraform's state, and so hold up every deploy",
        source=_STATE_DOCS,
        mend="Grant no writing of leases in the state's namespace; the deploy job alone needs it.",
        hits=_locks_state,
        weigh=_weigh_lock,
    ),
)
