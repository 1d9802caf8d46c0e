"""Reports in a real Chromium, each watched for requests, dialogs and errors."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Dialog, Page, sync_playwright

from kuberoster.model.roster import Roster
from kuberoster.model.settings import ClusterSettings, Settings, StateSettings
from kuberoster.rbac.source import offline
from kuberoster.report.content import Content, content
from kuberoster.report.page import page
from tests.report.sample import DAY

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)


@dataclass  # playwright notes down its listeners on the object
class Opened:
    """A report in a browser, and all that it did there beside being shown."""

    page: Page
    file: Path
    requests: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def dismiss(self, dialog: Dialog) -> None:
        """Take note of a dialog, and close it."""
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def shown(self) -> list[str]:
        """The users whose rows are shown, from above."""
        names = self.page.locator("#users tbody tr:visible .name").all_text_contents()
        return [name.strip() for name in names]

    def choose(self, label: str, option: str) -> None:
        """Set one of the filters."""
        self.page.get_by_label(label, exact=True).select_option(label=option)

    def status(self) -> str:
        """What a screen reader is told of the filters."""
        return self.page.get_by_role("status").inner_text()


Open = Callable[..., Opened]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("there is no chromium on the PATH")
    # Chromium refuses its sandbox to root, who runs tests in most containers.
    options = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=options)
        yield started
        started.close()


@pytest.fixture
def open_report(browser: Browser, tmp_path: Path) -> Iterator[Open]:
    """Open the report of a roster; afterwards it has asked for nothing and had no error."""
    opened: list[Opened] = []

    def open_it(roster: Roster, **options: Any) -> Opened:
        file = tmp_path / f"{len(opened)}.html"
        file.write_bytes(page(content_of(roster)))
        context = browser.new_context(**{"viewport": {"width": 1360, "height": 900}, **options})
        context.set_default_timeout(5_000)
        one = Opened(context.new_page(), file)
        one.page.on("request", lambda request: one.requests.append(request.url))
        one.page.on("dialog", one.dismiss)
        one.page.on("pageerror", lambda error: one.errors.append(str(error)))
        one.page.on("console", lambda message: one.errors.append(message.text))
        one.page.goto(file.as_uri())
        opened.append(one)
        return one

    yield open_it
    for one in opened:
        one.page.context.close()
        assert (one.requests, one.dialogs, one.errors) == ([one.file.as_uri()], [], [])


def content_of(roster: Roster) -> Content:
    """What the report of a roster says, from the roster alone."""
    settings = Settings(folder=Path(), cluster=ClusterSettings(), state=StateSettings())
    return content(settings, roster, DAY, offline(roster.from_day(DAY), DAY), None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if {"browser", "open_report"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.browser)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-screenshot", action="store_true", help="take docs/images/report.png anew"
    )
