"""Files that only their owner may read, written whole or not at all."""

import os
import stat
from pathlib import Path

from kuberoster.model.errors import KuberosterError


def is_there(file: Path, why_regular: str) -> bool:
    """Whether a file that is to be written is there already.

    Raises KuberosterError where the folder is missing, or where it is no regular file, such
    as a link or a pipe; `why_regular` says then why it has to be one.
    """
    try:
        mode = file.lstat().st_mode
    except FileNotFoundError:
        if not file.parent.is_dir():
            raise KuberosterError(f"{file}: there is no folder {file.parent}.") from None
        return False
    except OSError as error:
        raise KuberosterError(f"{file}: can't be read: {error.strerror}.") from None
    if not stat.S_ISREG(mode):
        raise KuberosterError(f"{file}: is no regular file.\n{why_regular}")
    return True


def write_private(file: Path, content: bytes) -> None:
    """Write a file with mode 0600 from its first byte, in place of one that is there.

    Raises KuberosterError where it can't be written; what was there before then stays.
    """
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        descriptor = os.open(draft, flags, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            draft.replace(file)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise KuberosterError(f"{file}: can't be written: {error.strerror}.") from None
