"""Where a report may be written."""

from pathlib import Path

from kuberoster.model.errors import KuberosterError
from kuberoster.operations.private_file import is_there, write_private
from kuberoster.report.content import Content
from kuberoster.report.page import MARK, page


def write_report(file: Path, content: Content) -> None:
    """Write a report with mode 0600, whole or not at all, as `check_target` allows."""
    written = page(content)
    check_target(file)
    write_private(file, written)


def check_target(file: Path) -> None:
    """Raise KuberosterError unless the file is absent or a report of ours."""
    why = "A report says who may do what, so it goes into a file with mode 0600. Name one: -o FILE."
    if not is_there(file, why):
        return
    try:
        with file.open("rb") as stream:
            ours = stream.read(len(MARK)) == MARK
    except OSError as error:
        raise KuberosterError(f"{file}: can't be read: {error.strerror}.") from None
    if not ours:
        raise KuberosterError(
            f"{file}: is not a report of ours, and is not overwritten.\n"
            "Remove it, or name another: -o FILE."
        )
