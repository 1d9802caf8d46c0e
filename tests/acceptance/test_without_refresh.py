"""A deploy without refresh loses nothing where `kuberoster drift` has found nothing.

Whatever of the roster a plan with refresh would repair, drift shows; labels and annotations that
others add it does not, and they give nobody access. Who was revoked is refused all the same, for
a data source is read by every plan.
"""

from typing import NamedTuple

from tests.project import Project

USER = (
    'User("{0}", email="{0}@example.com", tokens=["main"], '
    'access=[view("web"), edit.cluster_wide(), '
    'Role("pods", rules=[Rule(resources=["pods"], verbs=["get"])])("web")])'
)
NO_REFRESH = "-refresh=false"
OTHER = '{"subjects":[{"kind":"ServiceAccount","name":"other","namespace":"web"}]}'


class Change(NamedTuple):
    """What somebody does by hand to the objects of one user, or of the team itself."""

    kind: str
    patch: str = ""
    """A merge patch; without one the object is deleted."""
    where: str = ""
    """The role's name in the binding's, where a kind has several."""


OF_OTHERS = (
    Change("serviceaccount", '{"metadata":{"labels":{"app":"x"}}}'),
    Change("rolebinding", '{"metadata":{"annotations":{"app":"x"}}}', ":view"),
)
OF_USERS = (
    Change("serviceaccount", '{"metadata":{"labels":{"kuberoster.io/team":"x"}}}'),
    Change("serviceaccount", '{"metadata":{"annotations":{"kuberoster.io/email":"x"}}}'),
    Change("serviceaccount", '{"metadata":{"annotations":{"kuberoster.io/email":null}}}'),
    Change("serviceaccount", '{"automountServiceAccountToken":true}'),
    Change("serviceaccount"),
    Change("secret", '{"metadata":{"labels":{"kuberoster.io/token":"x"}}}'),
    Change("secret", '{"metadata":{"annotations":{"kuberoster.io/email":"x"}}}'),
    Change("secret"),
    Change("rolebinding", OTHER, ":view"),
    Change("rolebinding", '{"subjects":null}', ":view"),
    Change("rolebinding", "", "role=pods"),
    Change("clusterrolebinding", OTHER),
    Change("clusterrolebinding"),
    Change("role", '{"rules":[{"apiGroups":[""],"resources":["secrets"],"verbs":["get"]}]}'),
    Change("role", '{"rules":null}'),
    Change("role"),
)
OF_THE_TEAM = {
    "kubernetes_resource_quota_v1": ("quota", "no-pods", '{"spec":{"hard":{"pods":"9"}}}'),
    "kubernetes_default_service_account_v1": (
        "serviceaccount",
        "default",
        '{"automountServiceAccountToken":true}',
    ),
    "kubernetes_namespace_v1": (
        "namespace",
        "",
        '{"metadata":{"labels":{"pod-security.kubernetes.io/enforce":"privileged"}}}',
    ),
}


def do(project: Project, user: str, change: Change) -> None:
    selector = f"kuberoster.io/user={user}"
    (found,) = [
        each["metadata"]
        for each in project.objects(change.kind, "-A", "-l", selector)
        if change.where in each["metadata"]["name"]
    ]
    where = [change.kind, found["name"]]
    if namespace := found.get("namespace"):
        where += ["-n", namespace]
    if change.patch:
        project.kubectl("patch", *where, "--type=merge", "-p", change.patch)
    else:
        project.kubectl("delete", *where)


def test_drift_shows_whatever_of_the_roster_a_plan_with_refresh_would_repair(
    project: Project,
) -> None:
    team = "unseen"
    changes = OF_USERS + OF_OTHERS
    users = [f"unseen{number:02}" for number in range(len(changes))]
    project.write(team, ", ".join(map(USER.format, users)))
    project.apply(team)
    assert project.changes(team) == {}
    assert project.run_any("drift", team).status == 0

    for user, change in zip(users, changes, strict=True):
        do(project, user, change)
    for kind, name, patch in OF_THE_TEAM.values():
        where = [name, "-n", f"users-{team}"] if name else [f"users-{team}"]
        project.kubectl("patch", kind, *where, "--type=merge", "-p", patch)
    shown = project.run_any("drift", team)
    repaired = project.changes(team)

    assert shown.status == 2
    for user, change in zip(users, changes, strict=True):
        assert any(user in address for address in repaired), change
        assert (user in shown.output) == (change in OF_USERS), change
    for of_type, (_, name, _) in OF_THE_TEAM.items():
        assert f"{of_type}.{team}" in repaired
        assert (f"users-{team}/{name}" if name else f"Namespace users-{team}") in shown.output
    assert project.changes(team, NO_REFRESH) == {}


def test_a_revoked_user_is_refused_without_refresh_too(project: Project) -> None:
    team, user = "unread", "unread1"
    project.write(team, USER.format(user))
    project.apply(team)
    project.kuberoster("revoke", user, "--yes")

    options = ("plan", "-no-color", "-input=false", NO_REFRESH)
    refused = project.terraform(team, *options, fails=True)

    assert f"Revoked in the cluster: {user}." in " ".join(refused.replace("│", " ").split())
