"""Access in words: what a list of actions comes to, for who does not read RBAC."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache

from kuberoster.rbac.actions import Action, covers
from kuberoster.rbac.authorizer import ALL, VERBS, qualified
from kuberoster.risk.right import SHOWN
from kuberoster.risk.rules.roles import RBAC

_READ = frozenset(VERBS[:3])
_CHANGE = frozenset(VERBS[3:])
_NAMED = 4
"""More kinds of objects than these are counted, not listed."""
_EVERYTHING = Action(ALL, ALL, ALL)
_NOTABLE: tuple[tuple[str, tuple[Action, ...]], ...] = (
    ("read every Secret", tuple(Action(verb, "", "secrets") for verb in SHOWN.split())),
    ("run commands in pods", (Action("create", "", "pods/exec"),)),
    (
        "start pods",
        (
            Action("create", "", "pods"),
            Action("create", "apps", "deployments"),
            Action("create", "batch", "jobs"),
        ),
    ),
    ("make tokens of ServiceAccounts", (Action("create", "", "serviceaccounts/token"),)),
    ("act as ServiceAccounts", (Action("impersonate", "", "serviceaccounts"),)),
    ("act as any user", (Action("impersonate", "", "users"),)),
    ("act as a member of any group", (Action("impersonate", "", "groups"),)),
    (
        "give access to others",
        tuple(
            Action(verb, RBAC, kind)
            for verb in ("create", "update", "patch")
            for kind in ("rolebindings", "clusterrolebindings")
        ),
    ),
)
_TOLD_AGAIN = frozenset(Action(verb, "", "secrets") for verb in SHOWN.split()) - {
    Action(verb, "", "secrets") for verb in _READ
}
"""What shows a Secret, and is a change all the same."""
_FAMILIAR = ("pods", "deployments.apps", "services", "configmaps", "secrets", "jobs.batch")
"""Named first where some stand for many."""


@cache
def in_words(some: frozenset[Action]) -> tuple[str, ...]:
    """What actions come to, the gravest first: `read every Secret`, `read pods, services`."""
    if covers(some, _EVERYTHING):
        return ("do anything",)
    notable = [(words, each) for words, each in _NOTABLE if any(covers(some, one) for one in each)]
    said = {one for _, each in notable for one in each} - _TOLD_AGAIN
    return (
        *(words for words, _ in notable),
        *_plain(action for action in some if action not in said),
    )


def _plain(some: Iterable[Action]) -> Iterator[str]:
    """What is read and what is changed, and the verbs that are neither."""
    read, change = set(), set()
    other: defaultdict[str, set[str]] = defaultdict(set)
    urls = set()
    for action in some:
        if action.url:
            urls.add(action.url)
            continue
        # A subresource is a part of what a person calls by the resource's name.
        kind = qualified(action.resource.partition("/")[0], action.group)
        named = f"{kind} {action.name}" if action.name else kind
        if action.verb in _READ or action.verb == ALL:
            read.add(named)
        if action.verb in _CHANGE or action.verb == ALL:
            change.add(named)
        if action.verb not in _READ | _CHANGE | {ALL}:
            other[action.verb].add(named)
    for verb, kinds in (
        ("read and change", read & change),
        ("read", read - change),
        ("change", change - read),
        *sorted(other.items()),
    ):
        if kinds:
            yield f"{verb} {_kinds(kinds)}"
    if urls:
        yield f"request {_few(sorted(urls))}"


def _kinds(names: set[str]) -> str:
    if ALL in names or f"{ALL}.{ALL}" in names:
        return "every kind of object"
    if len(names) <= _NAMED:
        return ", ".join(sorted(names))
    first = [name for name in _FAMILIAR if name in names]
    return f"{len(names)} kinds of objects ({_few([*first, *sorted(names - set(first))])})"


def _few(names: list[str]) -> str:
    return ", ".join([*names[:3], "..."] if len(names) > _NAMED else names)
