"""What `can` and `who-can` have in common: the question, and where its answer comes from."""

import argparse
import sys
from typing import TYPE_CHECKING

from kuberoster.cli.command import connect_today
from kuberoster.cli.progress import steps
from kuberoster.model.days import acting_day
from kuberoster.model.roster import Roster
from kuberoster.model.settings import Settings

if TYPE_CHECKING:
    from kuberoster.rbac.question import Question
    from kuberoster.rbac.source import Source

RESOURCE = """\
RESOURCE is written as for `kubectl auth can-i`: TYPE, TYPE/NAME, or a URL that starts with '/';
TYPE is such as pods, deployments.apps or widgets.example.com. Without -n the question is about
all namespaces at once.
"""


def add_question(parser: argparse.ArgumentParser) -> None:
    """Add VERB, RESOURCE and the options of a question."""
    parser.add_argument("verb", metavar="VERB")
    parser.add_argument("resource", metavar="RESOURCE")
    parser.add_argument("-n", "--namespace", metavar="NS", help="ask for this one alone")
    parser.add_argument("--subresource", metavar="NAME", help="such as log or exec")
    parser.add_argument(
        "--live",
        action="store_true",
        help="answer from all roles and bindings of the cluster, and say what users/ adds to them",
    )
    parser.add_argument("--format", choices=["table", "json"], default="table")


def question_of(options: argparse.Namespace) -> "Question":
    """What is asked; warns of what may be meant otherwise."""
    # Imported here: only these commands need it, and `validate` has to be fast.
    from kuberoster.rbac.defaults import load_defaults  # noqa: PLC0415
    from kuberoster.rbac.question import read_question  # noqa: PLC0415

    question = read_question(
        options.verb,
        options.resource,
        load_defaults(),
        subresource=options.subresource or "",
        namespace=options.namespace or "",
    )
    for doubt in question.doubts:
        print(f"warning: {doubt}", file=sys.stderr)
    return question


def source_of(
    options: argparse.Namespace, settings: Settings, roster: Roster, question: "Question"
) -> "Source":
    """Where the answer comes from; warns of a namespace that it does not know.

    Raises KuberosterError live for a resource that its API group does not have.
    """
    source = _source(options, settings, roster, question)
    if doubt := source.doubt(question.namespace):
        print(f"warning: {doubt}", file=sys.stderr)
    return source


def _source(
    options: argparse.Namespace, settings: Settings, roster: Roster, question: "Question"
) -> "Source":
    from kuberoster.cluster.discovery import served_api  # noqa: PLC0415  # see question_of
    from kuberoster.rbac.resources import refuse_unserved  # noqa: PLC0415
    from kuberoster.rbac.source import live, offline  # noqa: PLC0415

    if not options.live:
        return offline(roster, acting_day())
    with steps() as step:
        cluster, day = connect_today(settings)
        if group := question.group:
            refuse_unserved(question.resource, group, served_api(cluster, [group]))
        step("reading roles and bindings")
        return live(cluster, roster, day)
