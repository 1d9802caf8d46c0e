"""What a run of a command is said to cost."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from bench.process import measure
from kuberoster import KuberosterError
from tests.waiting import wait_for

MIB = 60
HOLD = shlex.join([sys.executable, "-c", f"import time; x = bytearray({MIB} << 20); time.sleep(1)"])


def test_the_whole_time_of_a_command_counts(tmp_path: Path) -> None:
    cost = measure("sleep 0.5", tmp_path, os.environ)

    assert 0.5 <= cost.seconds < 5
    assert cost.cpu_seconds < 0.5


def test_the_memory_of_all_processes_at_one_moment_is_added_up(tmp_path: Path) -> None:
    alone = measure(HOLD, tmp_path, os.environ)
    # In a shell of its own, and so neither a child of ours nor of the first shell.
    together = measure(f"(sh -c {shlex.quote(HOLD + ' & wait')} &) ; {HOLD}", tmp_path, os.environ)
    one_after_the_other = measure(f"{HOLD}; {HOLD}", tmp_path, os.environ)

    assert MIB <= alone.peak_mib < 1.5 * MIB
    assert 2 * MIB <= together.peak_mib < 3 * MIB
    assert one_after_the_other.peak_mib < 1.5 * MIB


def test_the_processor_time_of_children_counts(tmp_path: Path) -> None:
    busy = shlex.join([sys.executable, "-c", "sum(range(10_000_000))"])

    cost = measure(f"sh -c {shlex.quote(busy)}; true", tmp_path, os.environ)

    assert cost.cpu_seconds > 0.05


@pytest.mark.parametrize(("script", "status"), [("echo no; exit 3", 0), ("true", 2)])
def test_a_command_that_ends_otherwise_than_it_should_has_no_cost(
    tmp_path: Path, script: str, status: int
) -> None:
    with pytest.raises(KuberosterError, match=f"where {status} was expected"):
        measure(script, tmp_path, os.environ, status=status)


def test_the_error_shows_the_end_of_what_the_command_printed(tmp_path: Path) -> None:
    with pytest.raises(KuberosterError) as caught:
        measure("seq 100; exit 1", tmp_path, os.environ)

    shown = str(caught.value).splitlines()
    assert shown[0] == "bench: exit status 1, where 0 was expected: seq 100; exit 1"
    assert shown[1:] == [str(number) for number in range(81, 101)]


def test_what_takes_longer_than_the_limit_is_stopped_with_all_that_it_started(
    tmp_path: Path,
) -> None:
    cost = measure("sh -c 'echo $$ > pid; sleep 100'; true", tmp_path, os.environ, limit=0.5)

    assert cost.stopped
    assert 0.5 <= cost.seconds < 5
    pid = (tmp_path / "pid").read_text().strip()
    wait_for(lambda: not Path("/proc", pid).exists() or _is_zombie(pid), 10)


def test_a_limit_does_not_touch_what_ends_before_it(tmp_path: Path) -> None:
    assert not measure("true", tmp_path, os.environ, limit=30).stopped
    with pytest.raises(KuberosterError, match="exit status -9"):
        measure("kill -9 $$", tmp_path, os.environ, limit=30)


def test_the_first_failing_command_of_a_script_ends_it(tmp_path: Path) -> None:
    with pytest.raises(KuberosterError):
        measure("false; true", tmp_path, os.environ)


def test_an_interrupt_leaves_nothing_running(tmp_path: Path) -> None:
    # A shell makes what it starts in the background ignore interrupts.
    program = (
        "import os, signal; from pathlib import Path; from bench.process import measure; "
        "signal.signal(signal.SIGINT, signal.default_int_handler); "
        "measure('echo $$ > pid; sleep 100', Path.cwd(), os.environ)"
    )
    root = Path(__file__).parents[2]
    bench = subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(root), str(root / "constructs")])},
        stderr=subprocess.DEVNULL,
    )
    pid = tmp_path / "pid"
    wait_for(lambda: pid.exists() and bool(pid.read_text()), 10)
    shell = Path("/proc") / pid.read_text().strip()
    bench.send_signal(2)
    bench.wait(10)

    wait_for(lambda: not shell.exists(), 10)


def _is_zombie(pid: str) -> bool:
    """Whether it has ended, where nobody asks orphans how."""
    return Path("/proc", pid, "stat").read_text().rpartition(")")[2].split()[0] == "Z"
