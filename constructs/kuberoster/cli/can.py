"""`kuberoster can`."""

import argparse
import json
from typing import TYPE_CHECKING

from kuberoster.cli.command import Commands, add_command, read_roster
from kuberoster.cli.question import RESOURCE, add_question, question_of, source_of
from kuberoster.model.printable import printable

if TYPE_CHECKING:
    from kuberoster.rbac.answer import Answer

_STATUS = {"yes": 0, "no": 2, "partly": 2, "not yet": 2, "no credential": 2, "unknown": 3}


def add(commands: "Commands[argparse.ArgumentParser]") -> None:
    """Add the command to the parser."""
    parser = add_command(
        commands,
        "can",
        _run,
        summary="say whether a user may do something, and why",
        description="Answer from users/ and Kubernetes' default roles, or with --live from the\n"
        "cluster, and say what users/ will add to that once it is deployed.\n\n"
        f"{RESOURCE}\n"
        "Exit status: 0 yes, 2 no (or not yet, or not in all namespaces), 3 it depends on a role\n"
        "that is not known offline, 1 an error.",
        example="kuberoster can ann get secrets -n web",
    )
    parser.add_argument("user", metavar="USER")
    add_question(parser)


def _run(options: argparse.Namespace) -> int:
    from kuberoster.rbac.answer import can  # noqa: PLC0415  # see question_of

    settings, roster = read_roster(options)
    team, user = roster.find(options.user)
    question = question_of(options)
    source = source_of(options, settings, roster, question)
    answer = can(source, team, user, question)
    if options.format == "json":
        document = {"question": str(question), **answer.document(), "source": source.name}
        print(json.dumps(document, indent=2))
    else:
        print(_sentence(answer))
        for reason in answer.reasons:
            print(f"  {printable(str(reason))}")
        print(printable(source.name))
    return _STATUS[answer.state]


def _sentence(answer: "Answer") -> str:
    who, what = answer.subject, answer.question
    match answer.state:
        case "yes":
            return f"yes: {who} may {what}"
        case "partly":
            where = ", ".join(answer.namespaces)
            return f"partly: {who} may {what.attributes} in {where} and not in all namespaces"
        case "not yet":
            return f"not yet: {who} may not {what}, and will, as users/ says"
        case "unknown":
            return f"unknown: whether {who} may {what}"
        case "no credential":
            return f"no credential: {who}: {answer.absence}"
        case "no":
            return f"no: {who} may not {what}"
