"""`kuberoster review --server-dry-run`: what a deploy would send, and what can't be known yet."""

import json

from kuberoster.cluster.kinds import KINDS
from tests.project import Project, until
from tests.review.dry_run.answers import NOT_CHECKABLE, USER, answers, write
from tests.review.revisions import review, reviewed


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
    assert "server: 3 not checkable before deploy, 2 passed as new\n" in shown.output
    assert f"  {NOT_CHECKABLE}: create ResourceQuota users-{team}x/no-pods, " in shown.output


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
        f"RoleBinding web/{team}:{team}-ann:view": ("delete", "not tried"),
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


def test_what_is_there_and_not_terraforms_is_tried_as_new(deployed: tuple[Project, str]) -> None:
    project, team = deployed
    write(project, team, "ann", "bob")
    name = f"{team}:{team}-bob:view"
    project.kubectl(
        *("create", "rolebinding", name, "-n", "web", "--clusterrole=view", "--user=somebody")
    )
    project.kubectl("create", "serviceaccount", f"{team}-bob", "-n", f"users-{team}")

    found = answers(project)

    result, why = found[f"RoleBinding web/{name}"]
    assert (result, why) == (
        "refused",
        f'rolebindings.rbac.authorization.k8s.io "{name}" already exists',
    )
    assert found[f"ServiceAccount users-{team}/{team}-bob"][0] == "refused"
    shown = review(project, "--server-dry-run")
    assert shown.status == 3
    assert "server: 1 passed as new, 2 refused\n" in shown.output


def test_what_goes_and_who_starts_later_are_named_as_not_tried(
    deployed: tuple[Project, str],
) -> None:
    project, team = deployed
    later = USER.format(team, "bob").replace("access", 'starts="2099-01-01", access')
    project.write(team, later)

    document = reviewed(project, "--server-dry-run")

    assert {(each["object"], each["action"], each["result"]) for each in document["dry_run"]} == {
        (f"ServiceAccount users-{team}/{team}-ann", "delete", "not tried"),
        (f"Secret users-{team}/{project.secrets(f'{team}-ann')['main']}", "delete", "not tried"),
        (f"RoleBinding web/{team}:{team}-ann:view", "delete", "not tried"),
    }
    assert document["not_checked"][1:] == [
        f"what Terraform tracks of {team}, since there is no plan: the dry run took what has the "
        "roster's labels for it, and all else for new",
        f"by the dry run, what a deploy sends for who starts later: {team}-bob",
    ]


def test_a_change_takes_away_what_others_put_on(deployed: tuple[Project, str]) -> None:
    project, team = deployed
    namespace = f"users-{team}"
    project.kubectl("label", "serviceaccount", f"{team}-ann", "-n", namespace, "x=y")
    project.kubectl(
        *("patch", "serviceaccount", "default", "-n", namespace),
        *("-p", '{"automountServiceAccountToken": true}'),
    )
    project.write(team, USER.format(team, "ann").replace("x@", "y@"))

    found = answers(project)

    assert found[f"ServiceAccount {namespace}/default"] == ("passed", "")
    assert found[f"ServiceAccount {namespace}/{team}-ann"] == ("passed", "")


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
    assert shown.errors.startswith(
        "--server-dry-run asks the cluster, and --offline, --plan and --no-refresh do not.\n"
    )
    assert reviewed(project)["dry_run"] is None
    assert reviewed(project, "--offline")["dry_run"] is None
