"""The pipelines in examples/: what they may do, and when; tests/acceptance runs their deploys."""

import base64
import gzip
import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest
import yaml

from kuberoster.cli.commands import parser
from tests.ci_jobs import (
    DEPLOY,
    DRIFT,
    EXAMPLES,
    GITLAB,
    REVIEW,
    ROOT,
    SCAN,
    complaints,
    jobs,
    steps,
)

pytestmark = pytest.mark.slow

PAGE = (ROOT.parent / "docs" / "pipelines.md").read_text()
ALL = [(file, job) for file in EXAMPLES for job in jobs(file)]
CREDENTIALS = [(DEPLOY, "deploy"), (DRIFT, "drift"), (GITLAB, "deploy"), (GITLAB, "drift")]
"""The jobs that get a credential of the cluster."""
FINDINGS = '{"$(touch taken)": "`touch taken` \\"x\\""}\n'
BROKEN = {
    (DEPLOY, "timeout-minutes: 60", "time-limit: 60"): "'time-limit' was unexpected",
    (DEPLOY, "timeout-minutes: 60", "timeout-minutes: soon"): '"soon" is not of type "number"',
    (DEPLOY, "concurrency:", "concurency:"): "concurrency-limits",
    (DEPLOY, "if: github.ref ==", "if: github.ref ="): "couldn't parse expression",
    (DEPLOY, "${{ runner.temp }}", "${{ runner.temp ) }}"): "couldn't parse expression",
    (DEPLOY, "  workflow_dispatch:", "  pull_request_target:"): "dangerous-triggers",
    (REVIEW, "  pull_request:", "  workflow_run:"): "dangerous-triggers",
    (REVIEW, "permissions: {}\n", ""): "excessive-permissions",
    (DEPLOY, "permissions: {}\n", "permissions: write-all\n"): "excessive-permissions",
    (SCAN, "permissions: {}\n", "permissions: write-all\n"): "excessive-permissions",
    (SCAN, '"origin/$TARGET"', '"origin/${{ github.head_ref }}"'): "template-injection",
    (SCAN, "security-events: write", "security-event: write"): "'security-event': 'write'",
    (GITLAB, "codequality: findings.json", "codequality: [[1]]"): "is not valid under any",
    (DEPLOY, "          persist-credentials: false\n", "          clean: true\n"): "artipacked",
    (DEPLOY, "    environment: production\n", ""): "secrets-outside-env",
    (DEPLOY, '"$CONTENT"', "'${{ secrets.KUBECONFIG }}'"): "template-injection",
    (REVIEW, '"origin/$TARGET"', '"origin/${{ github.head_ref }}"'): "template-injection",
    (DEPLOY, "${{ secrets.KUBECONFIG }}", "${{ toJSON(secrets) }}"): "overprovisioned-secrets",
    (DRIFT, "3d3c42e5aac5ba805825da76410c181273ba90b1", "v7"): "unpinned-uses",
    (GITLAB, "timeout: 60 minutes", "time_limit: 60 minutes"): "'time_limit' was unexpected",
    (GITLAB, "timeout: 60 minutes", "timeout: [60]"): "[60] is not of type 'string'",
    (GITLAB, "resource_group: cluster", "resource_group: 1"): "1 is not of type 'string'",
    (GITLAB, "- if: $CI_COMMIT", "- iff: $CI_COMMIT"): "'iff' was unexpected",
    (GITLAB, "  script:", "  scripts:"): "'scripts' was unexpected",
    (GITLAB, "    name: production", "    nam: production"): "{'nam': 'production'}",
}


@pytest.mark.parametrize("file", EXAMPLES)
def test_no_linter_has_a_complaint(file: str, tmp_path: Path) -> None:
    assert complaints(file, EXAMPLES[file], tmp_path) == ""


@pytest.mark.parametrize(
    ("broken", "complaint"), BROKEN.items(), ids=[f"{file}: {to}" for file, _, to in BROKEN]
)
def test_a_broken_copy_is_refused(
    broken: tuple[str, str, str], complaint: str, tmp_path: Path
) -> None:
    file, right, wrong = broken
    assert right in EXAMPLES[file]

    assert complaint in complaints(file, EXAMPLES[file].replace(right, wrong), tmp_path)


@pytest.mark.parametrize(("file", "job"), ALL)
def test_a_job_calls_kuberoster_as_it_can_be_called(file: str, job: str) -> None:
    for step in steps(file, job):
        for call in re.findall(
            r"^ *kuberoster (.+?)(?: >.*| \|\| .*)?$", step.script, re.MULTILINE
        ):
            parser().parse_args(shlex.split(call))


@pytest.mark.parametrize(("file", "job"), ALL)
def test_no_script_has_an_expression_that_is_replaced_before_the_shell_sees_it(
    file: str, job: str
) -> None:
    assert all("${{" not in step.script for step in steps(file, job))


@pytest.mark.parametrize("file", EXAMPLES)
def test_only_jobs_in_a_protected_environment_get_a_credential_of_the_cluster(file: str) -> None:
    for name, job in jobs(file).items():
        text = yaml.safe_dump(job)
        reaches = "secrets." in text or "KUBE_CONFIG_PATH" in text
        assert reaches == ("environment" in job) == ((file, name) in CREDENTIALS)


def test_what_runs_the_branchs_code_may_only_read_it() -> None:
    assert yaml.safe_load(EXAMPLES[REVIEW])["permissions"] == {}
    assert jobs(REVIEW)["review"]["permissions"] == {"contents": "read"}
    (review,) = (step.script for step in steps(REVIEW, "review") if "--base" in step.script)
    assert "kuberoster review --offline " in review
    assert yaml.safe_load(EXAMPLES[SCAN])["permissions"] == {}
    assert jobs(SCAN)["findings"]["permissions"] == {"contents": "read"}
    assert "TOKEN" not in yaml.safe_dump([jobs(GITLAB)["review"], jobs(GITLAB)["findings"]])


@pytest.mark.parametrize(("file", "job"), [(REVIEW, "review"), (GITLAB, "review")])
def test_annotations_change_no_status(file: str, job: str) -> None:
    """They are made of the same review, which has said by then how it ends."""
    lines = [line for step in steps(file, job) for line in step.script.splitlines()]
    calls = [line.strip() for line in lines if "kuberoster review" in line]
    wanted = "github" if file == REVIEW else "gitlab"

    comment, annotated = calls
    assert "--format markdown" in comment
    assert comment.endswith("|| status=$?")
    assert f"--format {wanted}" in annotated
    assert annotated.endswith("|| true")
    assert lines.index(next(line for line in lines if line.strip() == annotated)) < max(
        number for number, line in enumerate(lines) if "status" in line
    )


@pytest.mark.parametrize("job", ["review", "findings"])
def test_gitlab_takes_the_report_of_the_branch_and_of_what_it_is_compared_with(job: str) -> None:
    (written,) = (
        line.partition(" > ")[2].split()[0]
        for step in steps(GITLAB, job)
        for line in step.script.splitlines()
        if "--format gitlab" in line
    )

    assert jobs(GITLAB)[job]["artifacts"]["reports"]["codequality"] == written


def test_what_uploads_findings_runs_nothing_of_the_branch() -> None:
    upload = jobs(SCAN)["upload"]
    assert upload["permissions"] == {"security-events": "write"}
    used = [step["uses"].partition("@")[0] for step in upload["steps"] if "uses" in step]
    assert used == ["actions/download-artifact"]
    (script,) = (step.script for step in steps(SCAN, "upload"))
    assert not re.search(r"^ *(make|git|kuberoster|sh|python3?) ", script, re.MULTILINE)
    assert not re.search(r"\$\((cat|<)|`", script)


def test_the_findings_are_uploaded_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "findings.sarif").write_text(FINDINGS)
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "gh").write_text('#!/bin/sh\nprintf "%s\\n" "$@" > called\n')
    (programs / "gh").chmod(0o755)
    (script,) = (step.script for step in steps(SCAN, "upload"))
    environment = {
        "PATH": f"{programs}:{os.environ['PATH']}",
        "REPOSITORY": "org/access",
        "COMMIT": "c0ffee",
        "REF": "refs/pull/3/head",
    }
    subprocess.run(["bash", "-e", "-c", script], cwd=tmp_path, env=environment, check=True)

    called = (tmp_path / "called").read_text().splitlines()
    assert "repos/org/access/code-scanning/sarifs" in called
    assert {"commit_sha=c0ffee", "ref=refs/pull/3/head"} < set(called)
    (file,) = (each.partition("=@")[2] for each in called if each.startswith("sarif=@"))
    assert gzip.decompress(base64.b64decode((tmp_path / file).read_bytes())) == FINDINGS.encode()
    assert not (tmp_path / "taken").exists()


def test_what_writes_the_comment_runs_nothing_of_the_branch() -> None:
    comment = jobs(REVIEW)["comment"]
    assert comment["permissions"] == {"pull-requests": "write"}
    used = [step["uses"].partition("@")[0] for step in comment["steps"] if "uses" in step]
    assert used == ["actions/download-artifact"]
    assert jobs(GITLAB)["comment"]["variables"] == {"GIT_STRATEGY": "none"}
    for file in (REVIEW, GITLAB):
        for step in steps(file, "comment"):
            assert not re.search(
                r"^ *(make|git|kuberoster|sh|python3?) ", step.script, re.MULTILINE
            )
            # Its text is the branch's: a file for the API, and never part of a command.
            assert not re.search(r"\$\((cat|<)|`", step.script)


@pytest.mark.parametrize(("file", "job"), CREDENTIALS)
def test_one_of_them_runs_at_a_time_and_none_stops_another_or_goes_on_for_ever(
    file: str, job: str
) -> None:
    found = jobs(file)[job]
    if file == GITLAB:
        assert found["resource_group"] == "cluster"
        assert yaml.safe_load(EXAMPLES[file])["default"]["interruptible"] is False
        assert re.fullmatch(r"\d\d minutes", found["timeout"])
    else:
        one = {"group": "cluster", "cancel-in-progress": False, "queue": "max"}
        assert yaml.safe_load(EXAMPLES[file])["concurrency"] == one
        assert found["timeout-minutes"] <= 60


def test_deploys_and_comparisons_run_once_a_day() -> None:
    for file in (DEPLOY, DRIFT):
        # YAML 1.1 reads the key `on` as a boolean.
        (schedule,) = yaml.safe_load(EXAMPLES[file])[True]["schedule"]
        assert re.fullmatch(r"[0-5]?\d (1?\d|2[0-3]) \* \* \*", schedule["cron"])
        assert f"`{schedule['cron']}`" in PAGE.partition("## GitLab CI")[2]


@pytest.mark.parametrize("file", [DEPLOY, GITLAB])
def test_a_deploy_comes_after_approval_and_review_and_before_a_comparison(file: str) -> None:
    before = [step.script for step in steps(file, "approved")]
    assert before.index("kuberoster validate") < len(before) - 1
    assert any(line.startswith("sh ci/check-merges.sh") for line in before)
    if file == DEPLOY:
        assert jobs(file)["deploy"]["needs"] == "approved"
    else:
        stages = yaml.safe_load(EXAMPLES[file])["stages"]
        assert stages.index("approved") < stages.index(jobs(file)["deploy"]["stage"])
    assert [step.script for step in steps(file, "deploy")][-3:] == [
        'kuberoster review --base "$BASE" || [ $? -eq 2 ]',
        "cdktf deploy '*' --auto-approve",
        "kuberoster drift",
    ]


@pytest.mark.parametrize("file", [DEPLOY, DRIFT])
def test_a_failure_opens_an_issue(file: str) -> None:
    found = jobs(file)
    others = [name for name in found if name != "alert"]
    assert found["alert"]["needs"] in (others, others[0])
    assert found["alert"]["if"] == "failure()"
    assert found["alert"]["permissions"] == {"issues": "write"}


@pytest.mark.parametrize("file", ["github/.github/CODEOWNERS", "gitlab/.gitlab/CODEOWNERS"])
def test_everything_has_an_owner_and_each_team_its_own(file: str) -> None:
    lines = [line.split() for line in (ROOT / file).read_text().splitlines()]
    owners = {path: names for path, *names in filter(None, lines) if path[0] not in "#["}
    teams = {f"/users/{path.name}" for path in (ROOT.parent / "users").glob("*.py")}

    assert next(iter(owners)) == "*"
    assert {path for path in owners if path.endswith(".py")} == teams
    assert all(owners.values())


@pytest.mark.parametrize(
    "file", [path for path in sorted(ROOT.rglob("*")) if path.is_file()], ids=lambda path: path.name
)
def test_the_page_links_each_file(file: Path) -> None:
    assert f"](../examples/{file.relative_to(ROOT)})" in PAGE
