"""`kuberoster kubeconfig`."""

import argparse
import sys
from datetime import date
from pathlib import Path

from kuberoster.cli.command import Commands, add_command, connect, connect_today, read_roster
from kuberoster.cli.progress import waiting_for
from kuberoster.model.errors import KuberosterError
from kuberoster.model.names import did_you_mean
from kuberoster.model.settings import load_settings
from kuberoster.model.user import User


def add(commands: "Commands[argparse.ArgumentParser]") -> None:
    """Add the command to the parser."""
    parser = add_command(
        commands,
        "kubeconfig",
        _run,
        summary="write a user's kubeconfig",
        description="Write the kubeconfig of a user who is deployed, with mode 0600.\n"
        "The API server is asked with it first, by the way that the user will take.\n"
        "It holds the user's token: hand it over as you would a password.",
        example="kuberoster kubeconfig ann -o /media/usb/ann.kubeconfig",
    )
    parser.add_argument("user", metavar="USER")
    parser.add_argument("-o", dest="file", metavar="FILE", help="default: USER.kubeconfig")
    parser.add_argument(
        "--token", metavar="LABEL", help="which token (default: the last one of the user's list)"
    )
    parser.add_argument(
        "--in",
        dest="namespace",
        metavar="NAMESPACE",
        help="the user is one of this namespace that no users/ names: a TokenUser of your own app",
    )
    parser.add_argument(
        "--force", action="store_true", help="write it where git would take it, too"
    )
    parser.add_argument(
        "--untried",
        action="store_true",
        help="write it without asking, where its server can't be reached from here",
    )


def _run(options: argparse.Namespace) -> int:
    # Imported here: see connect.
    from kuberoster.operations.deployed_user import find_deployed  # noqa: PLC0415
    from kuberoster.operations.kubeconfig import write_kubeconfig  # noqa: PLC0415
    from kuberoster.operations.revocation import refuse_revoked  # noqa: PLC0415
    from kuberoster.operations.token import find_token  # noqa: PLC0415

    if options.namespace is None:
        settings, roster = read_roster(options)
        team, user = roster.find(options.user)
        file = _target(options, user)
        if options.token is not None:
            _label(user, options.token)  # a slip of the pen is said without a cluster
        cluster, day = connect_today(settings)
        label = _label(_active(user, day), options.token)
    else:
        settings = load_settings(options.directory)
        file = _target(options, User(options.user))
        cluster = connect(settings)
        team, user = find_deployed(cluster, options.user, options.namespace)
        label = _label(user, options.token)
    refuse_revoked(cluster, settings.state.namespace, user.name, options.namespace)
    with waiting_for(f"Kubernetes to make the token of {user.name}") as waiting:
        token = find_token(cluster, user, team, label, waiting=waiting)
    told = write_kubeconfig(file, user, team, token, cluster, settings, untried=options.untried)
    tried = "not tried" if options.untried else "tried"
    print(f"{file}: {user.name} at {cluster.context}, token {label}, {tried}")
    if token.invalid_from:
        told.append(
            f"Secret {team.namespace}/{token.secret} is listed in `.secrets` of its "
            "ServiceAccount, so that Kubernetes makes the token invalid once it is unused for a "
            f"year, from {token.invalid_from} on"
        )
    for each in told:
        print(f"warning: {each}.", file=sys.stderr)
    return 0


def _active(user: User, day: date) -> User:
    """The user with the tokens of a day; KuberosterError where there is no access on it."""
    if absence := user.absence(day):
        mend = "Without access there is no token, and a deploy of this day removes an old one."
        if absence.why == "no token":
            mend = "Add a token, and deploy."
        raise KuberosterError(f"user {user.name!r}: {absence}.\n{mend}")
    return user.on(day)


def _target(options: argparse.Namespace, user: User) -> Path:
    """Where to write; KuberosterError where that is no place for a token."""
    from kuberoster.operations.kubeconfig import check_place, check_target  # noqa: PLC0415
    from kuberoster.operations.private_file import check_name  # noqa: PLC0415

    file = Path(f"{user.name}.kubeconfig")
    if options.file is not None:
        check_name(options.file, str(file))
        file = Path(options.file)
    check_target(file, user)
    if not options.force:
        check_place(file)
    return file


def _label(user: User, asked: str | None) -> str:
    labels = user.labels
    if asked is None:
        return labels[-1]
    if asked not in labels:
        raise KuberosterError(
            f"user {user.name!r}: has no token {asked!r}.\n"
            f"Its tokens are {', '.join(labels)}.{did_you_mean(asked, labels)}"
        )
    return asked
