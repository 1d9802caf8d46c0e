"""The stacks of today's roster, made as `cdktf synth` makes them."""

import os
import subprocess
from pathlib import Path

from kuberoster.model.errors import KuberosterError
from kuberoster.model.settings import Settings


def synthesise_stacks(settings: Settings) -> Path:
    """Run the app of cdktf.json; the folder that has a folder for each stack.

    Raises KuberosterError with what the app said when it fails.
    """
    out = settings.folder / settings.output
    done = subprocess.run(  # noqa: S602  # the line of cdktf.json, as cdktf runs it
        settings.app,
        shell=True,
        cwd=settings.folder,
        env=os.environ | {"CDKTF_OUTDIR": settings.output},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise KuberosterError(f"`{settings.app}` failed.\n{done.stdout.strip()}")
    return out / "stacks"
