"""Waivers, as `kuberoster validate` and `kuberoster review` speak of them."""

import json
import os
import re
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from kuberoster.cli import main

Write = Callable[[Mapping[str, str]], Path]
Captured = pytest.CaptureFixture[str]

WEB = """from kuberoster import ClusterRole, Waiver
def until(day, rules=["cluster-admin"]):
    return [Waiver(rule, owner="ann", reason="the cluster is new", expires=day) for rule in rules]
root = ClusterRole("cluster-admin")
USERS = [User("ann", email="ann@example.com", access=[view("web")])]
"""
ROOT = WEB.replace('view("web")', 'root("web")')
WAIVED = WEB.replace('view("web")', 'root("web", waivers=until("2026-12-01"))')
WHO = {f"GIT_{role}_{what}": "x" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}


@pytest.fixture
def repository(write_project: Write, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with one commit, on a day."""
    monkeypatch.setenv("KUBEROSTER_TODAY", "2026-11-24")
    folder = write_project({"web": WEB})
    for arguments in (["init"], ["add", "--all"], ["commit", "--message=x"]):
        git(folder, *arguments)
    return folder


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(
        ["git", *arguments], cwd=folder, env=os.environ | WHO, check=True, capture_output=True
    )


def review(folder: Path, text: str, *options: str) -> int:
    file = folder / "users" / "web.py"
    file.write_text(file.read_text().partition("\n")[0] + "\n" + text)
    return main(["-C", str(folder), "review", "--offline", "--base", "HEAD", *options])


def reviewed(folder: Path, text: str, capsys: Captured) -> tuple[int, dict[str, Any]]:
    status = review(folder, text, "--format", "json")
    return status, json.loads(capsys.readouterr().out)


def rules(findings: list[dict[str, Any]]) -> set[str]:
    return {each["rule"] for each in findings}


def test_what_is_waived_does_not_block_and_is_listed(repository: Path, capsys: Captured) -> None:
    blocked, plain = reviewed(repository, ROOT, capsys)
    status, document = reviewed(repository, WAIVED, capsys)

    assert (blocked, status) == (3, 2)
    assert document["blocks"] == []
    (before,), (user,) = plain["users"], document["users"]
    (accepted,) = user["waived_findings"]
    (found,) = before["new_findings"]
    assert user["new_findings"] == []
    assert accepted["rule"] == found["rule"] == "cluster-admin"
    assert rules(accepted["implied"]) == rules(found["implied"]) >= {"grant-any-role", "exec-pods"}
    assert user["access"] == before["access"]
    (waiver,) = user["waivers"]
    assert (waiver["change"], waiver["rule"], waiver["expires"]) == (
        "added",
        "cluster-admin",
        "2026-12-01",
    )
    assert {*waiver["accepts"]} == {"cluster-admin", *rules(found["implied"])}


def test_a_waiver_that_is_taken_away_gives_the_block_back(
    repository: Path, capsys: Captured
) -> None:
    review(repository, WAIVED)
    git(repository, "commit", "--all", "--message=waived")
    capsys.readouterr()

    assert review(repository, ROOT) == 3
    assert capsys.readouterr().out.startswith(
        "BLOCKED (finding): ann gets 1 risk in namespace web: cluster-admin (critical, implies "
    )


def test_a_waiver_that_has_expired_does_not_keep_from_blocking(
    repository: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBEROSTER_TODAY", "2026-12-02")

    status, document = reviewed(repository, WAIVED, capsys)

    (user,) = document["users"]
    assert status == 3
    assert user["waived_findings"] == []
    expired = [each for each in user["new_findings"] if each["rule"] == "expired-waiver"]
    assert [each["waivers"][0]["rule"] for each in expired] == ["cluster-admin"]


def test_a_waiver_that_only_another_day_ends_is_no_change(
    repository: Path, capsys: Captured
) -> None:
    review(repository, WAIVED)
    git(repository, "commit", "--all", "--message=waived")
    capsys.readouterr()

    status, document = reviewed(repository, WAIVED, capsys)

    assert (status, document["result"]) == (0, "unchanged")
    assert document["standing_waived"] == 1
    assert {each["day"] for each in document["due"]} == {"2026-12-02"}


def test_a_waiver_of_a_team_is_told_of_the_team(repository: Path, capsys: Captured) -> None:
    team = 'TEAM = Team(access=[edit("api", waivers=until("2026-12-01", ["exec-pods"]))])\n'
    imported = WEB.replace("import ClusterRole", "import ClusterRole, Team, edit")

    status, document = reviewed(repository, imported + team, capsys)

    assert status == 2
    (team_change,) = document["teams"]
    assert [each["words"] for each in team_change["events"]] == [
        "has other access for all of its users"
    ]
    (added,) = team_change["waivers"]
    assert (added["change"], added["rule"], added["owner"]) == ("added", "exec-pods", "ann")
    assert (added["role"], added["namespaces"], added["expires"]) == ("edit", ["api"], "2026-12-01")
    (due,) = document["due"]
    assert (due["team"], due["user"]) == ("web", None)
    (user,) = document["users"]
    assert rules(user["waived_findings"]) == {"exec-pods"}
    assert user["waivers"] == []


@pytest.mark.parametrize(
    ("day", "said"), [("2026-12-01", "expires after 2026-12-01"), ("2026-12-02", "expired on")]
)
def test_validate_warns_of_a_waiver_that_ends_or_has_ended(
    repository: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch, day: str, said: str
) -> None:
    review(repository, WAIVED)
    capsys.readouterr()
    monkeypatch.setenv("KUBEROSTER_TODAY", day)

    assert main(["-C", str(repository), "validate"]) == 0
    asked, *warnings = capsys.readouterr().err.splitlines()
    assert asked.endswith("KUBEROSTER_TODAY asks for it")
    assert len(warnings) == 1
    assert warnings[0].startswith(
        "warning: users/web.py: user 'ann': waiver of cluster-admin for cluster-admin in "
        f"namespace web {said}"
    )


def test_validate_refuses_a_waiver_of_a_rule_that_does_not_exist(
    repository: Path, capsys: Captured
) -> None:
    text = WAIVED.replace('["cluster-admin"]', '["cluster-admins"]')

    assert review(repository, text) == 1
    capsys.readouterr()
    assert main(["-C", str(repository), "validate"]) == 1
    assert capsys.readouterr().err == (
        "users/web.py: user 'ann': a waiver names the rule 'cluster-admins', which there is not.\n"
        "docs/rules.md lists the rules; '*' is for all that the grant makes. Did you mean "
        "'cluster-admin'?\n"
    )


def test_one_waiver_is_for_all_that_a_grant_makes(repository: Path, capsys: Captured) -> None:
    every = 'edit("web", waivers=until("2026-12-01", ["*"]))'
    imported = WEB.replace("import ClusterRole", "import ClusterRole, edit")

    assert review(repository, imported.replace('view("web")', every)) == 2

    said = capsys.readouterr().out
    assert "waiver of every risk for edit in namespace web is added: ann until 2026-12-01" in said
    assert re.search(r"; accepts \d+ findings: attach-pods, .*exec-pods, ", said)
    assert "\n  medium risk" not in said
    assert "waived medium risk in namespace web: attach-pods, " in said
    review(repository, imported.replace('view("web")', every), "--format", "json")
    (user,) = json.loads(capsys.readouterr().out)["users"]
    assert user["waivers"][0]["rule"] == "*"
    assert rules(user["waived_findings"]) == {*user["waivers"][0]["accepts"]}


def test_what_a_risk_implies_is_listed_on_request(repository: Path, capsys: Captured) -> None:
    review(repository, ROOT)
    short = capsys.readouterr().out
    review(repository, ROOT, "--full")
    full = capsys.readouterr().out

    assert "critical risk in namespace web: cluster-admin (implies " in short
    assert "more); --full lists them" in short
    assert "grant-any-role" not in short
    assert "cluster-admin (implies grant-any-role, write-any-role, " in full
    assert "\n  grant-any-role: can bind roles" in full
