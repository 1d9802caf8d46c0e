"""The CI jobs that docs/schedule.md shows, taken apart, and the linters for them."""

import re
import subprocess
import sysconfig
from pathlib import Path
from typing import NamedTuple

import yaml

GITHUB = ".github/workflows/deploy.yml"
GITLAB = ".gitlab-ci.yml"
PAGE = (Path(__file__).resolve().parents[1] / "docs" / "schedule.md").read_text()
EXAMPLES = {
    text.partition("\n")[0].removeprefix("# "): text
    for text in re.findall(r"^```yaml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
}

# Both linters know all that they need without a network. zizmor only warns of an expression that
# it can't parse, and where CI is set it colours that warning in a pipe too. Its auditor persona is
# the one that asks for an environment around a secret.
_SCHEMA = "check-jsonschema --builtin-schema"
_LINTERS = {
    GITHUB: [
        "zizmor --offline --no-config --no-progress --color never --strict-collection"
        " --persona auditor",
        f"{_SCHEMA} vendor.github-workflows",
    ],
    GITLAB: [f"{_SCHEMA} vendor.gitlab-ci --data-transform gitlab-ci"],
}


class Step(NamedTuple):
    """A script that a runner gives to a shell, and the variables set for it alone."""

    script: str
    variables: dict[str, str]


def steps(text: str) -> list[Step]:
    """What the one job of a file runs, in order."""
    document = yaml.safe_load(text)
    (job,) = document.get("jobs", document).values()
    if "steps" in job:
        return [Step(step["run"], step.get("env", {})) for step in job["steps"] if "run" in step]
    return [Step(line, {}) for line in (*job["before_script"], *job["script"])]


def complaints(file: str, text: str, folder: Path) -> str:
    """What a linter says against a file, written to its place in a folder; empty if none does."""
    path = folder / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    for linter in _LINTERS[file]:
        program, *options = linter.split()
        done = subprocess.run(
            [Path(sysconfig.get_path("scripts")) / program, *options, path],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode or " WARN " in done.stderr:
            return done.stdout + done.stderr
    return ""
