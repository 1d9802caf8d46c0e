"""The options of `kuberoster review`, and what contradicts itself among them."""

import argparse
from pathlib import Path

from kuberoster.cli.review_formats import FORMATS
from kuberoster.model.errors import KuberosterError


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add them to the parser."""
    parser.add_argument("--base", metavar="REV", help="compare with this revision")
    parser.add_argument(
        "--offline",
        action="store_true",
        help="from users/ alone, without Terraform and cluster; needs --base",
    )
    parser.add_argument(
        "--plan",
        action="append",
        type=Path,
        default=[],
        metavar="FILE",
        help="review this plan, as `terraform show -json` writes it, and run no Terraform; "
        "may be given for several teams",
    )
    parser.add_argument(
        "--no-refresh",
        action="store_true",
        help="plan from the state alone, so that no object of the cluster is read",
    )
    parser.add_argument(
        "--no-plan",
        action="store_true",
        help="on the cluster's roles and bindings, without Terraform; needs --base",
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
        help="markdown fits into a comment of a pull request; json is docs/review.schema.json; "
        "sarif, github and gitlab stand beside the lines of a pull request",
    )
    parser.add_argument(
        "--approved",
        metavar="DIGEST",
        help="end with 3 where the change has another digest than the one that was approved",
    )
    parser.add_argument("--full", action="store_true", help="show every rule, however many")


def check_options(options: argparse.Namespace) -> None:
    """Refuse what contradicts itself."""
    for name in ("offline", "no_plan"):
        if getattr(options, name) and options.base is None:
            raise KuberosterError(
                f"review --{name.replace('_', '-')} has nothing to compare with.\n"
                "Add --base REV, such as origin/main."
            )
    without_cluster = [options.offline, bool(options.plan), options.no_refresh]
    if [*without_cluster, options.no_plan].count(True) > 1:
        raise KuberosterError(
            "--offline, --plan, --no-plan and --no-refresh: each says where the plan comes from.\n"
            "Give one of them: no plan and no cluster, a plan made elsewhere, no plan, or one "
            "without refresh."
        )
    if options.server_dry_run and any(without_cluster):
        raise KuberosterError(
            "--server-dry-run asks the cluster, and --offline, --plan and --no-refresh do not.\n"
            "Leave one of them out."
        )
    if options.approved is not None:
        from kuberoster.review.change.digest import check_digest  # noqa: PLC0415  # slow to load

        check_digest(options.approved)
