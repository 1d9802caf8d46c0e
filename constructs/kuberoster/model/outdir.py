"""Where CDKTF writes the stacks."""

import os
from contextlib import suppress
from pathlib import Path

MANIFEST = "manifest.json"
"""CDKTF's own list of the stacks that it wrote, written last."""


def place_of_stacks(outdir: str | None = None) -> Path:
    """Where `cdktf` lets the app write that it runs, unless that says another `outdir`."""
    return Path(outdir or os.environ.get("CDKTF_OUTDIR") or "cdktf.out")


def forget_stacks(outdir: Path) -> None:
    """Let nobody take the stacks of before for new ones where a synthesis ends without a word."""
    with suppress(OSError):  # where nothing can be removed, nothing can be written either
        (outdir / MANIFEST).unlink()
