"""The picture in the README."""

from pathlib import Path

import pytest

from tests.report.conftest import Open
from tests.report.sample import SAMPLE

PICTURE = Path(__file__).parents[2] / "docs" / "images" / "report.png"


def test_the_picture_in_the_readme_is_small(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--update-screenshot", default=False):
        request.getfixturevalue("_take")

    picture = PICTURE.read_bytes()
    assert picture.startswith(b"\x89PNG")
    assert len(picture) < 200_000


@pytest.fixture
def _take(open_report: Open) -> None:
    report = open_report(SAMPLE, viewport={"width": 1280, "height": 1300})
    report.page.locator("#users summary").nth(4).click()
    report.page.evaluate("scrollTo(0, 0)")
    PICTURE.parent.mkdir(exist_ok=True)
    report.page.screenshot(path=PICTURE)
