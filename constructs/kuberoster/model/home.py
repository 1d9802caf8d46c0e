"""Paths that may start with `~`."""

import os
from pathlib import Path


def expanded(path: str) -> Path:
    """The path with the home folder for `~`; as it is where there is none, as for `~nobody`."""
    return Path(os.path.expanduser(path))  # noqa: PTH111  # Path's own raises for those
