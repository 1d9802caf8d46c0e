"""`kuberoster report --live`, of a real cluster."""

import re
from datetime import UTC, datetime

import pytest

from tests.operations.planting import plant
from tests.project import Object, Project, pods, until

pytestmark = pytest.mark.cluster


def _deployed(project: Project, team: str) -> str:
    user = f"u{team}"
    ann = f'User("{user}", email="u@example.com", access=[edit("web")], tokens=["old", "new"])'
    project.write(team, ann)
    project.create()
    project.token(user, "new")
    return user


def _text(project: Project) -> str:
    return re.sub(r"<[^>]*>", " ", (project.folder / "access.html").read_text())


def test_it_tells_the_age_of_tokens_and_holds_none(project: Project) -> None:
    user = _deployed(project, "rpta")
    tokens = [project.token(user, "old"), project.token(user, "new")]
    # The API server writes down the use of a token soon after it.
    assert project.status(tokens[0], pods("web")) == 200
    label = "metadata.labels.kubernetes\\.io/legacy-token-last-used"
    for _ in until(30):
        secret = project.secrets(user)["old"]
        shown = project.kubectl(
            *("get", "secret", secret, "-n", "users-rpta", "-o", f"jsonpath={{.{label}}}")
        )
        if shown:
            break

    said = project.kuberoster("report", "--live")

    day = datetime.now(UTC).date().isoformat()
    text = " ".join(_text(project).split())
    assert f"made {day} last used {day}" in text
    assert f"made {day} never used" in text
    written = (project.folder / "access.html").read_text()
    for token in tokens:
        assert token not in written + said
        # Neither its parts, of which the second holds what it says.
        assert not [part for part in token.split(".") if part in written + said]


def test_a_token_secret_that_nobody_declared_is_named(project: Project) -> None:
    user = _deployed(project, "rptb")
    planted = plant(project, belongs_to=user, user=user, name="spare-zzzzz", label="spare")
    project.kubectl(
        *("wait", f"secret/{planted}", "-n", "users-rptb", "--timeout=30s"),
        "--for=jsonpath={.data.token}",
    )

    project.kuberoster("report", "--live")

    text = " ".join(_text(project).split())
    assert "spare-zzzzz not in the roster" in text
    assert f"Has a token that is not in the roster: {user}" in text


def test_a_secret_of_another_service_account_is_no_token_of_the_user(project: Project) -> None:
    user = _deployed(project, "rptc")
    project.kubectl("create", "serviceaccount", "rptmallory", "-n", "users-rptc")
    planted = plant(project, belongs_to="rptmallory", user=user)

    project.kuberoster("report", "--live")

    assert planted not in _text(project)


def test_who_is_suspended_and_not_deployed_away_is_still_in_the_cluster(project: Project) -> None:
    user = _deployed(project, "rptd")
    project.write("rptd", f'User("{user}", email="u@example.com", suspended="stolen")')

    project.kuberoster("report", "--live")

    text = " ".join(_text(project).split())
    assert "suspended stolen still in the cluster" in text
    assert f"Still in the cluster, though not active: {user}" in text


def test_access_is_that_of_the_cluster_and_not_of_the_roster(project: Project) -> None:
    user = _deployed(project, "rpte")
    binding: Object = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "RoleBinding",
        "metadata": {"name": "rpt\u202eextra<b>", "namespace": "api"},
        "roleRef": {
            "apiGroup": "rbac.authorization.k8s.io",
            "kind": "ClusterRole",
            "name": "rpt<i>\u202erole",
        },
        "subjects": [{"kind": "ServiceAccount", "name": user, "namespace": "users-rpte"}],
    }
    project.kubectl("create", "-f", "-", given=binding)

    project.kuberoster("report", "--live")

    written = (project.folder / "access.html").read_text()
    assert "rpt&lt;i&gt;\\u202erole" in written
    assert "\u202e" not in written
    assert "there is no such role" in written


def test_whoever_may_not_list_secrets_is_told_so(project: Project) -> None:
    user = _deployed(project, "rptf")
    project.kuberoster("kubeconfig", user, "-o", "theirs")
    project.environment["KUBE_CONFIG_PATH"] = str(project.folder / "theirs")
    project.environment["KUBECONFIG"] = str(project.folder / "theirs")

    said = project.kuberoster("report", "--live", fails=True)

    assert "forbidden" in said.lower()
    assert not (project.folder / "access.html").exists()


def test_what_users_gives_later_is_judged_and_a_stranger_is_named(project: Project) -> None:
    user = _deployed(project, "rptg")
    admin = 'access=[ClusterRole("cluster-admin").cluster_wide()], starts="2099-12-11"'
    later = f'User("rptlater", owner="x@example.com", {admin})'
    project.write("rptg", f'{later}, User("{user}", email="u@example.com")')
    project.kubectl("create", "serviceaccount", "rptstranger", "-n", "users-rptg")

    said = project.kuberoster("report", "--live")

    text = " ".join(_text(project).split())
    row = text[text.index("rptlater owner:") :]
    assert "cluster-admin whole cluster, not in the cluster yet" in row
    assert "critical" in row
    assert "Has access in users/ that is not in the cluster yet: rptlater" in text
    assert "not in the roster: users-rptg/rptstranger" in text
    assert ", 0 findings" not in said
