import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-reviews",
        action="store_true",
        help="write tests/review/golden/*.txt anew; then read `git diff`",
    )
