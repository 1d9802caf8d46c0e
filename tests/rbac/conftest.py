import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-defaults",
        action="store_true",
        help="write the defaults of kuberoster.rbac anew; then read `git diff`",
    )
