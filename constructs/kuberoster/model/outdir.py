"""Where CDKTF writes the stacks."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
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


@contextmanager
def all_or_none(outdir: Path, teams: Iterable[str]) -> Iterator[None]:
    """Where the synthesis of these teams fails, leave no stack of theirs, neither cut nor whole."""
    try:
        yield
    except BaseException:
        forget_stacks(outdir)
        for team in teams:
            with suppress(OSError):
                (outdir / "stacks" / team / "cdk.tf.json").unlink()
        raise
