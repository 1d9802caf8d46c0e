"""What can go wrong between kuberoster and an API server, as one message for a person."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from kuberoster.model.errors import KuberosterError

# A JSON Web Token, which is what every ServiceAccount's and OIDC's token is.
_JSON_WEB_TOKEN = re.compile(r"eyJ[\w-]{8,}\.[\w-]+\.?[\w-]*")
_LONGEST_QUOTE = 400
_NAMESPACE_ENDING = b'"reason":"NamespaceTerminating"'
"""The cause in the details of a Status, as encoding/json of Go writes it."""


class ClusterError(KuberosterError):
    """A request, or the way to the API server, failed.

    The message names what was asked, of which server, and how to mend it. It never holds a
    token, nor a part of an object that may be a Secret.
    """

    status: int | None = None
    """The HTTP status of the answer; None where there was none, or none that counts."""
    said: str = ""
    """The API server's own words, on one line."""
    unsure: bool = False
    """Whether a change may have been made all the same, since no answer of it counts."""


class NotFound(ClusterError):
    """The object, or the kind of object, is not there (404)."""


class Forbidden(ClusterError):
    """The user in use lacks a right; the message names it in the API server's words (403)."""


class Unauthorized(ClusterError):
    """The API server itself does not accept the credential (401)."""


class Conflict(ClusterError):
    """The object exists already, or is no longer the one that was meant (409)."""


class Unreachable(ClusterError):
    """No API server answered: refused, unknown name, TLS, proxy, or time-out."""

    cause: str = ""
    """Why, in whole sentences, without the request."""


class Untrusted(Unreachable):
    """The server's certificate is not accepted."""


class Expired(ClusterError):
    """A list's continue token is older than what the API server remembers (410)."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """A request as its error messages name it."""

    verb: str
    path: str
    context: str
    server: str
    sends_no_data: bool = False
    """Whether it creates an object without `data`, so that no answer can quote a Secret's."""

    def __str__(self) -> str:
        return f"{self.verb} {self.path} (context '{self.context}', {self.server})"


def in_one_line(text: str) -> str:
    """Put a server's words on one line, cut to a sentence's length, without tokens."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    line = _JSON_WEB_TOKEN.sub("<token>", line)
    return line if len(line) <= _LONGEST_QUOTE else line[:_LONGEST_QUOTE] + "…"


def refusal(request: Request, status: int, body: bytes) -> ClusterError:
    """Make the error for an answer other than 2xx.

    Only a `Status` object's message is quoted. A message about a Secret that the API server
    could not accept may quote the Secret, so of those only the reason is kept.
    """
    said = _words_of_status(
        body,
        quote=status in {403, 404, 409, 410}
        or "secret" not in request.path
        or request.sends_no_data,
    )
    error = _error(request, status, said, in_ending_namespace=_NAMESPACE_ENDING in body)
    error.status, error.said, error.unsure = status, said, status >= 500
    return error


def wrong_answer(request: Request, *, is_object: bool) -> ClusterError:
    """Make the error for an answer to something else, or for a part of one."""
    error = ClusterError(
        f"{request}: the answer is of another kind than the one asked for, or not whole, and was "
        "dropped unread.\nIs something between us and the API server that answers in its place, "
        "or removes the Accept header?"
        if is_object
        else f"{request}: the answer is no JSON object. Is this an API server, or a proxy's page?"
    )
    error.unsure = True
    return error


def _error(  # noqa: PLR0911 - a table reads best as returns
    request: Request, status: int, said: str, *, in_ending_namespace: bool
) -> ClusterError:
    if status == 401:
        # Something on the way that wants a sign-in of its own answers no Status.
        return (Unauthorized if said else ClusterError)(
            f"{request}: the API server does not accept this credential (401).\n"
            f"It is expired, revoked, or another cluster's. `kubectl --context "
            f"'{request.context}' auth whoami` shows the same; sign in again or choose another "
            "context."
        )
    if status == 403:
        if in_ending_namespace:
            return ClusterError(
                f"{request}: {said}.\n"
                "No right is lacking: the namespace is being deleted. Wait until it is gone; what "
                "keeps it is said by kubectl describe namespace."
            )
        return Forbidden(
            f"{request}: {said or 'forbidden, and the answer names no right (403)'}.\n"
            "Ask the cluster's administrator for this right, or choose a context that has it."
        )
    if status == 404:
        return NotFound(f"{request}: {said or 'not found, by something that is no API server'}.")
    if status == 409:
        return Conflict(
            f"{request}: {said or 'conflict'}.\nLook at what is there now, then try again."
        )
    if status == 410:
        return Expired(f"{request}: {said or 'the list expired while it was read'}. Try again.")
    if status == 429:
        return ClusterError(
            f"{request}: the API server is overloaded and still says so after several tries. "
            "Try again later."
        )
    if 300 <= status < 400:
        return ClusterError(
            f"{request}: the answer sends us elsewhere ({status}), as no API server does.\n"
            "Credentials are not carried along. Put the API server's own address into the "
            "kubeconfig's `server`."
        )
    return ClusterError(
        f"{request}: the API server answered {status}{': ' + said if said else ''}."
    )


def _words_of_status(body: bytes, *, quote: bool) -> str:
    try:
        status = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(status, dict) or status.get("kind") != "Status":
        return ""
    words = status.get("message") if quote else status.get("reason")
    return in_one_line(words).rstrip(".") if isinstance(words, str) else ""
