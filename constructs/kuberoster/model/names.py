"""What a name may be, and what it would have to be instead.

The limits are Kubernetes': a ServiceAccount's name is a DNS-1123 subdomain, a namespace's a
DNS-1123 label, a label's value has at most 63 characters
(https://kubernetes.io/docs/concepts/overview/working-with-objects/names/), and the API server
cuts a generateName silently after 58 characters.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from heapq import nlargest

from kuberoster.model.errors import Fault

LABEL_LENGTH = 63
"""Characters in a DNS-1123 label and in the value of a Kubernetes label."""
GENERATE_NAME_LENGTH = 58
"""Characters of a generateName that the API server keeps; it adds 5 of its own."""
ROLE_LENGTH = 120
"""Characters of a role's name, so that `<team>:<user>:<role>` stays below 253."""
ROSTER_LENGTH = 40
"""Characters of a roster's name, so that it fits into names of objects beside other words."""
TEXT_LENGTH = 1000
"""Characters of a note or reason."""

_DNS_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_DNS_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_ROLE = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9:._]*[A-Za-z0-9])?")
_EMAIL = re.compile(r"[^@\s\"(),:;<>\[\\\]]+@[A-Za-z0-9]([-A-Za-z0-9.]*[A-Za-z0-9])?")
_RESERVED = re.compile(r"default|system.*|kube-.*|kuberoster.*")
_LOOK_ALIKES = str.maketrans({"0": "o", "1": "l", "i": "l", ".": "-"})


def user_name_faults(name: object) -> Iterator[Fault]:
    """The faults of a user's name: a DNS-1123 subdomain of at most 63 characters.

    63 and not 253, because labels carry the whole name.
    """
    becomes = (
        "A name becomes a ServiceAccount's: lower-case letters, digits, '-' and '.', "
        "starting and ending with a letter or digit"
    )
    faults = list(_name_faults("name", name, _DNS_SUBDOMAIN, ".", becomes))
    yield from faults
    if not faults and _RESERVED.fullmatch(str(name)):
        yield Fault(
            f"name {name!r} is reserved",
            "'default', 'system*', 'kube-*' and 'kuberoster*' have a meaning in the cluster."
            f"{_try(str(name), '.', LABEL_LENGTH)}",
        )


def dns_label_faults(field: str, value: object, becomes: str, length: int) -> Iterator[Fault]:
    """The faults of a value that has to be a DNS-1123 label of at most `length` characters."""
    allowed = (
        f"{becomes}: lower-case letters, digits and '-', starting and ending with a letter or digit"
    )
    yield from _name_faults(_with_value(field, value), value, _DNS_LABEL, "-", allowed, length)


def namespace_faults(field: str, value: object) -> Iterator[Fault]:
    """The faults of a namespace's name."""
    yield from dns_label_faults(field, value, "It is a namespace's name", LABEL_LENGTH)


def roster_name_faults(field: str, value: object) -> Iterator[Fault]:
    """The faults of a roster's name, which is a label's value and a part of objects' names."""
    yield from dns_label_faults(field, value, "It is a roster's name", ROSTER_LENGTH)


def reserved_namespace_faults(namespace: str, state_namespace: str) -> Iterator[Fault]:
    """The faults of a namespace that is to hold users and nothing else."""
    if namespace == state_namespace:
        yield Fault(
            f"namespace {namespace!r} holds Terraform's state",
            "Whoever can write there steers the deployer, so users live elsewhere. "
            "Choose another namespace for the team, or for the state in cdktf.json.",
        )
    elif namespace == "default" or namespace.startswith("kube-"):
        yield Fault(
            f"namespace {namespace!r} belongs to the cluster",
            "A team's namespace holds its users and nothing else; 'default' and 'kube-*' hold "
            "more. Leave the namespace out for 'users-<team>'.",
        )


def role_name_faults(field: str, value: object) -> Iterator[Fault]:
    """The faults of the name of a Role or ClusterRole.

    Kubernetes allows more (any path segment); what is refused here is what no known cluster
    uses and what would make names of bindings ambiguous.
    """
    becomes = (
        "A role's name has letters, digits, '-', '.', ':' and '_', "
        "starting and ending with a letter or digit"
    )
    yield from _name_faults(_with_value(field, value), value, _ROLE, None, becomes, ROLE_LENGTH)


def email_faults(field: str, value: object) -> Iterator[Fault]:
    """The faults of an e-mail address; nothing is sent to it."""
    if not is_email(value):
        yield Fault(
            f"{field} is {shortened(value)}",
            "It is one address with '@' and at most 254 characters, such as 'ann@example.com'.",
        )


def is_email(value: object) -> bool:
    """Whether the value has the form of one e-mail address."""
    return (
        type(value) is str
        and len(value) <= 254
        and value.isprintable()
        and _EMAIL.fullmatch(value) is not None
        and not any(text_faults("email", value))
    )


def text_faults(field: str, value: object) -> Iterator[Fault]:
    """The faults of free text, which becomes an annotation: one printable, non-empty line."""
    if type(value) is not str or not value.strip():
        yield Fault(f"{field} is {shortened(value)}", "It is text, and says something.")
    elif len(value) > TEXT_LENGTH:
        yield Fault(
            f"{field} has {len(value)} characters",
            f"At most {TEXT_LENGTH} are allowed; put the rest where the {field} can link to.",
        )
    elif not value.isprintable():
        odd = next(char for char in value if not char.isprintable())
        yield Fault(
            f"{field} has the character {odd!r}",
            "It is one line of printable characters, since it is shown in plans and tables.",
        )
    elif "TfToken[" in value:
        yield Fault(f"{field} has 'TfToken['", "CDKTF would take it for a reference. Reword it.")


def look_alike(name: str) -> str:
    """What a name looks like to a tired reader; equal for names that are easily confused.

    `0` and `o`, `1`, `l` and `i`, `rn` and `m`, `.` and `-` count as the same.
    """
    return name.translate(_LOOK_ALIKES).replace("rn", "m")


def did_you_mean(name: str, known: Iterable[str], *, cutoff: float = 0.6) -> str:
    """A sentence that names the most similar of what is known, or nothing.

    It starts with a blank, to stand behind another sentence; `cutoff` is difflib's, 0 to 1.
    """
    candidates = list(known)
    if len(candidates) > _COMPARED:
        # Comparing costs the square of a name's length; letters in common are counted first.
        letters = Counter(name)
        candidates = nlargest(_COMPARED, candidates, key=lambda each: _in_common(letters, each))
    close = get_close_matches(name[:ROLE_LENGTH], candidates, n=1, cutoff=cutoff)
    return f" Did you mean {close[0]!r}?" if close else ""


_COMPARED = 50


def _in_common(letters: Counter[str], other: str) -> float:
    return (letters & Counter(other)).total() / (letters.total() + len(other) or 1)


def _name_faults(
    field: str,
    value: object,
    pattern: re.Pattern[str],
    joint: str | None,
    becomes: str,
    length: int = LABEL_LENGTH,
) -> Iterator[Fault]:
    # Exactly str: an Enum's member that is one too is formatted as something else.
    if type(value) is not str or not value:
        yield Fault(f"{field} is {shortened(value)}", f"{becomes}.")
    elif len(value) > length:
        yield Fault(
            f"{field} has {len(value)} characters", f"{becomes}; {length} characters at most."
        )
    elif not pattern.fullmatch(value):
        # A character is odd when it can't stand between two good ones.
        odd = [char for char in dict.fromkeys(value) if not pattern.fullmatch(f"a{char}a")]
        has = ", ".join(map(repr, odd[:8])) or "a mark where a letter or digit has to be"
        # Whoever writes a pattern means more than the name that is left of it.
        hint = " No pattern counts here: name each." if "*" in value else _try(value, joint, length)
        yield Fault(f"{field} has {has}", f"{becomes}.{hint}")


def _with_value(field: str, value: object) -> str:
    return f"{field} {shortened(value)}" if type(value) is str and value else field


def shortened(value: object, length: int = 40) -> str:
    """A value as Python would write it, at most about so many characters of it."""
    try:
        text = repr(value)
    except Exception:  # deep nesting, an int of 5,000 digits, a __repr__ that fails
        return f"<{type(value).__name__} that can't be shown>"
    return text if len(text) <= length else f"{text[: length - 12]}...{text[-8:]}"


def _try(value: str, joint: str | None, length: int) -> str:
    """Propose a name that is accepted, its parts joined by `joint`; without a joint there is none.

    Only a user's are joined by '.', and only a user's name may be reserved.
    """
    if joint is None:
        return ""
    plain = unicodedata.normalize("NFKD", value).encode("ascii", "ignore").decode().lower()
    parts = [part.strip("-") for part in re.split(r"[^-a-z0-9]+", plain)]
    proposal = joint.join(filter(None, parts))
    if joint == "." and _RESERVED.fullmatch(proposal):
        proposal = f"user-{proposal}"
    proposal = proposal[:length].strip("-.")
    return f" Try {proposal!r}." if proposal else ""
