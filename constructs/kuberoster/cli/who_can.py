"""`kuberoster who-can`."""

import argparse
import json

from kuberoster.cli.command import Commands, add_command, read_roster
from kuberoster.cli.question import RESOURCE, add_question, question_of, source_of
from kuberoster.model.counted import counted
from kuberoster.model.printable import printable


def add(commands: "Commands[argparse.ArgumentParser]") -> None:
    """Add the command to the parser."""
    parser = add_command(
        commands,
        "who-can",
        _run,
        summary="list who may do something, and why",
        description="List the users who may do something, by users/ and Kubernetes' default\n"
        "roles. With --live, by what the cluster has and users/ adds, and all other subjects as\n"
        f"well; a group stands for whoever is in it.\n\n{RESOURCE}\n"
        "Exit status: 0, also where nobody may; 1 an error.",
        example="kuberoster who-can create pods --subresource exec -n web",
    )
    add_question(parser)


def _run(options: argparse.Namespace) -> int:
    from kuberoster.rbac.answer import who_can  # noqa: PLC0415  # see question_of

    settings, roster = read_roster(options)
    question = question_of(options)
    source = source_of(options, settings, roster, question)
    answers = list(who_can(source, roster, question))
    if options.format == "json":
        documents = [answer.document() for answer in answers]
        document = {"question": str(question), "subjects": documents, "source": source.name}
        print(json.dumps(document, indent=2))
        return 0
    rows = [
        (answer.state, printable(answer.subject), printable(str(reason)))
        for answer in answers
        for reason in filter(None, [answer.absence, *answer.reasons])
    ]
    widths = [max((len(row[column]) for row in rows), default=0) for column in (0, 1)]
    for state, subject, reason in rows:
        print(f"{state:<{widths[0]}}  {subject:<{widths[1]}}  {reason}")
    able = sum(answer.state in ("yes", "partly") for answer in answers)
    coming = sum(answer.state == "not yet" for answer in answers)
    who = counted(able, "subject" if source.is_live else "user")
    some = " or in some" if question.spans_namespaces else ""
    later = f"; {coming:,} more will, once users/ is deployed"
    print(f"{who} may {question}{some}{later if coming else ''}")
    print(printable(source.name))
    return 0
