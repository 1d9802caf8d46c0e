"""What the credential of a job in CI needs, and no more: Roles and ClusterRoles, by the roster.

The verbs are those of real runs, recorded by the API server (tests/acceptance/test_job_roles.py):
Terraform's provider, its `kubernetes` backend, `kuberoster review` and `kuberoster drift`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from kuberoster.cluster.kinds import KINDS
from kuberoster.model.access import Role
from kuberoster.model.errors import KuberosterError
from kuberoster.model.guard import ADMISSION, RESOURCES
from kuberoster.model.identity import username
from kuberoster.model.manifests import RBAC, Manifest, role, role_binding
from kuberoster.model.objects import (
    CLUSTER_NAMESPACE,
    REVOKED_USERS,
    Binding,
    Subject,
    team_bindings,
    user_bindings,
)
from kuberoster.model.roster import Roster
from kuberoster.model.rule import Rule
from kuberoster.model.settings import Settings
from kuberoster.model.team import Team
from kuberoster.operations.guard import deployer_rule

Job = Literal["review", "plan", "deploy", "drift"]

JOBS: tuple[Job, ...] = ("review", "plan", "deploy", "drift")
"""What `kuberoster job-roles` knows; its help says what each does."""

_ALL = ("create", "delete", "get", "patch")
_STATE: dict[Job, tuple[Rule, ...]] = {
    "review": (Rule(["list"], ["secrets"]),),
    "plan": (Rule(["list"], ["secrets"]),),
    "deploy": (
        Rule(["update"], ["secrets"]),
        Rule(["create", "get", "update"], ["leases"], ["coordination.k8s.io"]),
    ),
    "drift": (Rule(["get"], ["secrets"]),),
}
"""On the state, beside what the job may do on Secrets of all namespaces.

A plan without lock reads the state by a LIST alone.
"""

_MARKS = Rule(["get"], ["configmaps"], resource_names=[REVOKED_USERS])

_LISTED: dict[Job, Sequence[str]] = {
    "review": (),
    "plan": [kind for kind in KINDS if kind not in ("ResourceQuota", "Secret")],
    "deploy": KINDS,
    "drift": KINDS,
}
"""What is listed in all namespaces: for a review the ground that it stands on, which has no
Secrets; for a dry run of a deploy and for `kuberoster drift`, all that a roster is made of.
"""


@dataclass(frozen=True, slots=True)
class _Needs:
    """The rules of a job in one namespace, or over the whole cluster."""

    namespace: str | None
    rules: list[Rule]


def job_roles(
    job: Job, users: Sequence[str], rosters: Iterable[Roster], settings: Settings
) -> Iterator[Manifest]:
    """The roles of a job, each with the binding that gives it to users of the API server.

    What two rosters need together is enough for a deploy from the one to the other; everyone
    in them counts, whoever is active today. Raises KuberosterError for a user of a roster.
    """
    rosters = list(rosters)
    teams = [entry.team for roster in rosters for entry in roster.teams]
    for user in users:
        _refuse_roster_user(user, teams)
    for needs in _needs(job, rosters, teams, settings):
        if needs.rules:
            yield from _role(role_name(job, settings), users, needs)


def role_name(job: Job, settings: Settings) -> str:
    """What the roles of a job are called, and the bindings that give them."""
    return f"kuberoster:{settings.roster}:{job}"


def rules_on_the_state(job: Job, settings: Settings) -> list[Rule]:
    """What a job may do in the state's namespace alone; nothing where no state lies there."""
    if settings.state.backend != "kubernetes":
        return []
    return [*_STATE[job], _MARKS]


def _refuse_roster_user(user: str, teams: Iterable[Team]) -> None:
    for team in teams:
        if user.startswith(username(team.namespace, "")):
            raise KuberosterError(
                f"user {user!r} is one of team {team.name!r}.\n"
                "Whoever deploys the roster is not in it: a deploy would manage its own "
                "credential. Take a ServiceAccount of a namespace that holds nothing else."
            )


def _needs(
    job: Job, rosters: list[Roster], teams: list[Team], settings: Settings
) -> Iterator[_Needs]:
    state = settings.state
    wide, states = _Needs(None, []), _Needs(state.namespace, rules_on_the_state(job, settings))
    # Without a state in it the namespace may be missing, and then holds no Role.
    wide.rules.extend([] if states.rules else [_MARKS])
    places: list[_Needs] = []
    wide.rules.append(Rule(["get"], ["namespaces"], resource_names=[CLUSTER_NAMESPACE]))
    wide.rules.extend(_rules_on(_LISTED[job], ["list"]))
    if job != "review":
        wide.rules.append(Rule(["list"], [*RESOURCES.values()], [ADMISSION]))
    if job == "deploy":
        wide.rules.append(deployer_rule(settings.roster))
    if job in ("deploy", "drift"):
        wide.rules.append(Rule(["list"], ["pods"]))  # in namespaces that may be missing
    if job != "drift":
        wide.rules.extend(_home_rules(job, teams))
    if job in ("plan", "deploy"):
        # A namespace that the deploy makes holds no Role before it.
        made = {team.namespace for team in teams if not team.existing_namespace}
        granted: dict[str | None, list[Binding]] = {}
        for binding in _bindings(rosters):
            place = None if binding.namespace in made else binding.namespace
            granted.setdefault(place, []).append(binding)
        wide.rules.extend(_binding_rules(job, granted.pop(None, [])))
        places = [
            _Needs(place, list(_binding_rules(job, bindings)))
            for place, bindings in sorted(granted.items(), key=lambda item: item[0] or "")
        ]
    yield from (wide, states, *places)


def _home_rules(job: Job, teams: list[Team]) -> Iterator[Rule]:
    """What the namespaces of the teams need, and what is in them but for roles."""
    existing = sorted({team.namespace for team in teams if team.existing_namespace})
    made = sorted({team.namespace for team in teams if not team.existing_namespace})
    if existing:
        yield Rule(["get"], ["namespaces"], resource_names=existing)
    if job == "review":
        return
    if made:
        verbs = ["get", "patch"] if job == "deploy" else ["get"]
        yield Rule(verbs, ["namespaces"], resource_names=made)
    if job == "plan":
        yield Rule(["get"], ["resourcequotas", "secrets", "serviceaccounts"])
        return
    if made:
        yield Rule(["create"], ["namespaces"])
    # A quota goes with its namespace, and that is no deploy's to delete.
    yield Rule(["create", "get", "patch"], ["resourcequotas"])
    yield Rule(_ALL, ["secrets", "serviceaccounts"])


def _bindings(rosters: Iterable[Roster]) -> Iterator[Binding]:
    for roster in rosters:
        for entry in roster.teams:
            yield from team_bindings(entry.team)
            for user in entry.users:
                yield from user_bindings(user, entry.team)


def _binding_rules(job: Job, bindings: Iterable[Binding]) -> Iterator[Rule]:
    """What it takes to read, or write and bind, roles and bindings of one place."""
    verbs = _ALL if job == "deploy" else ("get",)
    bindings = list(bindings)
    for scope in ("", "Cluster"):
        scoped = [binding for binding in bindings if bool(scope) == (binding.namespace is None)]
        if not scoped:
            continue
        yield from _rules_on([f"{scope}RoleBinding"], verbs)
        if any(isinstance(binding.role, Role) for binding in scoped):
            escalating = (*verbs, "escalate") if job == "deploy" else verbs
            yield from _rules_on([f"{scope}Role"], escalating)
    if job == "deploy":
        for kind in ("Role", "ClusterRole"):
            names = sorted({each.role_name for each in bindings if each.role_kind == kind})
            if names:
                yield Rule(["bind"], [_plural(kind)], [RBAC], names)


def _rules_on(kinds: Iterable[str], verbs: Iterable[str]) -> Iterator[Rule]:
    groups: dict[str, list[str]] = {}
    for kind in kinds:
        group = RBAC if kind.endswith(("Role", "RoleBinding")) else ""
        groups.setdefault(group, []).append(_plural(kind))
    for group, resources in groups.items():
        yield Rule(list(verbs), resources, [group])


def _plural(kind: str) -> str:
    return f"{kind.lower()}s"


def _role(name: str, users: Iterable[str], needs: _Needs) -> Iterator[Manifest]:
    # Not managed-by: what carries that label belongs to the roster, and drift would show it.
    labels = {"app.kubernetes.io/part-of": "kuberoster"}
    made = role(name, needs.namespace, needs.rules, labels)
    yield made
    subjects = [Subject(kind="User", name=user) for user in users]
    yield role_binding(name, needs.namespace, made["kind"], name, subjects, labels)
