"""A clock that is off: who is active today is not guessed."""

import argparse
from datetime import UTC, datetime, timedelta

import pytest

from kuberoster.cli.commands import parser
from kuberoster.cluster import Cluster
from kuberoster.cluster.clock import check_clock
from kuberoster.model.errors import KuberosterError
from tests.cluster.api_server import Server
from tests.cluster.kubeconfigs import TOKEN, Home
from tests.operations.forwarding import forwarding
from tests.operations.planting import close_default_account
from tests.project import Project

HOUR = timedelta(hours=1)
# Each way in which a command judges by the day and asks a cluster.
JUDGING = [
    ["bootstrap"],
    ["can", "late", "get", "pods", "--live"],
    ["drift", "clocks"],
    ["kubeconfig", "late"],
    ["recover", "clocks", "--yes"],
    ["report", "--live"],
    ["review"],
    ["review", "--no-refresh"],
    ["who-can", "get", "pods", "--live"],
]
WITHOUT_CLUSTER = {"job-roles", "manifests", "validate"}
WHATEVER_THE_DAY = {"revoke"}


def test_the_commands_that_ask_who_is_active_end_with_both_times(project: Project) -> None:
    project.write("clocks", 'User("cloe", email="c@example.com", access=[view("web")])')
    project.create()
    close_default_account(project, "users-clocks")
    project.token("cloe")
    for command in (["drift", "clocks"], ["kubeconfig", "cloe", "--untried"]):
        with forwarding(project, ahead=timedelta(days=1)):
            now = datetime.now(UTC)
            shown = project.run_any(*command)
            day = (datetime.now(UTC) + timedelta(days=1)).date()
        assert (shown.status, shown.output) == (1, "")
        what, mend = shown.errors.splitlines()
        assert what.startswith(f"the clock of this machine says {now:%Y-%m-%d %H:}")
        assert f"{day} " in what
        assert "(context 'here', http://127.0.0.1:" in what
        assert mend.endswith(
            f"Set the clock that is wrong, or say the day: KUBEROSTER_TODAY={day}."
        )
        assert not (project.folder / "cloe.kubeconfig").exists()

        with forwarding(project, ahead=timedelta(days=1)):
            project.environment |= {"KUBEROSTER_TODAY": str(day)}
            assert project.run_any(*command).status == 0
        with forwarding(project, ahead=timedelta(minutes=40)):
            (project.folder / "cloe.kubeconfig").unlink(missing_ok=True)
            assert project.run_any(*command).status == 0
        (project.folder / "cloe.kubeconfig").unlink(missing_ok=True)


@pytest.mark.parametrize("command", JUDGING, ids=" ".join)
def test_each_command_looks_at_the_clock_before_it_judges_or_does_anything(
    project: Project, command: list[str]
) -> None:
    late = datetime.now(UTC).date() + timedelta(days=1)
    user = f'User("late", email="l@example.com", access=[view("web")], starts="{late}")'
    project.write("clocks", user)
    settings = (project.folder / "cdktf.json").read_bytes()
    with forwarding(project, ahead=timedelta(days=1)):
        files = {each.name for each in project.folder.iterdir()}
        shown = project.run_any(*command)

    assert (shown.status, shown.output) == (1, "")
    assert shown.errors.startswith("the clock of this machine says ")
    assert len(shown.errors.splitlines()) == 2
    assert {each.name for each in project.folder.iterdir()} == files
    assert (project.folder / "cdktf.json").read_bytes() == settings


def test_no_command_is_left_out() -> None:
    (commands,) = (
        each for each in parser()._actions if isinstance(each, argparse._SubParsersAction)
    )

    judging = {command for command, *_ in JUDGING}
    assert judging | WITHOUT_CLUSTER | WHATEVER_THE_DAY == set(commands.choices)


@pytest.mark.parametrize(
    ("off", "accepted"),
    [(HOUR * 0.9, True), (-HOUR * 0.9, True), (HOUR * 1.1, False), (-HOUR * 1.1, False)],
)
def test_an_hour_is_tolerated_on_either_side(
    project: Project, off: timedelta, accepted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KUBEROSTER_TODAY", raising=False)
    cluster = Cluster.connect(str(project.control_plane.kubeconfig))
    now = datetime.now(UTC) + off
    try:
        check_clock(cluster, now)
        assert accepted
    except KuberosterError:
        assert not accepted
    finally:
        cluster.close()
    assert cluster.time is not None
    cluster.time = None
    check_clock(cluster, now)


def test_the_api_servers_clock_is_known(home: Home, server: Server) -> None:
    def at(date: str | None) -> datetime | None:
        server.date = date
        return Cluster.connect(home.write(TOKEN)).time

    try:
        told = datetime(2026, 11, 24, 2, 3, 4, tzinfo=UTC)
        assert at("Tue, 24 Nov 2026 02:03:04 GMT") == told
        assert at("Tue, 24 Nov 2026 03:03:04 +0100") == told
        assert at("Tue, 24 Nov 2026 02:03:04 -0000") == told
        for silent in (None, "yesterday", "Tue, 99 Nov 2026 02:03:04 GMT"):
            assert at(silent) is None
    finally:
        server.date = ""
