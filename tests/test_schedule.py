"""The CI jobs in docs/schedule.md; test_docs.py lints them and tests/acceptance runs them."""

import re
from pathlib import Path

import pytest
import yaml

from tests.ci_jobs import EXAMPLES, GITHUB, GITLAB, PAGE, complaints, steps

BROKEN = {
    (GITHUB, "timeout-minutes: 30", "time-limit: 30"): "'time-limit' was unexpected",
    (GITHUB, "timeout-minutes: 30", "timeout-minutes: soon"): '"soon" is not of type "number"',
    (GITHUB, "concurrency:", "concurency:"): "concurrency-limits",
    (GITHUB, "if: github.ref ==", "if: github.ref ="): "couldn't parse expression",
    (GITHUB, "${{ runner.temp }}", "${{ runner.temp ) }}"): "couldn't parse expression",
    (GITHUB, "  workflow_dispatch:", "  pull_request_target:"): "dangerous-triggers",
    (GITHUB, "permissions:\n  contents: read\n", ""): "excessive-permissions",
    (GITHUB, "contents: read", "contents: write"): "excessive-permissions",
    (GITHUB, "          persist-credentials: false\n", "          clean: true\n"): "artipacked",
    (GITHUB, "    environment: production\n", ""): "secrets-outside-env",
    (GITHUB, '"$CONTENT"', "'${{ secrets.KUBECONFIG }}'"): "template-injection",
    (GITHUB, "${{ secrets.KUBECONFIG }}", "${{ toJSON(secrets) }}"): "overprovisioned-secrets",
    (GITHUB, "3d3c42e5aac5ba805825da76410c181273ba90b1", "v7"): "unpinned-uses",
    (GITLAB, "timeout: 30 minutes", "time_limit: 30 minutes"): "'time_limit' was unexpected",
    (GITLAB, "timeout: 30 minutes", "timeout: [30]"): "[30] is not of type 'string'",
    (GITLAB, "resource_group: production", "resource_group: 1"): "1 is not of type 'string'",
    (GITLAB, "- if: $CI", "- iff: $CI"): "'iff' was unexpected",
    (GITLAB, "  script:", "  scripts:"): "'scripts' was unexpected",
    (GITLAB, "    name: production", "    nam: production"): "{'nam': 'production'}",
}


def test_there_is_a_job_for_github_and_one_for_gitlab() -> None:
    assert sorted(EXAMPLES) == sorted([GITHUB, GITLAB])


@pytest.mark.parametrize(
    ("broken", "complaint"), BROKEN.items(), ids=[f"{file}: {to}" for file, _, to in BROKEN]
)
def test_a_broken_copy_is_refused(
    broken: tuple[str, str, str], complaint: str, tmp_path: Path
) -> None:
    file, right, wrong = broken
    assert right in EXAMPLES[file]

    assert complaint in complaints(file, EXAMPLES[file].replace(right, wrong), tmp_path)


def test_both_jobs_run_once_a_day() -> None:
    # YAML 1.1 reads the key `on` as a boolean.
    (schedule,) = yaml.safe_load(EXAMPLES[GITHUB])[True]["schedule"]

    assert re.fullmatch(r"[0-5]?\d (1?\d|2[0-3]) \* \* \*", schedule["cron"])
    assert f"`{schedule['cron']}`" in PAGE.partition("## GitLab CI")[2]


def test_one_job_runs_at_a_time_and_none_stops_another_or_goes_on_for_ever() -> None:
    github, gitlab = (yaml.safe_load(EXAMPLES[file]) for file in (GITHUB, GITLAB))

    assert github["concurrency"] == {"group": "deploy", "cancel-in-progress": False}
    assert github["jobs"]["deploy"]["timeout-minutes"] <= 60
    assert gitlab["deploy"]["resource_group"]
    assert gitlab["deploy"]["interruptible"] is False
    assert gitlab["deploy"]["timeout"]


@pytest.mark.parametrize("file", EXAMPLES)
def test_a_job_checks_the_roster_first_and_the_cluster_last(file: str) -> None:
    scripts = [step.script for step in steps(EXAMPLES[file])]
    check = scripts.index("kuberoster validate")

    assert check < scripts.index("cdktf deploy '*' --auto-approve")
    assert scripts[-1] == "kuberoster drift"
