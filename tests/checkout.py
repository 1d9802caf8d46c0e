"""A clean copy of this checkout: nothing installed, built or cached, and no git."""

import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

_LEFT_OUT = shutil.ignore_patterns(
    ".*", "__pycache__", "*.egg-info", "node_modules", "cdktf.out", "build", "dist"
)


def copy_checkout(to: Path) -> Path:
    """Copy the checkout to a folder that doesn't exist yet, and return that folder."""
    shutil.copytree(ROOT, to, ignore=_LEFT_OUT)
    return to
