"""What a recorded result looks like: ratios, table, JSON and picture."""

import json
import math
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from bench.__main__ import main
from bench.picture import as_svg
from bench.result import Result, Sample, Spread, read, write
from bench.table import as_ratios, as_table
from bench.targets import as_targets, targets
from bench.work import Work
from kuberoster import KuberosterError

SVG = "{http://www.w3.org/2000/svg}"


def sample(
    contender: str, work: Work, seconds: float, *, users: int = 10, number: int = 0
) -> Sample:
    return Sample(
        users=users,
        round=number,
        contender=contender,
        work=work,
        seconds=seconds,
        cpu_seconds=seconds / 2,
        peak_mib=30 + number,
    )


def result(*samples: Sample) -> Result:
    return Result(
        machine={"cores": 2, "memory_gib": 4}, versions={"kubectl": "v1"}, samples=samples
    )


def picture(of: Result) -> ElementTree.Element:
    return ElementTree.fromstring(as_svg(of))  # noqa: S314  # our own text


# kubectl is slow in the round in which the machine is: the ratio of medians would be 1.0.
THREE_ROUNDS = result(
    *(sample("kuberoster", Work.FIRST, s, number=n) for n, s in enumerate([2.0, 20.0, 3.0])),
    *(sample("kubectl", Work.FIRST, s, number=n) for n, s in enumerate([1.0, 10.0, 3.0])),
    *(sample("kuberoster", Work.SYNTH, 4.0, number=n) for n in range(3)),
    *(sample("kubectl", Work.UNCHANGED, 8.0, number=n) for n in range(3)),
)


def test_a_ratio_is_formed_within_each_round() -> None:
    ratio = THREE_ROUNDS.ratio(10, "kuberoster", Work.FIRST)

    assert ratio == Spread(median=2.0, least=1.0, most=2.0)


def test_a_work_that_kubectl_has_not_is_compared_with_its_daily_one() -> None:
    ratio = THREE_ROUNDS.ratio(10, "kuberoster", Work.SYNTH)

    assert ratio == Spread(median=0.5, least=0.5, most=0.5)


def test_the_table_shows_who_is_slower_as_readily_as_who_is_faster() -> None:
    assert as_table(THREE_ROUNDS) == (
        "2 cores, 4 GiB; kubectl v1.\n"
        "\n"
        "## 10 users, 3 rounds\n"
        "\n"
        "| work | by | seconds | times kubectl | memory, MiB |\n"
        "|---|---|---:|---:|---:|\n"
        "| synth | kuberoster | 4.0 | 0.50 of nothing changed | 32 |\n"
        "| first deploy | kubectl | 3.0 | 1 | 32 |\n"
        "| first deploy | kuberoster | 3.0 | 2.0 (1.0 to 2.0) | 32 |\n"
        "| nothing changed | kubectl | 8.0 | 1 | 32 |\n"
    )


def test_a_target_is_reached_by_the_median_and_not_without_a_measurement() -> None:
    figures = [
        sample(by, Work.FIRST, seconds, users=1000, number=number)
        for number, rounds in enumerate([(10, 17, 150), (10, 18, 200), (10, 30, 200)])
        for by, seconds in zip(
            ("kubectl", "kuberoster", "for_each, local state"), rounds, strict=True
        )
    ]
    figures += [
        sample("kuberoster", Work.ADD, seconds, users=users)
        for users, seconds in ((1000, 10), (10_000, 15.1))
    ]

    found = {target.what: (target.measured, target.reached) for target in targets(result(*figures))}

    assert found["first deploy, 1,000 users"] == (1.8, True)
    measured, reached = found["for_each with local state, the same"]
    assert (round(measured or 0, 2), reached) == (8.82, False)
    assert found["one user added, 1,000 users"] == (10, True)
    assert found["one user added, 10,000 users"] == (1.51, False)
    assert found["validate, 10,000 users"] == (None, None)
    assert "| first deploy, 1,000 users | 1.8 times kubectl | 1.8 times kubectl | reached |" in (
        as_targets(result(*figures))
    )


def test_what_was_stopped_is_shown_as_more() -> None:
    stopped = replace(sample("for_each", Work.FIRST, 600), stopped=True)
    made = result(sample("kubectl", Work.FIRST, 20), stopped)

    assert "| first deploy | for_each | > 600 | > 30 | 30 |" in as_table(made)
    titles = [title.text for title in picture(made).iter(f"{SVG}title")]
    assert "for_each, stopped" in titles


@pytest.mark.parametrize(
    ("seconds", "of_local", "reached"),
    [(900, 900, (False, True)), (17, 150, (None, None))],
)
def test_what_was_stopped_reaches_only_what_is_sure(
    seconds: float, of_local: float, reached: tuple[bool | None, bool | None]
) -> None:
    stopped = [
        replace(sample(by, Work.FIRST, taken, users=1000), stopped=True)
        for by, taken in (("kuberoster, cdktf", seconds), ("for_each, local state", of_local))
    ]
    others = (
        sample(by, Work.FIRST, s, users=1000) for by, s in (("kubectl", 10), ("kuberoster", 18))
    )

    found = {target.what: target.reached for target in targets(result(*others, *stopped))}

    assert (
        found["the same by `cdktf deploy '*'`"],
        found["for_each with local state, the same"],
    ) == reached


def test_nothing_is_compared_with_what_was_stopped() -> None:
    stopped = replace(sample("kubectl", Work.FIRST, 600), stopped=True)

    assert (
        result(sample("kuberoster", Work.FIRST, 30), stopped).ratio(10, "kuberoster", Work.FIRST)
        is None
    )


def test_the_quick_form_has_no_seconds() -> None:
    assert as_ratios(THREE_ROUNDS) == (
        "10 users  synth         kuberoster  0.50 of nothing changed\n"
        "10 users  first deploy  kuberoster  2.0 (1.0 to 2.0)\n"
    )


def test_what_was_measured_without_kubectl_has_no_ratio() -> None:
    alone = result(sample("kuberoster", Work.FIRST, 2.0))

    assert "| first deploy | kuberoster | 2.0 | not measured | 30 |" in as_table(alone)
    assert as_ratios(alone) == ""


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    write(THREE_ROUNDS, tmp_path / "result.json")

    assert read(tmp_path / "result.json") == THREE_ROUNDS


def test_the_json_says_of_the_machine_its_cores_and_memory_alone(tmp_path: Path) -> None:
    write(THREE_ROUNDS, tmp_path / "result.json")

    document = json.loads((tmp_path / "result.json").read_text())
    assert document["machine"] == {"cores": 2, "memory_gib": 4}
    assert set(document) == {"format", "machine", "versions", "samples"}


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"format": 9}', '{"format": 1, "samples": [{}]}']
)
def test_another_file_is_an_error_that_says_what_to_do(tmp_path: Path, text: str) -> None:
    (tmp_path / "result.json").write_text(text)

    with pytest.raises(KuberosterError, match="is no result of a bench"):
        read(tmp_path / "result.json")


def test_the_picture_has_a_panel_for_each_work_and_a_dot_for_each_median() -> None:
    svg = picture(THREE_ROUNDS)

    titles = [t.text for t in svg.iter(f"{SVG}text") if t.get("font-weight") == "bold"]
    dots = [circle for circle in svg.iter(f"{SVG}circle") if circle.get("r") == "3"]
    assert titles == ["synth", "first deploy", "nothing changed"]
    assert len(dots) == 4


def test_growth_by_a_power_is_a_straight_line() -> None:
    grown = result(
        *(sample("kubectl", Work.FIRST, math.sqrt(n) / 10, users=n) for n in (10, 100, 1_000))
    )

    (line,) = picture(grown).iter(f"{SVG}polyline")
    points = [[float(edge) for edge in point.split(",")] for point in line.attrib["points"].split()]
    (x1, y1), (x2, y2), (x3, y3) = points
    assert x2 - x1 == pytest.approx(x3 - x2, abs=0.2)
    assert y2 - y1 == pytest.approx(y3 - y2, abs=0.2)
    assert x1 < x2
    assert y1 > y2, "more seconds are higher up"


def test_table_and_picture_are_made_anew_from_a_recorded_result(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(THREE_ROUNDS, tmp_path / "result.json")

    assert main(["draw", "--out", str(tmp_path)]) == 0
    shown = (tmp_path / "result.md").read_text()
    assert as_table(THREE_ROUNDS) in shown
    assert shown.endswith(as_targets(THREE_ROUNDS))
    assert (tmp_path / "growth.svg").read_text() == as_svg(THREE_ROUNDS)
    assert capsys.readouterr().out == as_table(THREE_ROUNDS)


@pytest.mark.parametrize("action", ["run", "quick"])
def test_what_is_not_installed_is_an_error_and_no_figure(
    action: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "sh").symlink_to("/bin/sh")
    monkeypatch.setenv("PATH", str(tmp_path))
    out = ["--out", str(tmp_path / "out")] if action == "run" else []

    assert main([action, *out]) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("bench: `kubectl version --client -o json` failed: ")
    assert not list(tmp_path.glob("out/*"))


def test_rounds_of_another_machine_are_not_added_to(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(THREE_ROUNDS, tmp_path / "result.json")
    before = (tmp_path / "result.json").read_bytes()

    assert main(["run", "--append", "--out", str(tmp_path)]) == 1
    shown = capsys.readouterr().err
    assert "result.json: was measured on another machine or with other versions.\n" in shown
    assert (tmp_path / "result.json").read_bytes() == before


def test_a_contender_that_does_not_exist_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--contender", "helm"]) == 1
    assert capsys.readouterr().err.startswith("bench: there is no contender 'helm'.\nThere are ")
