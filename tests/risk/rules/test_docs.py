"""docs/rules.md has every rule as it is, and names no other."""

import re
from pathlib import Path

from kuberoster.risk.finding import RiskRule
from kuberoster.risk.rules import load_rules
from kuberoster.risk.waivers import EXPIRED, UNUSED

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


def test_every_rule_has_words_of_its_own() -> None:
    rules = load_rules()

    assert len({rule.id for rule in rules}) == len(rules)
    assert len({rule.reason for rule in rules}) == len(rules)
    for rule in rules:
        assert rule.source.startswith("https://")
        assert not rule.reason.endswith(".")
        assert rule.mend.endswith(".")
