"""Users for whom the same changes, told once."""

from collections import defaultdict
from collections.abc import Iterable

from kuberoster.model.severity import SEVERITIES, Severity
from kuberoster.rbac.policy import Binding
from kuberoster.review.change.user_change import UserChange
from kuberoster.risk.finding import Finding

_NAMED = 8
"""Of more users in a group than these only the first are named."""


def alike(users: Iterable[UserChange]) -> list[list[UserChange]]:
    """Groups of users whose changes differ in nothing but the names of bindings."""
    groups: defaultdict[object, list[UserChange]] = defaultdict(list)
    for user in users:
        groups[_shape(user)].append(user)
    return list(groups.values())


def names_of(group: list[UserChange]) -> str:
    """`ann (web)`, `ann, bob (web)`, or the first few and how many more."""
    return f"{shortlist([each.user for each in group])} ({group[0].team})"


def shortlist(names: list[str]) -> str:
    """All names, or the first few and how many more."""
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more:,} more" if more > 0 else "")


def places_in_words(places: Iterable[str]) -> str:
    """Lines of users/ in their order: `users/web.py:3, users/web.py:12`, or the first few."""
    apart = [place.rpartition(":") for place in places]
    ordered = sorted(apart, key=lambda each: (each[0], int(each[2])))
    return shortlist(["".join(each) for each in ordered])


def bindings_of(bindings: Iterable[Binding], group: list[UserChange]) -> list[str]:
    """The bindings in words; of more users than one, those that each of them has of its own."""
    if len(group) == 1:
        return [f"{binding} -> {binding.role}" for binding in bindings]
    return [
        f"{binding.kind}{f' in {binding.namespace}' if binding.namespace else ''} -> "
        f"{binding.role.kind} {_role_name(binding)}"
        for binding in bindings
    ]


def risks_of(findings: Iterable[Finding]) -> list[tuple[Severity, str, list[Finding]]]:
    """Severity, scope in words and the findings by title, for each severity and scope."""
    found: defaultdict[tuple[int, str], list[Finding]] = defaultdict(list)
    for each in findings:
        found[SEVERITIES.index(each.severity), each.scope].append(each)
    return [
        (SEVERITIES[rank], where, sorted(risks, key=lambda each: each.title))
        for (rank, where), risks in sorted(found.items())
    ]


def titles_of(findings: Iterable[Finding], *, full: bool = False) -> str:
    """The titles of findings; what one implies is counted, and with `full` listed."""
    return ", ".join(each.title + _implied(each, full) for each in findings)


def _implied(finding: Finding, full: bool) -> str:
    titles = [each.title for each in finding.implied]
    if not titles:
        return ""
    return f" (implies {', '.join(titles) if full else f'{len(titles)} more'})"


def _shape(user: UserChange) -> object:
    return (
        user.team,
        user.events,
        user.tokens,
        tuple(
            (
                scope.namespace,
                scope.gained,
                scope.lost,
                scope.whole,
                *(
                    tuple((each.kind, _role_name(each)) for each in bindings)
                    for bindings in (scope.bound, scope.unbound, scope.edited, scope.unknown)
                ),
            )
            for scope in user.access
        ),
        user.waivers,
        *(
            tuple(
                (each.title, each.severity, each.namespace, *(one.title for one in each.implied))
                for each in findings
            )
            for findings in (user.new_findings, user.waived_findings, user.mended_findings)
        ),
        *(tuple(each.shape for each in ways) for ways in (user.paths.new, user.paths.closed)),
    )


def _role_name(binding: Binding) -> str:
    """The role's name without whose it is; a role of the roster's own is named like its binding."""
    own = binding.role.name == binding.name
    return binding.role.name.rpartition(":")[2] if own else binding.role.name
