"""Who holds the lock of a state, and whether Terraform is at work on a stack here."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kuberoster.terraform import Lock, terraform_processes


def test_a_lock_is_read_from_what_terraform_says() -> None:
    said = """\
╷
│ Error: Error acquiring the state lock
│
│ Error message: the state is already locked by another terraform client
│ Lock Info:
│   ID:        8a1d35f4-7c0e-4f8b-9f11-2f6d5d3b1c11
│   Path:
│   Operation: OperationTypeApply
│   Who:       ann smith@laptop.example
│   Version:   1.11.4
│   Created:   2026-11-20 10:00:00.123 +0000 UTC
│   Info:
│
"""
    lock = Lock.parse(said)
    assert lock is not None
    assert lock.id == "8a1d35f4-7c0e-4f8b-9f11-2f6d5d3b1c11"
    assert str(lock) == "held by ann smith@laptop.example since 2026-11-20 10:00:00.123 +0000 UTC"
    assert not lock.is_of_this_host()
    assert Lock.parse("Error: no credentials\nID: 7") is None


@pytest.fixture(params=["terraform", "tofu", "terraform-1.13"])
def terraform_at_work(
    tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[int]:
    """A process that looks like Terraform on the stack `web`, whatever it is called here."""
    (tmp_path / "web").mkdir()
    monkeypatch.setenv("TERRAFORM_BINARY_NAME", "/opt/terraform-1.13")
    program = tmp_path / request.param
    program.symlink_to(sys.executable)
    with subprocess.Popen(
        [program, "-c", "print('at work', flush=True); input()"],
        cwd=tmp_path / "web",
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout
        process.stdout.readline()  # before, it may have no command line yet
        yield process.pid
        process.kill()


def test_terraform_at_work_on_a_stack_is_seen(terraform_at_work: int) -> None:
    assert terraform_at_work in terraform_processes("web")
    assert terraform_at_work not in terraform_processes("api")
