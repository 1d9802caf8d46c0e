"""How `kuberoster review` writes what it found."""

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kuberoster.review.change.review import Review

FORMATS = ("text", "json", "markdown", "html")


def written(found: "Review", form: str, *, full: bool) -> Iterable[str]:
    """The lines of a review in one of the formats; with `full`, every line of exact RBAC."""
    # Imported here: `validate` has to be fast.
    if form == "json":
        return [json.dumps(found.document(), indent=2)]
    if form == "markdown":
        from kuberoster.review.output.markdown import as_markdown  # noqa: PLC0415

        return as_markdown(found, full=full).splitlines()
    if form == "html":
        from kuberoster.review.output.html import as_html  # noqa: PLC0415

        return as_html(found, full=full)
    from kuberoster.cli.colours import on_a_terminal  # noqa: PLC0415
    from kuberoster.review.output.content import content  # noqa: PLC0415
    from kuberoster.review.output.text import as_text  # noqa: PLC0415

    lines = as_text(content(found, full=full), paint=on_a_terminal())
    return [*lines, f"digest {found.digest}"]
