"""Files that are written whole or not at all, also where the disk is full or we are killed."""

import os
import stat
from contextlib import suppress
from pathlib import Path

from kuberoster.model.errors import unwritable


def write_whole(file: Path, content: bytes) -> None:
    """Write a file, or let the one that is there stay as it is; its mode, and a link to it, do.

    Raises KuberosterError where it can't be written.
    """
    target = file.resolve()
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        try:
            draft.write_bytes(content)
            if target.exists():
                draft.chmod(stat.S_IMODE(target.stat().st_mode))
            draft.replace(target)
        finally:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
    except OSError as error:
        raise unwritable(file, error) from None
