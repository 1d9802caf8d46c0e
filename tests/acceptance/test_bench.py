"""A bench in small: every command of every contender works, and is seen to have worked."""

import json
import shutil
from itertools import islice
from pathlib import Path

import pytest

from bench.__main__ import main
from bench.contenders import CONTENDERS
from bench.ground import new_ground, provider_mirror
from bench.run import measure_works
from bench.work import CHANGES, REFERENCE, Work
from tests.snapshot import put_back

USERS = "3"


def test_a_deploy_of_each_contender_is_carried_out_and_seen(tmp_path: Path) -> None:
    with new_ground(1, provider_mirror(tmp_path)) as ground:
        for contender in CONTENDERS:
            shutil.rmtree(ground.folder / "for_each", ignore_errors=True)
            with put_back(ground.control_plane):
                samples = measure_works(contender, ground, 0, contender.name, print)
                deploys = (sample for sample in samples if sample.work in CHANGES)
                assert [deploy.work for deploy in islice(deploys, 1)] == [Work.FIRST]


@pytest.mark.long
@pytest.mark.parametrize(
    ("contender", "works"),
    [
        ("kuberoster", set(Work)),
        ("kuberoster, cdktf", {*CHANGES, Work.UNCHANGED, Work.CHECKED, Work.REVIEW}),
        ("for_each", {*CHANGES, Work.UNCHANGED, Work.REVIEW}),
        ("for_each, local state", {*CHANGES, Work.UNCHANGED, Work.REVIEW}),
    ],
)
def test_each_work_of_a_contender_is_measured_beside_kubectl(
    contender: str, works: set[Work], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["run", "--sizes", USERS, "--rounds", "1", "--contender", contender]

    assert main([*command, "--out", str(tmp_path)]) == 0
    samples = json.loads((tmp_path / "result.json").read_text())["samples"]
    measured = {(sample["contender"], sample["work"]) for sample in samples}
    kubectl = set(Work) - REFERENCE.keys()
    assert measured == {(contender, w) for w in works} | {("kubectl", w) for w in kubectl}
    assert all(sample["seconds"] > 0 for sample in samples)
    # What ends at once may not have been seen.
    assert all(sample["peak_mib"] > 0 for sample in samples if sample["seconds"] > 1)
    assert f"| first deploy | {contender} | " in capsys.readouterr().out


def test_rounds_are_added_to_those_that_are_there(tmp_path: Path) -> None:
    command = ["run", "--rounds", "1", "--contender", "kubectl", "--out", str(tmp_path)]

    assert main([*command, "--sizes", USERS]) == 0
    assert main([*command, "--sizes", "2", USERS, "--append"]) == 0

    samples = json.loads((tmp_path / "result.json").read_text())["samples"]
    rounds = {(sample["users"], sample["round"]) for sample in samples}
    assert rounds == {(2, 0), (int(USERS), 0), (int(USERS), 1)}


def test_the_quick_form_prints_ratios_and_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)

    assert main(["quick"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1 + len(Work)
    assert lines[0] == "kuberoster's time as a ratio to kubectl's, 10 users, one round:"
    assert not list(tmp_path.iterdir())


def test_a_short_year_is_carried_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("__main__", "company", "year"):
        monkeypatch.setattr(f"bench.{module}.WORKING_DAYS", 10)

    assert main(["year", "--users", "10", "--days", "1", "--out", str(tmp_path)]) == 0

    year = json.loads((tmp_path / "year.json").read_text())
    assert [(day["day"], day["changes"]["rotated"]) for day in year["days"]] == [(1, 1)]
    assert (year["empty"]["states"], year["full"]["states"]) == (0, 1)
    assert (tmp_path / "year.md").exists()


@pytest.mark.long
def test_a_year_is_carried_out_and_in_the_end_the_cluster_has_what_the_roster_says(
    tmp_path: Path,
) -> None:
    assert main(["year", "--users", "250", "--days", "2", "--out", str(tmp_path)]) == 0

    year = json.loads((tmp_path / "year.json").read_text())
    assert [day["day"] for day in year["days"]] == [1, 126]
    assert all(day["apply"]["seconds"] > day["synth"]["seconds"] / 10 for day in year["days"])
    assert year["empty"]["states"] == 0
    assert year["full"]["states"] == 3
    assert year["full"]["largest_state_bytes"] < year["full"]["state_bytes"]
    assert "| 126 | 0 | 0 | 1 | 1 | " in (tmp_path / "year.md").read_text()
