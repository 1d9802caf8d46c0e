"""`kuberoster revoke` ends a name wherever the roster has it, whatever labels say."""

import base64
import gzip
import json
from itertools import count

import pytest

from tests.project import Object, Project

_numbers = count()
ONE = 'User("{0}", email="{0}@example.com", access=[view("web")])'
OURS = ("kuberoster.io/user", "kuberoster.io/team", "kuberoster.io/roster")


class Moved:
    """A deployed user whose ServiceAccount and Secret have lost every label of ours."""

    def __init__(self, project: Project, **settings: str) -> None:
        self.project = project
        self.team = f"ev{next(_numbers)}"
        self.user = f"{self.team}-ann"
        self.space = f"users-{self.team}"
        project.configure(state={"namespace": f"state-{self.team}"}, **settings)
        project.write(self.team, ONE.format(self.user))
        project.create()
        self.token = project.token(self.user)
        self.secret = project.secrets(self.user)["main"]
        for kind, name in (("serviceaccount", self.user), ("secret", self.secret)):
            self.unlabel(kind, name, "-n", self.space)

    def unlabel(self, *what: str) -> None:
        self.project.kubectl("label", *what, *(f"{label}-" for label in OURS))

    def track(self, namespace: str, kind: str = "service_account", name: str = "") -> None:
        """Leave a state of the team that has the user, or another object, in a namespace."""
        self.put_state(
            gzip.compress(
                json.dumps(
                    {
                        "version": 4,
                        "resources": [
                            {
                                "mode": "managed",
                                "type": f"kubernetes_{kind}_v1",
                                "name": "ann",
                                "instances": [
                                    {"attributes": {"id": f"{namespace}/{name or self.user}"}}
                                ],
                            }
                        ],
                    }
                ).encode()
            )
        )

    def put_state(self, content: bytes) -> None:
        space = f"state-{self.team}"
        self.project.kubectl("create", "namespace", space)
        state: Object = {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": f"tfstate-default-{self.team}-users"},
            "data": {"tfstate": base64.b64encode(content).decode()},
        }
        self.project.kubectl("create", "-n", space, "-f", "-", given=state)

    def revoke(self, *options: str, fails: bool = False) -> str:
        return self.project.kuberoster("revoke", self.user, "--yes", *options, fails=fails)

    def status(self) -> int:
        return self.project.status(self.token, "/api")

    def marked(self) -> dict[str, str]:
        """Each namespace that the mark has, with its team."""
        found = self.project.objects("configmaps", "-n", f"state-{self.team}")
        (marks,) = (each for each in found if each["metadata"]["name"] == "revoked-users")
        accounts = json.loads(marks["data"][self.user])["accounts"]
        return {each["namespace"]: each["team"] for each in accounts}


@pytest.fixture
def moved(project: Project) -> Moved:
    return Moved(project)


def test_a_user_who_moved_and_was_not_deployed_ends_in_both_namespaces(moved: Moved) -> None:
    moved.project.write(moved.team, "")
    moved.project.write(f"{moved.team}-new", ONE.format(moved.user))

    assert f"deleted: ServiceAccount {moved.space}/{moved.user}" in moved.revoke()

    assert moved.status() == 401
    assert moved.marked() == {
        f"users-{moved.team}-new": f"{moved.team}-new",
        moved.space: moved.team,
    }


def test_a_user_who_is_gone_from_the_roster_alone_is_found_in_the_teams_namespace(
    moved: Moved,
) -> None:
    moved.project.write(moved.team, "")
    assert f"deleted: ServiceAccount {moved.space}/{moved.user}" in moved.revoke()
    assert moved.status() == 401


@pytest.mark.parametrize("how", ["team renamed", "namespace changed"])
def test_a_namespace_that_only_the_state_knows_is_looked_at(moved: Moved, how: str) -> None:
    moved.unlabel("namespace", moved.space)
    moved.track(moved.space)
    renamed = f"{moved.team}-people"
    if how == "team renamed":
        (moved.project.folder / "users" / f"{moved.team}.py").unlink()
        moved.project.write(renamed, ONE.format(moved.user))
    else:
        where = f'Team(namespace="{renamed}")'
        moved.project.write(moved.team, ONE.format(moved.user), team_is=where)

    assert f"deleted: ServiceAccount {moved.space}/{moved.user}" in moved.revoke()

    assert moved.status() == 401
    assert moved.space in moved.marked()


@pytest.mark.parametrize("state", [b"not a state", b""], ids=["unreadable", "none"])
def test_a_namespace_that_may_be_the_rosters_is_named_and_the_status_is_not_0(
    moved: Moved, state: bytes
) -> None:
    """Its label alone, or a state that can't be read, leaves it in doubt; `--in` ends that."""
    if state:
        moved.unlabel("namespace", moved.space)
        moved.put_state(state)
    moved.project.write(moved.team, ONE.format(moved.user), team_is='Team(namespace="elsewhere")')

    said = moved.revoke(fails=True)

    assert f"namespace {moved.space} has " in said
    assert f"kuberoster revoke {moved.user} --in {moved.space}" in said
    assert moved.status() != 401
    if state:
        assert f"not seen is the state of the team '{moved.team}', which is not compressed" in said
    moved.revoke("--in", moved.space)
    assert moved.status() == 401


def test_a_token_that_only_the_state_knows_still_may_have_ended(moved: Moved) -> None:
    """Dropped from the roster, and not deployed yet."""
    refused = moved.revoke("--token", "gone", fails=True)
    assert "has no token 'gone'." in refused
    assert "\nIt has main, as users/, " in refused
    moved.track(moved.space, "secret", f"{moved.user}-gone-x7k2p")
    assert "deleted: nothing, all of it was gone already" in moved.revoke("--token", "gone")
    moved.revoke("--token", "gon", fails=True)


def test_with_a_backend_that_can_not_be_seen_a_namesake_is_in_doubt(moved: Moved) -> None:
    moved.unlabel("namespace", moved.space)
    moved.project.configure(state={"backend": "s3", "key": "{team}.tfstate", "bucket": "b"})
    moved.project.write(moved.team, ONE.format(moved.user), team_is='Team(namespace="elsewhere")')
    said = moved.revoke(fails=True)
    assert "not seen is Terraform's states, which the backend 's3' keeps" in said
    assert moved.status() != 401


@pytest.mark.parametrize("ours", ["label", "no label", "mark"])
def test_a_namespace_that_was_given_another_rosters_name_is_in_doubt(
    moved: Moved, ours: str
) -> None:
    """What is in it, or the mark, still says that it may be the roster's."""
    if ours == "mark":
        _mark(moved)
    else:
        moved.project.configure(state={"backend": "s3", "key": "{team}.tfstate", "bucket": "b"})
    _relabel(moved, {"label": "main", "mark": "evil"}.get(ours))
    (moved.project.folder / "users" / f"{moved.team}.py").unlink()
    moved.project.write(f"{moved.team}-new", ONE.format(moved.user))

    said = moved.revoke(fails=True)

    assert f"namespace {moved.space} " in said
    assert "its label says that it is of the roster 'evil'" in said
    assert f"kuberoster revoke {moved.user} --in {moved.space}" in said
    assert moved.status() != 401
    said = moved.revoke("--in", moved.space)
    assert f"deleted: ServiceAccount {moved.space}/{moved.user}" in said
    assert moved.status() == 401


def test_another_rosters_namesake_is_left_alone_also_where_states_can_not_be_seen(
    moved: Moved,
) -> None:
    moved.project.configure(state={"backend": "s3", "key": "{team}.tfstate", "bucket": "b"})
    _relabel(moved, "evil")
    (moved.project.folder / "users" / f"{moved.team}.py").unlink()
    moved.project.write(f"{moved.team}-new", ONE.format(moved.user))

    assert moved.space not in moved.revoke()
    said = moved.revoke("--in", moved.space, fails=True)

    assert f"namespace {moved.space} is no namespace of a team of this roster" in said
    assert moved.status() != 401


def _relabel(moved: Moved, account: str | None) -> None:
    """Say of the namespace that it is of the roster `evil`; of the ServiceAccount what is given."""
    label = "kuberoster.io/roster={}".format
    moved.project.kubectl("label", "--overwrite", "namespace", moved.space, label("evil"))
    if account:
        what = ("serviceaccount", moved.user, "-n", moved.space)
        moved.project.kubectl("label", *what, label(account))


def _mark(moved: Moved) -> None:
    """Leave the mark of an earlier revocation in the user's namespace."""
    account = {"team": moved.team, "namespace": moved.space, "uid": "1"}
    text = json.dumps({"when": "2026-01-01T00:00:00Z", "by": "x", "accounts": [account]})
    space = f"state-{moved.team}"
    moved.project.kubectl("create", "namespace", space)
    moved.project.kubectl(
        "create", "configmap", "revoked-users", "-n", space, f"--from-literal={moved.user}={text}"
    )


def test_a_namesake_of_others_is_left_alone_and_named(moved: Moved) -> None:
    place = f"shop-{moved.team}"
    moved.project.kubectl("create", "namespace", place)
    moved.project.kubectl("create", "serviceaccount", moved.user, "-n", place)

    said = moved.revoke()

    assert f"left alone: ServiceAccount {place}/{moved.user}" in said
    moved.project.kubectl("get", "serviceaccount", moved.user, "-n", place)
    assert moved.status() == 401


def test_no_such_user_says_no_more_than_was_seen(moved: Moved) -> None:
    (moved.project.folder / "users" / f"{moved.team}.py").write_text("USERS = [\n")
    nobody = f"{moved.team}-nobody"
    said = moved.project.kuberoster("revoke", nobody, "--yes", fails=True)
    assert (
        f"no such user: '{nobody}'. users/ can't be read, and no namespace of this roster in the "
        "cluster has one." in said
    )
    assert "Neither users/" not in said
    said = moved.project.kuberoster("revoke", "default", "--yes", fails=True)
    assert "no such user: 'default'. " in said
    assert "Neither users/" not in said


def test_whoever_may_not_look_everywhere_ends_what_may_be_seen_and_is_told(moved: Moved) -> None:
    moved.project.write(moved.team, "")
    moved.project.write(f"{moved.team}-new", ONE.format(moved.user))
    moved.project.kubectl("create", "namespace", f"state-{moved.team}")
    on_call = f"on-call-{moved.team}"
    rules = [
        {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]},
    ]
    for place in (moved.space, f"state-{moved.team}"):
        role: Object = {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "Role",
            "metadata": {"name": on_call, "namespace": place},
            "rules": rules,
        }
        moved.project.kubectl("create", "-f", "-", given=role)
        moved.project.kubectl(
            "create", "rolebinding", on_call, f"--role={on_call}", f"--user={on_call}", "-n", place
        )
    moved.project.act_as(on_call)

    said = moved.revoke(fails=True)

    assert f"deleted: ServiceAccount {moved.space}/{moved.user}" in said
    assert moved.status() == 401
    assert (
        f"error: {moved.user}: not looked at: ServiceAccounts of the name {moved.user} in other "
        "namespaces: " in said
    )


def test_a_mark_of_the_form_before_is_read_and_keeps_its_namespace(moved: Moved) -> None:
    space = f"state-{moved.team}"
    before = {"when": "2026-01-01T00:00:00Z", "by": "x", "team": "old", "uid": "1"}
    text = json.dumps({**before, "namespace": "users-old"})
    moved.project.kubectl("create", "namespace", space)
    moved.project.kubectl(
        "create", "configmap", "revoked-users", "-n", space, f"--from-literal={moved.user}={text}"
    )
    refused = moved.project.kuberoster("kubeconfig", moved.user, fails=True)
    assert "revoked on 2026-01-01T00:00:00Z by x" in refused

    moved.revoke()

    assert moved.marked() == {"users-old": "old", moved.space: moved.team}


def test_no_binding_brings_a_user_back_who_was_in_two_namespaces(project: Project) -> None:
    moved = Moved(project, roster="everywhere")
    moved.project.write(moved.team, "")
    moved.project.write(f"{moved.team}-new", ONE.format(moved.user))
    moved.project.kuberoster("bootstrap", "--same-roster")
    moved.revoke()
    for space in (moved.space, f"users-{moved.team}-new"):
        refused = moved.project.kubectl(
            "create", "rolebinding", f"back-{moved.team}", "--clusterrole=view", "-n", "web",
            f"--serviceaccount={space}:{moved.user}", "--dry-run=server", fails=True,
        )  # fmt: skip
        assert f"user {moved.user} is revoked" in refused
