"""`kuberoster review --offline --base`, in a git repository."""

import json
import os
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from kuberoster.cli import main

Write = Callable[[Mapping[str, str]], Path]
Run = Callable[..., subprocess.CompletedProcess[str]]
Captured = pytest.CaptureFixture[str]

WEB = 'USERS = [User("ann", email="ann@example.com", access=[view("web")])]\n'
WIDER = WEB.replace('view("web")', 'edit("web")')
ROOT = WEB.replace('view("web")', 'ClusterRole("cluster-admin").cluster_wide()').replace(
    "USERS", "from kuberoster import ClusterRole\nUSERS"
)
WHO = {f"GIT_{role}_{what}": "x" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}


@pytest.fixture
def repository(write_project: Write) -> Path:
    """A project with one commit."""
    folder = write_project({"web": WEB})
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message=first")
    return folder


def git(folder: Path, *arguments: str) -> str:
    return subprocess.run(
        ["git", *arguments],
        cwd=folder,
        env=os.environ | WHO,
        check=True,
        capture_output=True,
        text=True,
    ).stdout


def edit(folder: Path, text: str) -> None:
    file = folder / "users" / "web.py"
    file.write_text(file.read_text().partition("\n")[0] + "\n" + text)


def review(folder: Path, *options: str, base: str = "HEAD") -> int:
    return main(["-C", str(folder), "review", "--offline", "--base", base, *options])


def test_no_change_is_0(repository: Path, capsys: Captured) -> None:
    assert review(repository) == 0
    assert capsys.readouterr().out.startswith("nothing changes\n")


def test_a_change_is_2_and_says_what_it_means(repository: Path, capsys: Captured) -> None:
    edit(repository, WIDER)

    assert review(repository) == 2
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "ann (web)"
    assert lines[1].startswith("  + can now, in namespace web: make tokens of ServiceAccounts")
    assert "      + RoleBinding web/web:ann:edit -> ClusterRole edit" in lines


def test_what_must_not_pass_unseen_is_3(repository: Path, capsys: Captured) -> None:
    edit(repository, ROOT)

    assert review(repository) == 3
    assert capsys.readouterr().out.startswith("BLOCKED (finding): ann gets ")


def test_cdktf_json_sets_what_blocks(repository: Path, capsys: Captured) -> None:
    for block_at, text, status in (("none", ROOT, 2), ("medium", WIDER, 3), ("high", WIDER, 2)):
        edit(repository, WEB)
        block(repository, block_at)
        git(repository, "commit", "--quiet", "--all", f"--message={block_at}")
        edit(repository, text)

        assert review(repository) == status
    capsys.readouterr()


def test_no_change_lets_itself_pass(repository: Path, capsys: Captured) -> None:
    edit(repository, ROOT)
    block(repository, "none")

    assert review(repository) == 3
    assert "\ncdktf.json: review.block_at: critical -> none\n" in capsys.readouterr().out


def test_a_changed_setting_is_a_change_and_none_that_may_be_secret_is_shown(
    repository: Path, capsys: Captured
) -> None:
    state = {"backend": "http", "address": "https://x/{team}", "password": "hunter2"}
    context = {"context": {"kuberoster": {"state": state}}}
    (repository / "cdktf.json").write_text(json.dumps(context))

    assert review(repository) == 2
    shown = capsys.readouterr().out
    assert "cdktf.json: state.backend: kubernetes -> http\n" in shown
    assert "cdktf.json: state.http has other settings\n" in shown
    assert "hunter2" not in shown


def block(repository: Path, severity: str) -> None:
    settings = {"context": {"kuberoster": {"review": {"block_at": severity}}}}
    (repository / "cdktf.json").write_text(json.dumps(settings))


def test_a_severity_that_does_not_exist_is_an_error(repository: Path, capsys: Captured) -> None:
    settings = {"context": {"kuberoster": {"review": {"block_at": "worst"}}}}
    (repository / "cdktf.json").write_text(json.dumps(settings))

    assert review(repository) == 1
    assert capsys.readouterr().err == (
        "cdktf.json: context.kuberoster.review.block_at is 'worst'.\n"
        "It is one of critical, high, medium, low, none.\n"
    )


def test_both_revisions_are_judged_as_of_one_day(
    repository: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit(repository, WEB.replace("access", 'expires="2026-12-31", access'))
    monkeypatch.setenv("KUBEROSTER_TODAY", "2027-01-01")

    assert review(repository) == 2
    out = capsys.readouterr().out
    assert "loses all access: expired on 2026-12-31" in out
    assert "as of 2027-01-01" in out


def test_json_has_the_exact_rules(repository: Path, capsys: Captured) -> None:
    edit(repository, WEB.replace('view("web")', 'view("web"), view("api")'))

    assert review(repository, "--format", "json") == 2
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    (user,) = document["users"]
    (scope,) = user["access"]
    assert document["result"] == "changes"
    assert scope["namespace"] == "api"
    assert scope["lost"] == []
    assert {"pods", "services"} <= set(scope["gained"][0]["resources"])
    assert scope["bound"] == [
        {
            "kind": "RoleBinding",
            "namespace": "api",
            "name": "web:ann:view",
            "role": {"kind": "ClusterRole", "name": "view"},
        }
    ]


def test_what_is_checked_out_is_not_touched(repository: Path, capsys: Captured) -> None:
    edit(repository, WIDER)
    hook = repository / ".git" / "hooks" / "post-checkout"
    hook.write_text("#!/bin/sh\ntouch hooked\n")
    hook.chmod(0o755)
    before = git(repository, "status", "--porcelain", "--branch")

    review(repository)

    assert git(repository, "status", "--porcelain", "--branch") == before
    assert git(repository, "worktree", "list").count("\n") == 1
    capsys.readouterr()


def test_a_project_in_a_folder_of_the_repository_is_found(
    repository: Path, capsys: Captured
) -> None:
    (repository / "clusters").mkdir()
    for name in ("users", "cdktf.json"):
        (repository / name).rename(repository / "clusters" / name)
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message=moved")

    assert review(repository / "clusters") == 0
    assert review(repository / "clusters", base="HEAD~1") == 1
    assert "at HEAD~1: " in capsys.readouterr().err


def test_each_revision_sees_its_own_module_beside_users(repository: Path, capsys: Captured) -> None:
    shared = repository / "common_access.py"
    shared.write_text('from kuberoster import edit, view\nusual = [view("web")]\n')
    edit(repository, "from common_access import usual\n" + WEB.replace('[view("web")]', "usual"))
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message=shared")
    assert review(repository) == 0
    shared.write_text(shared.read_text().replace('view("web")', 'edit("web")'))

    assert review(repository) == 2
    assert "RoleBinding web/web:ann:edit -> ClusterRole edit" in capsys.readouterr().out


def test_a_revision_that_does_not_exist_is_an_error(repository: Path, capsys: Captured) -> None:
    for revision in ("nowhere", "HEAD:users"):
        assert review(repository, base=revision) == 1
        assert capsys.readouterr().err.startswith(f"git has no revision {revision!r} here.\n")


def test_a_folder_without_git_is_an_error(write_project: Write, capsys: Captured) -> None:
    assert review(write_project({"web": WEB})) == 1
    assert capsys.readouterr().err.startswith("git rev-parse failed.\nfatal: not a git repository")


def test_a_roster_that_was_broken_is_told_from_today_s(repository: Path, capsys: Captured) -> None:
    edit(repository, "USERS = [User('Ann')]\n")
    git(repository, "commit", "--quiet", "--all", "--message=broken")
    edit(repository, WEB)

    assert review(repository) == 1
    assert capsys.readouterr().err.startswith("at HEAD: users/web.py: ")


def test_what_contradicts_itself_is_an_error(repository: Path, capsys: Captured) -> None:
    for options, why in (
        (["--offline"], "review --offline has nothing to compare with.\n"),
        (
            ["--offline", "--base", "HEAD", "--no-refresh"],
            "--offline, --plan, --no-plan and --no-refresh: ",
        ),
        (["--plan", "x", "--no-refresh"], "--offline, --plan, --no-plan and --no-refresh: "),
        (["--plan", "nowhere.json"], "nowhere.json: No such file or directory.\n"),
    ):
        assert main(["-C", str(repository), "review", *options]) == 1
        printed = capsys.readouterr()
        assert printed.out == ""
        assert printed.err.startswith(why)
        assert len(printed.err.splitlines()) == 2
