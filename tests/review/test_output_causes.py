"""What brings a risk is told with its line of users/ and with what to write there."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from kuberoster.model.roster import load_roster
from kuberoster.model.settings import load_settings
from kuberoster.review.change.review import Review, review
from kuberoster.review.change.side import Side, side
from kuberoster.review.output.content import content
from kuberoster.review.output.html import as_html
from kuberoster.review.output.markdown import as_markdown
from kuberoster.review.output.text import as_text
from tests.review.rosters import DAY

IMPORTS = "from kuberoster import ClusterRole, Role, Rule, Team, User, Waiver, admin, edit, view\n"
READER = 'Role("reader", rules=[Rule(["get"], ["secrets", "pods"])])("web")'
Read = Callable[[str], Review]


@pytest.fixture
def given(tmp_path: Path) -> Read:
    """The review of users/web.py with this text, where it had no users before."""

    def make(name: str, text: str) -> Side:
        folder = tmp_path / name
        (folder / "users").mkdir(parents=True)
        (folder / "cdktf.json").write_text("{}")
        (folder / "users" / "web.py").write_text(IMPORTS + text)
        return side(load_settings(folder), load_roster(folder / "users"), DAY)

    def read(text: str) -> Review:
        return review(make("base", "USERS = []"), make("head", text), DAY, "a test")

    return read


def _users(*access: str) -> str:
    lines = (
        f'    User("u{number}", email="u@example.com", access=[{each}]),\n'
        for number, each in enumerate(access)
    )
    return f"USERS = [\n{''.join(lines)}]\n"


def _below(review: Review, risk: str, *, full: bool = False) -> list[str]:
    """The lines below that of a risk, without their indent."""
    lines = list(as_text(content(review, full=full)))
    start = lines.index(risk) + 1
    end = next(n for n, line in enumerate(lines[start:], start) if not line.startswith("      "))
    return [line.removeprefix("      ") for line in lines[start:end]]


def test_a_risk_is_told_with_its_line_its_right_and_what_to_write(given: Read) -> None:
    assert _below(given(_users(READER)), "  medium risk in namespace web: read-secrets") == [
        'Role reader in users/web.py:3; write Rule(["get"], ["pods"]) instead of '
        'Rule(["get"], ["secrets", "pods"])',
        "  read-secrets: get secrets",
    ]


def test_users_who_are_alike_are_told_once_with_the_line_of_each(given: Read) -> None:
    (first, _) = _below(
        given(_users(*[READER] * 12)), "  medium risk in namespace web: read-secrets"
    )

    assert first.startswith("Role reader in users/web.py:3, users/web.py:4, users/web.py:5, ")
    assert "users/web.py:10 and 4 more; write " in first


def test_of_many_risks_only_what_gives_them_is_told_unless_all_are_asked_for(
    given: Read,
) -> None:
    found = given(_users('admin("web")'))
    risk = next(
        line
        for line in as_text(content(found))
        if line.startswith("  medium risk in namespace web")
    )
    rules = risk.partition(": ")[2].split(", ")

    wider, narrower, last = _below(found, risk)
    start = "ClusterRole admin in users/web.py:3; write"
    assert wider.startswith(f'{start} view("web") instead of admin("web"): attach-pods')
    assert narrower == (f'{start} edit("web") instead of admin("web"): write-bindings, write-roles')
    assert last == "--full shows which rights bring each"
    everything = _below(found, risk, full=True)
    assert sorted(line.strip().partition(":")[0] for line in everything if line[0] == " ") == rules


def test_each_form_has_the_line_and_what_to_write(given: Read) -> None:
    found = given(_users(READER))
    forms = [as_markdown(found), "\n".join(as_html(found)).replace("&quot;", '"')]

    for form in forms:
        assert re.search(r'users/web\.py:3; write Rule\(\["get"\], \["pods"\]\) instead', form)


def test_the_worst_rule_is_explained_first_and_with_its_mend(given: Read) -> None:
    text = _users(f'{READER}, ClusterRole("cluster-admin")("web")')
    lines = list(as_text(content(given(text))))
    start = lines.index("what a user of these risks can do") + 1
    rules = [line.strip().partition(":")[0] for line in lines[start:] if line.startswith("  ")]
    reader = next(line for line in lines if line.startswith("  read-secrets: "))

    assert rules == ["cluster-admin", *rules[1:-1], "read-secrets"]
    assert reader.endswith(
        "Leave Secrets out, as `view` does, or name the few that are needed in "
        "resource_names, with get alone."
    )
