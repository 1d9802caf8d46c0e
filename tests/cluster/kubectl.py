"""kubectl, where there is one, to compare with."""

import shutil
import subprocess

import pytest

KUBECTL = shutil.which("kubectl")


def kubectl(*arguments: str) -> subprocess.CompletedProcess[str]:
    if KUBECTL is None:
        pytest.skip("kubectl is not on PATH: our own behaviour is asserted, the comparison is not")
    return subprocess.run(
        [KUBECTL, "--request-timeout=10s", *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
