"""What a colleague does while a command waits for an answer, or works already."""

import sys

from tests.project import Project, pods
from tests.terminal import answered

ONE = 'User("{0}", email="u@example.com", access=[view("web")])'
DEPLOYS_LATE = """
import subprocess, sys
from kuberoster.cli import main
from kuberoster.operations import recovery
prepare = recovery.prepare
def late(*given, **more):
    found = prepare(*given, **more)
    subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
    return found
recovery.prepare = late
sys.exit(main(["recover", "{0}", "--yes"]))
"""


def _without_its_token(project: Project, team: str, user: str) -> str:
    """Deploy a team whose state then forgets a token's Secret; that token."""
    project.write(team, ONE.format(user))
    project.apply(team)
    token = project.token(user)
    project.terraform(team, "state", "rm", "-no-color", f"kubernetes_secret_v1.{user}_main")
    return token


def test_a_recovery_stops_when_a_colleague_deployed_while_it_asked(project: Project) -> None:
    old = _without_its_token(project, "asked", "asa")

    def deploy() -> None:
        project.apply("asked")

    shown = answered(project, "recover", "asked", word="recover", meanwhile=deploy)

    assert shown.status == 1
    assert "adopt Secret users-asked/asa-main-" in shown.output
    assert "something has changed since it was shown; nothing was done:" in shown.output
    assert "- adopt Secret users-asked/asa-main-" in shown.output
    assert len(project.objects("secrets", "-n", "users-asked")) == 2
    # Shown as it is now: the one that no state knows goes.
    again = project.kuberoster("recover", "asked", "--yes")
    assert "delete Secret users-asked/asa-main-" in again
    assert project.reaches(old, pods("web"), 401, within=15) < 15
    assert project.status(project.token("asa"), pods("web")) == 200
    assert project.changes("asked") == {}


def test_a_recovery_without_a_question_adopts_nothing_beside_a_colleagues_deploy(
    project: Project,
) -> None:
    _without_its_token(project, "late", "lou")
    project.terraform("late", "version")
    apply = ["terraform", f"-chdir={project.stack('late')}", "apply", "-auto-approve", "-no-color"]

    said = project.run(sys.executable, "-c", DEPLOYS_LATE.format("late"), *apply, fails=True)

    assert "team 'late': somebody has deployed it meanwhile, so nothing was done." in said
    state = project.terraform("late", "state", "list", "-no-color")
    assert state.count("kubernetes_secret_v1.lou_main") == 1
    project.kuberoster("recover", "late", "--yes")
    assert len(project.objects("secrets", "-n", "users-late")) == 1
    assert project.changes("late") == {}


def test_a_recovery_goes_on_where_all_is_as_it_was_shown(project: Project) -> None:
    token = _without_its_token(project, "same", "sam")
    shown = answered(project, "recover", "same", word="recover", meanwhile=lambda: None)
    assert shown.status == 0
    assert project.changes("same") == {}
    assert project.status(token, pods("web")) == 200


def test_a_team_is_not_retired_when_it_came_back_while_it_was_asked(project: Project) -> None:
    project.write("stays-there", "")
    project.write("returns", ONE.format("ren"))
    project.apply("returns")
    file = project.folder / "users" / "returns.py"
    source = file.read_text()
    file.unlink()

    def bring_back() -> None:
        file.write_text(source.replace("web", "api"))
        project.apply("returns")
        file.unlink()

    shown = answered(
        project, "recover", "--retire", "returns", word="returns", meanwhile=bring_back
    )

    assert shown.status == 1
    assert "something has changed since it was shown; nothing was done:" in shown.output
    assert "+ delete RoleBinding api/returns:ren:view" in shown.output
    assert project.status(project.token("ren"), pods("api")) == 200


def test_a_user_who_moved_while_it_was_asked_is_not_taken_for_revoked(project: Project) -> None:
    project.write("from-here", ONE.format("max"))
    project.write("to-there", "")
    project.apply("from-here")
    project.apply("to-there")

    def move() -> None:
        project.write("from-here", "")
        project.write("to-there", ONE.format("max"))
        project.apply("from-here")
        project.apply("to-there")
        project.token("max")

    shown = answered(project, "revoke", "max", word="max", meanwhile=move)

    assert shown.status == 1
    assert "something has changed since it was shown; nothing was done:" in shown.output
    assert project.status(project.token("max"), pods("web")) == 200
    token = project.token("max")
    said = project.kuberoster("revoke", "max", "--yes")
    assert "deleted: ServiceAccount users-to-there/max" in said
    assert project.status(token, pods("web")) == 401


def test_of_two_who_revoke_at_once_the_second_ends_well(project: Project) -> None:
    project.write("both-do", ONE.format("bea"))
    project.apply("both-do")

    def revoke() -> None:
        project.kuberoster("revoke", "bea", "--yes")

    shown = answered(project, "revoke", "bea", word="bea", meanwhile=revoke)

    assert shown.status == 0
    assert "deleted: nothing, all of it was gone already" in shown.output


def test_a_recovery_counts_users_that_were_changed_while_it_asked(project: Project) -> None:
    """users/ is read again too: what was shown is of the files as they were."""
    _without_its_token(project, "edited", "eda")

    def edit() -> None:
        project.write("edited", "")

    shown = answered(project, "recover", "edited", word="recover", meanwhile=edit)
    assert shown.status == 1
    assert "something has changed since it was shown; nothing was done:" in shown.output
    assert "- adopt Secret users-edited/eda-main-" in shown.output
