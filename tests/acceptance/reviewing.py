"""A project in git, and its reviews as JSON."""

import json
import os
import subprocess
from collections.abc import Mapping
from typing import Any, NamedTuple

from tests.project import Object, Project
from tests.review.schema import valid

_WHO = {f"GIT_{role}_{what}": "x" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}

ANN = 'User("{0}-ann", email="a@example.com", access=[edit("web"), reader("web")], {1})'
BOB = 'User("{0}-bob", email="b@example.com", access=[view("api")], {1})'
READER = 'reader := Role("reader", rules=[Rule(["get"], ["pods"])])'

# What a branch's own code can do to a stack behind the roster's back.
_MEDDLING = """
import json, os
from pathlib import Path
from kuberoster.constructs import synthesise
status = synthesise(HERE)
for file in Path(os.environ.get("CDKTF_OUTDIR", "cdktf.out")).glob("stacks/*/cdk.tf.json"):
    stack = json.loads(file.read_text())
    resource = stack["resource"]
    {code}
    file.write_text(json.dumps(stack))
sys.exit(status)
"""


class Reviewed(NamedTuple):
    """A review with its exit status."""

    status: int
    document: Mapping[str, Any]

    def entries(self, team: str) -> dict[str, tuple[str, list[str]]]:
        """Each address that the team's plan does something to: what it does, and why."""
        (plan,) = (each for each in self.document["plans"] if each["team"] == team)
        return {
            entry["address"]: (entry["action"], [why["why"] for why in entry["explained_by"]])
            for entry in plan["entries"]
        }

    @property
    def kinds(self) -> set[str]:
        """The kinds of what blocks; the control plane has teams of other tests, which are left."""
        return {block["kind"] for block in self.document["blocks"]} - {"team-left-behind"}

    def block(self, kind: str) -> str:
        """What the blocks of a kind say."""
        return "\n".join(
            block["what"] for block in self.document["blocks"] if block["kind"] == kind
        )


def git(project: Project, *arguments: str) -> str:
    return subprocess.run(
        ["git", *arguments],
        cwd=project.folder,
        env=os.environ | _WHO,
        check=True,
        capture_output=True,
        text=True,
    ).stdout


def commit(project: Project) -> None:
    """Make what lies there the base of reviews."""
    if not (project.folder / ".git").exists():
        (project.folder / ".gitignore").write_text("cdktf.out/\n*.tfstate*\n*.json\n!cdktf.json\n")
        git(project, "init", "--quiet")
    git(project, "add", "--all")
    git(project, "commit", "--quiet", "--message=base")


def review(project: Project, *options: str) -> Reviewed:
    """Review what lies there; its errors are none, but that another day was asked for."""
    shown = project.run_any("review", "--format", "json", *options)
    assert shown.status in (0, 2, 3), shown.errors
    said = shown.errors.splitlines()
    assert [line for line in said if not line.startswith("warning: as of 20")] == []
    assert bool(said) == ("KUBEROSTER_TODAY" in project.environment)
    document: Object = valid(json.loads(shown.output))
    assert document["result"] == {0: "unchanged", 2: "changes", 3: "blocked"}[shown.status]
    return Reviewed(shown.status, document)


def review_base(project: Project, *options: str) -> Reviewed:
    """Review what lies there against what was committed."""
    return review(project, "--base", "HEAD", *options)


def meddle(project: Project, *code: str) -> None:
    """Let main.py do all this to every stack, after it was synthesised."""
    main = project.folder / "main.py"
    head, found, _ = main.read_text().partition('if __name__ == "__main__":')
    assert found
    main.write_text(head + _MEDDLING.format(code="\n    ".join(code)))


def write(project: Project, team: str, *users: str, reader: str = READER) -> None:
    project.write(team, ", ".join(user.replace("reader(", f"({reader})(") for user in users))


def deployed(project: Project, team: str, *users: str) -> None:
    """Commit and deploy these users of a team."""
    write(project, team, *users)
    commit(project)
    project.apply(team)
