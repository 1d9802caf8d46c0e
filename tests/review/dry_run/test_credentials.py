"""A dry run answers for the credential in use: what it may not do, a deploy by it may not."""

from tests.project import Project
from tests.review.credential import as_account
from tests.review.dry_run.answers import NOT_CHECKABLE, USER, answers, write

READS = {"verbs": ["get", "list"], "apiGroups": ["*"], "resources": ["*"]}
MAKES = {"verbs": ["create", "patch"], "apiGroups": ["*"], "resources": ["*"]}
DEPLOYS = {"verbs": ["deploy"], "apiGroups": ["kuberoster.io"], "resources": ["rosters"]}
"""Where the guard stands, it lets pass whoever has this."""
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
    as_account(project, f"{team}-deployer", READS, MAKES, DEPLOYS)

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
    as_account(project, f"{team}-deployer", READS, MAKES, BINDS, DEPLOYS)

    name = f"{team}:{team}-ann:role=sees"
    assert answers(project) == {
        f"Role api/{name}": ("passed", ""),
        f"RoleBinding api/{name}": (NOT_CHECKABLE, f"Role api/{name} does not exist yet"),
        f"RoleBinding api/{team}:{team}-ann:edit": ("passed", ""),
    }


def test_a_lacking_right_is_refused_and_names_it(deployed: tuple[Project, str]) -> None:
    project, team = deployed
    write(project, team, "ann", "bob")
    as_account(project, f"{team}-reader", READS)

    found = answers(project)
    assert {result for result, _ in found.values()} == {"refused"}
    assert "cannot create resource" in found[f"ServiceAccount users-{team}/{team}-bob"][1]


def test_who_is_no_deployer_is_refused_by_the_guard(deployed: tuple[Project, str]) -> None:
    project, team = deployed
    write(project, team, "ann", "bob")
    as_account(project, f"{team}-nearly", READS, MAKES, BINDS)

    result, why = answers(project)[f"ServiceAccount users-{team}/{team}-bob"]
    assert result == "refused"
    assert "only a deployer of the roster main writes" in why
