"""`kuberoster revoke`."""

import argparse
import sys
from typing import TYPE_CHECKING

from kuberoster.cli.command import Commands, add_command, connect
from kuberoster.cli.confirm import confirm, confirm_and_look_again
from kuberoster.cli.progress import waiting_for
from kuberoster.cli.revoked import say_not_done, say_revoked, say_token_ended
from kuberoster.model.errors import KuberosterError
from kuberoster.model.names import did_you_mean
from kuberoster.model.reading import NotAtItsEnd
from kuberoster.model.roster import Roster, load_roster
from kuberoster.model.settings import Settings, load_settings
from kuberoster.model.stopping import noting

if TYPE_CHECKING:
    from kuberoster.cluster import Cluster
    from kuberoster.cluster.cluster_uid import UnknownCluster
    from kuberoster.operations.revocation import Places

_READ_WITHIN = 20.0
"""Seconds that users/ may take; 10,000 users take 4."""


def add(commands: "Commands[argparse.ArgumentParser]") -> None:
    """Add the command to the parser."""
    parser = add_command(
        commands,
        "revoke",
        _run,
        summary="end a user's access now, without Terraform",
        description="Delete the user's ServiceAccount, Secrets and bindings, wait until the API\n"
        "server refuses every token (401), and mark the user as revoked, so that no deploy\n"
        "gives access back. Works while a deploy holds the lock, and without any state.",
        example="kuberoster revoke ann",
    )
    parser.add_argument("user", metavar="USER")
    one = parser.add_mutually_exclusive_group()
    one.add_argument(
        "--token", metavar="LABEL", help="end one token alone; leaves no mark, see the output"
    )
    one.add_argument(
        "--lift", action="store_true", help="take the mark away, so that a deploy gives access"
    )
    parser.add_argument(
        "--in",
        dest="namespaces",
        metavar="NAMESPACE",
        action="append",
        default=[],
        help="the user is in this namespace too, though neither users/ nor a state says so",
    )
    parser.add_argument("--yes", action="store_true", help="do not ask")


def _run(options: argparse.Namespace) -> int:
    settings = load_settings(options.directory)
    # A right that is missing must not keep anyone from revoking.
    cluster = connect(settings, unsure=_warn)
    print(f"cluster {cluster.context} at {cluster.server}")
    if options.lift:
        return _lift(options, cluster, settings)
    return _revoke(options, cluster, settings)


def _warn(unsure: "UnknownCluster") -> None:
    wrong, mend = str(unsure).split("\n")
    print(f"warning: {wrong}\nLook whether it is the one that you mean. {mend}", file=sys.stderr)


class _Users:
    """users/, which helps to find a user and must not keep anyone from revoking."""

    def __init__(self, settings: Settings, user: str) -> None:
        self._settings, self._user = settings, user
        self._warned: set[str] = set()
        self._never_ends = False

    def roster(self) -> Roster | None:
        """The roster, or None; each reason why it can't be read is said once."""
        if self._never_ends:  # the time that it takes is not waited for twice
            return None
        settings = self._settings
        try:
            return load_roster(
                settings.users,
                state_namespace=settings.state.namespace,
                name=settings.roster,
                within=_READ_WITHIN,
                past=True,
            )
        except KuberosterError as error:
            self._never_ends = isinstance(error, NotAtItsEnd)
            warning = (
                f"warning: the roster can't be read ({str(error).splitlines()[0]}), so "
                f"{self._user!r} is looked for in the cluster alone. See kuberoster validate."
            )
        if warning not in self._warned:
            print(warning, file=sys.stderr)
            self._warned.add(warning)
        return None


def _revoke(options: argparse.Namespace, cluster: "Cluster", settings: Settings) -> int:
    # Imported here: see connect.
    from kuberoster.operations.revocation import (  # noqa: PLC0415
        find_accounts,
        revoke_token,
        revoke_user,
    )

    user, space = options.user, settings.state.namespace

    users = _Users(settings, user)

    def look() -> "Places":
        return find_accounts(cluster, user, users.roster(), settings, vouched=options.namespaces)

    places = look()
    say_not_done(places, user, vouched=options.namespaces)
    if not places.accounts:
        raise KuberosterError(f"{user}: nothing was done.")
    where = ", ".join(map(str, places.accounts))
    what = (
        f"This deletes {where}, with every token, binding and role of {user}."
        if options.token is None
        else f"This ends the token {options.token} of {user} ({where})."
    )
    accounts = confirm_and_look_again(
        places,
        look,
        lambda seen: [
            *(f"{each} of the team {each.team}" for each in seen.accounts),
            *(f"namespace {name} {why}" for name, why in seen.doubtful.items()),
        ],
        what=what,
        word=user,
        yes=options.yes,
    ).accounts
    half = f"{user}: stopped before all of it was done. Run this again to see what is left."
    with noting(half), waiting_for(f"the API server to refuse the tokens of {user}") as waiting:
        if options.token is not None:
            report = revoke_token(cluster, accounts, options.token, settings, waiting=waiting)
        else:
            report = revoke_user(cluster, accounts, space, waiting=waiting)
    if options.token is not None:
        say_token_ended(report, user, options.token)
    else:
        say_revoked(report, accounts)
    return 1 if report.problems or places.doubtful or places.unseen else 0


def _lift(options: argparse.Namespace, cluster: "Cluster", settings: Settings) -> int:
    from kuberoster.operations.revocation import (  # noqa: PLC0415  # see connect
        lift,
        read_revocations,
        revoked_by,
    )

    user, space = options.user, settings.state.namespace
    revocations = read_revocations(cluster, space)
    shown = revocations.get(user)
    if shown is None:
        print(f"{user}: is not revoked.{did_you_mean(user, revocations)}")
        return 0
    said = f"{user}: {revoked_by(shown)}"
    again = f"With the next deploy {user} has what the roster says, with new tokens."
    confirm(f"{said}.\n{again}", user, yes=options.yes)
    if not lift(cluster, space, user, shown):
        raise KuberosterError(f"{user}: was revoked anew, or lifted, just now. Look again.")
    print(f"{said}; lifted.\n{again}")
    return 0
