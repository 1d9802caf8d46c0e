"""`kuberoster review`."""

import argparse
import json
from collections.abc import Callable, Iterable
from datetime import date
from typing import TYPE_CHECKING

from kuberoster.cli.command import Commands, add_command, read_folder, read_roster
from kuberoster.cli.live_review import live_review
from kuberoster.cli.progress import steps
from kuberoster.model.days import today
from kuberoster.model.errors import KuberosterError

if TYPE_CHECKING:
    from kuberoster.review.change.review import Review

NOTHING, CHANGES, BLOCKED = 0, 2, 3
"""Exit statuses; the first two are those of `terraform plan -detailed-exitcode`."""

FORMATS = ("text", "json", "markdown", "html")


def add(commands: "Commands[argparse.ArgumentParser]") -> None:
    """Add the command to the parser."""
    parser = add_command(
        commands,
        "review",
        _run,
        summary="say what a change of users/ means, in terms of who can do what",
        description="Compare users/ with the same folder of another git revision: who gains and\n"
        "loses what access, which tokens are issued and revoked, and which risks are new.\n"
        "Reads the roles and bindings of the cluster, unless --offline. Both are judged as of\n"
        "today, or KUBEROSTER_TODAY.\n"
        "Exit status: 0 nothing changes, 2 something does, 3 something must not pass unseen,\n"
        "1 an error. Colours only on a terminal, and not with NO_COLOR.",
        example="kuberoster review --offline --base origin/main --format markdown",
    )
    parser.add_argument("--base", required=True, metavar="REV", help="compare with this revision")
    parser.add_argument(
        "--offline",
        action="store_true",
        help="from users/ alone, without Terraform and cluster",
    )
    parser.add_argument(
        "--server-dry-run",
        action="store_true",
        help="ask the API server whether it would take what a deploy sends; writes nothing",
    )
    parser.add_argument(
        "--format",
        choices=FORMATS,
        default="text",
        help="markdown fits into a comment of a pull request; json is docs/review.schema.json",
    )
    parser.add_argument(
        "--approved",
        metavar="DIGEST",
        help="end with 3 where the change has another digest than the one that was approved",
    )
    parser.add_argument("--full", action="store_true", help="show every rule, however many")


def _run(options: argparse.Namespace) -> int:
    if options.offline and options.server_dry_run:
        raise KuberosterError(
            "--server-dry-run asks the cluster, and --offline none.\nLeave one of them out."
        )
    if options.approved is not None:
        from kuberoster.review.change.digest import check_digest  # noqa: PLC0415  # as in _review

        check_digest(options.approved)
    with steps() as step:
        step("comparing")
        found = _review(options, today(), step)
    if options.approved is not None:
        found = found.if_approved(options.approved)
    for line in _lines(found, options.format, full=options.full):
        print(line)
    return BLOCKED if found.blocks else NOTHING if found.is_empty else CHANGES


def _lines(found: "Review", form: str, *, full: bool) -> Iterable[str]:
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
    from kuberoster.review.output.content import RULES_SHOWN, content  # noqa: PLC0415
    from kuberoster.review.output.text import as_text  # noqa: PLC0415

    shown = content(found, rules_shown=None if full else RULES_SHOWN)
    return as_text(shown, paint=on_a_terminal())


def _review(options: argparse.Namespace, day: date, step: Callable[[str], None]) -> "Review":
    # Imported here: `validate` has to be fast.
    from kuberoster.operations.git import checked_out  # noqa: PLC0415
    from kuberoster.review.change.review import review  # noqa: PLC0415
    from kuberoster.review.change.side import side  # noqa: PLC0415

    settings, roster = read_roster(options)
    with checked_out(options.directory, options.base) as folder:
        try:
            old_settings, old = read_folder(folder)
        except KuberosterError as error:
            raise KuberosterError(f"at {options.base}: {error}") from None
    if not options.offline:
        both = (old_settings, old), (settings, roster)
        return live_review(*both, day, server_dry_run=options.server_dry_run, step=step)
    base, head = side(old_settings, old, day), side(settings, roster, day)
    return review(base, head, day, head.source.name)
