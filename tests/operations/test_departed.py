"""A team whose file is gone, and whose namespace or state is still there."""

import base64
import gzip
import json
from collections.abc import Callable, Iterator

import pytest

from kuberoster.cluster import Cluster
from kuberoster.model.roster import load_roster
from kuberoster.model.settings import load_settings
from kuberoster.operations.departed import Departed, departed_teams
from tests.operations.planting import close_default_account
from tests.project import Object, Project

ENCRYPTED = json.dumps(
    {
        "serial": 3,
        "lineage": "8a1d35f4-7c0e-4f8b-9f11-000000000000",
        "meta": {"key_provider.pbkdf2.main": "eyJzYWx0IjoiIn0="},
        "encrypted_data": "bm90IHJlYWxseQ==",
        "encryption_version": "v0",
    }
)
"""What OpenTofu 1.7 and later write; there is no `version`."""
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
        "team 'emigrants': there is no users/emigrants.py, and there is still namespace "
        "users-emigrants with 2 ServiceAccounts.\n"
        "Without its file no deploy touches it. If that was never in this folder, the team may be "
        "another roster's, whose cdktf.json this one was made from: then retire nothing, and give "
        "this roster a name and a state of its own. If it was, put it back with `USERS = []`, or "
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

    staying = project.run_any("drift", "staying")
    assert staying.status == 0
    assert staying.output == (
        "1 user: the cluster is as the roster says\n"
        "not looked at: default roles that give more than Kubernetes' (--cluster-roles)\n"
    )
    assert "emigrants" not in staying.errors
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


def _packed(text: str) -> list[Object]:
    return _state(gzip.compress(text.encode()))


READ = ""
"""What is said of a state that can be read and has resources."""
STATES: dict[str, tuple[list[Object], str | None]] = {
    "with resources": (_state(gzip.compress(FULL)), READ),
    "destroyed": (_state(gzip.compress(EMPTY)), None),
    "split over two secrets": (_state(*_halves(FULL)), READ),
    "destroyed and split over two secrets": (_state(*_halves(EMPTY)), None),
    "shorter than before": (_state(gzip.compress(EMPTY), b"rest"), None),
    "with a part missing": (
        _state(_halves(EMPTY)[0]),
        "breaks off after 1 Secret: a part is cut, or -part-1 is missing",
    ),
    "not compressed": (_state(FULL), "is not compressed by gzip, as Terraform does it"),
    "not made yet": ([{}], None),
    "encrypted": (_packed(ENCRYPTED), "is encrypted, as OpenTofu does it"),
    "encrypted, with a serial alone": (
        _packed('{"serial": 3, "encrypted_data": "x"}'),
        "is encrypted, as OpenTofu does it",
    ),
    "of a later format": (
        _packed('{"version": 5, "resources": []}'),
        "has version 5, and only 4 can be read here",
    ),
    "of no version": (_packed('{"serial": 3}'), "is no state: it has no version"),
    "without a list of resources": (_packed('{"version": 4}'), "has no list of resources"),
    "a list": (_packed("[]"), "is no state: its JSON is no object"),
    "no text": (_state(gzip.compress(b"\xff\xfe")), "is no JSON"),
    "no json": (_packed("resources: []"), "is no JSON: Expecting value at line 1"),
    "cut": (_packed('{"version": 4, "resources": ['), "breaks off after 29 bytes"),
}


@pytest.mark.usefixtures("no_state_stays")
@pytest.mark.parametrize("name", STATES)
def test_a_state_in_the_cluster_counts_unless_it_is_known_to_hold_nothing(
    project: Project, name: str
) -> None:
    parts, why = STATES[name]
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

    if why is None:
        assert found is None
    else:
        assert found
        assert found.namespaces == {}
        said = f"Terraform's state, which {why}" if why else "Terraform's state"
        assert f"there is no users/{team}.py, and there is still {said}.\n" in str(found)
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
    assert departed(project)["left"].state
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
    assert departed(project)["quitter"].state
    mine = [path for path in read if "keeper" in path or "kim" in path]
    assert mine == []
    assert all("/kuberoster-state/secrets/tfstate-default-" in path for path in read)


def test_a_namespace_that_was_taken_counts_as_long_as_it_has_the_label(project: Project) -> None:
    project.write("any", "")
    project.kubectl("create", "namespace", "taken-before")
    project.kubectl("label", "namespace", "taken-before", "kuberoster.io/team=taker")
    assert "taker" not in departed(project)  # a label that anybody can put on
    project.kubectl("label", "namespace", "taken-before", "kuberoster.io/roster=theirs")
    assert "taker" not in departed(project)
    own = ["kuberoster.io/roster=main", "--overwrite"]
    project.kubectl("label", "namespace", "taken-before", *own)
    assert departed(project)["taker"].namespaces == {"taken-before": 0}
    project.kubectl("label", "namespace", "taken-before", "kuberoster.io/team-")
    assert "taker" not in departed(project)
