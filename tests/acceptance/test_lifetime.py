"""What a date or a suspension does to real tokens."""

from tests.project import Project, pods

ONE = 'User("{name}", email="u@example.com", access=[view("web")], {more})'


def test_whoever_is_suspended_and_resumed_has_a_new_account_and_no_earlier_token(
    project: Project,
) -> None:
    project.write("leave", ONE.format(name="pia", more=""))
    project.cdktf("deploy")
    old = project.token("pia")
    requested = project.kubectl("create", "token", "pia", "-n", "users-leave").strip()
    assert [project.status(token, pods("web")) for token in (old, requested)] == [200, 200]

    project.write("leave", ONE.format(name="pia", more='suspended="on leave"'))
    project.cdktf("deploy")
    for dead in (old, requested):
        assert project.reaches(dead, pods("web"), 401, within=15) < 15
    label = ["-A", "-l", "kuberoster.io/user=pia"]
    assert project.objects("serviceaccounts,secrets,rolebindings", *label) == []
    said = project.kuberoster("kubeconfig", "pia", fails=True)
    assert "user 'pia': suspended: on leave." in said

    project.write("leave", ONE.format(name="pia", more=""))
    project.cdktf("deploy")
    assert project.status(project.token("pia"), pods("web")) == 200
    assert [project.status(dead, pods("web")) for dead in (old, requested)] == [401, 401]


def test_days_take_effect_with_the_next_deploy_and_nobody_at_the_keyboard(project: Project) -> None:
    def deploy_on(day: str) -> None:
        project.environment["KUBEROSTER_TODAY"] = day
        project.apply("days")

    more = 'starts="2026-12-02", expires="2026-12-04", tokens=["a", Token("b", until="2026-12-02")]'
    project.write("days", ONE.format(name="tim", more=more))
    deploy_on("2026-12-01")
    assert project.secrets("tim") == {}
    deploy_on("2026-12-02")
    a, b = project.token("tim", "a"), project.token("tim", "b")
    assert [project.status(token, pods("web")) for token in (a, b)] == [200, 200]
    deploy_on("2026-12-03")
    assert project.reaches(b, pods("web"), 401, within=15) < 15
    assert project.status(a, pods("web")) == 200
    assert project.changes("days") == {}
    deploy_on("2026-12-05")
    assert project.reaches(a, pods("web"), 401, within=15) < 15

    # Extended: the same name, another account, and no token of before.
    project.write("days", ONE.format(name="tim", more=more.replace("2026-12-04", "2026-12-31")))
    deploy_on("2026-12-05")
    assert project.status(project.token("tim", "a"), pods("web")) == 200
    assert [project.status(token, pods("web")) for token in (a, b)] == [401, 401]


def test_a_label_used_again_is_a_new_token(project: Project) -> None:
    project.write("again", ONE.format(name="zac", more='tokens=["x", "y"]'))
    project.apply("again")
    first = project.token("zac", "x")
    project.write("again", ONE.format(name="zac", more='tokens=["y"]'))
    project.apply("again")
    project.write("again", ONE.format(name="zac", more='tokens=["x", "y"]'))
    project.apply("again")
    second = project.token("zac", "x")
    assert second != first
    assert project.status(second, pods("web")) == 200
    assert project.reaches(first, pods("web"), 401, within=15) < 15


def test_a_user_moves_to_another_team_and_back_in_one_deploy_each(project: Project) -> None:
    mover = ONE.format(name="mia", more="")
    dead: list[str] = []
    for here, there in (("north", "south"), ("south", "north"), ("north", "south")):
        project.write(here, mover)
        project.write(there, "")
        project.cdktf("deploy", "*")
        token = project.token("mia")
        assert token not in dead
        assert project.status(token, pods("web")) == 200
        for old in dead:
            assert project.reaches(old, pods("web"), 401, within=15) < 15
        dead.append(token)
