"""What `kuberoster revoke` did, in words."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from kuberoster.model.counted import counted
from kuberoster.model.printable import printable

if TYPE_CHECKING:
    from kuberoster.operations.revocation import Account, Places, Revoked

_STREAMS = (
    "Streams that are open already (watch, exec, port-forward) go on until they end, and what "
    "asks the API server about tokens remembers the answer itself: a kubelet for 2 minutes."
)


def say_not_done(places: "Places", user: str, *, vouched: Sequence[str]) -> None:
    """Name what is left alone and what could not be looked at, each with why and the way on."""
    for namespace, why in places.doubtful.items():
        mend = f" If it is: kuberoster revoke {user} --in {namespace}"
        print(
            f"error: {user}: namespace {namespace} {printable(why)}. What is in it was left alone."
            f"{'' if namespace in vouched else mend}",
            file=sys.stderr,
        )
    for what in places.unseen:
        print(
            f"error: {user}: not looked at: {what}\nTokens of {user} may be accepted there still.",
            file=sys.stderr,
        )
    for namespace in places.others:
        print(
            f"left alone: ServiceAccount {namespace}/{user}; neither users/, nor Terraform's "
            "states, nor a label says that it is this roster's"
        )


def say_revoked(report: "Revoked", accounts: "Sequence[Account]") -> None:
    """Print what became of a user, and what to do next."""
    user = accounts[0].user
    _say_done(report, user, "every token, those of TokenRequest that others hold included,")
    teams = [account.team for account in accounts if account.listed]
    if teams:
        print(
            f'Next: in users/{teams[0]}.py say suspended="why" for {user}, or remove the user; '
            f"have it reviewed, and deploy. Until then each deploy of team {teams[0]} stops.\n"
            f"To give access again later: kuberoster revoke {user} --lift"
        )
    else:
        print(
            f"Next: no roster that can be read here names {user}. Where one does, suspend or "
            "remove the user; then deploy, so that Terraform knows that these objects are gone.\n"
            f"To let the name be used again: kuberoster revoke {user} --lift"
        )
    if not report.mark_held:
        print(
            "warning: the namespace of the mark is made without the roster's label, which only a "
            "deployer may set, so whoever may delete namespaces can lift this. Have an "
            "administrator run kuberoster bootstrap",
            file=sys.stderr,
        )
    _say_problems(report, user)


def say_token_ended(report: "Revoked", user: str, label: str) -> None:
    """Print what became of one token, and what lives on."""
    _say_done(report, user, "this token")
    living = f" ({', '.join(report.living)})" if report.living else ""
    print(
        f"This does not end: other tokens of {user}{living}, and tokens that were requested for "
        "the ServiceAccount (TokenRequest). Whoever may create Secrets can put this one back under "
        "its old name, and its token works again for as long as the ServiceAccount lives. After a "
        f"theft: kuberoster revoke {user}\n"
        f"Next: the next deploy makes a new Secret of the token {label!r}, unless the roster drops "
        "that label."
    )
    _say_problems(report, user)


def _known(report: "Revoked", what: str) -> str:
    """What is known from the wait, of what can't be tried; nothing where a step failed."""
    if report.problems:
        return ""
    return (
        f". So {what} is over with each API server behind this address, also where it can't be "
        "tried: they look again after 10 s, and have 5 s to hear of the deletion."
    )


def _say_done(report: "Revoked", user: str, what: str) -> None:
    for shown in report.deleted:
        print(f"deleted: {printable(shown)}")
    for shown in report.left:
        print(f"left: {printable(shown)}, which names others beside {user}; remove {user} from it")
    if not report.deleted:
        gone = not (report.problems or report.kept)
        print(f"deleted: nothing{', all of it was gone already' if gone else ''}")
    if report.seconds is not None:
        print(
            f"401: {counted(report.tried, 'token')} tried, the last one refused "
            f"{report.seconds:.1f} s after the deletion"
        )
    elif not report.tried:
        print("401: there was no token to try")
    if report.waited:
        print(f"waited: {report.waited:.0f} s after the deletion{_known(report, what)}")
    for why in report.untried:
        print(f"not tried: a token of TokenRequest, since none was given for {why}")
    for why in report.guard_untried:
        print(f"not tried: whether the API server refuses to make {why}")
    print(_STREAMS)
    if report.ways:
        print(f"What the rights of {user} could have been used to make:")
        for way in report.ways:
            print(f"  {way.namespace or 'everywhere'}: {', '.join(way.made)}")
        print("Look for what was made since the theft, in the audit log and with kuberoster drift.")
    elif report.ways is not None:
        print(
            f"No right of {user} is known here to make tokens or other ways in; what it allowed: "
            "kuberoster review, kuberoster can."
        )
    else:
        print(
            f"What the rights of {user} could have been used to make is not known: no binding of "
            "it was there, an earlier revocation had begun, or not every answer came. Look in the "
            "audit log."
        )


def _say_problems(report: "Revoked", user: str) -> None:
    for problem in report.problems:
        print(f"error: {problem}", file=sys.stderr)
    if report.problems:
        print(f"{user}: not all of it is done. Mend it, and run this again.", file=sys.stderr)
