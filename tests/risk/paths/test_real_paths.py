"""A path is one that the API server really lets an attacker go; where none is, it says no."""

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import pytest

from controlplane import ControlPlane
from kuberoster.cluster import Cluster
from kuberoster.model.days import today
from kuberoster.model.roster import load_roster
from kuberoster.model.settings import load_settings
from kuberoster.operations.guard import make_guard
from kuberoster.rbac.source import live
from kuberoster.risk.paths import Paths, paths
from tests.project import Object, Project, until
from tests.risk.paths.attacks import ATTACKS, Attempt, token_in, token_secret

HOME, THIEVES = "users-pthv", "users-ptht"
APPS = "pth-apps"
"""A namespace of these tests alone: in others, rights of other tests may lead on."""
VICTIM, OTHER = "pthv-bob", "pthv-turn"
RBAC, WHO = "rbac.authorization.k8s.io", "authentication.k8s.io"


class Right(NamedTuple):
    """A rule for an attacker: verbs, resources, group, names, and where."""

    verbs: str
    resources: str
    group: str = ""
    names: str = ""
    namespace: str = HOME

    def rule(self, secrets: dict[str, str]) -> Object:
        of_secrets = secrets if self.resources == "secrets" else {}
        named = {"resourceNames": [of_secrets.get(each, each) for each in self.names.split()]}
        return {
            "verbs": self.verbs.split(),
            "apiGroups": [self.group],
            "resources": self.resources.split(),
            **(named if self.names else {}),
        }


EVERYWHERE = ""
OPEN: dict[str, tuple[str, list[Right]]] = {
    "get": ("get", [Right("get", "secrets", names=VICTIM)]),
    "list": ("list", [Right("list", "secrets")]),
    "watch": ("watch", [Right("watch", "secrets")]),
    "patch": ("patch", [Right("patch", "secrets")]),
    "delete": ("delete", [Right("delete", "secrets")]),
    "deleteall": ("delete-all", [Right("deletecollection", "secrets")]),
    "plant": ("plant", [Right("create", "secrets"), Right("get", "secrets", names="planted")]),
    "turn": ("turn", [Right("get update", "secrets", names=OTHER)]),
    "request": ("request", [Right("create", "serviceaccounts/token", names=VICTIM)]),
    "deployer": (
        "request",
        [
            Right("create", "serviceaccounts/token", names=VICTIM),
            Right("deploy", "rosters", "kuberoster.io", "main", namespace=EVERYWHERE),
        ],
    ),
    "impersonate": ("impersonate", [Right("impersonate", "serviceaccounts", names=VICTIM)]),
    "constrained": (
        "impersonate",
        [
            Right("impersonate:serviceaccount", "serviceaccounts", WHO, VICTIM),
            Right(
                "impersonate-on:serviceaccount:create",
                "selfsubjectreviews",
                WHO,
                namespace=EVERYWHERE,
            ),
        ],
    ),
    "manager": ("as-controller-manager", [Right("impersonate", "users", namespace=EVERYWHERE)]),
    "master": (
        "as-master",
        [
            Right("impersonate", "users", names="anybody", namespace=EVERYWHERE),
            Right("impersonate", "groups", names="system:masters", namespace=EVERYWHERE),
        ],
    ),
    "masteraccount": (
        "as-master-account",
        [
            Right("impersonate", "serviceaccounts", namespace="web"),
            Right("impersonate", "groups", namespace=EVERYWHERE),
        ],
    ),
    "bind": (
        "bind",
        [Right("bind", "clusterroles", RBAC, "edit"), Right("create", "rolebindings", RBAC)],
    ),
    "escalate": ("escalate", [Right("escalate patch", "roles", RBAC)]),
    "run": (
        "run",
        [Right("create", "pods"), Right("patch", "resourcequotas", names="no-pods")],
    ),
}
"""For each attacker the attack that succeeds, and the rights that it takes."""

CLOSED: dict[str, list[Right]] = {
    "anothersname": [Right("get list watch", "secrets", names=OTHER)],
    "create": [Right("create", "secrets")],
    "update": [Right("update", "secrets", names="none")],
    "updatealone": [Right("update", "secrets", names=VICTIM)],
    "pods": [Right("create", "pods")],
    "quota": [Right("patch", "resourcequotas", names="another")],
    "bindview": [
        Right("bind", "clusterroles", RBAC, "view"),
        Right("create", "rolebindings", RBAC),
    ],
    "writeroles": [Right("patch create", "roles rolebindings", RBAC)],
    "escalatealone": [Right("escalate", "roles", RBAC)],
    "elsewhere": [
        Right("*", "secrets serviceaccounts serviceaccounts/token pods", namespace=APPS),
    ],
    "groups": [Right("impersonate", "groups", namespace=EVERYWHERE)],
    "fullname": [
        Right(
            "impersonate",
            "users",
            names=f"system:serviceaccount:{HOME}:{VICTIM}",
            namespace=EVERYWHERE,
        )
    ],
    "half": [Right("impersonate:serviceaccount", "serviceaccounts", WHO)],
    "anothersaccount": [
        Right("create", "serviceaccounts/token", names=OTHER),
        Right("impersonate", "serviceaccounts", names=OTHER),
    ],
    "view": [Right("get list watch", "pods configmaps serviceaccounts events resourcequotas")],
}
"""What is only alike."""


class World(NamedTuple):
    project: Project
    secrets: dict[str, str]
    paths: Paths

    def attempt(self, attacker: str) -> Attempt:
        return Attempt(
            project=self.project,
            attacker=f"ptht-{attacker}",
            token=self.project.token(f"ptht-{attacker}"),
            home=HOME,
            victim=VICTIM,
            secret=self.secrets[VICTIM],
            others_secret=self.secrets[OTHER],
        )

    def leads(self, attacker: str) -> bool:
        return any(
            path.victims.covers(HOME, VICTIM) for path in self.paths.by(THIEVES, f"ptht-{attacker}")
        )


@pytest.fixture(scope="module")
def world(prepared: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    project = Project(tmp_path_factory.mktemp("paths"), prepared)
    attackers = [*OPEN, *CLOSED, "middle", "first"]
    person = 'User("{}", email="x@example.com"),'
    project.write("ptht", "".join(person.format(f"ptht-{each}") for each in attackers))
    project.write("pthv", person.format(VICTIM) + person.format(OTHER))
    project.create()
    project.kubectl("create", "namespace", APPS)
    secrets = {user: project.secrets(user)["main"] for user in (VICTIM, OTHER)}
    secrets["middle"] = project.secrets("ptht-middle")["main"]
    rights = {
        **{attacker: each for attacker, (_, each) in OPEN.items()},
        **CLOSED,
        "middle": [Right("list", "secrets")],
        "first": [Right("get", "secrets", names="middle", namespace=THIEVES)],
    }
    items = [
        item
        for attacker, each in rights.items()
        for item in _granted(f"ptht-{attacker}", each, secrets)
    ]
    project.kubectl("create", "-f", "-", given={"kind": "List", "apiVersion": "v1", "items": items})
    cluster = Cluster.connect(kubeconfig=str(prepared.kubeconfig))
    settings = load_settings(project.folder)
    roster = load_roster(project.folder / "users")
    policy = live(cluster, roster, today()).policy
    yield World(project, secrets, paths(policy, roster, settings, guarded=False))
    cluster.close()
    # Tests of the same control plane compare all of its bindings with their own.
    project.kubectl("delete", "clusterrole,clusterrolebinding", "-l", "paths=test")
    project.kubectl("delete", "namespace", HOME, THIEVES, APPS, "--wait=false")


def _granted(attacker: str, rights: list[Right], secrets: dict[str, str]) -> Iterator[Object]:
    for namespace in {right.namespace for right in rights}:
        kind = "Role" if namespace else "ClusterRole"
        metadata: Object = {"name": attacker, "labels": {"paths": "test"}}
        if namespace:
            metadata["namespace"] = namespace
        rules = [right.rule(secrets) for right in rights if right.namespace == namespace]
        version = f"{RBAC}/v1"
        yield {"apiVersion": version, "kind": kind, "metadata": metadata, "rules": rules}
        yield {
            "apiVersion": version,
            "kind": f"{kind}Binding",
            "metadata": metadata,
            "roleRef": {"apiGroup": RBAC, "kind": kind, "name": attacker},
            "subjects": [{"kind": "ServiceAccount", "namespace": THIEVES, "name": attacker}],
        }


def _guard(project: Project) -> None:
    """Let the guard of the roster `main` stand, as bootstrap does for tests of other files."""
    cluster = Cluster.connect(kubeconfig=str(project.control_plane.kubeconfig))
    assert make_guard(cluster, "main", "kuberoster-state").stands
    cluster.close()


def _without_guard(world: World) -> None:
    """Take it away, wait until the API server knows, and put back what an attack lifted."""
    project = world.project
    for kind in ("validatingadmissionpolicybinding", "validatingadmissionpolicy"):
        project.kubectl("delete", kind, "-l", "kuberoster.io/roster=main")
    quota = '{"spec": {"hard": {"pods": "0"}}}'
    project.kubectl("patch", "resourcequota", "no-pods", "-n", HOME, "-p", quota)
    attempt = world.attempt("request")
    tokens = f"/api/v1/namespaces/{HOME}/serviceaccounts/{VICTIM}/token?dryRun=All"
    given = {"kind": "TokenRequest", "apiVersion": "authentication.k8s.io/v1", "spec": {}}
    for _ in until(30):
        if attempt.ask("POST", tokens, given)[0] == 201:
            return
    raise AssertionError("the guard still acts")


@pytest.fixture(scope="module")
def bare(world: World) -> Iterator[World]:
    """The world without the guard."""
    _without_guard(world)
    yield world
    _guard(world.project)


def test_what_is_no_path_where_the_guard_stands_is_refused_by_it(world: World) -> None:
    """First in this file: what the guard refuses leaves nothing for the tests without it."""
    roster = load_roster(world.project.folder / "users")
    settings = load_settings(world.project.folder)
    policy = world.paths.surroundings.policy
    guarded = world._replace(paths=paths(policy, roster, settings, guarded=True))
    came_through = {}
    _guard(world.project)
    for attacker, (attack, _) in OPEN.items():
        attempt = world.attempt(attacker)
        came_through[attacker] = ATTACKS[attack](attempt) == attempt.username

    assert came_through == {attacker: guarded.leads(attacker) for attacker in OPEN}
    assert {attacker for attacker, through in came_through.items() if not through} == {
        "patch",
        "plant",
        "turn",
        "request",
        "bind",
        "escalate",
        "run",
    }


@pytest.mark.parametrize("attacker", CLOSED)
def test_where_there_is_no_path_no_attack_succeeds(bare: World, attacker: str) -> None:
    attempt = bare.attempt(attacker)

    assert not bare.leads(attacker)
    assert [name for name, attack in ATTACKS.items() if attack(attempt) == attempt.username] == []


@pytest.mark.parametrize("attacker", OPEN)
def test_a_path_of_one_step_ends_with_the_attacker_as_the_victim(
    bare: World, attacker: str
) -> None:
    attack, _ = OPEN[attacker]
    attempt = bare.attempt(attacker)

    assert bare.leads(attacker)
    assert ATTACKS[attack](attempt) == attempt.username


def test_a_path_of_two_steps_goes_through_another_user(bare: World) -> None:
    (path,) = (
        each for each in bare.paths.by(THIEVES, "ptht-first") if each.victims.covers(HOME, VICTIM)
    )
    first = bare.attempt("first")
    assert ATTACKS["list"](first) == ""

    _, secret = first.ask("GET", f"/api/v1/namespaces/{THIEVES}/secrets/{bare.secrets['middle']}")
    stolen = replace(first, token=token_in(secret) or "")

    assert [step.document()["as"] for step in path.steps] == ["ptht-first", "ptht-middle"]
    assert ATTACKS["list"](stolen) == stolen.username


def test_an_update_is_taken_and_answered_without_what_was_there(bare: World) -> None:
    attempt = bare.attempt("updatealone")
    path = f"{attempt.secrets}/{attempt.secret}?dryRun=All"

    status, answer = attempt.ask("PUT", path, token_secret(attempt.secret, VICTIM))

    assert (status, token_in(answer)) == (200, None)
    assert attempt.ask("GET", f"{attempt.secrets}/{attempt.secret}")[0] == 403
