"""Terraform addresses that read as words: `kubernetes_role_binding_v1.ann_web`.

An address has letters, digits, '_' and '-', and starts with no digit
(https://developer.hashicorp.com/terraform/language/syntax/configuration#identifiers); names of
users and roles have more. Runs of '_' tell what was there, so that two lists of names never
meet in one address: one between two names, two for '.', three for ':', four and two hex digits
for anything else, and one more in front of those where a name begins. A leading '_' only
stands before a digit.
"""

import re

TEAM = "TEAM"
"""Stands where a user's name would: a user's has no capitals."""
CLUSTER = "CLUSTER"
"""Stands where a team's name would: a team's has no capitals."""

_PLAIN = re.compile(r"[A-Za-z0-9-]")
_ALL_PLAIN = re.compile(r"[A-Za-z0-9-]*")
_MARKS = {".": "__", ":": "___"}


def address(*names: str) -> str:
    """The address of a resource from the names that it is known by, at least one."""
    joined = "_".join(map(_escaped, names))
    return f"_{joined}" if joined[0] in "-0123456789" else joined


def _escaped(name: str) -> str:
    if _ALL_PLAIN.fullmatch(name):
        return name
    return "".join(_escaped_at(name, position) for position in range(len(name)))


def _escaped_at(name: str, position: int) -> str:
    char = name[position]
    if _PLAIN.match(char):
        return char
    neighbours = name[max(0, position - 1) : position] + name[position + 1 : position + 2]
    if char in _MARKS and len(neighbours) == 2 and all(map(_PLAIN.match, neighbours)):
        return _MARKS[char]
    return "".join(f"____{byte:02x}" for byte in char.encode())
