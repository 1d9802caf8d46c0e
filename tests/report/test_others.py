"""As whom each user can act, and who can act as the user, in the user's row."""

from collections.abc import Iterable

import pytest
from playwright.sync_api import expect

from kuberoster import Role, Rule, Team, User
from kuberoster.model.roster import Roster, TeamRoster
from kuberoster.report.acting import Others
from tests.report.conftest import Open, Opened, content_of
from tests.report.sample import SAMPLE

_attacker = Role("attacker", rules=[Rule(["get"], ["secrets"])])


def _lines(report: Opened, user: str) -> list[str]:
    row = report.page.locator(f"#users tr[data-user='{user}']")
    return row.locator(".others").all_inner_texts()


def test_a_row_says_as_whom_the_user_can_act_and_who_can_act_as_the_user(
    open_report: Open,
) -> None:
    report = open_report(SAMPLE)

    assert _lines(report, "ann.lind") == [
        "can act as every other user of team shop, backup of team platform",
        "can be acted as by backup, ines.duarte, tomasz.nowak",
    ]
    assert _lines(report, "ines.duarte") == [
        "can act as every other user of the roster",
        "can be acted as by tomasz.nowak",
    ]
    assert _lines(report, "jonas.weber") == ["can be acted as by ines.duarte, tomasz.nowak"]


def test_who_has_no_serviceaccount_can_not_be_acted_as(open_report: Open) -> None:
    report = open_report(SAMPLE)

    assert _lines(report, "chloe.martin") == _lines(report, "eva.horvat") == []


def _quay(attackers: int, *others: User) -> Roster:
    users = [
        User(f"quay-{number}", access=[_attacker("users-quay")]) for number in range(attackers)
    ]
    return Roster((TeamRoster(team=Team(name="quay"), users=(*users, *others)),))


@pytest.mark.parametrize(
    ("attackers", "said"),
    [
        (1, "quay-0"),
        (4, "quay-0, quay-1, quay-2, quay-3"),
        (5, "quay-0, quay-1, quay-2, quay-3 and 1 other"),
        (9, "quay-0, quay-1, quay-2, quay-3 and 5 others"),
    ],
)
def test_a_row_names_four_and_counts_the_rest(attackers: int, said: str, open_report: Open) -> None:
    report = open_report(_quay(attackers, User("quay-victim")))

    assert _lines(report, "quay-victim") == [f"can be acted as by {said}"]


def test_who_starts_later_is_marked_where_others_are_named(open_report: Open) -> None:
    later = User("quay-later", starts="2027-01-11", access=[_attacker("users-quay")])
    report = open_report(_quay(0, later, User("quay-victim")))

    assert _lines(report, "quay-victim") == ["can be acted as by quay-later (not started)"]


def test_a_row_is_not_found_by_the_names_of_who_can_act_as_its_user(open_report: Open) -> None:
    report = open_report(SAMPLE)

    report.page.get_by_label("Search").fill("tomasz")

    expect(report.page.get_by_role("status")).to_have_text("1 of 13 users shown")
    assert report.shown() == ["tomasz.nowak"]


def test_a_name_leads_to_the_row_of_who_can_act_as_the_user(open_report: Open) -> None:
    report = open_report(SAMPLE)
    row = report.page.locator("#users tr[data-user='airflow']")

    row.get_by_role("link", name="tomasz.nowak").click()

    expect(report.page.locator("#user-tomasz\\.nowak")).to_be_in_viewport()


@pytest.mark.parametrize("roster", [SAMPLE, _quay(4, User("quay-victim"))])
def test_the_rows_name_whom_the_paths_lead_from_and_to(roster: Roster) -> None:
    shown = content_of(roster)
    others = Others(shown)
    told = 0
    for person in shown.people:
        home, name = person.team.namespace, person.name
        said = "".join(others.lines(person))
        attackers = {path.attacker.name for path in shown.paths.to(home, name)}
        if person.state in ("suspended", "expired"):
            attackers = set()
        assert ("can be acted as by" in said) == bool(attackers)
        assert _named(said, (each.name for each in shown.people)) == attackers
        assert ("can act as" in said) == bool(shown.paths.by(home, name))
        told += len(attackers)
    assert told > 5


def _named(said: str, names: Iterable[str]) -> set[str]:
    return {name for name in names if f'href="#user-{name}"' in said}


@pytest.mark.parametrize("scripts", [True, False])
def test_on_paper_the_rows_say_it_too(scripts: bool, open_report: Open) -> None:
    report = open_report(SAMPLE, java_script_enabled=scripts)

    report.page.emulate_media(media="print")

    assert all(each.is_visible() for each in report.page.locator("#users .others").all())
    assert report.page.locator("#users .others").count() == 15
    assert report.page.locator("#acting").is_visible()
