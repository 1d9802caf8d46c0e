"""A finding names the line that gives its right, and what to write there instead."""

from dataclasses import replace
from pathlib import Path

import pytest

from kuberoster import ClusterRole, Grant, Role, Rule, Team, User, admin, edit, view
from kuberoster.model.roster import Roster, TeamRoster, load_roster
from kuberoster.rbac.policy import Policy
from kuberoster.risk.finding import Finding
from tests.risk.rules.cases import CASES
from tests.risk.waiving import judged, waiver

RBAC = "rbac.authorization.k8s.io"
SECRETS = Rule(["get", "list"], ["secrets", "configmaps"])


def found(*access: Grant) -> list[Finding]:
    users = (
        User("ann", email="ann@example.com", access=access),
        User("bob", email="bob@example.com", access=[view("web")]),
    )
    roster = Roster((TeamRoster(team=Team(name="web"), users=users),))
    return [each for each in judged(roster) if each.user == "ann"]


def said(rule: str, *access: Grant) -> list[str | None]:
    (finding,) = (each for each in found(*access) if each.rule.id == rule)
    return [str(each.narrower) if each.narrower else None for each in finding.causes]


def own(*rules: Rule) -> Grant:
    return Role("own", rules=rules)("web")


@pytest.mark.parametrize(
    ("rule", "grant", "expected"),
    [
        (
            "read-secrets",
            own(SECRETS),
            'write Rule(["get", "list"], ["configmaps"]) instead of '
            'Rule(["get", "list"], ["secrets", "configmaps"])',
        ),
        (
            "read-secrets",
            own(Rule(["get", "create"], ["secrets"])),
            'write Rule(["create"], ["secrets"]) instead of Rule(["get", "create"], ["secrets"])',
        ),
        (
            "request-tokens",
            own(Rule(["get", "create"], ["serviceaccounts/token"])),
            'leave out Rule(["get", "create"], ["serviceaccounts/token"])',
        ),
        (
            "read-secrets",
            own(Rule(["get"], ["secrets", "deployments"], ["", "apps"])),
            'write Rule(["get"], ["deployments"], api_groups=["apps"]) instead of '
            'Rule(["get"], ["secrets", "deployments"], api_groups=["", "apps"])',
        ),
        ("read-secrets", own(Rule(["get"], ["secrets"])), 'leave out Rule(["get"], ["secrets"])'),
        (
            "read-secrets",
            own(Rule(["*"], ["secrets", "pods"])),
            'write Rule(["*"], ["pods"]) instead of Rule(["*"], ["secrets", "pods"])',
        ),
        (
            "read-named-secrets",
            own(Rule(["get"], ["secrets", "configmaps"], resource_names=["tls"])),
            'write Rule(["get"], ["configmaps"], resource_names=["tls"]) instead of '
            'Rule(["get"], ["secrets", "configmaps"], resource_names=["tls"])',
        ),
        (
            "write-roles",
            own(Rule(["get", "patch"], ["roles"], api_groups=[RBAC])),
            f'write Rule(["get"], ["roles"], api_groups=["{RBAC}"]) instead of '
            f'Rule(["get", "patch"], ["roles"], api_groups=["{RBAC}"])',
        ),
        ("read-secrets", edit("web"), 'write view("web") instead of edit("web")'),
        ("write-bindings", admin("web"), 'write edit("web") instead of admin("web")'),
        (
            "read-secrets",
            edit.cluster_wide(),
            "write view.cluster_wide() instead of edit.cluster_wide()",
        ),
        (
            "cluster-admin",
            ClusterRole("cluster-admin")("web"),
            'write admin("web") instead of ClusterRole("cluster-admin")("web")',
        ),
        ("cluster-admin", ClusterRole("cluster-admin").cluster_wide(), None),
        ("read-secrets", ClusterRole("cluster-admin")("web"), None),
        ("read-secrets", own(Rule(["get"], ["*"])), None),
        ("read-secrets", own(Rule(["get"], ["secrets", "*"])), None),
        ("wildcard-verbs", own(Rule(["*"], ["pods"])), None),
        ("read-secrets", own(SECRETS, Rule(["get", "list"], ["secrets", "pods"])), None),
    ],
)
def test_what_to_write_is_said_as_code(rule: str, grant: Grant, expected: str | None) -> None:
    assert set(said(rule, grant)) == {expected}


def test_a_role_is_lowered_in_one_namespace_of_its_grant_alone() -> None:
    given = [each for each in found(edit("web", "api")) if each.rule.id == "read-secrets"]

    assert {each.namespace: str(right.narrower) for each in given for right in each.causes} == {
        "web": 'write edit("api"), view("web") instead of edit("web", "api")',
        "api": 'write edit("web"), view("api") instead of edit("web", "api")',
    }


def _mended(grant: Grant, instead_of: str, write: str) -> Grant:
    """The grant with what is written instead, as Python reads it."""
    assert isinstance(grant.role, Role)
    before = eval(instead_of)  # noqa: S307  # what a finding says, of rules of this test
    after = eval(f"[{write}]")  # noqa: S307
    assert before in grant.role.rules
    rules = [each for rule in grant.role.rules for each in (after if rule == before else [rule])]
    return replace(grant, role=replace(grant.role, rules=rules))


CASES_OF_OUR_OWN = [
    (rule, tuple(case.hit))
    for rule, cases in CASES.items()
    for case in cases
    if all(isinstance(grant.role, Role) for grant in case.hit)
]


@pytest.mark.parametrize(
    ("rule", "access"),
    CASES_OF_OUR_OWN,
    ids=[f"{rule} {number}" for number, (rule, _) in enumerate(CASES_OF_OUR_OWN)],
)
def test_whoever_writes_it_has_the_finding_no_more(rule: str, access: tuple[Grant, ...]) -> None:
    grants = list(access)
    for _ in range(8):
        findings = [each for each in found(*grants) if each.rule.id == rule]
        rights = [right for each in findings for right in each.causes if right.narrower]
        if not rights:
            break
        right = rights[0]
        assert right.narrower
        name = right.evidence.binding.name.rpartition("role=")[2]
        (at,) = (n for n, grant in enumerate(grants) if grant.role.name == name)
        grants[at] = _mended(grants[at], **right.narrower.document())
        if not grants[at].role.rules:  # type: ignore[union-attr]  # each of them is a Role
            del grants[at]
    # Only what is a wildcard, or no rule at all, has no mend as code.
    assert all(
        right.evidence.rule is None or "*" in str(right.evidence.rule)
        for each in findings
        for right in each.causes
    )


def test_a_finding_has_the_line_of_its_grant(tmp_path: Path) -> None:
    (tmp_path / "users").mkdir()
    (tmp_path / "users" / "web.py").write_text(
        "from kuberoster import Team, User, Waiver, edit, view\n"
        'READ = view("web")\n'
        "TEAM = Team(\n"
        '    access=[edit("shared")],\n'
        ")\n"
        "USERS = [\n"
        '    User("ann", email="ann@example.com", access=[\n'
        '        edit("web"),\n'
        '        edit("api"),\n'
        '        view("log", waivers=[Waiver("exec-pods", owner="ann", reason="x", '
        'expires="2027-01-01")]),\n'
        "    ]),\n"
        "]\n"
    )
    roster = load_roster(tmp_path / "users")
    given = judged(roster)

    assert {(each.namespace, *each.places) for each in given} == {
        ("shared", "users/web.py:4"),
        ("web", "users/web.py:8"),
        ("api", "users/web.py:9"),
        ("log", "users/web.py:10"),
    }
    assert all(
        [right["place"]] == each.places for each in given for right in each.document()["rights"]
    )


def test_what_others_bind_has_neither_line_nor_mend() -> None:
    ann = User("ann", email="ann@example.com", access=[view("web")])
    roster = Roster((TeamRoster(team=Team(name="web"), users=(ann,)),))
    subject = {"kind": "ServiceAccount", "namespace": "users-web", "name": "ann"}
    policy = Policy(
        [
            {
                "kind": "ClusterRole",
                "metadata": {"name": "edit"},
                "rules": [{"verbs": ["get"], "apiGroups": [""], "resources": ["secrets"]}],
            },
            {
                "kind": "RoleBinding",
                "metadata": {"namespace": "web", "name": "by-hand"},
                "roleRef": {"kind": "ClusterRole", "name": "edit"},
                "subjects": [subject],
            },
        ]
    )
    (finding,) = (each for each in judged(roster, policy) if each.rule.id == "read-secrets")

    assert finding.places == []
    (right,) = finding.document()["rights"]
    assert (right["place"], right["narrower"]) == (None, None)


def test_a_waiver_that_accepts_nothing_is_no_reason_to_narrow_its_grant() -> None:
    (finding,) = found(view("web", waivers=[waiver("exec-pods")]))

    assert finding.rule.id == "unused-waiver"
    assert [each.narrower for each in finding.causes] == [None]
