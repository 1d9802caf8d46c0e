"""Fixtures that more than one folder of tests needs, how tests are spread, and the last lines."""

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from zlib import crc32

import pytest
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

from controlplane import ControlPlane
from kuberoster.cluster import Cluster
from tests.long import LONG
from tests.project import Object, Project
from tests.snapshot import put_back

_ADMISSION = "admissionregistration.k8s.io/v1"
_NOTHING = {"apiGroups": ["tests"], "apiVersions": ["*"], "resources": ["*"], "operations": ["*"]}
KEEPS_READING_MARKS: list[Object] = [
    {
        "apiVersion": _ADMISSION,
        "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": "keeps-reading-marks"},
        "spec": {
            "paramKind": {"apiVersion": "v1", "kind": "ConfigMap"},
            "matchConstraints": {"resourceRules": [_NOTHING]},
            "validations": [{"expression": "true"}],
        },
    },
    {
        "apiVersion": _ADMISSION,
        "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": {"name": "keeps-reading-marks"},
        "spec": {
            "policyName": "keeps-reading-marks",
            "paramRef": {
                "name": "none",
                "namespace": "default",
                "parameterNotFoundAction": "Allow",
            },
            "validationActions": ["Deny"],
        },
    },
]
"""Without any policy like this an API server stops to read ConfigMaps for policies, for good."""
_LONGER = ("acceptance", "cluster", "browser", "slow")
"""The markers of tests that take a second or more."""


@pytest.fixture(scope="session")
def control_plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    """A real, empty Kubernetes control plane, shared by all tests."""
    with ControlPlane(tmp_path_factory.mktemp("control-plane")) as cluster:
        yield cluster


@pytest.fixture(scope="session")
def cluster(control_plane: ControlPlane) -> Iterator[Cluster]:
    """Its API server, as its administrator."""
    connection = Cluster.connect(kubeconfig=str(control_plane.kubeconfig))
    yield connection
    connection.close()


@pytest.fixture(scope="session")
def prepared(control_plane: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> ControlPlane:
    """The control plane with the state's namespace, and `web` and `api` to grant access to."""
    first = Project(tmp_path_factory.mktemp("bootstrap"), control_plane)
    for namespace in ("web", "api"):
        first.kubectl("create", "namespace", namespace)
    first.write("bootstrap", "")
    first.kuberoster("bootstrap")
    for each in KEEPS_READING_MARKS:
        first.kubectl("create", "-f", "-", given=each)
    return control_plane


@pytest.fixture
def new_project(prepared: ControlPlane, tmp_path: Path) -> Iterator[Callable[[str], Project]]:
    """Make projects, each in a folder of its own; after the test the cluster is as it was."""

    def make(name: str) -> Project:
        (tmp_path / name).mkdir()
        return Project(tmp_path / name, prepared)

    with put_back(prepared):
        yield make


@pytest.fixture
def project(new_project: Callable[[str], Project]) -> Project:
    return new_project("project")


def _spread(nodeid: str) -> str:
    """What goes to one worker: a test, or a whole file that has a fixture for its module."""
    file = nodeid.partition("::")[0]
    return file if _has_own_fixture(file) else nodeid


@cache
def _has_own_fixture(file: str) -> bool:
    return 'scope="module"' in (Path(__file__).parents[1] / file).read_text()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """Give tests to any worker, as soon as it is free, but for those of `_spread`."""
    scheduler = LoadScopeScheduling(config, log)
    scheduler._split_scope = _spread
    return scheduler


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what asks a real API server, but for what runs Terraform too, and order all."""
    for item in items:
        asked = "control_plane" in getattr(item, "fixturenames", ())
        if asked and not item.get_closest_marker("acceptance"):
            item.add_marker(pytest.mark.cluster)
    if not LONG:
        long = [item for item in items if item.get_closest_marker("long")]
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if item not in long]
    if hasattr(config, "workerinput"):
        items.sort(key=_turn)


def _turn(item: pytest.Item) -> tuple[bool, int]:
    """When a worker takes a test: those that wait beside those that work, and quick ones last."""
    return not any(map(item.get_closest_marker, _LONGER)), crc32(_spread(item.nodeid).encode())


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> Iterator[None]:
    """Say last how many tests ran for real, why others did not, and what was measured."""
    yield
    for marker, what in (
        ("browser", "tests in a browser"),
        ("acceptance", "acceptance tests against Terraform"),
    ):
        reports = [
            report
            for outcome in ("passed", "failed", "error", "skipped")
            for report in terminalreporter.stats.get(outcome, [])
            if marker in getattr(report, "keywords", {})
        ]
        skipped = [report for report in reports if report.skipped]
        line = f"{what}: {len(reports) - len(skipped)} ran, {len(skipped)} skipped"
        reasons = {str(report.longrepr[2]) for report in skipped if report.longrepr}
        terminalreporter.write_line(f"{line}{': ' if reasons else ''}{'; '.join(sorted(reasons))}")
        for report in reports:
            for name, figure in getattr(report, "user_properties", ()):
                if name == "measured":
                    terminalreporter.write_line(f"  {figure}")
