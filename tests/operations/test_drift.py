"""`kuberoster drift`: everything that is not as the roster says."""

import json
from collections.abc import Callable

import pytest

from tests.project import Object, Project

ROSTER = """
    User("{0}-a", email="a@example.com", access=[edit("web"),
        Role("own", rules=[Rule(["get"], ["pods"])])("web")]),
    User("{0}-b", email="b@example.com", tokens=["x", "y"], access=[view.cluster_wide()]),
"""
Change = Callable[[Project, str], object]


def drift(project: Project) -> list[str]:
    """What differs; the exit status has to agree."""
    shown = project.run_any("drift", "--format", "json")
    differences = json.loads(shown.output)["differences"]
    assert shown.status == (2 if differences else 0)
    return [f"{each['state']} {each['object']}: {each['what']}" for each in differences]


def _patch(project: Project, kind: str, name: str, namespace: str, patch: Object) -> None:
    where = [kind, name, *(["-n", namespace] if namespace else [])]
    project.kubectl("patch", *where, "--type=merge", "--patch-file=/dev/stdin", given=patch)


def _bind(project: Project, name: str, subject: str, *more: str) -> None:
    project.kubectl(
        "create", "rolebinding", name, "--clusterrole=view", subject, "-n", "api", *more
    )


# Each change, and what drift has to say of it; `{0}` is the team.
CHANGES: dict[str, tuple[Change, str]] = {
    "binding deleted": (
        lambda p, t: p.kubectl("delete", "rolebinding", f"{t}:{t}-a:edit", "-n", "web"),
        "missing RoleBinding web/{0}:{0}-a:edit: is not in the cluster",
    ),
    "subject added": (
        lambda p, t: _patch(
            p,
            "rolebinding",
            f"{t}:{t}-a:edit",
            "web",
            {"subjects": [{"kind": "User", "name": "mallory"}]},
        ),
        "changed RoleBinding web/{0}:{0}-a:edit: subjects is ['User /mallory'] and not "
        "['ServiceAccount users-{0}/{0}-a']",
    ),
    "role widened": (
        lambda p, t: _patch(
            p,
            "role",
            f"{t}:{t}-a:role=own",
            "web",
            {"rules": [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]}]},
        ),
        "changed Role web/{0}:{0}-a:role=own: rules is",
    ),
    "automount on": (
        lambda p, t: _patch(
            p,
            "serviceaccount",
            f"{t}-a",
            f"users-{t}",
            {"automountServiceAccountToken": True},
        ),
        "changed ServiceAccount users-{0}/{0}-a: automountServiceAccountToken is True",
    ),
    "automount of default on": (
        lambda p, t: _patch(
            p, "serviceaccount", "default", f"users-{t}", {"automountServiceAccountToken": True}
        ),
        "changed ServiceAccount users-{0}/default: mounts its token into pods",
    ),
    "quota raised": (
        lambda p, t: _patch(
            p, "resourcequota", "no-pods", f"users-{t}", {"spec": {"hard": {"pods": "3"}}}
        ),
        "changed ResourceQuota users-{0}/no-pods: spec is",
    ),
    "pod security lowered": (
        lambda p, t: p.kubectl(
            "label",
            "ns",
            f"users-{t}",
            "pod-security.kubernetes.io/enforce=baseline",
            "--overwrite",
        ),
        "changed Namespace users-{0}: label pod-security.kubernetes.io/enforce is 'baseline'",
    ),
    "account added": (
        lambda p, t: p.kubectl("create", "serviceaccount", "ghost", "-n", f"users-{t}"),
        "undeclared ServiceAccount users-{0}/ghost: is not in the roster",
    ),
    "token of default": (
        lambda p, t: _plant(p, t, "default"),
        "undeclared Secret users-{0}/planted: holds a token for 'default'",
    ),
    "token of a user": (
        lambda p, t: _plant(p, t, f"{t}-a"),
        "undeclared Secret users-{0}/planted: holds a token for '{0}-a'",
    ),
    "token of a user that says it is terraform's state": (
        lambda p, t: _plant(p, t, f"{t}-a", {"kuberoster.io/state": "true"}),
        "undeclared Secret users-{0}/planted: holds a token for '{0}-a'",
    ),
    "role among users": (
        lambda p, t: p.kubectl(
            "create", "role", "extra", "--verb=get", "--resource=secrets", "-n", f"users-{t}"
        ),
        "undeclared Role users-{0}/extra: is not in the roster",
    ),
    "binding among users": (
        lambda p, t: p.kubectl(
            "create", "rolebinding", "extra", "--clusterrole=view", "--user=x", "-n", f"users-{t}"
        ),
        "undeclared RoleBinding users-{0}/extra: is not in the roster",
    ),
    "user bound elsewhere": (
        lambda p, t: _bind(p, f"more-{t}", f"--serviceaccount=users-{t}:{t}-b"),
        "undeclared RoleBinding api/more-{0}: gives ServiceAccount users-{0}/{0}-b the "
        "ClusterRole view",
    ),
    "user bound by full name": (
        lambda p, t: _bind(p, f"more-{t}", f"--user=system:serviceaccount:users-{t}:{t}-b"),
        "undeclared RoleBinding api/more-{0}: gives User system:serviceaccount:users-{0}:{0}-b",
    ),
    "team bound elsewhere": (
        lambda p, t: _bind(p, f"more-{t}", f"--group=system:serviceaccounts:users-{t}"),
        "undeclared RoleBinding api/more-{0}: gives Group system:serviceaccounts:users-{0}",
    ),
    "all accounts bound": (
        lambda p, t: _bind(p, f"more-{t}", "--group=system:serviceaccounts"),
        "undeclared RoleBinding api/more-{0}: gives Group system:serviceaccounts the",
    ),
    "everyone bound": (
        lambda p, t: _bind(p, f"more-{t}", "--group=system:authenticated"),
        "undeclared RoleBinding api/more-{0}: gives Group system:authenticated the",
    ),
    "everyone bound by what claims to be kubernetes' own": (
        lambda p, t: p.kubectl(
            "create",
            "-f",
            "-",
            given={
                "apiVersion": "rbac.authorization.k8s.io/v1",
                "kind": "RoleBinding",
                "metadata": {
                    "name": f"more-{t}",
                    "namespace": "api",
                    "labels": {"kubernetes.io/bootstrapping": "rbac-defaults"},
                },
                "roleRef": {
                    "apiGroup": "rbac.authorization.k8s.io",
                    "kind": "ClusterRole",
                    "name": "system:discovery",
                },
                "subjects": [
                    {
                        "apiGroup": "rbac.authorization.k8s.io",
                        "kind": "Group",
                        "name": "system:authenticated",
                    }
                ],
            },
        ),
        "undeclared RoleBinding api/more-{0}: gives Group system:authenticated the",
    ),
    "token deleted": (
        lambda p, t: p.kubectl("delete", "secret", p.secrets(f"{t}-b")["y"], "-n", f"users-{t}"),
        "missing Secret users-{0}/{0}-b-y-*: the token 'y' of user '{0}-b' is not in the cluster",
    ),
    "user gone from the roster": (
        lambda p, t: p.write(t, ROSTER.format(t).partition('User("' + t + "-b")[0]),
        "undeclared ServiceAccount users-{0}/{0}-b: is not in the roster",
    ),
}


def _plant(project: Project, team: str, account: str, labels: dict[str, str] | None = None) -> None:
    body: Object = {
        "apiVersion": "v1",
        "kind": "Secret",
        "type": "kubernetes.io/service-account-token",
        "metadata": {
            "name": "planted",
            "labels": labels or {},
            "annotations": {"kubernetes.io/service-account.name": account},
        },
    }
    project.kubectl("create", "-n", f"users-{team}", "-f", "-", given=body)


@pytest.mark.parametrize("name", CHANGES)
def test_each_change_by_hand_is_shown(project: Project, name: str) -> None:
    change, says = CHANGES[name]
    team = f"d{list(CHANGES).index(name)}"
    project.write(team, ROSTER.format(team))
    project.create()
    project.kubectl(
        "wait", "--for=create", "serviceaccount/default", "-n", f"users-{team}", "--timeout=10s"
    )
    _patch(
        project,
        "serviceaccount",
        "default",
        f"users-{team}",
        {"automountServiceAccountToken": False},
    )
    for user, label in (("a", "main"), ("b", "x"), ("b", "y")):
        project.token(f"{team}-{user}", label)
    try:
        assert _about(team, drift(project)) == []
        change(project, team)
        shown = _about(team, drift(project))
        assert any(line.startswith(says.format(team)) for line in shown), shown
        assert len(shown) == 1 or name == "user gone from the roster"
    finally:
        project.kubectl("delete", "rolebinding", f"more-{team}", "-n", "api", "--ignore-not-found")


def _about(team: str, differences: list[str]) -> list[str]:
    """Without other tests' teams, which left this project's roster long ago."""
    return [line for line in differences if "its team" not in line or f"'{team}'" in line]


def test_a_team_whose_file_is_gone_is_found_by_its_labels(project: Project) -> None:
    project.write("stays", "")
    project.write("leaves", 'User("lou", email="lou@example.com", access=[view("web")])')
    project.create()
    (project.folder / "users" / "leaves.py").unlink()
    shown = [line for line in drift(project) if "'leaves'" in line]
    assert (
        "undeclared ServiceAccount users-leaves/lou: its team 'leaves' is not in the roster"
        in shown
    )
    assert any(line.startswith("undeclared Secret users-leaves/lou-main-") for line in shown)
    assert any(line.startswith("undeclared RoleBinding web/leaves:lou:view") for line in shown)
