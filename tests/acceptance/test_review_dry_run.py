"""A dry run tries what Terraform would really do, which its state decides and no label."""

from tests.acceptance.reviewing import ANN, BOB, deployed, review_base, write
from tests.project import Project

EVE = 'User("{0}-eve", email="e@example.com", access=[view("web")])'


def tried(project: Project) -> dict[str, tuple[str, str, str]]:
    """Of each object the action, the result and why."""
    document = review_base(project, "--server-dry-run").document
    assert document["not_checked"] == []
    return {
        each["object"]: (each["action"], each["result"], each["why"] or "")
        for each in document["dry_run"]
    }


def test_what_has_our_labels_and_is_not_in_the_state_is_tried_as_new(project: Project) -> None:
    team = "rd-labels"
    deployed(project, team, ANN.format(team, ""))
    binding = f"{team}:{team}-eve:view"
    write(project, team, ANN.format(team, ""), EVE.format(team))
    manifests = project.kuberoster("manifests").split("---\n")
    (planted,) = (each for each in manifests if binding in each and "kind: RoleBinding" in each)
    project.kubectl("create", "-f", "-", text=planted)

    found = tried(project)

    assert found == {
        f"ServiceAccount users-{team}/{team}-eve": ("create", "passed", ""),
        f"Secret users-{team}/{team}-eve-main-*": ("create", "passed", ""),
        f"RoleBinding web/{binding}": (
            "create",
            "refused",
            f'rolebindings.rbac.authorization.k8s.io "{binding}" already exists',
        ),
    }
    project.synth()
    said = project.terraform(team, "apply", "-no-color", "-auto-approve", fails=True)
    assert f'"{binding}" already exists' in said


def test_it_tries_what_the_plan_does(project: Project) -> None:
    team = "rd-plan"
    ann, bob = ANN.format(team, ""), BOB.format(team, "")
    deployed(project, team, ann, bob, EVE.format(team))
    # What a plan sees and drift need not: a label that Terraform takes off again.
    project.kubectl("label", "serviceaccount", f"{team}-ann", "-n", f"users-{team}", "x=y")
    secret = project.secrets(f"{team}-eve")["main"]
    write(project, team, ann.replace("edit(", "view("), bob.replace("b@", "bee@"))

    found = {key: (action, result) for key, (action, result, _) in tried(project).items()}

    assert found == {
        f"ServiceAccount users-{team}/{team}-ann": ("change", "passed"),
        f"RoleBinding web/{team}:{team}-ann:view": ("create", "passed"),
        f"RoleBinding web/{team}:{team}-ann:edit": ("delete", "not tried"),
        f"ServiceAccount users-{team}/{team}-bob": ("change", "passed"),
        f"Secret users-{team}/{team}-bob-main-*": ("change", "passed"),
        f"ServiceAccount users-{team}/{team}-eve": ("delete", "not tried"),
        f"Secret users-{team}/{secret}": ("delete", "not tried"),
        f"RoleBinding web/{team}:{team}-eve:view": ("delete", "not tried"),
    }
