"""What differs between the roster and a cluster, without Terraform."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from itertools import chain

from kuberoster.cluster import Cluster, Forbidden, from_one_moment
from kuberoster.cluster.ending import differences_of
from kuberoster.cluster.inventory import (
    Key,
    Object,
    key_of,
    list_kind,
    other_secrets,
    shown,
)
from kuberoster.cluster.kinds import KINDS
from kuberoster.cluster.reach import reaches_users, subjects_of
from kuberoster.cluster.tracked_token import faults, listed_secrets
from kuberoster.model.manifests import (
    default_service_account,
    namespace,
    quota,
    rule_manifest,
    team_manifests,
)
from kuberoster.model.objects import ROSTER_LABEL, state_labels, team_labels
from kuberoster.model.roster import Roster, TeamRoster
from kuberoster.model.settings import Settings
from kuberoster.operations.bootstrap import BOOTSTRAP_QUOTA
from kuberoster.operations.drift.comparison import Deviation, differences, metadata_differences
from kuberoster.operations.drift.scope import BINDINGS, Scope
from kuberoster.operations.drift.token_claims import TokenClaims
from kuberoster.operations.job_roles import JOBS, role_name, rules_on_the_state


def state_manifests(settings: Settings) -> Iterator[Object]:
    """What `kuberoster bootstrap` makes of the namespace, whichever backend has the state."""
    name = settings.state.namespace
    yield namespace(name, state_labels(settings.roster))
    yield default_service_account(name)
    # An earlier version's has no roster's name, and bootstrap puts back what it allows alone.
    yield quota(BOOTSTRAP_QUOTA, name, {})


def jobs_on_the_state(settings: Settings) -> dict[Key, Object]:
    """The roles of jobs in the namespace, and the bindings that give them; none has to be there."""
    found: dict[Key, Object] = {}
    for job in JOBS:
        if rules := rules_on_the_state(job, settings):
            name, space = role_name(job, settings), settings.state.namespace
            manifests: dict[str, Object] = {
                "Role": {"rules": [rule_manifest(rule) for rule in rules]},
                "RoleBinding": {"roleRef": {"kind": "Role", "name": name}},
            }
            for kind, manifest in manifests.items():
                found[kind, space, name] = {"kind": kind, "metadata": {}, **manifest}
    return found


def job_differences(manifest: Object, live: Object) -> Iterator[Deviation]:
    """What of such a role or binding is not as `kuberoster job-roles` prints it.

    Whom a binding names is not known here: see `whom_a_job_is`.
    """
    yield from differences({**manifest, "subjects": live.get("subjects")}, live)


def whom_a_job_is(live: Object) -> str:
    """Whom such a binding names, to be compared by a person."""
    who = ", ".join(subjects_of(live)) or "nobody"
    return f"gives {who} what `kuberoster job-roles` prints; whether that is the job is not known"


NOT_COMPARED = "not compared"


@dataclass(frozen=True, order=True, slots=True)
class Difference:
    """One object that is not as the roster says."""

    object: str
    """Kind, and namespace and name: `RoleBinding web/web:ann:edit`; or `User ann`."""
    state: str
    """`missing`, `changed`, `undeclared`, or `revoked` for a user who is active all the same.

    NOT_COMPARED is no difference: what it says of the object, the roster does not say.
    """
    what: str
    """What differs, in words."""
    field: str = ""
    """Which field differs, as `rules` or `labels.kuberoster.io/team`; empty for the whole."""
    unset: bool = False
    """Whether the cluster has nothing in that field."""

    by_bootstrap: bool = False
    """Whether bootstrap mends it, and no deploy."""

    @property
    def lacks_roster(self) -> bool:
        """Whether the roster's name is missing, which an earlier version did not set."""
        return self.unset and self.field == f"labels.{ROSTER_LABEL}" and not self.by_bootstrap


@dataclass(frozen=True, slots=True)
class _Seen:
    """What one LIST showed, and what later ones need of it."""

    found: list[Difference] = field(default_factory=list)
    homes: set[str] = field(default_factory=set)
    """Namespaces where users live, or lived before their team left."""
    uids: dict[tuple[str, str], str] = field(default_factory=dict)
    """Of the declared ServiceAccounts, by namespace and name."""
    listed: set[tuple[str, str]] = field(default_factory=set)
    """The Secrets that they list in `.secrets`, by namespace and name."""


_RUNS_THERE = "runs where nothing should, and may act as each ServiceAccount of the namespace"

_AMONG_USERS = (
    "lies among users, where the API server takes a token that it holds, whatever its type says"
)


@dataclass(frozen=True, slots=True)
class _Declared:
    """An object that should be there."""

    team: str | None
    """None for what concerns every team."""
    manifest: Object
    by_bootstrap: bool = False
    """Whether bootstrap makes it, and no deploy."""

    def found(
        self, object: str, state: str, what: str, field: str = "", unset: bool = False
    ) -> Difference:
        """A difference of it, with the way on where that is no deploy."""
        way_on = ": run kuberoster bootstrap" if self.by_bootstrap else ""
        return Difference(object, state, f"{what}{way_on}", field, unset, self.by_bootstrap)


Declared = dict[Key, _Declared]


def find_drift(
    cluster: Cluster,
    roster: Roster,
    settings: Settings,
    day: date,
    teams: Collection[str] = (),
    *,
    left: Iterable[str] = (),
    step: Callable[[str], None] = lambda _: None,
) -> list[Difference]:
    """Every difference on this day, sorted; with names of teams, what concerns those alone.

    What the roster declares is compared field by field. What it does not declare counts when
    it is in a team's namespace or the state's, carries the roster's labels, or binds a role to a
    team's users; what carries another roster's name elsewhere is that one's. `left` are teams
    without a file of which the roster's state or a namespace is still there.
    Each kind is listed once, each object is compared as it comes, and only what differs is
    kept. `step` is called with what is being done. Raises KuberosterError for an unknown team.
    """
    scope = Scope.of(roster, teams, left, settings.state.namespace)
    declared: defaultdict[str, Declared] = defaultdict(dict)
    tokens: list[tuple[str, Object]] = []
    for entry in roster.on(day).teams:
        team = entry.team.name
        for manifest in guarded(entry):
            made = manifest["kind"] == "Namespace"
            _declare(declared, _Declared(team, manifest, by_bootstrap=made))
        for manifest in team_manifests(entry):
            if manifest["kind"] == "Secret":
                tokens.append((team, manifest))
            else:
                _declare(declared, _Declared(team, manifest))
    for manifest in state_manifests(settings):
        _declare(declared, _Declared(None, manifest, by_bootstrap=True))
    jobs = jobs_on_the_state(settings)
    all_seen = _Seen()
    for kind in KINDS:  # Namespaces come first, and ServiceAccounts before their Secrets
        step(f"listing {kind}s")
        read = (
            partial(_tokens, cluster, tokens, scope, all_seen)
            if kind == "Secret"
            else partial(_objects, cluster, kind, declared[kind], jobs, scope)
        )
        seen = from_one_moment(read)
        all_seen.found.extend(seen.found)
        all_seen.uids.update(seen.uids)
        all_seen.listed.update(seen.listed)
        scope = replace(scope, namespaces=scope.namespaces | seen.homes)
    step("listing Pods")
    for place in sorted({*scope.namespaces, scope.state}):
        all_seen.found.extend(from_one_moment(partial(_pods, cluster, place)))
    return sorted(all_seen.found)


def _declare(declared: defaultdict[str, Declared], one: _Declared) -> None:
    kind = one.manifest["kind"]
    declared[kind][key_of(kind, one.manifest)] = one


def guarded(entry: TeamRoster) -> Iterator[Object]:
    """What a deploy does not make, and guards."""
    team = entry.team
    yield default_service_account(team.namespace)
    if team.existing_namespace:
        yield namespace(team.namespace, team_labels(team))


def _objects(
    cluster: Cluster, kind: str, declared: Declared, jobs: dict[Key, Object], scope: Scope
) -> _Seen:
    seen, missing = _Seen(), set(declared)
    for item in list_kind(cluster, kind):
        key = key_of(kind, item)
        missing.discard(key)
        if kind == "Namespace" and scope.is_home(item):
            seen.homes.add(key[2])
        if key in jobs and not (kind in BINDINGS and any(reaches_users(item, scope.namespaces))):
            for each in job_differences(jobs[key], item):
                seen.found.append(Difference(shown(key), "changed", *each))
            if kind == "RoleBinding":
                seen.found.append(Difference(shown(key), NOT_COMPARED, whom_a_job_is(item)))
            continue
        if key not in declared:
            seen.found.extend(_undeclared(kind, item, scope))
            continue
        one = declared[key]
        if kind == "ServiceAccount":
            seen.uids[key[1:]] = item["metadata"]["uid"]
            seen.listed.update((key[1], name) for name in listed_secrets(item))
        if one.team in (None, *scope.teams) or scope.concerns(kind, item):
            for each in differences(one.manifest, item):
                seen.found.append(one.found(shown(key), "changed", *each))
            for what in differences_of(kind, item):
                seen.found.append(Difference(shown(key), "changed", what))
    for key in missing:
        one = declared[key]
        # Kubernetes itself makes the `default` ServiceAccount of each namespace.
        if one.team in (None, *scope.teams) and (kind, key[2]) != ("ServiceAccount", "default"):
            seen.found.append(one.found(shown(key), "missing", "is not in the cluster"))
    return seen


def _tokens(
    cluster: Cluster,
    declared: list[tuple[str, Object]],
    scope: Scope,
    accounts: _Seen,
) -> _Seen:
    seen, uids = _Seen(), accounts.uids
    claims = TokenClaims((token for team, token in declared if team in scope.teams), uids)
    others = TokenClaims((token for team, token in declared if team not in scope.teams), uids)
    for secret in list_kind(cluster, "Secret"):
        key, metadata = key_of("Secret", secret), secret["metadata"]
        if manifest := claims.take(secret):
            listed = key[1:] in accounts.listed
            for each in metadata_differences(manifest, secret):
                seen.found.append(Difference(shown(key), "changed", *each))
            for what in chain(differences_of("Secret", secret), faults(metadata, listed=listed)):
                seen.found.append(Difference(shown(key), "changed", what))
        elif not others.take(secret):
            seen.found.extend(_undeclared("Secret", secret, scope))
    for place in sorted(scope.namespaces):
        for secret in other_secrets(cluster, place):
            what = _with_ending(_AMONG_USERS, "Secret", secret)
            seen.found.append(Difference(shown(key_of("Secret", secret)), "undeclared", what))
    seen.found.extend(Difference(*fault) for fault in claims.faults())
    return seen


def _pods(cluster: Cluster, namespace: str) -> list[Difference]:
    """Each pod where nothing runs; a credential of an earlier version may not list them."""
    try:
        return [
            Difference(f"Pod {namespace}/{pod['metadata']['name']}", "undeclared", _RUNS_THERE)
            for pod in cluster.list_metadata(f"/api/v1/namespaces/{namespace}/pods")
        ]
    except Forbidden as error:
        return [Difference(f"Pods of {namespace}", NOT_COMPARED, f"can't be listed: {error}")]


def _undeclared(kind: str, item: Object, scope: Scope) -> Iterator[Difference]:
    if scope.concerns(kind, item) and (what := scope.objection(kind, item)):
        yield Difference(shown(key_of(kind, item)), "undeclared", _with_ending(what, kind, item))


def _with_ending(what: str, kind: str, item: Object) -> str:
    return "; ".join([what, *differences_of(kind, item)])
