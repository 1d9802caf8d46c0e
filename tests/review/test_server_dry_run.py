"""`kuberoster review --server-dry-run`: the API server says what it would refuse."""

import itertools
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from kuberoster.operations.kinds import KINDS
from tests.project import Object, Project, until
from tests.review.revisions import commit, review, reviewed

_numbers = itertools.count()
USER = 'User("{0}-{1}", email="x@example.com", access=[view("web")])'
NOT_CHECKABLE = "not checkable before deploy"


@pytest.fixture
def deployed(project: Project) -> tuple[Project, str]:
    """A project with the user `<team>-ann`, committed and in the cluster; and its team."""
    team = f"sdry{next(_numbers)}"
    write(project, team, "ann")
    project.create()
    project.token(f"{team}-ann")
    commit(project)
    return project, team


def write(project: Project, team: str, *users: str) -> None:
    project.write(team, ", ".join(USER.format(team, user) for user in users))


def answers(project: Project, *options: str) -> dict[str, tuple[str, str]]:
    """What the API server said of each object: the result, and why."""
    document = reviewed(project, "--server-dry-run", *options)
    return {each["object"]: (each["result"], each["why"] or "") for each in document["dry_run"]}


def quota(project: Project, team: str, **hard: str) -> None:
    """A quota in the team's namespace, in force."""
    limits = ",".join(f"{resource}={limit}" for resource, limit in hard.items())
    where = ["-n", f"users-{team}"]
    project.kubectl("create", "quota", "tight", f"--hard={limits}", *where)
    for _ in until(30):
        if '"used"' in project.kubectl("get", "quota", "tight", "-o", "json", *where):
            return
    raise AssertionError("the quota's usage was never counted")


@pytest.fixture
def policy(project: Project, request: pytest.FixtureRequest) -> Iterator[str]:
    """The name of a ValidatingAdmissionPolicy that refuses what has the label refused=<name>."""
    name = f"sdry-{next(_numbers)}"
    group = "admissionregistration.k8s.io/v1"
    rule = {
        "apiGroups": ["", "rbac.authorization.k8s.io"],
        "apiVersions": ["v1"],
        "operations": ["CREATE", "UPDATE"],
        "resources": ["*"],
    }
    labels = "object.metadata.?labels['kuberoster.io/user'].orValue('')"
    spec: Object = {
        "failurePolicy": "Fail",
        "matchConstraints": {"resourceRules": [rule]},
        "validations": [
            {
                "expression": f"{labels} != '{name}-eve'",
                "messageExpression": "'nobody is called eve here: '"
                " + (has(object.data) ? string(object.data.token) : 'no data')",
            }
        ],
    }
    metadata = {"name": name}
    for kind, body in (
        ("ValidatingAdmissionPolicy", spec),
        (
            "ValidatingAdmissionPolicyBinding",
            {"policyName": name, "validationActions": ["Deny"]},
        ),
    ):
        given = {"apiVersion": group, "kind": kind, "metadata": metadata, "spec": body}
        project.kubectl("create", "-f", "-", given=given)
    account: Object = {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {"name": f"{name}-eve", "labels": {"kuberoster.io/user": f"{name}-eve"}},
    }
    for _ in until(30):
        tried = ["create", "--dry-run=server", "-n", "web", "-f", "-"]
        if "nobody is called eve" in _said(project, tried, account):
            break
    else:
        raise AssertionError("the policy never came into force")
    yield name
    project.kubectl("delete", "validatingadmissionpolicy", name)
    project.kubectl("delete", "validatingadmissionpolicybinding", name)


def _said(project: Project, command: list[str], given: Object) -> str:
    try:
        return project.kubectl(*command, given=given)
    except AssertionError as refused:
        return str(refused)


def everything(project: Project) -> dict[str, str]:
    """The resourceVersion of every object of all kinds that a deploy makes."""
    kinds = ",".join(kind.lower() for kind in KINDS)
    listed = json.loads(project.kubectl("get", kinds, "-A", "-o", "json"))
    return {
        item["metadata"]["uid"]: item["metadata"]["resourceVersion"] for item in listed["items"]
    }


def settled(project: Project) -> dict[str, str]:
    """`everything`, once no controller has anything to add any more."""
    last = everything(project)
    for _ in until(30, every=1.5):
        now = everything(project)
        if now == last:
            return now
        last = now
    raise AssertionError("the cluster never came to rest")


def test_where_nothing_changes_nothing_is_sent(deployed: tuple[Project, str]) -> None:
    project, _ = deployed
    shown = review(project, "--server-dry-run")

    assert shown.status == 0
    assert "dry run by the API server: a deploy would send nothing\n" in shown.output


def test_what_is_new_in_a_namespace_that_is_there_passes(deployed: tuple[Project, str]) -> None:
    project, team = deployed
    write(project, team, "ann", "bob")

    assert answers(project) == {
        f"ServiceAccount users-{team}/{team}-bob": ("passed", ""),
        f"Secret users-{team}/{team}-bob-main-*": ("passed", ""),
        f"RoleBinding web/{team}:{team}-bob:view": ("passed", ""),
    }


def test_what_lies_in_a_namespace_that_is_not_there_yet_has_never_passed(
    deployed: tuple[Project, str],
) -> None:
    project, team = deployed
    write(project, f"{team}x", "ann-x")

    found = answers(project)
    why = f"namespace users-{team}x does not exist yet"
    assert found.pop(f"Namespace users-{team}x") == ("passed", "")
    assert found.pop(f"RoleBinding web/{team}x:{team}x-ann-x:view") == ("passed", "")
    assert set(found) == {
        f"ResourceQuota users-{team}x/no-pods",
        f"ServiceAccount users-{team}x/{team}x-ann-x",
        f"Secret users-{team}x/{team}x-ann-x-main-*",
    }
    assert set(found.values()) == {(NOT_CHECKABLE, why)}
    shown = review(project, "--server-dry-run")
    assert shown.status == 2
    assert "server: 3 not checkable before deploy, 2 passed\n" in shown.output
    assert f"  {NOT_CHECKABLE}: create ResourceQuota users-{team}x/no-pods, " in shown.output


def test_a_quota_that_is_used_up_refuses_and_blocks(deployed: tuple[Project, str]) -> None:
    project, team = deployed
    quota(project, team, **{"count/secrets": "1"})
    write(project, team, "ann", "bob")

    shown = review(project, "--server-dry-run")
    assert shown.status == 3
    assert shown.output.startswith(
        "BLOCKED (dry-run-refused): the API server refuses to create "
        f"Secret users-{team}/{team}-bob-main-*: "
    )
    assert "exceeded quota: tight, requested: count/secrets=1, used: count/secrets=1" in (
        shown.output
    )
    assert [result for result, _ in answers(project).values()].count("refused") == 1


def test_a_quota_that_each_object_keeps_and_all_together_exceed_refuses_them(
    deployed: tuple[Project, str],
) -> None:
    project, team = deployed
    quota(project, team, **{"count/serviceaccounts": "4", "secrets": "2"})
    write(project, team, "ann", "bob", "cem")

    found = answers(project)
    why = (
        f"quota tight allows 2 of secrets in namespace users-{team}, 1 are there, and 2 would come"
    )
    assert {key: answer for key, answer in found.items() if answer[0] == "refused"} == {
        f"Secret users-{team}/{team}-bob-main-*": ("refused", why),
        f"Secret users-{team}/{team}-cem-main-*": ("refused", why),
    }


def test_an_admission_policy_refuses_in_its_own_words_and_is_told_no_data(
    deployed: tuple[Project, str], policy: str
) -> None:
    project, team = deployed
    eve = f'User("{policy}-eve", email="x@example.com", access=[view("web")])'
    project.write(team, ", ".join([USER.format(team, "ann"), eve]))

    found = answers(project)
    assert {result for result, _ in found.values()} == {"refused"}
    assert len(found) == 3
    for _, why in found.values():
        assert f"ValidatingAdmissionPolicy '{policy}'" in why
        assert why.endswith("denied request: nobody is called eve here: no data")


def test_a_refused_change_of_a_token_secret_shows_no_token(project: Project, policy: str) -> None:
    team, eve = f"{policy}t", f"{policy}-eve"
    off = ["delete", "validatingadmissionpolicybinding", policy]
    binding = json.loads(
        project.kubectl("get", "validatingadmissionpolicybinding", policy, "-o", "json")
    )
    project.kubectl(*off)
    time.sleep(2)  # until the API server knows
    project.write(team, f'User("{eve}", email="x@example.com")')
    project.create()
    token = project.token(eve)
    commit(project)
    project.write(team, f'User("{eve}", email="y@example.com")')
    given = {key: binding[key] for key in ("apiVersion", "kind", "spec")}
    project.kubectl("create", "-f", "-", given={**given, "metadata": {"name": policy}})
    secret = f"Secret users-{team}/{eve}-main-*"
    for _ in until(30):
        found = answers(project)
        if found[secret][0] == "refused":
            break
    assert found[secret] == ("refused", "Invalid")
    assert found[f"ServiceAccount users-{team}/{eve}"][0] == "refused"
    assert not [text for text in project.outputs if token in text or token[40:80] in text]


def test_a_change_is_tried_as_a_change(deployed: tuple[Project, str]) -> None:
    project, team = deployed
    project.write(team, USER.format(team, "ann").replace("x@", "y@").replace("view", "edit"))
    project.kubectl("label", "namespace", f"users-{team}", "kuberoster.io/team-", "x=y")

    document = reviewed(project, "--server-dry-run")
    tried = {each["object"]: (each["action"], each["result"]) for each in document["dry_run"]}
    assert tried == {
        f"Namespace users-{team}": ("change", "passed"),
        f"ServiceAccount users-{team}/{team}-ann": ("change", "passed"),
        f"Secret users-{team}/{team}-ann-main-*": ("change", "passed"),
        f"RoleBinding web/{team}:{team}-ann:edit": ("create", "passed"),
    }


def test_a_binding_whose_role_was_changed_by_hand_is_replaced_and_so_not_checkable(
    deployed: tuple[Project, str],
) -> None:
    project, team = deployed
    name = f"{team}:{team}-ann:view"
    (binding,) = (
        each
        for each in project.objects("rolebindings", "-n", "web")
        if each["metadata"]["name"] == name
    )
    project.kubectl("delete", "rolebinding", name, "-n", "web")
    binding["metadata"] = {key: binding["metadata"][key] for key in ("name", "namespace", "labels")}
    binding["roleRef"]["name"] = "edit"
    project.kubectl("create", "-f", "-", given=binding)

    result, why = answers(project)[f"RoleBinding web/{name}"]
    assert result == NOT_CHECKABLE
    assert why.startswith("it is deleted first")


def test_nothing_is_written(deployed: tuple[Project, str]) -> None:
    project, team = deployed
    write(project, f"{team}x", "new")
    write(project, team, "ann", "bob")
    project.kubectl(
        "annotate",
        "serviceaccount",
        f"{team}-ann",
        "kuberoster.io/email=changed",
        "--overwrite",
        "-n",
        f"users-{team}",
    )
    before = settled(project)

    found = answers(project)

    assert everything(project) == before
    assert {result for result, _ in found.values()} == {"passed", NOT_CHECKABLE}
    assert len(found) == 9


def test_it_asks_a_cluster_or_none(deployed: tuple[Project, str]) -> None:
    project, _ = deployed
    shown = review(project, "--offline", "--server-dry-run")

    assert (shown.status, shown.output) == (1, "")
    assert shown.errors.startswith("--server-dry-run asks the cluster, and --offline none.\n")
    assert reviewed(project)["dry_run"] is None
    assert reviewed(project, "--offline")["dry_run"] is None


def as_account(project: Project, account: str, *rules: dict[str, Any]) -> None:
    """Review from now on as a ServiceAccount of `web` with these rules over the whole cluster."""
    read = {"verbs": ["get", "list"], "apiGroups": ["*"], "resources": ["*"]}
    project.kubectl("create", "serviceaccount", account, "-n", "web")
    role: Object = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": account},
        "rules": [read, *rules],
    }
    project.kubectl("create", "-f", "-", given=role)
    project.kubectl(
        *("create", "clusterrolebinding", account, f"--clusterrole={account}"),
        f"--serviceaccount=web:{account}",
    )
    token = project.kubectl("create", "token", account, "-n", "web").strip()
    kubeconfig = project.folder / account
    project.environment["KUBECONFIG"] = str(kubeconfig)
    server, authority = project.control_plane.server, project.control_plane.certificate_authority
    where = [f"--server={server}", f"--certificate-authority={authority}"]
    project.kubectl("config", "set-credentials", "x", f"--token={token}")
    project.kubectl("config", "set-cluster", "x", *where)
    project.kubectl("config", "set-context", "x", "--cluster=x", "--user=x")
    project.kubectl("config", "use-context", "x")
    project.environment["KUBE_CONFIG_PATH"] = str(kubeconfig)


MAKES = {"verbs": ["create", "patch"], "apiGroups": ["*"], "resources": ["*"]}
BINDS = {
    "verbs": ["bind"],
    "apiGroups": ["rbac.authorization.k8s.io"],
    "resources": ["clusterroles"],
}


def test_a_role_that_the_credential_may_not_grant_is_refused(
    deployed: tuple[Project, str],
) -> None:
    project, team = deployed
    ann = USER.format(team, "ann")
    project.write(team, ann.replace('view("web")', 'view("web"), edit("api")'))
    as_account(project, f"{team}-deployer", MAKES)

    result, why = answers(project)[f"RoleBinding api/{team}:{team}-ann:edit"]
    assert result == "refused"
    assert "attempting to grant RBAC permissions not currently held" in why


def test_a_binding_to_a_role_that_is_not_there_yet_is_not_checkable(
    deployed: tuple[Project, str],
) -> None:
    project, team = deployed
    ann = USER.format(team, "ann")
    role = 'Role("sees", rules=[Rule(["get"], ["pods"])])("api")'
    project.write(team, ann.replace('view("web")', f'view("web"), {role}, edit("api")'))
    as_account(project, f"{team}-deployer", MAKES, BINDS)

    name = f"{team}:{team}-ann:role=sees"
    assert answers(project) == {
        f"Role api/{name}": ("passed", ""),
        f"RoleBinding api/{name}": (NOT_CHECKABLE, f"Role api/{name} does not exist yet"),
        f"RoleBinding api/{team}:{team}-ann:edit": ("passed", ""),
    }


def test_a_lacking_right_is_refused_and_names_it(deployed: tuple[Project, str]) -> None:
    project, team = deployed
    write(project, team, "ann", "bob")
    as_account(project, f"{team}-reader")

    found = answers(project)
    assert {result for result, _ in found.values()} == {"refused"}
    assert "cannot create resource" in found[f"ServiceAccount users-{team}/{team}-bob"][1]
