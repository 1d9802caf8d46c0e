"""The comment that README.md shows is that of the change that it shows.

`pytest tests/review --update-reviews` writes it anew.
"""

import re
from pathlib import Path

import pytest

from kuberoster.model.roster import load_roster
from kuberoster.model.settings import load_settings
from kuberoster.review.change.review import review
from kuberoster.review.change.side import Side, side
from kuberoster.review.output.markdown import as_markdown
from tests.review.comment import read
from tests.review.rosters import DAY

README = Path(__file__).parents[2] / "README.md"
_COMMENT = re.compile(r"(?<=^````markdown\n)(.*?)(?=^````$)", re.MULTILINE | re.DOTALL)
_ROSTER = re.compile(r"^```python\n(# users/web\.py\n.*?)^```$", re.MULTILINE | re.DOTALL)


def _side(folder: Path, text: str) -> Side:
    (folder / "users").mkdir(parents=True)
    (folder / "cdktf.json").write_text("{}")
    (folder / "users" / "web.py").write_text(text)
    return side(load_settings(folder), load_roster(folder / "users"), DAY)


def test_the_comment_in_the_readme_is_that_of_the_change_before_it(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    text = README.read_text()
    shown = _COMMENT.search(text)
    assert shown
    first, *_, changed = _ROSTER.findall(text[: shown.start()])
    base, head = _side(tmp_path / "base", first), _side(tmp_path / "head", changed)

    made = as_markdown(review(base, head, DAY, head.source.name))

    assert read(made).faults() == []
    if request.config.getoption("--update-reviews"):
        README.write_text(f"{text[: shown.start()]}{made}{text[shown.end() :]}")
    assert README.read_text().count(f"````markdown\n{made}````\n") == 1
