"""Python, started anew."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from kuberoster import cluster as public


def run_python(
    program: str, before: Callable[[], None] | None = None
) -> subprocess.CompletedProcess[str]:
    root = Path(public.__file__).parents[2]
    return subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": str(root)},
        preexec_fn=before,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
