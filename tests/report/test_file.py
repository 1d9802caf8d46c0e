"""`kuberoster report`: the file that it writes."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from kuberoster.cli import main

ROOT = Path(__file__).parents[2]
Captured = pytest.CaptureFixture[str]

ANN = (
    "from kuberoster import User, edit\n"
    'USERS = [User("ann", email="ann@example.com", access=[edit("web")])]\n'
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "cdktf.json").write_text("{}")
    (tmp_path / "users").mkdir()
    (tmp_path / "users" / "web.py").write_text(ANN)
    return tmp_path


def report(folder: Path, file: Path) -> int:
    return main(["-C", str(folder), "report", "-o", str(file)])


def test_it_is_for_its_owner_alone_and_replaces_the_one_before(
    folder: Path, capsys: Captured
) -> None:
    file = folder / "access.html"

    assert report(folder, file) == 0
    first = file.read_bytes()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert capsys.readouterr().out == f"{file}: 1 user in 1 team, 16 findings\n"

    file.chmod(0o644)
    (folder / "users" / "web.py").write_text(ANN.replace("ann@", "ann.lind@"))
    assert report(folder, file) == 0
    assert b"ann.lind" in file.read_bytes() != first
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert not list(folder.glob(".access*"))


def test_a_finding_has_the_line_that_gives_it_and_what_to_write_there(
    folder: Path, capsys: Captured
) -> None:
    file = folder / "access.html"

    assert report(folder, file) == 0
    text = file.read_text().replace("&quot;", '"').replace("&#34;", '"')
    assert " by edit in users/web.py:2</span>" in text
    assert 'Write view("web") instead of edit("web").</span>' in text


def test_the_same_roster_gives_the_same_file(folder: Path) -> None:
    files = [folder / "a.html", folder / "b.html"]
    for seed, file in enumerate(files):
        subprocess.run(
            [sys.executable, "-m", "kuberoster.cli", "report", "-o", str(file)],
            cwd=folder,
            env=os.environ | {"PYTHONPATH": str(ROOT / "constructs"), "PYTHONHASHSEED": str(seed)},
            check=True,
            capture_output=True,
        )

    assert files[0].read_bytes() == files[1].read_bytes()


def test_what_is_no_report_is_not_overwritten(folder: Path, capsys: Captured) -> None:
    file = folder / "notes.html"
    file.write_text("<!doctype html>\nmine")

    assert report(folder, file) == 1
    assert file.read_text() == "<!doctype html>\nmine"
    assert capsys.readouterr().err == (
        f"{file}: is not a report of ours, and is not overwritten.\n"
        "Remove it, or name another: -o FILE.\n"
    )


def test_a_link_is_not_followed(folder: Path, capsys: Captured) -> None:
    target, link = folder / "target.html", folder / "link.html"
    assert report(folder, target) == 0
    before = target.read_bytes()
    link.symlink_to(target)

    assert report(folder, link) == 1
    assert "is no regular file" in capsys.readouterr().err
    assert link.is_symlink()
    assert target.read_bytes() == before


def test_a_folder_that_is_not_there_is_one_clear_error(folder: Path, capsys: Captured) -> None:
    assert report(folder, folder / "nowhere" / "a.html") == 1
    assert "there is no folder" in capsys.readouterr().err


def test_a_day_can_be_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBEROSTER_TODAY", "2031-02-03")

    assert report(folder, folder / "a.html") == 0
    assert "Access review, 2031-02-03" in (folder / "a.html").read_text()
