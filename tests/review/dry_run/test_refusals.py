"""What quotas, admission policies and webhooks refuse is said at review, and blocks."""

import itertools
import json
import time
from collections.abc import Iterator

import pytest

from tests.project import Object, Project, until
from tests.review.dry_run.answers import USER, answers, write
from tests.review.revisions import commit, review

_numbers = itertools.count()


def quota(project: Project, team: str, **hard: str) -> None:
    """A quota in the team's namespace, in force."""
    limits = ",".join(f"{resource}={limit}" for resource, limit in hard.items())
    where = ["-n", f"users-{team}"]
    project.kubectl("create", "quota", "tight", f"--hard={limits}", *where)
    for _ in until(30):
        if '"used"' in project.kubectl("get", "quota", "tight", "-o", "json", *where):
            return
    raise AssertionError("the quota's usage was never counted")


@pytest.fixture
def policy(project: Project, request: pytest.FixtureRequest) -> Iterator[str]:
    """The name of a ValidatingAdmissionPolicy that refuses what has the label refused=<name>."""
    name = f"sdry-{next(_numbers)}"
    group = "admissionregistration.k8s.io/v1"
    rule = {
        "apiGroups": ["", "rbac.authorization.k8s.io"],
        "apiVersions": ["v1"],
        "operations": ["CREATE", "UPDATE"],
        "resources": ["*"],
    }
    labels = "object.metadata.?labels['kuberoster.io/user'].orValue('')"
    spec: Object = {
        "failurePolicy": "Fail",
        "matchConstraints": {"resourceRules": [rule]},
        "validations": [
            {
                "expression": f"{labels} != '{name}-eve'",
                "messageExpression": "'nobody is called eve here: '"
                " + (has(object.data) ? string(object.data.token) : 'no data')",
            }
        ],
    }
    metadata = {"name": name}
    for kind, body in (
        ("ValidatingAdmissionPolicy", spec),
        (
            "ValidatingAdmissionPolicyBinding",
            {"policyName": name, "validationActions": ["Deny"]},
        ),
    ):
        given = {"apiVersion": group, "kind": kind, "metadata": metadata, "spec": body}
        project.kubectl("create", "-f", "-", given=given)
    account: Object = {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {"name": f"{name}-eve", "labels": {"kuberoster.io/user": f"{name}-eve"}},
    }
    for _ in until(30):
        tried = ["create", "--dry-run=server", "-n", "web", "-f", "-"]
        if "nobody is called eve" in _said(project, tried, account):
            break
    else:
        raise AssertionError("the policy never came into force")
    yield name
    project.kubectl("delete", "validatingadmissionpolicy", name)
    project.kubectl("delete", "validatingadmissionpolicybinding", name)


def _said(project: Project, command: list[str], given: Object) -> str:
    try:
        return project.kubectl(*command, given=given)
    except AssertionError as refused:
        return str(refused)


def test_a_quota_that_is_used_up_refuses_and_blocks(deployed: tuple[Project, str]) -> None:
    project, team = deployed
    quota(project, team, **{"count/secrets": "1"})
    write(project, team, "ann", "bob")

    shown = review(project, "--server-dry-run")
    assert shown.status == 3
    assert shown.output.startswith(
        "BLOCKED (dry-run-refused): the API server refuses to create "
        f"Secret users-{team}/{team}-bob-main-*: "
    )
    assert "exceeded quota: tight, requested: count/secrets=1, used: count/secrets=1" in (
        shown.output
    )
    assert [result for result, _ in answers(project).values()].count("refused") == 1


def test_a_quota_that_each_object_keeps_and_all_together_exceed_refuses_them(
    deployed: tuple[Project, str],
) -> None:
    project, team = deployed
    quota(project, team, **{"count/serviceaccounts": "4", "secrets": "2"})
    write(project, team, "ann", "bob", "cem")

    found = answers(project)
    why = (
        f"quota tight allows 2 of secrets in namespace users-{team}, 1 are there, and 2 would come"
    )
    assert {key: answer for key, answer in found.items() if answer[0] == "refused"} == {
        f"Secret users-{team}/{team}-bob-main-*": ("refused", why),
        f"Secret users-{team}/{team}-cem-main-*": ("refused", why),
    }


def test_an_admission_policy_refuses_in_its_own_words_and_is_told_no_data(
    deployed: tuple[Project, str], policy: str
) -> None:
    project, team = deployed
    eve = f'User("{policy}-eve", email="x@example.com", access=[view("web")])'
    project.write(team, ", ".join([USER.format(team, "ann"), eve]))

    found = answers(project)
    assert {result for result, _ in found.values()} == {"refused"}
    assert len(found) == 3
    for _, why in found.values():
        assert f"ValidatingAdmissionPolicy '{policy}'" in why
        assert why.endswith("denied request: nobody is called eve here: no data")


def test_a_refused_change_of_a_token_secret_shows_no_token(project: Project, policy: str) -> None:
    team, eve = f"{policy}t", f"{policy}-eve"
    off = ["delete", "validatingadmissionpolicybinding", policy]
    binding = json.loads(
        project.kubectl("get", "validatingadmissionpolicybinding", policy, "-o", "json")
    )
    project.kubectl(*off)
    time.sleep(2)  # until the API server knows
    project.write(team, f'User("{eve}", email="x@example.com")')
    project.create()
    token = project.token(eve)
    commit(project)
    project.write(team, f'User("{eve}", email="y@example.com")')
    given = {key: binding[key] for key in ("apiVersion", "kind", "spec")}
    project.kubectl("create", "-f", "-", given={**given, "metadata": {"name": policy}})
    secret = f"Secret users-{team}/{eve}-main-*"
    for _ in until(30):
        found = answers(project)
        if found[secret][0] == "refused":
            break
    assert found[secret] == ("refused", "Invalid")
    assert found[f"ServiceAccount users-{team}/{eve}"][0] == "refused"
    assert not [text for text in project.outputs if token in text or token[40:80] in text]


def test_a_webhook_that_fails_refuses(deployed: tuple[Project, str]) -> None:
    project, team = deployed
    group = "admissionregistration.k8s.io/v1"
    rule = {
        "apiGroups": [""],
        "apiVersions": ["v1"],
        "operations": ["CREATE", "UPDATE"],
        "resources": ["serviceaccounts", "secrets"],
    }
    webhook = {
        "name": f"{team}.example.com",
        "rules": [rule],
        "objectSelector": {"matchLabels": {"kuberoster.io/team": team}},
        "clientConfig": {"url": "https://127.0.0.1:9/"},
        "sideEffects": "None",
        "admissionReviewVersions": ["v1"],
    }
    given: Object = {
        "apiVersion": group,
        "kind": "ValidatingWebhookConfiguration",
        "metadata": {"name": team},
        "webhooks": [webhook],
    }
    project.kubectl("create", "-f", "-", given=given)
    project.write(team, USER.format(team, "ann").replace("x@", "y@"))
    try:
        for _ in until(30):
            found = answers(project)
            if all(result == "refused" for result, _ in found.values()):
                break
    finally:
        project.kubectl("delete", "validatingwebhookconfiguration", team)
    why = found[f"ServiceAccount users-{team}/{team}-ann"][1]
    assert f'failed calling webhook "{team}.example.com"' in why
    assert found[f"Secret users-{team}/{team}-ann-main-*"] == ("refused", "InternalError")
