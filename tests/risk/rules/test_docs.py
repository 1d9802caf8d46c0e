"""docs/rules.md has every rule as it is, and names no other."""

import re
from pathlib import Path

import pytest

from kuberoster.rbac.defaults import load_defaults
from kuberoster.risk.finding import RiskRule
from kuberoster.risk.rules import load_rights, load_rules
from kuberoster.risk.waivers import EXPIRED, UNUSED
from tests.risk.rules.cases import cluster
from tests.risk.rules.test_rules import found, ids

DOCS = Path(__file__).resolve().parents[3] / "docs" / "rules.md"


def row(rule: RiskRule) -> str:
    """The rule's line of the table; paste it when this test shows that it is not there."""
    wider = rule.system_severity
    severity = f"{rule.severity}, {wider} everywhere" if wider else rule.severity
    return f"| `{rule.id}` | {severity} | {rule.reason} | {rule.mend} | [source]({rule.source}) |"


def test_the_docs_have_every_rule_in_order() -> None:
    lines = DOCS.read_text(encoding="utf-8").splitlines()
    start = lines.index("| rule | severity | whoever has it | mend | follows |")
    rows = lines[start + 2 : lines.index("", start)]

    assert rows == [row(rule) for rule in load_rules()]


def test_the_docs_have_the_rules_about_waivers() -> None:
    assert {row(EXPIRED), row(UNUSED)} <= {*DOCS.read_text(encoding="utf-8").splitlines()}
    assert not {EXPIRED.id, UNUSED.id} & {rule.id for rule in load_rules()}


def test_every_rule_that_the_comparison_names_exists() -> None:
    _, _, comparison = DOCS.read_text(encoding="utf-8").partition("## What other tools look for")
    rows = [line.split("|") for line in comparison.splitlines() if line.startswith("| `")]
    named = {name for each in rows for name in re.findall(r"`([^`]+)`", each[2])}

    assert len(rows) > 50
    assert named <= {rule.id for rule in load_rules()}


def _controllers() -> list[tuple[str, str]]:
    """Each API group that the docs name of a controller, with the rule beside it."""
    _, _, after = DOCS.read_text(encoding="utf-8").partition("## What controllers do")
    rows = [line.split("|") for line in after.partition("\n## ")[0].splitlines()]
    return [
        (group, rule.strip(" `"))
        for _, _, objects, _, rule, _ in (row for row in rows if len(row) == 6)
        for group in re.findall(r"`([^`]+)`", objects)
    ]


@pytest.mark.parametrize(("group", "rule"), _controllers())
def test_what_the_docs_say_of_a_controller_is_found(group: str, rule: str) -> None:
    assert rule in ids(found(*cluster("*", "*", group)))
    assert "unknown-custom-resources" not in ids(found(*cluster("*", "*", group)))


def test_the_docs_name_every_group_of_the_table() -> None:
    kubernetes = {each["group"] for each in load_defaults().resources}
    groups = {asked.group for right in load_rights() for asked in right.asked}

    assert {group for group, _ in _controllers()} == groups - kubernetes - {"*", "extensions"}


def test_every_rule_has_words_of_its_own() -> None:
    rules = load_rules()

    assert len({rule.id for rule in rules}) == len(rules)
    assert len({rule.reason for rule in rules}) == len(rules)
    for rule in rules:
        assert rule.source.startswith("https://")
        assert not rule.reason.endswith(".")
        assert rule.mend.endswith(".")
