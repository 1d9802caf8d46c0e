"""For who uses a keyboard, a screen reader, paper, a narrow screen, or no script."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from kuberoster.model.roster import Roster
from tests.long import LONG
from tests.report.conftest import Open, Opened
from tests.report.sample import SAMPLE

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"

# A row that comes into sight grows to its real height, and axe compares colours by where things
# were when it began: so all rows are laid out before, as whoever scrolls sees them.
LAY_OUT = """document.styleSheets[0].insertRule(
    '* { content-visibility: visible !important; }', document.styleSheets[0].cssRules.length)"""
HEIGHTS = "Array.from(document.querySelectorAll('#users tr'), (row) => row.offsetHeight)"


def _violations(report: Opened) -> list[tuple[str, str, list[Any]]]:
    # Not as a script of the page, which its Content Security Policy forbids.
    report.page.evaluate(AXE.read_text())
    report.page.evaluate(LAY_OUT)
    heights = report.page.evaluate(HEIGHTS)
    found = report.page.evaluate("axe.run()")
    assert report.page.evaluate(HEIGHTS) == heights
    assert len(found["passes"]) > 20
    return [
        (
            each["id"],
            each["help"],
            [(node["target"], node["failureSummary"]) for node in each["nodes"][:5]],
        )
        for each in found["violations"]
    ]


@pytest.mark.parametrize(("scheme", "width"), [("light", 1360), ("dark", 1360), ("light", 400)])
def test_axe_finds_nothing(scheme: str, width: int, open_report: Open) -> None:
    report = open_report(SAMPLE, color_scheme=scheme, viewport={"width": width, "height": 900})
    if LONG or (scheme, width) == ("light", 1360):
        assert _violations(report) == []

    for summary in report.page.locator("summary").all():
        summary.evaluate("each => { each.parentElement.open = true; }")
    report.page.locator("#users").get_by_role("button", name="Risk", exact=True).click()
    assert _violations(report) == []


def test_a_table_that_is_laid_out_as_a_grid_stays_a_table(open_report: Open) -> None:
    report = open_report(SAMPLE)
    users = report.page.get_by_role("table", name="Users, their tokens and access")

    assert users.get_by_role("columnheader").count() == 7
    assert users.get_by_role("rowheader").count() == 13
    assert users.get_by_role("row").count() == 14


def test_axe_finds_nothing_in_a_report_of_nobody(open_report: Open) -> None:
    nobody = Roster(tuple(type(each)(team=each.team, users=()) for each in SAMPLE.teams))

    assert _violations(open_report(nobody)) == []


def test_the_keyboard_alone_is_enough(open_report: Open) -> None:
    report = open_report(SAMPLE)
    press = report.page.keyboard.press

    press("Tab")
    expect(report.page.get_by_role("link", name="Skip to the users")).to_be_focused()
    press("Enter")
    expect(report.page.get_by_role("heading", name="Users", exact=True)).to_be_focused()
    press("Tab")
    expect(report.page.get_by_role("button", name="User", exact=True)).to_be_focused()
    press("Enter")
    assert report.shown()[0] == "airflow"
    press("Space")
    assert report.shown()[0] == "tomasz.nowak"

    for _ in range(7):
        press("Tab")
    summary = report.page.locator("#users summary").first
    expect(summary).to_be_focused()
    press("Enter")
    expect(report.page.locator("#users dl").first).to_be_visible()
    assert summary.evaluate("each => getComputedStyle(each).outlineStyle") == "solid"

    report.page.get_by_label("Search").focus()
    report.page.keyboard.type("lind")
    expect(report.page.get_by_role("status")).to_have_text("2 of 13 users shown")
    press("Tab")
    expect(report.page.get_by_label("State")).to_be_focused()
    report.page.keyboard.type("susp")
    expect(report.page.get_by_role("status")).to_have_text("0 of 13 users shown")


def test_tab_reaches_the_end_of_the_page_and_is_trapped_nowhere(open_report: Open) -> None:
    report = open_report(SAMPLE)
    stops = """Array.from(
        document.querySelectorAll("a[href], button, input, select, summary, [tabindex='0']")
    ).filter(each => each.checkVisibility())"""

    for _ in range(report.page.evaluate(f"{stops}.length")):
        report.page.keyboard.press("Tab")

    assert report.page.evaluate(f"{stops}.pop() === document.activeElement")


def test_without_scripts_all_of_it_is_there_and_no_control_that_does_nothing(
    open_report: Open,
) -> None:
    report = open_report(SAMPLE, java_script_enabled=False)

    assert len(report.shown()) == 13
    assert report.page.get_by_role("button").count() == 0
    assert not report.page.locator("#filters").is_visible()
    report.page.locator("#users summary").first.click()
    expect(report.page.locator("#users dl").first).to_be_visible()
    assert report.page.get_by_role("region", name="Team shop").is_visible()


@pytest.mark.parametrize("scripts", [True, False])
def test_on_paper_everything_is_unfolded_and_controls_are_gone(
    scripts: bool, open_report: Open
) -> None:
    report = open_report(SAMPLE, java_script_enabled=scripts, color_scheme="dark")

    report.page.emulate_media(media="print")

    assert not report.page.locator("#filters").is_visible()
    dl = report.page.locator("#users dl")
    assert all(each.bounding_box() for each in dl.all())
    text = report.page.locator("#findings").inner_text()
    assert "Grant pods/log where reading is enough." in text
    assert report.page.get_by_text("Reviewed by").is_visible()
    assert (
        report.page.locator("body").evaluate("body => getComputedStyle(body).backgroundColor")
        == "rgb(255, 255, 255)"
    )


def test_no_part_is_wider_than_a_sheet_of_paper(open_report: Open) -> None:
    # A4 across, less its margins, in CSS pixels.
    report = open_report(SAMPLE, viewport={"width": 1032, "height": 700})

    report.page.emulate_media(media="print")

    assert report.page.evaluate("document.documentElement.scrollWidth") <= 1032


def test_nothing_but_the_matrix_scrolls_sideways_on_a_phone(open_report: Open) -> None:
    report = open_report(SAMPLE, viewport={"width": 360, "height": 700})

    assert report.page.evaluate("document.documentElement.scrollWidth") == 360
