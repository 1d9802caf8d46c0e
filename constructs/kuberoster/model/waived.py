"""Which grants carry which waivers."""

from collections.abc import Iterator, Sequence

from kuberoster.model.access import Grant
from kuberoster.model.waiver import Waiver


def waivers_in(access: object) -> Iterator[tuple[Grant, Waiver]]:
    """Every waiver with its grant, of an access that need not have been checked."""
    # By type(): isinstance asks the object itself, and what a file puts in a list may raise.
    for grant in access if type(access) is tuple else ():
        if issubclass(type(grant), Grant) and type(grant.waivers) is tuple:
            for waiver in grant.waivers:
                if issubclass(type(waiver), Waiver):
                    yield grant, waiver


def in_words(waiver: Waiver, role: str, namespaces: Sequence[str] | None) -> str:
    """`waiver of read-secrets for edit in namespaces web, api`."""
    places = "namespaces" if namespaces and len(namespaces) > 1 else "namespace"
    scope = (
        "over the whole cluster" if namespaces is None else f"in {places} {', '.join(namespaces)}"
    )
    return f"waiver of {waiver.named} for {role} {scope}"
