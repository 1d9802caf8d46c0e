"""The comments of the example pipelines: one each, ours, and written anew.

The scripts are run as they are. Forges can't be, so their APIs are a list of comments in a file
behind a `gh` (which hands --jq to jq, as the real one does) or a `curl` of our own.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.ci_jobs import GITLAB, REVIEW, steps

pytestmark = pytest.mark.skipif(not shutil.which("jq"), reason="jq is not installed")

BOT = {REVIEW: "github-actions[bot]", GITLAB: "project_1_bot"}
OURS = "<!-- kuberoster review sha256:" + "0" * 64 + " -->\n**old**"
NEW = "<!-- kuberoster review sha256:" + "1" * 64 + " -->\n$(touch taken) `touch taken` 'new' \"x\""

# What both programs take from the arguments that the scripts give them.
_FORGE = """\
#!/usr/bin/env python3
import json, pathlib, subprocess, sys, urllib.parse
arguments = sys.argv[1:]
method = arguments[arguments.index("-X") + 1] if "-X" in arguments else "GET"
if method == "GET" and any(each.endswith("/user") for each in arguments):
    print(json.dumps({{"username": "{bot}"}}))
elif method == "GET":
    comments = pathlib.Path("comments.json").read_text()
    if "--jq" in arguments:
        query = arguments[arguments.index("--jq") + 1]
        subprocess.run(["jq", "-r", query], input=comments, text=True, check=True)
    else:
        print(comments)
else:
    (path,) = (each for each in arguments if "comments" in each or "/notes" in each)
    (body,) = (each.partition("body")[2] for each in arguments if each.startswith("body"))
    file = body.lstrip("=@")
    assert body[-len(file) - 1] == "@", body
    written = {{"method": method, "path": path, "body": pathlib.Path(file).read_text()}}
    pathlib.Path("written.json").write_text(json.dumps(written))
"""


class Done(NamedTuple):
    """How the script ended, and what it had the forge write."""

    status: int
    written: dict[str, Any] | None


def _comment(folder: Path, file: str, comments: list[tuple[str, str]], text: str = NEW) -> Done:
    """Run the job's script where these comments are, each with its author."""
    who, login = ("user", "login") if file == REVIEW else ("author", "username")
    listed = [
        {"id": number, who: {login: author}, "body": body}
        for number, (author, body) in enumerate(comments, start=1)
    ]
    (folder / "comments.json").write_text(json.dumps(listed))
    (folder / "review.md").write_text(text)
    programs = folder / "bin"
    programs.mkdir()
    for program in ("gh", "curl"):
        (programs / program).write_text(_FORGE.format(bot=BOT[file]))
        (programs / program).chmod(0o755)
    script = "\n".join(
        step.script for step in steps(file, "comment") if not step.script.startswith("apk ")
    )
    done = subprocess.run(
        ["bash", "-e", "-c", script],
        cwd=folder,
        env={
            "PATH": f"{programs}:{os.environ['PATH']}",
            **dict.fromkeys(("REPOSITORY", "NUMBER", "COMMENT_TOKEN", "CI_API_V4_URL"), "x"),
            **dict.fromkeys(("CI_PROJECT_ID", "CI_MERGE_REQUEST_IID"), "1"),
        },
        capture_output=True,
        check=False,
    )
    assert not (folder / "taken").exists(), "the text was run"
    file_written = folder / "written.json"
    written = json.loads(file_written.read_text()) if file_written.exists() else None
    return Done(done.returncode, written)


@pytest.mark.parametrize("file", BOT)
def test_the_first_review_is_a_new_comment(file: str, tmp_path: Path) -> None:
    done = _comment(tmp_path, file, [("ann", "Looks good")])

    assert done.status == 0
    assert done.written
    assert (done.written["method"], done.written["body"]) == ("POST", NEW)


@pytest.mark.parametrize("file", BOT)
def test_a_later_review_is_written_into_our_own_comment(file: str, tmp_path: Path) -> None:
    comments = [("mallory", OURS), (BOT[file], "Something else"), (BOT[file], OURS)]

    done = _comment(tmp_path, file, comments)

    assert done.status == 0
    assert done.written
    assert done.written["method"] in ("PATCH", "PUT")
    assert done.written["path"].endswith("/3")
    assert done.written["body"] == NEW


@pytest.mark.parametrize("file", BOT)
def test_nobody_elses_comment_counts_whatever_its_first_line(file: str, tmp_path: Path) -> None:
    done = _comment(tmp_path, file, [("mallory", OURS)])

    assert done.written
    assert done.written["method"] == "POST"


@pytest.mark.parametrize("file", BOT)
@pytest.mark.parametrize("text", ["", "hello\n", f"hello\n{NEW}", NEW.replace("1" * 64, "1")])
def test_what_is_no_review_is_not_written(file: str, text: str, tmp_path: Path) -> None:
    done = _comment(tmp_path, file, [], text)

    assert done.status != 0
    assert done.written is None
