"""A roster as Terraform JSON: everybody in it, nobody else touched, no secret, no trap."""

import itertools
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from kuberoster import Grant, KuberosterError, Role, Rule, Team, User
from kuberoster.constructs import TokenUser, synthesise
from kuberoster.constructs._cdktf import App, Construct, KubernetesProvider, TerraformStack

pytestmark = pytest.mark.slow

REPOSITORY = Path(__file__).parents[2]
Write = Callable[[Path, Mapping[str, Any], Mapping[str, str]], Path]


# A roster of some hundred random users


@dataclass(frozen=True)
class Batch:
    """A random roster, and the files that CDKTF wrote for it."""

    users: dict[str, list[User]]
    outdir: Path
    project: Path
    stacks: dict[str, Any]

    def resources(self, kind: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Team, address and attributes of each resource of one type."""
        for team, stack in self.stacks.items():
            for address, attributes in stack["resource"].get(f"kubernetes_{kind}_v1", {}).items():
                yield team, address, attributes

    def count(self, kind: str) -> int:
        return sum(1 for _ in self.resources(kind))

    def grants(self) -> Iterator[tuple[Grant, str | None]]:
        for user in itertools.chain.from_iterable(self.users.values()):
            for grant in user.access:
                for namespace in grant.namespaces or [None]:
                    yield grant, namespace


def written(user: User) -> str:
    fields = f"email={user.email!r}, tokens={user.labels!r}, note={user.note!r}"
    return f"User({user.name!r}, {fields}, access=[{', '.join(map(repr, user.access))}])"


@pytest.fixture(scope="module", params=[1, 2, 3])
def batch(
    request: pytest.FixtureRequest,
    random_users: Callable[[int, int], list[User]],
    write_project: Write,
    tmp_path_factory: pytest.TempPathFactory,
) -> Batch:
    """A hundred users in three teams, one of which has a name that ends in a number."""
    users = random_users(request.param, 100)
    teams = {"web": users[:70], "web-2": users[70:], "leaving": []}
    project = write_project(
        tmp_path_factory.mktemp("project"),
        {},
        {team: f"USERS = [{', '.join(map(written, some))}]" for team, some in teams.items()},
    )
    with (project / "users" / "web.py").open("a") as file:
        file.write("TEAM = Team(access=[view('web')], note='The ${shop}')\n")
    outdir = project / "out"
    assert synthesise(project, outdir=str(outdir)) == 0
    stacks = {
        file.parent.name: json.loads(file.read_text())
        for file in outdir.glob("stacks/*/cdk.tf.json")
    }
    return Batch(users=teams, outdir=outdir, project=project, stacks=stacks)


def test_each_team_is_a_stack(batch: Batch) -> None:
    assert set(batch.stacks) == set(batch.users)


def test_each_user_has_one_service_account_and_one_secret_a_token(batch: Batch) -> None:
    accounts = {
        (team, made["metadata"]["name"]) for team, _, made in batch.resources("service_account")
    }
    tokens = {
        (
            team,
            made["metadata"]["labels"]["kuberoster.io/user"],
            made["metadata"]["labels"]["kuberoster.io/token"],
        )
        for team, _, made in batch.resources("secret")
    }

    assert accounts == {(team, user.name) for team, users in batch.users.items() for user in users}
    assert batch.count("service_account") == 100
    assert tokens == {
        (team, user.name, label)
        for team, users in batch.users.items()
        for user in users
        for label in user.labels
    }
    assert batch.count("secret") == len(tokens)


def test_each_grant_has_one_binding_in_each_place(batch: Batch) -> None:
    grants = list(batch.grants())
    custom = [(grant, where) for grant, where in grants if isinstance(grant.role, Role)]

    assert batch.count("role_binding") == sum(1 for _, where in grants if where) + 1
    assert batch.count("cluster_role_binding") == sum(1 for _, where in grants if not where)
    assert batch.count("role") == sum(1 for _, where in custom if where)
    assert batch.count("cluster_role") == sum(1 for _, where in custom if not where)


def test_no_two_objects_share_a_name(batch: Batch) -> None:
    for kind in ["service_account", "role_binding", "cluster_role_binding", "role", "cluster_role"]:
        names = [
            (made["metadata"].get("namespace"), made["metadata"]["name"])
            for _, _, made in batch.resources(kind)
        ]
        assert len(set(names)) == len(names)


def test_no_address_and_no_name_has_a_hash(batch: Batch) -> None:
    for stack in batch.stacks.values():
        for resources in stack["resource"].values():
            assert not [name for name in resources if re.search(r"[0-9A-F]{8}$", name)]


def test_a_token_secret_has_a_generated_name_and_no_data(batch: Batch) -> None:
    for _, _, made in batch.resources("secret"):
        assert made["type"] == "kubernetes.io/service-account-token"
        assert made["metadata"]["generate_name"].endswith("-")
        assert "name" not in made["metadata"]
        assert made["data_wo"] == {}
        assert made["data_wo_revision"] == 1
        assert made["wait_for_service_account_token"] is False
        assert not {"data", "binary_data", "binary_data_wo"} & set(made)


def test_a_new_service_account_brings_a_new_secret(batch: Batch) -> None:
    trigger_of = re.compile(r"kubernetes_service_account_v1\.([\w-]+)\.metadata\[0\]\.uid")
    for team, _, made in batch.resources("secret"):
        [trigger] = made["lifecycle"]["replace_triggered_by"]
        match = trigger_of.fullmatch(trigger)
        assert match
        account = batch.stacks[team]["resource"]["kubernetes_service_account_v1"][match[1]]
        annotations = made["metadata"]["annotations"]
        assert (
            annotations["kubernetes.io/service-account.name"]
            == made["metadata"]["labels"]["kuberoster.io/user"]
            == account["metadata"]["name"]
        )
        assert made["metadata"]["namespace"] == account["metadata"]["namespace"]


def test_whatever_is_depended_on_is_in_the_same_stack(batch: Batch) -> None:
    for stack in batch.stacks.values():
        for resources in stack["resource"].values():
            for made in resources.values():
                for dependency in made.get("depends_on", []):
                    *data, kind, address = dependency.split(".")
                    assert address in stack["data" if data else "resource"][kind]


def test_no_user_is_there_before_the_guards_of_the_namespace(batch: Batch) -> None:
    for team, _, made in batch.resources("service_account"):
        assert set(made["depends_on"]) == {
            f"kubernetes_resource_quota_v1.{team}",
            f"kubernetes_default_service_account_v1.{team}",
            "data.kubernetes_config_map_v1.revoked-users",
        }
        assert made["automount_service_account_token"] is False
        assert "secret" not in made


def test_a_team_asks_once_whether_any_of_its_users_is_revoked(batch: Batch) -> None:
    for team, users in batch.users.items():
        asked = batch.stacks[team].get("data", {}).get("kubernetes_config_map_v1", {})
        assert list(asked) == (["revoked-users"] if users else [])
        for guard in asked.values():
            assert guard["metadata"] == {"name": "revoked-users", "namespace": "kuberoster-state"}
            (postcondition,) = guard["lifecycle"]["postcondition"]
            named = set(re.findall(r'"([^"]+)"', postcondition["condition"]))
            assert named == {user.name for user in users}


def test_what_terraform_would_evaluate_is_escaped(batch: Batch) -> None:
    for stack in batch.stacks.values():
        resources = json.loads(json.dumps(stack["resource"]))
        for made in resources["kubernetes_namespace_v1"].values():
            del made["lifecycle"]  # conditions of our own; no text of a roster is in them
        text = json.dumps(resources)
        assert not re.search(r"(?<!\$)\$\{", text)
        assert not re.search(r"(?<!%)%\{", text)
    notes = {
        made["metadata"]["annotations"].get("kuberoster.io/note")
        for _, _, made in batch.resources("service_account")
    }
    emails = {
        made["metadata"]["annotations"]["kuberoster.io/email"]
        for _, _, made in batch.resources("secret")
    }
    objects = {
        name
        for _, _, made in batch.resources("role")
        for rule in made["rule"]
        for name in rule["resource_names"]
    }
    assert notes == {"$${x} %%{ if true }", None}
    assert emails == {"ann$${x}@example.com"}
    assert objects == {"a-$${b}"}


def test_no_file_names_this_machine_or_a_reference_of_cdktfs(batch: Batch) -> None:
    files = [file for file in batch.outdir.rglob("*") if file.is_file()]
    assert len(files) == 4
    for file in files:
        text = file.read_text()
        for path in [REPOSITORY, batch.project, Path.home()]:
            assert str(path) not in text
        assert "TfToken" not in text


def test_a_stack_says_which_terraform_and_provider_it_needs(batch: Batch) -> None:
    for stack in batch.stacks.values():
        assert stack["terraform"]["required_version"] == ">= 1.11.0"
        provider = stack["terraform"]["required_providers"]["kubernetes"]
        assert provider["version"] == ">= 2.36.0, < 3.0.0"


def test_each_team_has_a_state_of_its_own(batch: Batch) -> None:
    suffixes = set()
    for stack in batch.stacks.values():
        assert set(stack["terraform"]["backend"]) == {"kubernetes"}
        backend = stack["terraform"]["backend"]["kubernetes"]
        assert backend["namespace"] == "kuberoster-state"
        # Terraform would take it for the index of a state that is split over Secrets.
        assert not re.search(r"-\d+$", backend["secret_suffix"])
        suffixes.add(backend["secret_suffix"])
    assert len(suffixes) == 3


# Nothing is synthesised from what is wrong


@pytest.mark.parametrize(
    ("own", "text", "message"),
    [
        ({}, 'USERS = [User("Ann_Smith", email="a@b.c")]', "users/web.py: user 'Ann_Smith': name"),
        ({}, "USERS = [", "users/web.py:2: the file does not import: SyntaxError"),
        ({"stat": {}}, "USERS = []", "cdktf.json: context.kuberoster has no setting 'stat'"),
        (
            {"state": {"namespace": "users-web"}},
            "USERS = []",
            "users/web.py: team 'web': namespace 'users-web' holds Terraform's state",
        ),
    ],
)
def test_a_problem_synthesises_nothing(
    write_project: Write,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    own: dict[str, Any],
    text: str,
    message: str,
) -> None:
    project = write_project(tmp_path, own, {"web": text, "api": "USERS = []"})

    assert synthesise(project, outdir=str(tmp_path / "out")) == 1

    assert capsys.readouterr().err.startswith(message)
    assert not (tmp_path / "out").exists()


def run_main(project: Path) -> subprocess.CompletedProcess[str]:
    shutil.copy(REPOSITORY / "main.py", project)
    (project / "constructs").symlink_to(REPOSITORY / "constructs")
    return subprocess.run(
        [sys.executable, "main.py"], cwd=project, capture_output=True, text=True, check=False
    )


def test_main_exits_1_with_the_problems_and_no_traceback(
    write_project: Write, tmp_path: Path
) -> None:
    project = write_project(tmp_path, {}, {"web": "USERS = [User('Ann')]", "api": "1 / 0"})

    done = run_main(project)

    assert done.returncode == 1
    assert done.stdout == ""
    assert [line.split(": ")[0] for line in done.stderr.split("\n\n")] == [
        "users/api.py:2",
        "users/web.py",
        "users/web.py",
    ]
    assert "Traceback" not in done.stderr
    assert not (project / "cdktf.out").exists()


def test_main_synthesises_the_roster_beside_it_and_says_nothing(
    write_project: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBE_CONFIG_PATH", "/a")
    own = {"cluster": {"uid": "1"}}
    project = write_project(tmp_path, own, {"web": "USERS = [User('ann', email='a@b.c')]"})

    done = run_main(project)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (project / "cdktf.out" / "stacks" / "web" / "cdk.tf.json").exists()


def test_main_says_at_what_a_deploy_would_stop(
    write_project: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KUBE_CONFIG_PATH", raising=False)
    monkeypatch.setenv("KUBECONFIG", "/a")
    users = {"web": "USERS = [User('ann', email='a@b.c')]"}
    for state, noted in (("kubernetes", True), ("local", False)):
        project = write_project(tmp_path / state, {"state": {"backend": state}}, users)
        done = run_main(project)
        assert done.returncode == 0
        assert "warning: KUBECONFIG is '/a', which Terraform does not look at" in done.stderr
        assert ("cdktf.json has no uid of the cluster, which `kuberoster boot" in done.stderr) is (
            noted
        )


@pytest.fixture
def stack(tmp_path: Path) -> TerraformStack:
    made = TerraformStack(App(outdir=str(tmp_path)), "theirs")
    KubernetesProvider(made, "kubernetes")
    return made


TEAM = Team(name="web")
ANN = User("ann", email="ann@example.com")


def test_one_name_is_used_once_in_a_stack(stack: TerraformStack) -> None:
    TokenUser(stack, "one", user=ANN, team=TEAM)

    with pytest.raises(KuberosterError, match="user 'ann': is in this stack already"):
        TokenUser(stack, "other", user=ANN, team=TEAM)
    with pytest.raises(KuberosterError, match="user 'ann': is in this stack already"):
        TokenUser(Construct(stack, "nested"), "one", user=ANN, team=Team(name="api"))


def test_one_name_may_be_used_in_two_stacks(tmp_path: Path) -> None:
    app = App(outdir=str(tmp_path))

    for name in ["one", "other"]:
        TokenUser(TerraformStack(app, name), "ann", user=ANN, team=TEAM)


def test_a_faulty_user_or_team_is_refused_with_every_fault(stack: TerraformStack) -> None:
    with pytest.raises(KuberosterError) as refused:
        TokenUser(stack, "ann", user=User("Ann", tokens=[]), team=Team(name="Web"))

    assert [line.partition(".\n")[0] for line in str(refused.value).split("\n\n")] == [
        "team 'Web': team 'Web' has 'W'",
        "user 'Ann': name has 'A'",
        "user 'Ann': has neither email nor owner",
        "user 'Ann': tokens is ()",
    ]


def test_a_user_whose_rules_allow_nothing_is_refused(stack: TerraformStack) -> None:
    useless = Role("r", [Rule(["get"], ["pod"])])("web")
    user = User("ann", email="ann@example.com", access=[useless])

    with pytest.raises(KuberosterError, match="Role 'r': resources has 'pod', which the core"):
        TokenUser(stack, "ann", user=user, team=TEAM)
