"""One right, or a few together, by which one identity comes to act as others."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from kuberoster.risk.hits import names
from kuberoster.risk.paths.ground import Ground
from kuberoster.risk.paths.target import Accounts, Target
from kuberoster.risk.scope import Evidence, Scope, together


@dataclass(frozen=True, kw_only=True, slots=True)
class Edge:
    """What an identity can take in one step."""

    how: str
    """What it does for that, as in `ann can ...`."""
    target: Target
    evidence: tuple[Evidence, ...]
    """The rights that it takes, and every other one that does the same."""
    scope: str
    """The namespace in which they count; empty for the whole cluster."""


Way = Callable[[Scope, Ground], Iterator[Edge]]
"""The edges of one kind that an identity has in a scope."""


def edge(how: str, scope: Scope, target: Target, *evidence: Iterable[Evidence]) -> Edge:
    """An edge by all of this evidence, in a stable order."""
    return Edge(
        how=how,
        target=target,
        evidence=together(each for some in evidence for each in some),
        scope=scope.namespace,
    )


def here(scope: Scope) -> Accounts:
    """All accounts that a right without names reaches in a scope."""
    return Accounts(scope.namespace)


def unnamed(evidence: Iterable[Evidence]) -> list[Evidence]:
    """The rights that are about all objects."""
    return [each for each in evidence if not names(each)]


def about(evidence: Iterable[Evidence], name: str) -> list[Evidence]:
    """The rights that reach an object of this name."""
    return [each for each in evidence if not names(each) or name in names(each)]
