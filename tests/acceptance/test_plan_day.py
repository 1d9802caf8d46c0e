"""A stack knows its day, and is good for no other; but for a day that somebody asked for."""

import json
import sys
import time
from datetime import UTC, date, datetime, timedelta

from tests.project import Project

AGO = timedelta(days=9)
PLAN = ("plan", "-no-color", "-input=false", "-lock=false")
APPLY = ("apply", "-no-color", "-input=false")
EXPIRES = 'User("u{team}", email="u@example.com", access=[view("web")], expires="{last}")'
STAYS = ', User("v{team}", email="v@example.com", access=[view("web")])'


def _today() -> date:
    return datetime.now(UTC).date()


def _write(project: Project, team: str) -> None:
    """A user whose last day is three days ago, and one who stays."""
    last = _today() - timedelta(days=3)
    project.write(team, (EXPIRES + STAYS).format(team=team, last=last))


def _synth_ago(project: Project) -> None:
    """What main.py made nine days ago: the clock alone is another one."""
    day = _today() - AGO
    script = (
        "import sys, datetime\n"
        "from pathlib import Path\n"
        "from kuberoster.model import days\n"
        f"days.clock_day = lambda: datetime.date({day.year}, {day.month}, {day.day})\n"
        "from kuberoster.constructs import synthesise\n"
        "sys.exit(synthesise(Path()))\n"
    )
    project.run(sys.executable, "-c", script)


def _accounts(project: Project, team: str) -> set[str]:
    found = project.objects("serviceaccounts", "-A", "-l", f"kuberoster.io/team={team}")
    return {each["metadata"]["name"] for each in found} - {"default"}


def _joined(said: str) -> str:
    return " ".join(said.replace("│", "").split())


def test_a_stack_of_another_day_is_neither_planned_nor_applied(project: Project, team: str) -> None:
    _write(project, team)
    _synth_ago(project)
    made = (project.stack(team) / "cdk.tf.json").read_text()
    assert f'"u{team}"' in made

    for command in (PLAN, (*APPLY, "-auto-approve")):
        said = _joined(project.terraform(team, *command, fails=True))
        assert f"This stack was made on {_today() - AGO}, for who is active then" in said
    assert _accounts(project, team) == set()

    project.apply(team)
    assert _accounts(project, team) == {f"v{team}"}


def test_another_day_is_good_where_it_is_asked_for_and_is_said_aloud(
    project: Project, team: str
) -> None:
    _write(project, team)
    asked, today = _today() - AGO, _today()
    project.environment["KUBEROSTER_TODAY"] = str(asked)
    aloud = f"as of {asked}, and not of {today}, which is today: KUBEROSTER_TODAY asks for it"

    assert f"warning: {aloud}" in project.synth()
    assert aloud in _joined(project.terraform(team, *PLAN))
    assert aloud in _joined(project.terraform(team, *APPLY, "-auto-approve"))
    assert _accounts(project, team) == {f"u{team}", f"v{team}"}
    for command in (
        ("validate",),
        ("drift", team),
        ("report",),
        ("review", "--no-refresh"),
        ("kubeconfig", f"u{team}"),
        ("can", f"u{team}", "get", "pods"),
        ("manifests",),
        ("recover", team),
    ):
        assert f"warning: {aloud}" in project.run_any(*command).errors, command

    # Asked for nine days ago, it is an old stack all the same.
    _synth_ago(project)
    said = _joined(project.terraform(team, *PLAN, fails=True))
    assert f"This stack was made on {asked}" in said

    del project.environment["KUBEROSTER_TODAY"]
    assert "as of" not in project.synth()
    project.apply(team)
    assert _accounts(project, team) == {f"v{team}"}


def test_a_plan_that_was_kept_gives_nothing_on_another_day_and_takes_what_was_to_go(
    project: Project, team: str
) -> None:
    project.write(team, EXPIRES.format(team=team, last="2999-12-31"))
    project.apply(team)
    project.write(team, STAYS.format(team=team).removeprefix(", "))
    project.synth()
    # The stack's day ends in a moment; a plan has to be made before, and applied after.
    ends = datetime.now(UTC) + timedelta(seconds=25)
    stack = project.stack(team) / "cdk.tf.json"
    document = json.loads(stack.read_text())
    document["locals"]["usable_to"] = f"{ends:%Y-%m-%dT%H:%M:%SZ}"
    stack.write_text(json.dumps(document))
    project.terraform(team, *PLAN, "-out=kept")
    time.sleep(max(0.0, (ends - datetime.now(UTC)).total_seconds() + 1))

    said = _joined(project.terraform(team, *APPLY, "kept", fails=True))

    assert f"This plan was made on {_today()}, for who is active then" in said
    assert _accounts(project, team) == set()


def test_midnight_may_lie_between_a_synthesis_and_its_plan(project: Project, team: str) -> None:
    project.write(team, "")
    project.synth()
    document = json.loads((project.stack(team) / "cdk.tf.json").read_text())
    before, after = _today() - timedelta(days=1), _today() + timedelta(days=1)
    assert document["locals"] == {
        "usable_from": f"{before}T22:00:00Z",
        "usable_to": f"{after}T02:00:00Z",
    }
