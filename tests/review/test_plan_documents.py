"""What is read of a plan, and what is refused."""

import json
from pathlib import Path
from typing import Any

import pytest

from kuberoster.constructs import synthesise
from kuberoster.model.errors import KuberosterError
from kuberoster.model.roster import load_roster
from kuberoster.model.settings import TEAMS
from kuberoster.review.plan.addresses import team_addresses
from kuberoster.review.plan.reading import load_plan
from kuberoster.terraform import stack_document
from tests.review.planned import change, document, values

OTHER = values("y", labels={"kuberoster.io/team": "web"})
BARE = {"metadata": [{"name": "y"}]}

BROKEN: dict[str, tuple[Any, str]] = {
    "no plan": ([], "is no plan in Terraform's JSON"),
    "a state": ({"format_version": "1.0", "values": {}}, "is no plan in Terraform's JSON"),
    "null changes": (document() | {"resource_changes": None}, "is no plan in Terraform's JSON"),
    "odd values": (
        document(change("Secret", "create", None, {"metadata": 3})),
        "is no plan in Terraform's JSON",
    ),
    "text that steers a terminal": (
        document(change("RoleBinding", "create", None, values("\x1b[2Jx"))),
        "is no plan in Terraform's JSON",
    ),
    "an address that does": (
        document(change("RoleBinding", "create", None, values(), name="\x1b[2Jx")),
        "is no plan in Terraform's JSON",
    ),
    "an older format": (document(format_version="0.2"), "its format_version is '0.2'"),
    "a newer format": (document(format_version="2.0"), "its format_version is '2.0'"),
    "a plan that failed": (document(errored=True), "is of a plan that failed"),
    "two teams": (
        document(change("RoleBinding", "create", None, OTHER)),
        "has objects of the teams 'ops', 'web'",
    ),
    "no team": (
        {**document(), "resource_changes": [change("RoleBinding", "create", None, BARE)]},
        "no object in it has the label kuberoster.io/team",
    ),
}


@pytest.mark.parametrize("what", BROKEN)
def test_what_is_no_plan_of_a_team_is_one_error(what: str, tmp_path: Path) -> None:
    content, why = BROKEN[what]
    file = tmp_path / "plan.json"
    file.write_text(json.dumps(content))

    with pytest.raises(KuberosterError) as raised:
        load_plan(file)

    assert str(raised.value).startswith(f"{file}: {why}")
    assert len(str(raised.value).splitlines()) == 2


def test_a_file_that_is_not_there_or_no_json_is_one_error(tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"PK\x03\x04\xff")
    for name, why in (("nowhere", "No such file"), ("binary", "is no JSON")):
        with pytest.raises(KuberosterError, match=why):
            load_plan(tmp_path / name)


def test_a_team_s_label_that_somebody_changed_in_the_cluster_names_no_other_team(
    tmp_path: Path,
) -> None:
    file = tmp_path / "plan.json"
    file.write_text(json.dumps(document(change("RoleBinding", "update", OTHER, values("y")))))

    assert load_plan(file).team == "ops"


@pytest.fixture
def roster(tmp_path: Path) -> Path:
    (tmp_path / "cdktf.json").write_text("{}")
    (tmp_path / "users").mkdir()
    text = """
from kuberoster import *
own = Role("own", rules=[Rule(["get"], ["pods"])])
TEAM = Team({existing}access=[view("web"), own("api"), ClusterRole("monitor").cluster_wide()])
USERS = [
    User("{0}.ann", email="a@example.com", access=[edit("web"), own.cluster_wide()]),
    User("0-{0}", owner="x@example.com", access=[own("web", "api")], tokens=["a", "b"]),
]
"""
    for team, existing in (("one", ""), ("two", "existing_namespace=True, ")):
        written = text.replace("{0}", team).replace("{existing}", existing)
        (tmp_path / "users" / f"{team}.py").write_text(written)
    return tmp_path


def test_the_addresses_of_a_team_are_those_of_its_stack(roster: Path) -> None:
    assert synthesise(roster, outdir=str(roster / "out")) == 0

    for entry in load_roster(roster / "users").teams:
        stack = stack_document(roster / "out" / "stacks", entry.team.name)
        assert team_addresses(entry) == {
            f"{type_}.{name}" for type_, blocks in stack["resource"].items() for name in blocks
        }


def test_a_variable_limits_which_teams_get_a_stack(
    roster: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stacks(teams: str, out: str) -> list[str]:
        monkeypatch.setenv(TEAMS, teams)
        assert synthesise(roster, outdir=str(roster / out)) == 0
        return sorted(path.name for path in (roster / out / "stacks").iterdir())

    assert stacks("two", "a") == ["two"]
    assert stacks("", "b") == ["one", "two"]
    monkeypatch.setenv(TEAMS, "tow")
    assert synthesise(roster, outdir=str(roster / "c")) == 1
    assert "no such team: 'tow'. Did you mean 'two'?" in capsys.readouterr().err
