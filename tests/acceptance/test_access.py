"""Who may do what, and until when: with real tokens, through `cdktf deploy` itself."""

import json

from tests.project import Project, pods

POD = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "attacker"},
    "spec": {
        "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [
            {
                "name": "main",
                "image": "example.invalid/attacker",
                "securityContext": {
                    "allowPrivilegeEscalation": False,
                    "capabilities": {"drop": ["ALL"]},
                },
            }
        ],
    },
}


def test_a_user_gets_in_where_the_roster_says_and_nowhere_else(project: Project) -> None:
    ida = 'User("ida", email="ida@example.com", access=[edit("web"), view("api")])'
    project.write("doors", ida)
    assert "Apply complete" in project.cdktf("deploy")

    token = project.token("ida")
    assert project.reaches(token, pods("web"), 200, within=5) < 5
    assert project.status(token, pods("api")) == 200
    assert project.status(token, pods("default")) == 403
    assert project.status(token, "/api/v1/namespaces/web/secrets") == 200
    assert project.status(token, "/api/v1/namespaces/api/secrets") == 403
    assert project.status(token, "/api/v1/namespaces/users-doors/secrets") == 403


def test_two_teams_deploy_together_with_a_glob(project: Project) -> None:
    project.write("east", 'User("eva", email="eva@example.com", access=[view("web")])')
    project.write("west", 'User("wim", email="wim@example.com", access=[view("api")])')
    project.cdktf("deploy", "*")
    eva, wim = project.token("eva"), project.token("wim")
    assert [project.status(eva, pods("web")), project.status(eva, pods("api"))] == [200, 403]
    assert [project.status(wim, pods("web")), project.status(wim, pods("api"))] == [403, 200]


def test_access_of_a_team_is_that_of_each_of_its_users_and_no_pod_gets_it(project: Project) -> None:
    bare = 'User("gus", email="gus@example.com"), User("ole", email="ole@example.com")'
    project.write("crew", bare, team_is='Team(access=[view("api")])')
    project.apply("crew")
    for user in ("gus", "ole"):
        assert project.status(project.token(user), pods("api")) == 200
        assert project.status(project.token(user), pods("web")) == 403
    default = json.loads(
        project.kubectl("get", "serviceaccount", "default", "-n", "users-crew", "-o", "json")
    )
    assert default["automountServiceAccountToken"] is False


def test_no_pod_can_run_where_users_live(project: Project) -> None:
    # A roster that no guard stands for: a guard's policy would answer before the quota.
    project.configure(roster="quiet", state={"namespace": "kuberoster-state"})
    project.write("quiet", 'User("may", email="may@example.com", access=[admin("web")])')
    project.apply("quiet")
    refusal = project.kubectl(
        "create", "-n", "users-quiet", "-f", "-", given=POD, fails=True
    )  # by a cluster administrator, and with everything that Pod Security asks for
    assert "exceeded quota: no-pods" in refusal
    project.kubectl("delete", "quota", "no-pods", "-n", "users-quiet")
    lax = {**POD, "spec": {"containers": [{"name": "main", "image": "example.invalid/attacker"}]}}
    refusal = project.kubectl("create", "-n", "users-quiet", "-f", "-", given=lax, fails=True)
    assert "violates PodSecurity" in refusal
    assert project.changes("quiet") == {"kubernetes_resource_quota_v1.quiet": ["create"]}


def test_names_that_would_meet_live_side_by_side(project: Project) -> None:
    project.kubectl("create", "clusterrole", "ci-edit", "--verb=list", "--resource=pods")
    project.kubectl("create", "clusterrole", "same", "--verb=list", "--resource=pods")
    # The user `zoe` with the role `ci-edit`, and `zoe-ci` with the role `edit`; a team and a
    # user of one name; a Role and a ClusterRole of one name; dots, and a digit first.
    project.write(
        "zoe",
        """
        User("zoe", email="zoe@example.com", access=[ClusterRole("ci-edit")("web")]),
        User("zoe-ci", owner="zoe", access=[edit("web")]),
        User("7of9", owner="zoe", access=[
            ClusterRole("same")("web"),
            Role("same", rules=[Rule(["list"], ["configmaps"])])("web"),
            Role("same", rules=[Rule(["list"], ["configmaps"])]).cluster_wide(),
        ]),
        User("kim.lee", email="kim@example.com", access=[view.cluster_wide()]),
        """,
    )
    project.apply("zoe")
    assert project.changes("zoe") == {}
    configmaps = "/api/v1/namespaces/{}/configmaps"
    seen = {
        user: [
            project.status(project.token(user), path)
            for path in (pods("web"), configmaps.format("web"), configmaps.format("api"))
        ]
        for user in ("zoe", "zoe-ci", "7of9", "kim.lee")
    }
    assert seen == {
        "zoe": [200, 403, 403],
        "zoe-ci": [200, 200, 403],
        "7of9": [200, 200, 200],
        "kim.lee": [200, 200, 200],
    }


def test_text_of_the_roster_is_never_evaluated(project: Project) -> None:
    note = "${path.cwd} %{ if true }x%{ endif } $${a} $$"
    project.write("texts", f'User("nia", email="nia${{1}}@example.com", note={note!r})')
    project.apply("texts")
    (account,) = project.objects("serviceaccount", "-A", "-l", "kuberoster.io/user=nia")
    assert account["metadata"]["annotations"] == {
        "kuberoster.io/email": "nia${1}@example.com",
        "kuberoster.io/note": note,
    }
    assert project.changes("texts") == {}
