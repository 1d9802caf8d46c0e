"""Among users each Secret counts, whatever its type: the API server takes the token it holds."""

import base64
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from kuberoster import Team, User
from kuberoster.cluster import Cluster
from kuberoster.model.roster import Roster, TeamRoster
from kuberoster.operations.recovery.live import look
from kuberoster.operations.token_ages import read_token_secrets
from tests.operations.planting import close_default_account, names_of, plant
from tests.project import Object, Project, pods, until

TYPES = {"Opaque": {}, "kubernetes.io/tls": {"tls.crt": "", "tls.key": ""}}
INVALID = "kubernetes.io/legacy-token-invalid-since"
HOLD: Object = {"metadata": {"finalizers": ["example.com/hold"]}}


def _put_back(project: Project, kind: str, labels: dict[str, str] | None = None) -> tuple[str, str]:
    """Delete the token `old`, and put its Secret back with another type; its name and token."""
    team, user = names_of(project)
    where = ["-n", f"users-{team}"]
    token, name = project.token(user, "old"), project.secrets(user)["old"]
    project.write(team, f'User("{user}", email="u@example.com", access=[view("web")], '
                  'tokens=["new"])')  # fmt: skip
    project.kubectl("delete", "secret", name, *where)
    project.reaches(token, "/version", 401, within=15)
    body: Object = {
        "apiVersion": "v1", "kind": "Secret", "type": kind,
        "metadata": {"name": name, "labels": labels or {}},
        "stringData": {"token": token, **TYPES[kind]}, "immutable": True,
    }  # fmt: skip
    project.kubectl("create", *where, "-f", "-", given=body)
    project.reaches(token, "/version", 200, within=15)
    return name, token


def _drift(project: Project, team: str) -> list[str]:
    shown = project.run_any("drift", team, "--format", "json")
    return [
        f"{each['state']} {each['object']}: {each['what']}"
        for each in json.loads(shown.output)["differences"]
    ]


@pytest.mark.parametrize("kind", TYPES)
def test_a_token_put_back_in_a_secret_of_another_type_is_seen_and_ended(
    deployed: Project, kind: str
) -> None:
    name, token = _put_back(deployed, kind)
    team, user = names_of(deployed)
    space = f"users-{team}"
    close_default_account(deployed, space)

    (shown,) = _drift(deployed, team)
    assert shown.startswith(f"undeclared Secret {space}/{name}: lies among users")

    cluster = Cluster.connect(str(deployed.control_plane.kubeconfig))
    roster = Roster((TeamRoster(team=Team(name=team), users=(User(user, email="u@example.com"),)),))
    secrets = read_token_secrets(cluster, roster)[space, user]
    assert [(each.name, each.is_typed) for each in secrets if not each.label] == [
        (deployed.secrets(user)["new"], True), (name, False),
    ]  # fmt: skip
    # What `recover` and `recover --retire` work on.
    key = ("Secret", space, name)
    assert look(cluster, {space}, ()).account_of(key) == user

    said = deployed.kuberoster("revoke", user, "--yes", "--token", "old")
    assert f"deleted: Secret {space}/{name}" in said
    assert deployed.status(token, pods("web")) == 401
    assert _drift(deployed, team) == []


def test_revoke_tries_and_deletes_a_token_in_a_secret_of_another_type(deployed: Project) -> None:
    name, token = _put_back(deployed, "Opaque")
    team, user = names_of(deployed)
    space = f"users-{team}"
    deployed.kubectl("create", "secret", "generic", "note", "-n", space, "--from-literal=a=b")

    said = deployed.kuberoster("revoke", user, "--yes")

    assert "3 tokens tried, the last one refused" in said
    assert f"deleted: Secret {space}/{name}" in said
    assert deployed.status(token, pods("web")) == 401
    assert {each["metadata"]["name"] for each in deployed.objects("secrets", "-n", space)} == {
        "note"
    }


@pytest.mark.parametrize(
    "labels",
    [{"token": "new"}, {"user": "mallory", "token": "old"}, {"user": "mallory"}, {"token": "old"}],
    ids=["another token's", "another user's", "of another user", "of no user"],
)
def test_one_token_ends_in_a_secret_with_its_old_name_whatever_its_labels_say(
    deployed: Project, labels: dict[str, str]
) -> None:
    team, user = names_of(deployed)
    name, token = _put_back(
        deployed, "Opaque", {f"kuberoster.io/{key}": value for key, value in labels.items()}
    )

    said = deployed.kuberoster("revoke", user, "--yes", "--token", "old")

    assert f"deleted: Secret users-{team}/{name}" in said
    assert deployed.status(token, pods("web")) == 401


def test_one_token_ends_in_every_secret_that_holds_it_or_is_labelled_as_it(
    deployed: Project,
) -> None:
    team, user = names_of(deployed)
    space = f"users-{team}"
    secrets = deployed.secrets(user)
    tokens = {label: deployed.token(user, label) for label in secrets}
    deployed.kubectl("create", "serviceaccount", "mallory", "-n", space)
    for name, label in (("by-hand", "old"), ("turned", "old"), ("unlabelled", "")):
        plant(deployed, belongs_to=user, user=user, name=name, label=label or "other")
        tokens[name] = _token_of(deployed, space, name)
    deployed.kubectl(
        "label", "secret", "unlabelled", "-n", space, "kuberoster.io/user-", "kuberoster.io/token-"
    )
    deployed.kubectl("label", "secret", secrets["new"], "-n", space, "--overwrite",
                     "kuberoster.io/token=old")  # fmt: skip
    account = deployed.kubectl("get", "serviceaccount", "mallory", "-n", space, "-o", "json")
    turn = {"name": "mallory", "uid": json.loads(account)["metadata"]["uid"]}
    annotations = {f"kubernetes.io/service-account.{key}": value for key, value in turn.items()}
    _patch(deployed, "secret", "turned", space, {"metadata": {"annotations": annotations}})
    copy = ["create", "secret", "generic", "a-copy", "-n", space, "--from-file=token=/dev/stdin"]
    deployed.kubectl(*copy, text=tokens["old"])
    for token in tokens.values():
        deployed.reaches(token, pods("web"), 200, within=15)

    said = deployed.kuberoster("revoke", user, "--yes", "--token", "old")

    alive = {name for name, token in tokens.items() if deployed.status(token, pods("web")) == 200}
    assert alive == {"new", "unlabelled"}
    assert "4 tokens tried" in said
    for name in (secrets["old"], "by-hand", "turned", "a-copy"):
        assert f"deleted: Secret {space}/{name}" in said
    # What lives on is named.
    assert f"Secret {space}/{secrets['new']}, Secret {space}/unlabelled" in said


def test_a_secret_of_the_token_that_comes_meanwhile_is_named(deployed: Project) -> None:
    team, user = names_of(deployed)
    space = f"users-{team}"
    name = deployed.secrets(user)["old"]

    def put_another() -> None:
        for _ in until(60):
            if name not in {
                each["metadata"]["name"] for each in deployed.objects("secrets", "-n", space)
            }:
                break
        plant(deployed, belongs_to=user, user=user, label="old")

    with ThreadPoolExecutor() as pool:
        put = pool.submit(put_another)
        said = deployed.run_any("revoke", user, "--yes", "--token", "old")
        put.result()

    assert deployed.status(_token_of(deployed, space, f"{user}-old-zzzzz"), pods("web")) == 200
    assert said.status == 1, said
    assert (
        f"error: Secret {space}/{user}-old-zzzzz is a token 'old' that was not there" in said.errors
    )


def _token_of(project: Project, namespace: str, name: str) -> str:
    for _ in until(30):
        found = json.loads(project.kubectl("get", "secret", name, "-n", namespace, "-o", "json"))
        if "token" in found.get("data", {}):
            return base64.b64decode(found["data"]["token"]).decode()
    raise AssertionError(f"no token in {name}")


def test_a_secret_without_a_token_stays_in_a_namespace_that_is_given_back(
    project: Project,
) -> None:
    project.kubectl("create", "namespace", "old-gb")
    project.write("gb", "", team_is='Team(namespace="old-gb", existing_namespace=True)')
    project.kuberoster("bootstrap", "--same-roster")
    project.kubectl("create", "secret", "generic", "note", "-n", "old-gb", "--from-literal=a=b")
    (project.folder / "users" / "gb.py").unlink()
    project.write("empty", "")
    said = project.kuberoster("recover", "--retire", "gb", "--yes", "--in", "old-gb")
    assert "keep Namespace old-gb, which was there before, closed to pods" in said
    assert "leave Secret old-gb/note in it, which holds no token of the team's" in said
    project.kubectl("get", "secret", "note", "-n", "old-gb")


# Finalizers, and namespaces on their way out


def _patch(project: Project, kind: str, name: str, namespace: str, patch: Object) -> None:
    where = [kind, name, *(["-n", namespace] if namespace else [])]
    project.kubectl("patch", *where, "--type=merge", "--patch-file=/dev/stdin", given=patch)


def test_a_finalizer_is_shown_before_and_after_the_deletion(deployed: Project) -> None:
    team, user = names_of(deployed)
    space = f"users-{team}"
    close_default_account(deployed, space)
    for kind, name, where in (
        ("serviceaccount", user, space),
        ("secret", deployed.secrets(user)["old"], space),
        ("rolebinding", f"{team}:{user}:view", "web"),
    ):
        _patch(deployed, kind, name, where, HOLD)
    by = "finalizer example.com/hold (set by kubectl-patch on "
    before = _drift(deployed, team)
    assert [each.count(f"would not go when it is deleted, as it has {by}") for each in before] == [
        1, 1, 1,
    ]  # fmt: skip

    deployed.kubectl("delete", "serviceaccount", user, "-n", space, "--wait=false")
    after = [each for each in _drift(deployed, team) if f"ServiceAccount {space}/{user}" in each]
    assert after
    assert f"is being deleted, and kept by {by}" in after[0]
    said = deployed.kuberoster("recover", team, "--yes", fails=True)
    assert f"ServiceAccount {space}/{user} is being deleted, and kept by {by}" in said
    assert f"kubectl patch serviceaccount {user} -n {space}" in said


def test_what_a_finalizer_keeps_is_named_when_a_team_retires(deployed: Project) -> None:
    team, user = names_of(deployed)
    _patch(deployed, "serviceaccount", user, f"users-{team}", HOLD)
    (deployed.folder / "users" / f"{team}.py").unlink()
    deployed.write("empty", "")
    theirs = ["recover", "--retire", team, "--yes", "--in", f"users-{team}"]
    said = deployed.run_any(*theirs)
    assert said.status == 1
    assert f"ServiceAccount users-{team}/{user}: is being deleted, and kept by " in said.errors
    assert "done" not in said.output
    again = deployed.run_any(*theirs)
    assert f"delete ServiceAccount users-{team}/{user}" in again.output


def test_a_namespace_on_its_way_out_is_named_with_what_keeps_it(deployed: Project) -> None:
    team, user = names_of(deployed)
    space = f"users-{team}"
    _patch(deployed, "serviceaccount", user, space, HOLD)
    deployed.kubectl("delete", "namespace", space, "--wait=false")
    cause = "Some content in the namespace has finalizers remaining: example.com/hold in 1"
    for _ in until(30):
        shown = [each for each in _drift(deployed, team) if f"Namespace {space}" in each]
        if any(cause in each for each in shown):
            break
    assert any("is being deleted since " in each and cause in each for each in shown)

    said = deployed.run_any("revoke", user, "--yes")
    assert said.status == 1
    assert "No right is lacking: the namespace is being deleted." in said.output
    assert f"error: ServiceAccount {space}/{user} is being deleted, and stays" in said.errors
    assert "administrator" not in said.output + said.errors

    deployed.write("other", "", team_is=f'Team(namespace="{space}", existing_namespace=True)')
    (deployed.folder / "users" / f"{team}.py").unlink()
    said = deployed.run_any("bootstrap", "--same-roster")
    assert f"namespace '{space}': is being deleted since " in said.errors
    assert cause in said.errors


# What Kubernetes invalidates


def test_a_token_that_is_marked_as_invalid_is_known_everywhere(deployed: Project) -> None:
    team, user = names_of(deployed)
    space = f"users-{team}"
    close_default_account(deployed, space)
    token, name = deployed.token(user, "new"), deployed.secrets(user)["new"]
    deployed.kubectl("label", "secret", name, "-n", space, f"{INVALID}=2026-11-01")
    deployed.reaches(token, "/version", 401, within=15)

    (shown,) = _drift(deployed, team)
    mend = f"kubectl label secret {name} -n {space} {INVALID}-"
    assert shown.startswith(
        f"changed Secret {space}/{name}: label {INVALID} is '2026-11-01': the API server refuses "
        "its token (401)."
    )
    assert mend in shown
    said = deployed.kuberoster("kubeconfig", user, fails=True)
    assert f"the API server refuses the token of Secret {space}/{name} (401)" in said
    assert mend in said
    assert not (deployed.folder / f"{user}.kubeconfig").exists()
    deployed.kuberoster("report", "--live")
    report = (deployed.folder / "access.html").read_text()
    assert "refused (401), marked as invalid since 2026-11-01" in report

    deployed.run("sh", "-c", mend)
    deployed.kuberoster("kubeconfig", user)
    assert _drift(deployed, team) == []


def test_a_token_that_the_cleaner_will_invalidate_is_warned_of(deployed: Project) -> None:
    team, user = names_of(deployed)
    space = f"users-{team}"
    close_default_account(deployed, space)
    name = deployed.secrets(user)["new"]
    _patch(deployed, "serviceaccount", user, space, {"secrets": [{"name": name}]})
    day = datetime.now(UTC).date()
    due = day.replace(year=day.year + 1)
    shown = [each for each in _drift(deployed, team) if f"Secret {space}/{name}" in each]
    assert f"once it is unused for a year, from {due} on" in shown[0]
    assert f"for a year, from {due} on" in deployed.kuberoster("kubeconfig", user)
    deployed.kuberoster("report", "--live")
    assert "made invalid if unused until" in (deployed.folder / "access.html").read_text()
