"""How `kuberoster review` writes what it found."""

import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kuberoster.review.output.line import Kind
from kuberoster.review.output.text import Paint, plain

if TYPE_CHECKING:
    from kuberoster.model.errors import KuberosterError
    from kuberoster.review.change.review import Review
    from kuberoster.review.output.annotations import Annotation


_CODES: dict[Kind, int] = {
    "heading": 1,
    "block": 31,
    "loss": 31,
    "risk": 31,
    "gain": 32,
    "mended": 32,
}


def on_a_terminal() -> Paint:
    """Paint where stdout is a terminal and NO_COLOR is not set (https://no-color.org)."""
    if sys.stdout.isatty() and not os.environ.get("NO_COLOR"):
        return _painted
    return plain


def _painted(text: str, kind: Kind) -> str:
    code = _CODES.get(kind)
    return f"\x1b[{code}m{text}\x1b[0m" if code else text


FORMATS = ("text", "json", "markdown", "html", "sarif", "github", "gitlab")
ANNOTATIONS = ("sarif", "github", "gitlab")
"""Those that stand beside lines of files."""


def written(found: "Review", form: str, folder: Path, *, full: bool) -> Iterable[str]:
    """The lines of a review of a folder in one of the formats; with `full`, all exact RBAC."""
    # Imported here: `validate` has to be fast.
    if form in ANNOTATIONS:
        from kuberoster.review.output.annotations import annotations  # noqa: PLC0415

        about = {"digest": found.digest, "day": found.day.isoformat(), "ground": found.ground}
        return _annotated(annotations(found), form, folder, about)
    if form == "json":
        return [json.dumps(found.document(), indent=2)]
    if form == "markdown":
        from kuberoster.review.output.markdown import as_markdown  # noqa: PLC0415

        return as_markdown(found, full=full).splitlines()
    if form == "html":
        from kuberoster.review.output.html import as_html  # noqa: PLC0415

        return as_html(found, full=full)
    from kuberoster.cli.review_formats import on_a_terminal  # noqa: PLC0415
    from kuberoster.review.output.content import content  # noqa: PLC0415
    from kuberoster.review.output.text import as_text  # noqa: PLC0415

    lines = as_text(content(found, full=full), paint=on_a_terminal())
    return [*lines, f"digest {found.digest}"]


def error_written(error: "KuberosterError", form: str, folder: Path) -> Iterable[str]:
    """The lines of a review that came to no end, in a format that has annotations."""
    if form not in ANNOTATIONS:
        return []
    from kuberoster.review.output.annotations import annotations_of_error  # noqa: PLC0415

    return _annotated(annotations_of_error(error), form, folder, None)


def _annotated(
    said: "Sequence[Annotation]", form: str, folder: Path, about: Mapping[str, str] | None
) -> Iterable[str]:
    """`about` is what else is said of the review; None for one that came to no end."""
    from kuberoster.operations.git import inside_repository  # noqa: PLC0415
    from kuberoster.review.output.annotations import (  # noqa: PLC0415
        as_code_quality,
        as_sarif,
        as_workflow_commands,
    )

    inside = inside_repository(folder)
    if form == "github":
        return as_workflow_commands(said, inside=inside)
    if form == "gitlab":
        return [json.dumps(as_code_quality(said, inside=inside), indent=2)]
    log = as_sarif(said, inside=inside, whole=about is not None, about=about or {})
    return [json.dumps(log, indent=2)]
