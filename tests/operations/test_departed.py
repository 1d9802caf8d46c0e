"""A team whose file is gone, and whose namespace or state is still there."""

import base64
import gzip
import json
from collections.abc import Callable, Iterator

import pytest

from kuberoster.model.roster import load_roster
from kuberoster.model.settings import load_settings
from kuberoster.operations.cluster import Cluster
from kuberoster.operations.departed import Departed, departed_teams
from tests.operations.planting import close_default_account
from tests.project import Object, Project

RESOURCE: Object = {"mode": "managed", "type": "kubernetes_namespace_v1", "instances": []}
FULL = json.dumps({"version": 4, "serial": 3, "resources": [RESOURCE]}).encode()
EMPTY = json.dumps({"version": 4, "serial": 4, "resources": []}).encode()


def departed(project: Project) -> dict[str, Departed]:
    settings = load_settings(project.folder)
    cluster = Cluster.connect(str(project.control_plane.kubeconfig))
    try:
        found = departed_teams(cluster, load_roster(settings.users), settings)
    finally:
        cluster.close()
    return {team.name: team for team in found}


def test_drift_shows_what_is_left_of_it_and_then_ends_with_an_error(project: Project) -> None:
    project.write("staying", 'User("stan", email="s@example.com", access=[view("web")])')
    project.write("emigrants", 'User("emma", email="emma@example.com", access=[view("web")])')
    project.create()
    for team in ("staying", "emigrants"):
        close_default_account(project, f"users-{team}")
    (project.folder / "users" / "emigrants.py").unlink()
    project.kubectl("create", "serviceaccount", "ghost", "-n", "users-emigrants")

    shown = project.run_any("drift", "--format", "json")

    assert shown.status == 1
    assert (
        "team 'emigrants': users/emigrants.py is gone, and there is still namespace "
        "users-emigrants with 2 ServiceAccounts.\n"
        "Without its file no deploy touches it. Put users/emigrants.py back with `USERS = []`, or "
        "retire it: kuberoster recover --retire emigrants\n"
    ) in shown.errors
    differences = [
        f"{each['state']} {each['object']}: {each['what']}"
        for each in json.loads(shown.output)["differences"]
        if "emigrants" in each["object"]
    ]
    gone = "its team 'emigrants' is not in the roster"
    for line in (
        f"undeclared Namespace users-emigrants: {gone}",
        f"undeclared ServiceAccount users-emigrants/emma: {gone}",
        f"undeclared RoleBinding web/emigrants:emma:view: {gone}",
        "undeclared ServiceAccount users-emigrants/ghost: is not in the roster",
    ):
        assert line in differences
    assert any(
        line.startswith("undeclared Secret users-emigrants/emma-main-") for line in differences
    )
    assert not any("/default" in line for line in differences)

    assert project.run_any("drift", "staying") == (
        0,
        "1 user: the cluster is as the roster says\n",
        "",
    )
    asked = project.run_any("drift", "emigrants")
    assert asked.errors == "no such team: 'emigrants'. users/emigrants.py does not exist.\n"
    assert asked.status == 1


@pytest.fixture
def no_state_stays(project: Project) -> Iterator[None]:
    """Delete what is no state of Terraform's afterwards: other tests read all that are there."""
    yield
    project.kubectl("delete", "secrets", "-n", "kuberoster-state", "-l", "!tfstate")


def _state(*parts: bytes) -> list[Object]:
    return [{"tfstate": base64.b64encode(part).decode()} for part in parts]


def _halves(state: bytes) -> tuple[bytes, bytes]:
    packed = gzip.compress(state)
    return packed[:20], packed[20:]


STATES: dict[str, tuple[list[Object], bool]] = {
    "with resources": (_state(gzip.compress(FULL)), True),
    "destroyed": (_state(gzip.compress(EMPTY)), False),
    "split over two secrets": (_state(*_halves(FULL)), True),
    "destroyed and split over two secrets": (_state(*_halves(EMPTY)), False),
    "shorter than before": (_state(gzip.compress(EMPTY), b"rest"), False),
    "with a part missing": (_state(_halves(EMPTY)[0]), True),
    "not compressed": (_state(FULL), True),
    "not made yet": ([{}], False),
}


@pytest.mark.usefixtures("no_state_stays")
@pytest.mark.parametrize("name", STATES)
def test_a_state_in_the_cluster_counts_unless_it_is_known_to_hold_nothing(
    project: Project, name: str
) -> None:
    parts, counts = STATES[name]
    team = f"state{list(STATES).index(name)}"
    project.write("any", "")
    for number, data in enumerate(parts):
        secret = f"tfstate-default-{team}-users" + (f"-part-{number}" if number else "")
        body: Object = {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": secret},
            "data": data,
        }
        project.kubectl("create", "-n", "kuberoster-state", "-f", "-", given=body)

    found = departed(project).get(team)

    if counts:
        assert found == Departed(name=team, namespaces={}, has_state=True)
        assert f"users/{team}.py is gone, and there is still Terraform's state.\n" in str(found)
    else:
        assert found is None
    project.write(team, "")
    assert team not in departed(project)


@pytest.mark.parametrize(
    ("path", "file"),
    [
        (None, "terraform.left.tfstate"),
        ("../../../states/{team}.json", "states/left.json"),
        ("../{team}.tfstate", "cdktf.out/stacks/left.tfstate"),
        ("../../../{team}/a[b]/{team}.tfstate", "left/a[b]/left.tfstate"),
        ("{folder}/{team}", "left"),
    ],
)
def test_a_local_state_counts_where_cdktf_json_says_that_it_lies(
    project: Project, path: str | None, file: str
) -> None:
    project.write("any", "")
    own = {} if path is None else {"path": path.replace("{folder}", str(project.folder))}
    project.configure(state={"backend": "local", **own})
    state = project.folder / file
    state.parent.mkdir(parents=True, exist_ok=True)
    assert "left" not in departed(project)

    state.write_bytes(EMPTY)
    state.with_name(f"{state.name}.backup").write_bytes(FULL)
    assert "left" not in departed(project)

    state.write_bytes(FULL)
    assert departed(project)["left"].has_state
    assert not {"left.tfstate", "terraform"} & set(departed(project))


def test_another_backend_is_not_looked_into(project: Project) -> None:
    project.write("any", "")
    project.configure(state={"backend": "http", "address": "https://localhost/{team}"})
    (project.folder / "terraform.elsewhere.tfstate").write_bytes(FULL)
    assert "elsewhere" not in departed(project)


@pytest.mark.usefixtures("no_state_stays")
def test_no_other_secret_than_a_state_without_a_file_is_read(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write("keeper", 'User("keeper-kim", email="kim@example.com")')
    project.create()
    for team in ("keeper", "quitter"):
        body: Object = {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": f"tfstate-default-{team}-users"},
            "data": _state(gzip.compress(FULL))[0],
        }
        project.kubectl("create", "-n", "kuberoster-state", "-f", "-", given=body)
    read: list[str] = []
    get: Callable[[Cluster, str], Object] = Cluster.get

    def noted(cluster: Cluster, path: str) -> Object:
        read.append(path)
        return get(cluster, path)

    monkeypatch.setattr(Cluster, "get", noted)
    assert departed(project)["quitter"].has_state
    mine = [path for path in read if "keeper" in path or "kim" in path]
    assert mine == []
    assert all("/kuberoster-state/secrets/tfstate-default-" in path for path in read)


def test_a_namespace_that_was_taken_counts_as_long_as_it_has_the_label(project: Project) -> None:
    project.write("any", "")
    project.kubectl("create", "namespace", "taken-before")
    project.kubectl("label", "namespace", "taken-before", "kuberoster.io/team=taker")
    assert departed(project)["taker"].namespaces == {"taken-before": 0}
    project.kubectl("label", "namespace", "taken-before", "kuberoster.io/team-")
    assert "taker" not in departed(project)
