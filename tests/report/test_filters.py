"""Search, filters and sorting."""

import pytest
from playwright.sync_api import expect

from kuberoster.model.roster import Roster, TeamRoster
from kuberoster.model.team import Team
from kuberoster.model.user import User
from tests.report.conftest import Open
from tests.report.sample import SAMPLE

EVERYONE = [
    "airflow",
    "amara.okafor",
    "jonas.weber",
    "mei.tanaka",
    "backup",
    "ines.duarte",
    "tomasz.nowak",
    "ann.lind",
    "bilal.haddad",
    "chloe.martin",
    "ci-deploy",
    "deepak.rao",
    "eva.horvat",
]


def test_everyone_is_shown_by_team_and_name(open_report: Open) -> None:
    report = open_report(SAMPLE)

    assert report.shown() == EVERYONE
    assert report.status() == "13 users"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ANN", ["ann.lind", "ci-deploy"]),
        ("jonas.weber@example", ["jonas.weber"]),
        ("parental", ["chloe.martin"]),
        ("restarter", ["deepak.rao"]),
        ("give access to others", ["amara.okafor", "ines.duarte"]),
        ("edit search", ["ann.lind", "ci-deploy"]),
        ("2026q3", ["airflow", "ci-deploy"]),
        ("nobody at all", []),
    ],
)
def test_search_finds_every_word_wherever_it_stands(
    text: str, found: list[str], open_report: Open
) -> None:
    report = open_report(SAMPLE)

    report.page.get_by_label("Search").fill(text)

    expect(report.page.get_by_role("status")).to_have_text(f"{len(found)} of 13 users shown")
    assert report.shown() == found


@pytest.mark.parametrize(
    ("label", "option", "found"),
    [
        ("State", "suspended", ["chloe.martin"]),
        ("State", "not started", ["mei.tanaka"]),
        ("State", "expired", ["eva.horvat"]),
        ("Team", "platform", ["backup", "ines.duarte", "tomasz.nowak"]),
        ("Risk", "critical", ["backup", "ines.duarte", "tomasz.nowak", "ann.lind"]),
        ("Risk", "low or worse", [each for each in EVERYONE if each[:3] not in ("chl", "eva")]),
        ("Access in", "whole cluster", ["backup", "ines.duarte", "tomasz.nowak"]),
        ("Access in", "reports", ["jonas.weber", "mei.tanaka"]),
    ],
)
def test_a_filter_shows_who_it_names(
    label: str, option: str, found: list[str], open_report: Open
) -> None:
    report = open_report(SAMPLE)

    report.choose(label, option)

    expect(report.page.get_by_role("status")).to_have_text(f"{len(found)} of 13 users shown")
    assert report.shown() == found


def test_filters_count_together_and_go_together(open_report: Open) -> None:
    report = open_report(SAMPLE)

    report.choose("Team", "shop")
    report.choose("Access in", "checkout")
    report.page.get_by_label("Search").fill("edit")
    expect(report.page.get_by_role("status")).to_have_text("3 of 13 users shown")
    assert report.shown() == ["ann.lind", "bilal.haddad", "ci-deploy"]

    report.page.get_by_role("button", name="Show all").click()
    expect(report.page.get_by_role("status")).to_have_text("13 users")
    assert report.shown() == EVERYONE


def test_the_matrix_and_the_findings_follow_the_filters(open_report: Open) -> None:
    report = open_report(SAMPLE)
    matrix = report.page.locator(".access tbody tr:visible th")
    rules = report.page.locator("#findings tbody tr:visible")
    before = rules.count()

    report.choose("Team", "data")
    expect(report.page.get_by_role("status")).to_have_text("4 of 13 users shown")

    assert matrix.all_inner_texts() == ["airflow", "amara.okafor", "jonas.weber", "mei.tanaka"]
    assert report.page.locator(".access caption:visible").count() == 1
    assert 0 < rules.count() < before
    assert report.page.get_by_role("rowheader", name="cluster-admin").count() == 0


def test_a_link_to_who_is_filtered_out_brings_everyone_back(open_report: Open) -> None:
    report = open_report(SAMPLE)
    report.choose("Team", "shop")
    expect(report.page.get_by_role("status")).to_have_text("6 of 13 users shown")

    report.page.get_by_role("link", name="ines.duarte").first.click()

    expect(report.page.get_by_role("status")).to_have_text("13 users")
    expect(report.page.locator("#user-ines\\.duarte")).to_be_in_viewport()


def test_a_heading_sorts_up_then_down_and_says_so(open_report: Open) -> None:
    report = open_report(SAMPLE)
    heading = report.page.locator("#users th", has_text="User")

    report.page.get_by_role("button", name="User", exact=True).click()
    assert report.shown() == sorted(EVERYONE)
    assert heading.get_attribute("aria-sort") == "ascending"

    report.page.get_by_role("button", name="User", exact=True).click()
    assert report.shown() == sorted(EVERYONE, reverse=True)
    assert heading.get_attribute("aria-sort") == "descending"


@pytest.mark.parametrize(
    ("heading", "first"),
    [
        ("State", "airflow"),
        ("Dates", "eva.horvat"),
        ("Tokens", "backup"),
        ("Access", "chloe.martin"),
        ("Risk", "backup"),
    ],
)
def test_each_column_sorts_by_what_it_means(heading: str, first: str, open_report: Open) -> None:
    report = open_report(SAMPLE)

    report.page.locator("#users").get_by_role("button", name=heading, exact=True).click()

    assert report.shown()[0] == first
    assert report.page.locator("#users [aria-sort]").count() == 1
    assert sorted(report.shown()) == sorted(EVERYONE)


def test_numbers_in_names_sort_as_numbers(open_report: Open) -> None:
    users = tuple(User(f"bot-{number}", owner="ann@example.com") for number in (2, 10, 1))
    report = open_report(Roster((TeamRoster(team=Team(name="bots"), users=users),)))

    report.page.get_by_role("button", name="User", exact=True).click()

    assert report.shown() == ["bot-1", "bot-2", "bot-10"]
