"""What a roster speaks of and the cluster does not have stops a review, all of it at once."""

from collections.abc import Iterator
from itertools import count

import pytest

from kuberoster import KuberosterError, Team, User, view
from kuberoster.model.roster import Roster, TeamRoster
from kuberoster.review.change.missing import refuse_all_missing
from tests.project import Object, Project
from tests.review.revisions import commit, review, reviewed

_numbers = count()
TEXT = """
    User("{0}-ann", email="ann@example.com", access=[{1}]),
    User("{0}-bob", email="bob@example.com"),
"""
ACTS_AS = 'Role("acts", rules=[Rule(["impersonate"], ["{0}"], resource_names=["{1}"])])'


@pytest.fixture
def empty(project: Project) -> Iterator[tuple[Project, str]]:
    """A project whose users have no access, committed; and its team, none of it in the cluster."""
    team = f"miss{next(_numbers)}"
    project.write(team, TEXT.format(team, ""))
    commit(project)
    project.kubectl("create", "clusterrole", f"{team}-monitor", "--verb=get", "--resource=pods")
    yield project, team
    project.kubectl("delete", "clusterrole", f"{team}-monitor")


def refused(project: Project) -> list[str]:
    shown = review(project)
    assert (shown.status, shown.output) == (1, "")
    return shown.errors.strip().split("\n\n")


def test_all_that_is_missing_is_said_at_once_with_what_may_be_meant(
    empty: tuple[Project, str],
) -> None:
    project, team = empty
    access = f'ClusterRole("{team}-monitr")("web"), view("wbe", "users-{team}")'
    project.write(team, TEXT.format(team, access), team_is='Team(access=[view("aip")])')

    assert refused(project) == [
        f"users/{team}.py: team '{team}': 2 namespaces are not in the cluster: 'aip', 'wbe' (for "
        f"{team}-ann).\n"
        "A deploy would stop there half-way. Create them first, or name others. "
        "'aip': Did you mean 'api'? 'wbe': Did you mean 'web'?",
        f"users/{team}.py: user '{team}-ann': ClusterRole '{team}-monitr' is not in the cluster.\n"
        "Who makes a role of that name later decides what it allows. Name another, or declare a "
        f"Role in users/. Did you mean '{team}-monitor'?",
    ]


def test_what_is_there_and_what_the_roster_makes_is_not_missing(
    empty: tuple[Project, str],
) -> None:
    project, team = empty
    access = f'ClusterRole("{team}-monitor")("web"), view("users-{team}")'
    project.write(team, TEXT.format(team, access))

    assert reviewed(project)["result"] == "changes"


def test_a_role_that_was_missing_before_is_a_finding_and_no_error(
    empty: tuple[Project, str],
) -> None:
    project, team = empty
    project.write(team, TEXT.format(team, 'ClusterRole("nowhere")("web")'))
    assert len(refused(project)) == 1
    commit(project)

    document = reviewed(project)
    assert (document["result"], document["standing_findings"]) == ("unchanged", 1)


def test_a_namespace_that_was_missing_before_is_still_an_error(
    empty: tuple[Project, str],
) -> None:
    project, team = empty
    project.write(team, TEXT.format(team, 'view("wbe")'))
    commit(project)

    assert len(refused(project)) == 1


def test_who_is_suspended_needs_nothing_in_the_cluster(empty: tuple[Project, str]) -> None:
    project, team = empty
    suspended = TEXT.replace("access=", 'suspended="on leave", access=')
    project.write(team, suspended.format(team, 'view("wbe")'))

    assert reviewed(project)["result"] == "changes"


def test_an_existing_namespace_has_to_exist(empty: tuple[Project, str]) -> None:
    project, team = empty
    users = TEXT.format(team, "")
    project.write(team, users, team_is='Team(namespace="wbe", existing_namespace=True)')

    (error,) = refused(project)
    assert error.startswith(f"users/{team}.py: team '{team}': namespace 'wbe' is not in the ")


def test_a_namespace_that_is_being_deleted_is_an_error(empty: tuple[Project, str]) -> None:
    project, team = empty
    project.kubectl("create", "namespace", f"{team}-ends")
    held = '{"metadata": {"finalizers": ["example.com/hold"]}}'
    project.kubectl("create", "configmap", "held", "-n", f"{team}-ends")
    project.kubectl("patch", "configmap", "held", "-n", f"{team}-ends", "--type=merge", "-p", held)
    project.kubectl("delete", "namespace", f"{team}-ends", "--wait=false")
    project.write(team, TEXT.format(team, f'view("{team}-ends")'))

    try:
        (error,) = refused(project)
        assert f"namespace '{team}-ends': is being deleted since 20" in error
        assert "\nWait until it is gone: kubectl wait --for=delete namespace/" in error
    finally:
        free = '{"metadata": {"finalizers": null}}'
        project.kubectl(
            "patch", "configmap", "held", "-n", f"{team}-ends", "--type=merge", "-p", free
        )


@pytest.mark.parametrize(
    ("resource", "name", "wrong"),
    [
        ("serviceaccounts", "defualt", "names the ServiceAccount web/defualt, which is neither "),
        ("users", "system:serviceaccount:web:none", "names the ServiceAccount web/none, which "),
        ("users", "system:serviceaccount:users-{0}:{0}-bbo", "users-{0}/{0}-bbo, which is"),
        (
            "groups",
            "system:serviceaccounts:wbe",
            "names the ServiceAccounts of namespace 'wbe', which is not in the cluster",
        ),
    ],
)
def test_a_subject_that_a_role_lets_somebody_act_as_has_to_be_there(
    resource: str, name: str, wrong: str, empty: tuple[Project, str]
) -> None:
    project, team = empty
    role = ACTS_AS.format(resource, name.format(team))
    grant = '("web")' if resource == "serviceaccounts" else ".cluster_wide()"
    project.write(team, TEXT.format(team, role + grant))

    (error,) = refused(project)
    assert f"user '{team}-ann': Role 'acts' " in error
    assert wrong.format(team) in error


@pytest.mark.parametrize(
    ("resource", "name"),
    [
        ("serviceaccounts", "default"),
        ("users", "system:serviceaccount:users-{0}:{0}-bob"),
        ("users", "jane@example.com"),
        ("groups", "system:serviceaccounts:users-{0}"),
        ("groups", "ops"),
    ],
)
def test_a_subject_that_is_there_or_known_to_others_alone_is_no_error(
    resource: str, name: str, empty: tuple[Project, str]
) -> None:
    project, team = empty
    role = ACTS_AS.format(resource, name.format(team))
    project.write(team, TEXT.format(team, f"{role}.cluster_wide()"))

    assert review(project).status in (2, 3)


@pytest.mark.parametrize(
    ("meant", "there", "labels"),
    [
        ("users-wbe", "users-web", {}),
        ("users-opps", "users-ops", {"kuberoster.io/team": "ops", "kuberoster.io/roster": "two"}),
        ("kuberoster-stat", "kuberoster-state", {"kuberoster.io/state": "true"}),
    ],
)
def test_nobody_is_led_to_grant_where_users_or_states_are(
    meant: str, there: str, labels: dict[str, str]
) -> None:
    user = User("ann", email="ann@example.com", access=[view(meant)])
    roster = Roster(teams=(TeamRoster(team=Team(name="web"), users=(user,)),))
    names = {there: labels, f"{meant}-of-ours": {}}
    namespaces = [{"metadata": {"name": name, "labels": own}} for name, own in names.items()]
    roles = [{"metadata": {"name": "view"}}]
    objects: dict[str, list[Object]] = {
        "Namespace": namespaces,
        "ServiceAccount": [],
        "ClusterRole": roles,
    }
    with pytest.raises(KuberosterError) as raised:
        refuse_all_missing(roster, objects, None)
    assert f"Did you mean '{meant}-of-ours'?" in str(raised.value)
    del namespaces[1]
    with pytest.raises(KuberosterError) as raised:
        refuse_all_missing(roster, objects, None)
    assert "Did you mean" not in str(raised.value)
