"""Fixtures that more than one folder of tests needs, and the count of acceptance tests."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from controlplane import ControlPlane
from tests.project import Project


@pytest.fixture(scope="session")
def control_plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    """A real, empty Kubernetes control plane, shared by all tests: use names of your own in it."""
    with ControlPlane(tmp_path_factory.mktemp("control-plane")) as cluster:
        yield cluster


@pytest.fixture(scope="session")
def prepared(control_plane: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> ControlPlane:
    """The control plane with the state's namespace, and `web` and `api` to grant access to."""
    first = Project(tmp_path_factory.mktemp("bootstrap"), control_plane)
    for namespace in ("web", "api"):
        first.kubectl("create", "namespace", namespace)
    first.write("bootstrap", "")
    first.kuberoster("bootstrap")
    return control_plane


@pytest.fixture
def new_project(prepared: ControlPlane, tmp_path: Path) -> Callable[[str], Project]:
    """Make projects, each in a folder of its own: a test takes names of teams and users."""

    def make(name: str) -> Project:
        (tmp_path / name).mkdir()
        return Project(tmp_path / name, prepared)

    return make


@pytest.fixture
def project(new_project: Callable[[str], Project]) -> Project:
    return new_project("project")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> Iterator[None]:
    """Say last how many acceptance tests ran against Terraform, and why others did not."""
    yield
    counts = {
        outcome: [
            report
            for report in terminalreporter.stats.get(outcome, [])
            if "acceptance" in getattr(report, "keywords", {})
        ]
        for outcome in ("passed", "failed", "error", "skipped")
    }
    ran = sum(len(reports) for outcome, reports in counts.items() if outcome != "skipped")
    line = f"acceptance tests against Terraform: {ran} ran, {len(counts['skipped'])} skipped"
    reasons = {str(report.longrepr[2]) for report in counts["skipped"] if report.longrepr}
    terminalreporter.write_line(f"{line}{': ' if reasons else ''}{'; '.join(sorted(reasons))}")
