"""`kuberoster revoke`: what ends, when, what is left alone, and what it says."""

import json
import os
import pty
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest

from kuberoster import Team, User
from kuberoster.model.roster import Roster, TeamRoster
from kuberoster.operations.revocation.marks import MarkedAccount, Revocation, revoked_and_active
from tests.project import Object, Project, paused_controllers, pods, until

_numbers = count()
ONE = 'User("{0}", email="{0}@example.com", access=[{1}], tokens={2})'
OWN = 'Role("own", rules=[Rule(["get"], ["pods"])])("web")'


class Revocable:
    """A deployed user of a team with one user, and what of it works."""

    def __init__(self, project: Project, access: str, tokens: list[str]) -> None:
        self.project = project
        self.team = f"rv{next(_numbers)}"
        self.user = f"{self.team}-ann"
        self.space = f"users-{self.team}"
        project.write(self.team, ONE.format(self.user, access, tokens))
        project.create()
        self.tokens = [project.token(self.user, label) for label in tokens]

    def requested(self) -> str:
        """A token that Kubernetes makes on request, and keeps nowhere."""
        return self.project.kubectl("create", "token", self.user, "-n", self.space).strip()

    def status(self, token: str) -> int:
        return self.project.status(token, pods("web"))

    def revoke(self, *options: str, fails: bool = False) -> str:
        return self.project.kuberoster("revoke", self.user, "--yes", *options, fails=fails)

    def marks(self, namespace: str = "kuberoster-state") -> dict[str, Object]:
        """The mark of each user, with the fields of its first account."""
        found = self.project.objects("configmaps", "-n", namespace)
        data = {
            user: text
            for each in found
            if each["metadata"]["name"] == "revoked-users"
            for user, text in each.get("data", {}).items()
        }
        marks = {user: json.loads(text) for user, text in data.items()}
        return {user: {**mark, **mark["accounts"][0]} for user, mark in marks.items()}

    def left(self, kinds: str, *where: str) -> set[str]:
        """The objects that are labelled as the user's."""
        found = self.project.objects(kinds, *where, "-l", f"kuberoster.io/user={self.user}")
        return {f"{each['kind']} {each['metadata']['name']}" for each in found}


@pytest.fixture
def revocable(project: Project) -> Callable[..., Revocable]:
    def make(access: str = 'view("web")', tokens: tuple[str, ...] = ("main",)) -> Revocable:
        return Revocable(project, access, list(tokens))

    return make


Make = Callable[..., Revocable]


def test_every_token_is_dead_when_it_returns_and_nothing_of_the_user_is_left(
    revocable: Make,
) -> None:
    ann = revocable(f'edit("web"), {OWN}, view.cluster_wide()', ("a", "b"))
    requested = ann.requested()
    # Now the API server remembers each of them as good, for 10 s.
    primed = [requested, *ann.tokens]
    assert [ann.status(token) for token in primed] == [200] * 3

    said = ann.revoke()

    assert [ann.status(token) for token in primed] == [401] * 3
    kinds = "serviceaccounts,secrets,roles,rolebindings"
    assert ann.left(kinds, "-A") | ann.left("clusterroles,clusterrolebindings") == set()
    assert "3 tokens tried, the last one refused" in said
    for shown in (
        f"ServiceAccount {ann.space}/{ann.user}",
        f"Secret {ann.space}/{ann.user}-a-",
        f"RoleBinding web/{ann.team}:{ann.user}:edit",
        f"Role web/{ann.team}:{ann.user}:role=own",
        f"ClusterRoleBinding {ann.team}:{ann.user}:view",
    ):
        assert f"deleted: {shown}" in said
    assert "Streams that are open already (watch, exec, port-forward) go on" in said
    assert f'users/{ann.team}.py say suspended="why"' in said
    mark = ann.marks()[ann.user]
    assert (mark["team"], mark["namespace"]) == (ann.team, ann.space)
    assert mark["by"]
    assert not any(token in "".join(ann.project.outputs) for token in primed)

    again = ann.revoke()
    assert "deleted: nothing" in again
    # Its bindings are gone, and with them what they allowed.
    assert "could have been used to make is not known" in again
    assert ann.marks()[ann.user] == mark


def test_a_reader_who_leaves_stops_no_revocation_half_way(revocable: Make) -> None:
    ann = revocable(f'edit("web"), {OWN}')
    command = [sys.executable, "-m", "kuberoster.cli", "revoke", ann.user, "--yes"]

    done = subprocess.run(
        ["/bin/bash", "-c", '"$@" 2>&1 | true; exit "${PIPESTATUS[0]}"', "-", *command],
        cwd=ann.project.folder,
        env=ann.project.environment | {"PYTHONUNBUFFERED": "1"},
        check=False,
    )

    assert done.returncode == 0
    assert ann.status(ann.tokens[0]) == 401
    assert ann.left("serviceaccounts,secrets,roles,rolebindings", "-A") == set()
    assert ann.marks()[ann.user]


def test_a_user_without_a_secret_is_tried_with_a_token_made_for_it(revocable: Make) -> None:
    ann = revocable()
    requested = ann.requested()
    ann.project.kubectl("delete", "secrets", "--all", "-n", ann.space)

    said = ann.revoke()

    assert "1 token tried, the last one refused" in said
    assert ann.status(requested) == 401


def test_what_only_claims_to_be_the_users_is_left_alone(
    revocable: Make, new_project: Callable[[str], Project]
) -> None:
    ann = revocable()
    other = Revocable(new_project("other"), 'view("web")', ["main"])
    project, labels = ann.project, f"kuberoster.io/user={ann.user}"
    ours = f"{labels},kuberoster.io/team={ann.team},app.kubernetes.io/managed-by=kuberoster"
    claims = [
        ("serviceaccount", ann.user, "kube-system"),
        ("serviceaccount", f"{ann.user}-too", other.space),
        ("secret", other.project.secrets(other.user)["main"], other.space),
        ("rolebinding", f"{other.team}:{other.user}:view", "web"),
        ("role", f"claims-{ann.user}", "web"),
    ]
    for kind, name, namespace in claims[:2]:
        project.kubectl("create", kind, name, "-n", namespace)
    project.kubectl("create", "role", claims[4][1], "-n", "web", "--verb=get", "--resource=pods")
    for kind, name, namespace in claims:
        project.kubectl("label", kind, name, "-n", namespace, "--overwrite", *ours.split(","))
    # Somebody of the same name, whose label names another user.
    namesake = ("serviceaccount", ann.user, other.space)
    project.kubectl("create", *namesake[:2], "-n", other.space)
    project.kubectl("label", *namesake[:2], "-n", other.space, "kuberoster.io/user=somebody")
    claims.append(namesake)

    assert f"namespace {other.space} has " in ann.revoke(fails=True)
    assert ann.status(ann.tokens[0]) == 401

    for kind, name, namespace in claims:
        project.kubectl("get", kind, name, "-n", namespace)
    assert other.status(other.tokens[0]) == 200

    # Nor when the roster no longer says where the user is.
    (project.folder / "users" / f"{ann.team}.py").write_text("USERS = []\n")
    ann.project.kuberoster("revoke", ann.user, "--lift", "--yes")
    assert "nothing was done" in ann.revoke(fails=True)
    project.kubectl("get", "serviceaccount", ann.user, "-n", "kube-system")
    project.kubectl(*("get", *namesake[:2]), "-n", other.space)


def test_undeclared_bindings_go_and_one_with_another_subject_is_left_and_named(
    revocable: Make,
) -> None:
    ann = revocable("")
    account, full = f"{ann.space}:{ann.user}", f"system:serviceaccount:{ann.space}:{ann.user}"
    named = {
        "own": [f"--serviceaccount={account}"],
        "full": [f"--user={full}"],
        "both": [f"--serviceaccount={account}", f"--user={full}"],
        "shared": [f"--serviceaccount={account}", "--user=somebody"],
        "team": [f"--group=system:serviceaccounts:{ann.space}"],
        "others": ["--serviceaccount=web:default"],
    }
    for name, subjects in named.items():
        where = ["rolebinding", f"{ann.team}-{name}", "-n", "web"]
        ann.project.kubectl("create", *where, "--clusterrole=view", *subjects)
    everywhere = f"{ann.team}-everywhere"
    ann.project.kubectl(
        "create", "clusterrolebinding", everywhere, "--clusterrole=view", *named["own"]
    )

    said = ann.revoke()

    bindings = ann.project.objects("rolebindings", "-n", "web")
    left = {each["metadata"]["name"] for each in bindings}
    assert {name for name in named if f"{ann.team}-{name}" in left} == {"shared", "team", "others"}
    ann.project.kubectl("get", "clusterrolebinding", everywhere, fails=True)
    assert f"left: RoleBinding web/{ann.team}-shared, which names others beside {ann.user}" in said
    assert "-team" not in said


def test_a_secret_without_labels_ends_too(revocable: Make) -> None:
    ann = revocable()
    secret = ann.project.secrets(ann.user)["main"]
    ann.project.kubectl(
        "label", "secret", secret, "-n", ann.space, "kuberoster.io/user-", "kuberoster.io/token-"
    )

    with paused_controllers(ann.project.control_plane):  # which would delete it in the end
        assert f"deleted: Secret {ann.space}/{secret}" in ann.revoke()
    assert ann.project.objects("secrets", "-n", ann.space) == []


@pytest.mark.parametrize("how", ["user removed", "file gone", "file broken", "no file"])
def test_a_user_whom_the_roster_does_not_name_is_found_by_labels(revocable: Make, how: str) -> None:
    ann = revocable()
    file = ann.project.folder / "users" / f"{ann.team}.py"
    if how != "no file":
        ann.project.write("empty", "")
    if how in ("file gone", "no file"):
        file.unlink()
    else:
        file.write_text("USERS = []\n" if how == "user removed" else "USERS = [\n")

    if how != "user removed":  # neither users/ nor a state says that the namespace is the team's
        refused = ann.revoke(fails=True)
        assert f"namespace {ann.space} has the label kuberoster.io/team={ann.team}" in refused
        assert f"If it is: kuberoster revoke {ann.user} --in {ann.space}\n" in refused
        assert ann.status(ann.tokens[0]) == 200
    said = ann.revoke("--in", ann.space)

    assert ("warning: the roster can't be read" in said) == (how in ("file broken", "no file"))
    assert f"deleted: ServiceAccount {ann.space}/{ann.user}" in said
    assert f"no roster that can be read here names {ann.user}." in said
    assert ann.status(ann.tokens[0]) == 401
    assert ann.user in ann.marks()
    # What the mark says leads back to what the first run may have left.
    assert "deleted: nothing" in ann.revoke()


def test_a_file_of_users_that_never_ends_keeps_nobody_from_revoking(revocable: Make) -> None:
    ann = revocable()
    (ann.project.folder / "users" / "endless.py").write_text("while True: pass\n")

    said = ann.revoke("--in", ann.space)

    given_up = "the roster can't be read (users/endless.py: not at its end after 20 s), so "
    assert said.count(f"warning: {given_up}'{ann.user}' is looked for in the cluster alone.") == 1
    assert ann.status(ann.tokens[0]) == 401
    assert ann.user in ann.marks()


@pytest.mark.parametrize("roster", [None, "main", "payments"])
def test_a_namespace_that_only_carries_a_label_is_left_alone(
    revocable: Make, roster: str | None
) -> None:
    """The user's own tokens end; a namesake in a namespace of others keeps everything."""
    ann = revocable()
    project, space = ann.project, f"shop-{ann.team}"
    labels = ["kuberoster.io/team=shop", "app.kubernetes.io/managed-by=kuberoster"]
    labels += [f"kuberoster.io/roster={roster}"] if roster else []
    project.kubectl("create", "namespace", space)
    project.kubectl("create", "serviceaccount", ann.user, "-n", space)
    project.kubectl("label", "namespace", space, *labels)
    project.kubectl(
        "label", "serviceaccount", ann.user, "-n", space, f"kuberoster.io/user={ann.user}"
    )
    token = project.kubectl("create", "token", ann.user, "-n", space).strip()

    said = ann.revoke(fails=roster != "payments")  # not all that may be ours has ended

    assert ann.status(ann.tokens[0]) == 401
    assert project.status(token, "/api") != 401
    project.kubectl("get", "serviceaccount", ann.user, "-n", space)
    assert (f"namespace {space} has the label kuberoster.io/team=shop" in said) == (
        roster != "payments"
    )
    for namespace in (space, "kube-system", "default", "kuberoster-state"):
        if roster == "payments":
            said = ann.revoke("--in", namespace, fails=True)
            assert f"namespace {namespace} is no namespace of a team of this roster" in said
            assert f"--in {namespace}" not in said
    project.kubectl("get", "serviceaccount", ann.user, "-n", space)


def test_a_user_who_moved_in_the_roster_alone_is_revoked_where_the_tokens_are(
    revocable: Make,
) -> None:
    ann = revocable()
    ann.project.write(ann.team, "")
    ann.project.write(f"{ann.team}-new", ONE.format(ann.user, 'view("web")', ["main"]))

    said = ann.revoke()

    assert f"deleted: ServiceAccount {ann.space}/{ann.user}" in said
    assert f"users/{ann.team}-new.py say suspended" in said
    assert ann.status(ann.tokens[0]) == 401
    marked = [each["team"] for each in ann.marks()[ann.user]["accounts"]]
    assert marked == [f"{ann.team}-new", ann.team]


def test_an_unknown_user_is_refused_with_the_most_similar_one(revocable: Make) -> None:
    ann = revocable()
    said = ann.project.kuberoster("revoke", f"{ann.user}e", "--yes", fails=True)
    assert f"no such user: '{ann.user}e'." in said
    assert f"Did you mean '{ann.user}'?" in said
    ann.project.kubectl("label", "sa", "default", "-n", ann.space, "kuberoster.io/user=default")
    assert "no such user" in ann.project.kuberoster("revoke", "default", "--yes", fails=True)
    assert ann.status(ann.tokens[0]) == 200


# Confirmation


def test_without_a_terminal_and_without_yes_nothing_is_done(revocable: Make) -> None:
    ann = revocable()
    for more in ((), ("--token", "main")):
        said = ann.project.kuberoster("revoke", ann.user, *more, fails=True)
        assert "not confirmed, and there is no terminal to ask on; nothing was done." in said
    assert ann.user not in ann.marks()
    assert ann.status(ann.tokens[0]) == 200


def _typed(project: Project, user: str, answer: str) -> tuple[int, str]:
    """Run `revoke` at a terminal where a person types an answer; status and what was shown."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "kuberoster.cli", "revoke", user],
        cwd=project.folder,
        env=project.environment,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    os.write(ours, f"{answer}\n".encode())
    shown = "".join(_read(ours))
    project.outputs.append(shown)
    return process.wait(), shown


def _read(terminal: int) -> Iterator[str]:
    while True:
        try:
            chunk = os.read(terminal, 4096)
        except OSError:  # how Linux says that the other end is closed
            chunk = b""
        if not chunk:
            os.close(terminal)
            return
        yield chunk.decode(errors="replace")


def test_at_a_terminal_the_name_has_to_be_typed_and_waiting_is_shown(revocable: Make) -> None:
    ann = revocable()
    status, shown = _typed(ann.project, ann.user, "yes")
    assert (status, "not confirmed; nothing was done." in shown) == (1, True)
    assert ann.status(ann.tokens[0]) == 200

    status, shown = _typed(ann.project, ann.user, ann.user)
    assert status == 0
    assert f"This deletes ServiceAccount {ann.space}/{ann.user}" in shown
    assert re.search(
        f"waiting for the API server to refuse the tokens of {ann.user}: [0-9]+ s", shown
    )
    assert ann.status(ann.tokens[0]) == 401


# What the rights could have been used to make


@pytest.mark.parametrize(
    ("access", "says"),
    [
        ('view("web"), view("api")', ["is known here to make tokens"]),
        (
            'edit("web"), view("api")',
            [
                "  web: copies of tokens in Secrets (get secrets), pods, which run as any "
                "ServiceAccount of their namespace (create pods), requests as others (impersonate "
                "serviceaccounts), ServiceAccounts (create serviceaccounts), token Secrets "
                "(create secrets), tokens of other ServiceAccounts (create serviceaccounts/token)"
                "\n",
            ],
        ),
        (
            'Role("r", rules=[Rule(["get"], ["secrets"], resource_names=["tls"]), '
            'Rule(["create"], ["*"], api_groups=["batch"])])("web")',
            ["copies of tokens in Secrets (get secrets tls)", "(create jobs)"],
        ),
        (
            'Role("c", rules=[Rule(["create"], ["certificatesigningrequests"], '
            'api_groups=["certificates.k8s.io"]), Rule(["bind"], ["clusterroles"], '
            'api_groups=["rbac.authorization.k8s.io"], resource_names=["view"])]).cluster_wide()',
            [
                "  everywhere: certificates (create certificatesigningrequests), "
                "roles (bind clusterroles view)\n"
            ],
        ),
        (
            'ClusterRole("cluster-admin")("web")',
            ["bindings (create rolebindings), copies of", "roles (create roles), "],
        ),
    ],
    ids=["view", "edit", "by name", "cluster-wide", "admin of a namespace"],
)
def test_it_says_what_the_rights_could_have_been_used_to_make(
    revocable: Make, access: str, says: list[str]
) -> None:
    ann = revocable(access)
    assert ann.project.status(ann.tokens[0], "/version") == 200
    for options in (["--token", "main"], []):
        said = ann.revoke(*options)
        for words in says:
            assert words in said
        assert "  api: " not in said


def test_what_an_earlier_revocation_began_is_no_proof_of_harmless_rights(revocable: Make) -> None:
    """As it ends where the API server fails between two deletions; what gave more is gone."""
    ann = revocable('edit("web"), view("api")')
    ann.project.kubectl("delete", "serviceaccount", ann.user, "-n", ann.space)
    ann.project.kubectl("delete", "rolebinding", f"{ann.team}:{ann.user}:edit", "-n", "web")

    said = ann.revoke()

    assert f"deleted: RoleBinding api/{ann.team}:{ann.user}:view" in said
    assert "could have been used to make is not known: " in said
    assert "is known here to make" not in said


# The mark


def test_two_at_once_do_not_lose_each_others_mark_and_its_namespace_is_made(
    new_project: Callable[[str], Project],
) -> None:
    both = [Revocable(new_project(name), 'view("web")', ["main"]) for name in ("one", "two")]
    for each in both:
        each.project.configure(state={"namespace": "state-of-two"})

    with ThreadPoolExecutor() as pool:
        list(pool.map(Revocable.revoke, both))

    assert set(both[0].marks("state-of-two")) == {each.user for each in both}
    quotas = both[0].project.objects("resourcequotas", "-n", "state-of-two")
    assert [each["spec"]["hard"] for each in quotas] == [{"pods": "0"}]


def test_without_its_mark_it_ends_in_an_error_and_everything_else_is_done(
    revocable: Make,
) -> None:
    ann = revocable()
    ann.project.kubectl("create", "namespace", "no-marks")
    ann.project.kubectl("create", "quota", "none", "-n", "no-marks", "--hard=count/configmaps=0")
    for _ in until(20):  # for the quota to count
        quotas = ann.project.objects("resourcequotas", "-n", "no-marks")
        if quotas[0].get("status", {}).get("used"):
            break
    ann.project.configure(state={"namespace": "no-marks"})

    said = ann.revoke(fails=True)

    assert "error: No mark was left, so the next deploy may give access again: " in said
    assert "exceeded quota" in said
    assert f"{ann.user}: not all of it is done." in said
    assert ann.status(ann.tokens[0]) == 401


def test_lifting_says_who_revoked_and_takes_that_mark_alone(
    new_project: Callable[[str], Project],
) -> None:
    ann, bob = (Revocable(new_project(name), 'view("web")', ["main"]) for name in ("one", "two"))
    for each in (ann, bob):
        each.revoke()
    by, when = (ann.marks()[ann.user][key] for key in ("by", "when"))

    said = ann.project.kuberoster("revoke", ann.user, "--lift", fails=True)
    assert "not confirmed" in said
    assert ann.user in ann.marks()
    assert f"{ann.user}: revoked on {when} by {by}; lifted." in ann.revoke("--lift")

    assert ann.user not in ann.marks()
    assert bob.user in ann.marks()
    assert f"{ann.user}: is not revoked." in ann.revoke("--lift")


def test_a_revoked_user_whom_the_roster_lets_in_is_named_with_the_mend() -> None:
    mark = Revocation(
        when="2026-11-01T00:00:00Z",
        by="root",
        accounts=(MarkedAccount(team="web", namespace="users-web", uid="1"),),
    )
    users = tuple(User(name, email="a@example.com") for name in ("eve", "ann", "bob"))
    active = Roster((TeamRoster(team=Team(name="web"), users=users),))
    assert dict(revoked_and_active(active, {"ann": mark, "zoe": mark})) == {
        "ann": "revoked on 2026-11-01T00:00:00Z by root, and users/web.py gives access still: "
        'suspend the user (suspended="why"), remove the user, or lift it with '
        "`kuberoster revoke ann --lift`"
    }


def test_a_mark_that_somebody_broke_still_counts(revocable: Make) -> None:
    ann = revocable()
    ann.revoke()
    for text in (
        "",
        "[]",
        '{"accounts": [1, {}]}',
        '{"accounts": 1}',
        '{"by": 1, "when": "\\u001b[2J"}',
        "{",
    ):
        ann.project.kubectl(
            "patch", "configmap", "revoked-users", "-n", "kuberoster-state", "--type=merge",
            "--patch-file=/dev/stdin", given={"data": {ann.user: text}},
        )  # fmt: skip
        assert "revoked on a day unknown by somebody; lifted." in ann.revoke("--lift")


def test_what_may_not_be_deleted_is_an_error_and_the_rest_is_done(revocable: Make) -> None:
    ann = revocable()
    limited = f"limited-{ann.team}"
    rule = {"apiGroups": [""], "verbs": ["*"], "resources": ["secrets", "configmaps"]}
    look = {"apiGroups": ["*"], "verbs": ["get", "list", "create"], "resources": ["*"]}
    marks = {"apiGroups": ["kuberoster.io"], "verbs": ["revoke"], "resources": ["rosters"]}
    role: Object = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": limited},
        "rules": [rule, look, marks],
    }
    ann.project.kubectl("create", "-f", "-", given=role)
    ann.project.kubectl(
        "create", "clusterrolebinding", limited, f"--clusterrole={limited}", f"--user={limited}"
    )
    ann.project.act_as(limited)

    said = ann.revoke(fails=True)

    assert f"error: ServiceAccount {ann.space}/{ann.user} was not deleted: " in said
    assert f"error: RoleBinding web/{ann.team}:{ann.user}:view was not deleted: " in said
    assert ann.marks()[ann.user]["by"] == limited
    assert ann.status(ann.tokens[0]) == 401  # its Secret is gone


# While others are at work


def test_a_service_account_that_a_running_deploy_brings_back_is_deleted_again(
    project: Project, revocable: Make
) -> None:
    project.configure(roster="unguarded")  # where the API server lets it
    ann = revocable()
    assert ann.status(ann.tokens[0]) == 200  # so that there is time to come back
    made = ann.project.kuberoster("manifests")
    state = "kuberoster-state-unguarded"

    def bring_back() -> None:
        for _ in until(20, every=0.05):
            if ann.user in ann.marks(state) and not ann.left("serviceaccounts", "-n", ann.space):
                ann.project.kubectl("apply", "-f", "-", text=_accounts_only(made))
                return

    deploy = threading.Thread(target=bring_back)
    deploy.start()
    said = ann.revoke()
    deploy.join()

    assert said.count(f"deleted: ServiceAccount {ann.space}/{ann.user}") == 2
    assert ann.left("serviceaccounts,secrets", "-n", ann.space) == set()


def _accounts_only(manifests: str) -> str:
    documents = manifests.split("---\n")
    return "---\n".join(each for each in documents if "\nkind: ServiceAccount\n" in each)


# One token


def test_one_token_ends_alone_and_it_says_what_lives_on(revocable: Make) -> None:
    ann = revocable(tokens=("old", "old-2"))
    old, new = ann.tokens
    requested = ann.requested()
    assert ann.status(old) == 200
    twin = ann.project.objects("secrets", "-n", ann.space, "-l", "kuberoster.io/token=old")[0]
    copy = {key: twin["metadata"][key] for key in ("labels", "annotations")}
    name = f"{ann.user}-old-zzzzz"
    ann.project.kubectl(
        "create", "-n", ann.space, "-f", "-",
        given={**twin, "metadata": {**copy, "name": name}, "data": {}},
    )  # fmt: skip

    said = ann.revoke("--token", "old")

    assert [ann.status(token) for token in (old, new, requested)] == [401, 200, 200]
    assert said.count("deleted: Secret ") == 2
    assert f"deleted: Secret {ann.space}/{name}" in said
    assert f"This does not end: other tokens of {ann.user}" in said
    assert "TokenRequest" in said
    assert "put this one back under its old name" in said
    assert "the next deploy makes a new Secret of the token 'old'" in said
    assert ann.user not in ann.marks()
    assert [ann.status(token) for token in (new, requested)] == [200, 200]


def test_a_token_that_has_ended_is_over_again_and_one_that_nobody_knows_is_refused(
    revocable: Make,
) -> None:
    ann = revocable(tokens=("old", "new"))
    ann.project.kubectl("delete", "secret", ann.project.secrets(ann.user)["old"], "-n", ann.space)

    said = ann.revoke("--token", "old")

    assert ann.status(ann.tokens[0]) == 401
    assert "deleted: nothing, all of it was gone already" in said
    assert "waited: 15 s after the deletion. So this token is over with each API server" in said
    refused = ann.revoke("--token", "odl", fails=True)
    assert f"user '{ann.user}': has no token 'odl'." in refused
    assert "Did you mean 'old'?\nIt has new, old, as " in refused
    assert ann.status(ann.tokens[1]) == 200


def test_a_token_secret_of_somebody_else_is_not_taken_for_the_users(revocable: Make) -> None:
    ann = revocable()
    secret = ann.project.secrets(ann.user)["main"]
    ann.project.kubectl("create", "serviceaccount", "mallory", "-n", ann.space)
    planted: Object = {
        "apiVersion": "v1",
        "kind": "Secret",
        "type": "kubernetes.io/service-account-token",
        "metadata": {
            "name": f"{ann.user}-main-zzzzz",
            "labels": {"kuberoster.io/user": ann.user, "kuberoster.io/token": "main"},
            "annotations": {"kubernetes.io/service-account.name": "mallory"},
        },
    }
    ann.project.kubectl("create", "-n", ann.space, "-f", "-", given=planted)

    said = ann.revoke("--token", "main")

    assert said.count("deleted: Secret ") == 1
    assert f"deleted: Secret {ann.space}/{secret}" in said
    ann.project.kubectl("get", "secret", f"{ann.user}-main-zzzzz", "-n", ann.space)
