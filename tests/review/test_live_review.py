"""`kuberoster review` on a live cluster: what others have made there counts, and is no change."""

from collections.abc import Iterator
from itertools import count

import pytest

from tests.project import Object, Project
from tests.review.credential import as_account
from tests.review.revisions import commit, gained, review, reviewed

_numbers = count()
ANN = 'User("{0}-ann", email="ann@example.com", access=[{1}])'
VIEW, EDIT = 'view("web")', 'edit("web")'


@pytest.fixture
def deployed(project: Project) -> tuple[Project, str]:
    """A project whose one user may view `web`, committed and in the cluster; and its team."""
    team = f"lrev{next(_numbers)}"
    project.write(team, ANN.format(team, VIEW))
    project.create()
    commit(project)
    return project, team


@pytest.fixture
def cluster_role(project: Project) -> Iterator[str]:
    """The name of a ClusterRole that is the cluster's own."""
    name = f"lrev-monitor-{next(_numbers)}"
    project.kubectl("create", "clusterrole", name, "--verb=list", "--resource=leases")
    yield name
    project.kubectl("delete", "clusterrole", name)


def write(project: Project, team: str, access: str) -> None:
    project.write(team, ANN.format(team, access))


def bind(project: Project, team: str, name: str, role: str, labels: Object | None = None) -> None:
    """Bind a ClusterRole in `web` to the team's user, by hand."""
    subject = {"kind": "ServiceAccount", "name": f"{team}-ann", "namespace": f"users-{team}"}
    body: Object = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "RoleBinding",
        "metadata": {"name": name, "namespace": "web", "labels": labels or {}},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role},
        "subjects": [subject],
    }
    project.kubectl("create", "-f", "-", given=body)


def test_no_change_is_none_live_either(deployed: tuple[Project, str]) -> None:
    project, _ = deployed
    shown = review(project)

    assert shown.status == 0
    assert shown.output.startswith("not checked: whether a team whose file is gone is still there")
    assert "\nnothing changes\n" in shown.output
    assert "; live: users/, and the roles and bindings of " in shown.output
    assert "left out" not in shown.output


def test_a_change_is_the_same_live_as_offline(deployed: tuple[Project, str]) -> None:
    project, team = deployed
    write(project, team, f'{EDIT}, view("api")')
    live, offline = reviewed(project), reviewed(project, "--offline")

    assert live["users"] == offline["users"]
    assert "secrets" in gained(live, f"{team}-ann")


def test_a_role_of_the_clusters_own_has_its_real_rules(
    deployed: tuple[Project, str], cluster_role: str
) -> None:
    project, team = deployed
    write(project, team, f'{VIEW}, ClusterRole("{cluster_role}")("api")')

    assert gained(reviewed(project, "--offline"), f"{team}-ann") == set()
    assert gained(reviewed(project), f"{team}-ann") == {"leases"}


def test_an_aggregated_role_has_what_the_cluster_fills_into_it(
    deployed: tuple[Project, str], cluster_role: str
) -> None:
    project, team = deployed
    label = {"lrev/aggregate": team}
    project.kubectl("label", "clusterrole", cluster_role, f"lrev/aggregate={team}")
    body: Object = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": f"{team}-all"},
        "aggregationRule": {"clusterRoleSelectors": [{"matchLabels": label}]},
    }
    project.kubectl("create", "-f", "-", given=body)
    write(project, team, f'{VIEW}, ClusterRole("{team}-all")("api")')

    assert gained(reviewed(project), f"{team}-ann") == {"leases"}


def test_a_binding_by_hand_is_no_change_and_counts_in_findings(
    deployed: tuple[Project, str],
) -> None:
    project, team = deployed
    before = reviewed(project)["standing_findings"]
    bind(project, team, f"by-hand-{team}", "edit")

    document = reviewed(project)
    assert document["result"] == "unchanged"
    assert document["standing_findings"] > before


def test_a_binding_by_hand_is_gained_by_who_takes_its_subjects_name(
    deployed: tuple[Project, str],
) -> None:
    project, team = deployed
    project.write(team, "")
    commit(project)
    bind(project, team, f"waiting-{team}", "edit")
    project.write(team, ANN.format(team, 'view("api")'))

    (user,) = reviewed(project)["users"]
    bound = [each["name"] for scope in user["access"] for each in scope["bound"]]
    assert f"waiting-{team}" in bound
    assert "secrets" in gained(reviewed(project), f"{team}-ann")


def test_what_the_next_deploy_removes_hides_no_gain_and_is_named(
    deployed: tuple[Project, str],
) -> None:
    project, team = deployed
    labels = {"app.kubernetes.io/managed-by": "kuberoster", "kuberoster.io/team": team}
    bind(project, team, f"{team}:{team}-ann:admin", "admin", labels)
    write(project, team, EDIT)

    document = reviewed(project)
    assert "secrets" in gained(document, f"{team}-ann")
    assert document["users"][0]["new_findings"]
    assert (
        f"left out, with the roster's labels and in neither revision: RoleBinding web/{team}:"
        in (document["ground"])
    )


def test_a_role_with_the_roster_s_labels_still_counts_in_a_binding_by_hand(
    deployed: tuple[Project, str], cluster_role: str
) -> None:
    project, team = deployed
    labels = ["app.kubernetes.io/managed-by=kuberoster", f"kuberoster.io/team={team}"]
    project.kubectl("label", "clusterrole", cluster_role, *labels)
    bind(project, team, f"{team}-by-hand", cluster_role)
    project.write(team, "")
    commit(project)
    write(project, team, VIEW)

    assert "leases" in gained(reviewed(project), f"{team}-ann")


def test_labels_of_another_roster_leave_nothing_out(deployed: tuple[Project, str]) -> None:
    project, team = deployed
    before = reviewed(project)["standing_findings"]
    labels = {"app.kubernetes.io/managed-by": "kuberoster", "kuberoster.io/team": "no-such-team"}
    bind(project, team, f"{team}-planted", "edit", labels)

    document = reviewed(project)
    assert document["standing_findings"] > before
    assert "left out" not in document["ground"]


def test_who_is_revoked_is_said_without_plans_too(deployed: tuple[Project, str]) -> None:
    project, team = deployed
    project.kuberoster("revoke", f"{team}-ann", "--yes")

    document = reviewed(project)

    assert [block["kind"] for block in document["blocks"]] == ["revoked-user"]
    assert document["blocks"][0]["what"].startswith(f"{team}-ann ({team}): revoked on ")


def test_names_of_the_cluster_are_printed_without_control_characters(
    deployed: tuple[Project, str],
) -> None:
    project, team = deployed
    bind(project, team, f"{team}\x1b[2K\u202e", "edit")
    project.write(team, "")
    commit(project)
    write(project, team, 'view("api")')

    shown = review(project)
    assert f"RoleBinding web/{team}\\x1b[2K\\u202e" in shown.output
    assert not {"\x1b", "\u202e"} & set(shown.output)


def test_a_cluster_that_does_not_answer_is_an_error_that_names_offline(
    deployed: tuple[Project, str],
) -> None:
    project, _ = deployed
    kubeconfig = project.folder / "elsewhere"
    there = project.control_plane.kubeconfig.read_text()
    kubeconfig.write_text(there.replace(project.control_plane.server, "https://127.0.0.1:9"))
    project.environment["KUBE_CONFIG_PATH"] = str(kubeconfig)

    shown = review(project)
    assert (shown.status, shown.output) == (1, "")
    assert "connection refused" in shown.errors
    assert shown.errors.endswith("is one with --offline.\n")
    assert len(shown.errors.splitlines()) == 2
    assert review(project, "--offline").status == 0


LISTED = [
    ("", "namespaces"),
    ("", "serviceaccounts"),
    ("rbac.authorization.k8s.io", "roles"),
    ("rbac.authorization.k8s.io", "clusterroles"),
    ("rbac.authorization.k8s.io", "rolebindings"),
    ("rbac.authorization.k8s.io", "clusterrolebindings"),
]


@pytest.mark.parametrize("lacks", [None, *LISTED])
def test_it_needs_to_list_six_kinds_and_not_one_less(
    lacks: tuple[str, str] | None, deployed: tuple[Project, str]
) -> None:
    project, team = deployed
    rules = [
        {"verbs": ["list"], "apiGroups": [group], "resources": [resource]}
        for group, resource in LISTED
        if (group, resource) != lacks
    ]
    as_account(project, f"{team}-lister", *rules)

    shown = review(project)
    if lacks is None:
        assert shown.status == 0
        return
    assert (shown.status, shown.output) == (1, "")
    assert f'cannot list resource "{lacks[1]}"' in shown.errors
    assert shown.errors.endswith("is one with --offline.\n")
