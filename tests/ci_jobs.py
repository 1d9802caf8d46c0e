"""The pipelines in examples/, taken apart, and the linters for them."""

import subprocess
import sysconfig
from pathlib import Path
from typing import Any, NamedTuple

import yaml

ROOT = Path(__file__).resolve().parents[1] / "examples"
REVIEW, SCAN, DEPLOY, DRIFT = (
    f"github/.github/workflows/{name}.yml" for name in ("review", "scan", "deploy", "drift")
)
GITLAB = "gitlab/.gitlab-ci.yml"
EXAMPLES = {str(path.relative_to(ROOT)): path.read_text() for path in sorted(ROOT.rglob("*.y*ml"))}

# Both linters know all that they need without a network. zizmor only warns of an expression that
# it can't parse, and where CI is set it colours that warning in a pipe too. Its auditor persona is
# the one that asks for an environment around a secret.
_SCHEMA = "check-jsonschema --builtin-schema"
_GITHUB = [
    "zizmor --offline --no-config --no-progress --color never --strict-collection"
    " --persona auditor",
    f"{_SCHEMA} vendor.github-workflows",
]
_GITLAB = [f"{_SCHEMA} vendor.gitlab-ci --data-transform gitlab-ci"]


class Step(NamedTuple):
    """A script that a runner gives to a shell, and the variables set for it alone."""

    script: str
    variables: dict[str, str]


def jobs(file: str) -> dict[str, dict[str, Any]]:
    """The jobs of a file by name; those of GitLab with what they extend."""
    document = yaml.safe_load(EXAMPLES[file])
    if "jobs" in document:
        found: dict[str, dict[str, Any]] = document["jobs"]
        return found
    return {
        name: {**document.get(job.get("extends"), {}), **job}
        for name, job in document.items()
        if isinstance(job, dict) and "script" in job
    }


def steps(file: str, job: str) -> list[Step]:
    """What a job runs, in order."""
    found = jobs(file)[job]
    if "steps" in found:
        return [Step(step["run"], step.get("env", {})) for step in found["steps"] if "run" in step]
    return [Step(line, {}) for line in (*found.get("before_script", ()), *found["script"])]


def complaints(file: str, text: str, folder: Path) -> str:
    """What a linter says against a file, written to its place in a folder; empty if none does."""
    path = folder / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    for linter in _GITLAB if file == GITLAB else _GITHUB:
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
