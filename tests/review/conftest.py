from collections.abc import Iterator
from pathlib import Path

import pytest

from controlplane import ControlPlane
from kuberoster.operations.cluster import Cluster


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-defaults",
        action="store_true",
        help="write the defaults of kuberoster.review anew; then read `git diff`",
    )
    parser.addoption(
        "--update-reviews",
        action="store_true",
        help="write tests/review/golden/*.txt anew; then read `git diff`",
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        asks = {"cluster", "project", "control_plane"}
        if Path(__file__).parent in item.path.parents and asks & set(
            getattr(item, "fixturenames", ())
        ):
            item.add_marker(pytest.mark.cluster)


@pytest.fixture(scope="session")
def cluster(control_plane: ControlPlane) -> Iterator[Cluster]:
    """The API server, as its administrator."""
    connection = Cluster.connect(kubeconfig=str(control_plane.kubeconfig))
    yield connection
    connection.close()
