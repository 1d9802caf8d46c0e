"""How the rights of the table come together in a scope: all of them, one of them, only there."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cache
from itertools import chain

from kuberoster.model.served import ALL
from kuberoster.rbac.authorizer import PolicyRule
from kuberoster.rbac.defaults import cluster_scoped
from kuberoster.risk.guarded import is_guarded
from kuberoster.risk.right import Right
from kuberoster.risk.scope import Evidence, Form, Need, Scope

Hits = Callable[[Scope], list[Evidence]]


def meets(*needs: Need) -> Hits:
    """A hit where all needs are met together, by whatever bindings."""

    def hits(scope: Scope) -> list[Evidence]:
        found: list[Evidence] = []
        for need in needs:
            met = scope.evidence(need)
            if not met:
                return []
            found += met
        return found

    return hits


def one_of(*needs: Need) -> Hits:
    """A hit where one need is met, with the evidence of all that are."""
    return lambda scope: [*chain.from_iterable(scope.evidence(need) for need in needs)]


def either(*hits: Hits) -> Hits:
    """A hit where one of them is, with the evidence of all that are."""
    return lambda scope: [*chain.from_iterable(each(scope) for each in hits)]


def on_one_object(first: Right, second: Right) -> Hits:
    """A hit where two rights are met of the same object, whether it is named or not."""

    def hits(scope: Scope) -> list[Evidence]:
        some, others = scope.evidence(first), scope.evidence(second)
        kept = [each for each in some if any(_overlap(each, other) for other in others)]
        return [*kept, *(each for each in others if any(_overlap(each, one) for one in kept))]

    return hits


def naming(hits: Hits, fits: Callable[[Scope, str], bool]) -> Hits:
    """Only what reaches all objects, or one of a name that fits in the scope."""

    def kept(scope: Scope) -> list[Evidence]:
        return [
            each
            for each in hits(scope)
            if not names(each) or any(fits(scope, name) for name in names(each))
        ]

    return kept


def where(place: Callable[[Scope], bool], hits: Hits) -> Hits:
    """Only in some scopes."""
    return lambda scope: hits(scope) if place(scope) else []


def among_users(hits: Hits) -> Hits:
    """Only where a namespace of the roster's users is reached."""
    return where(lambda scope: scope.has_users, hits)


def unguarded(hits: Hits) -> Hits:
    """Only where the guard does not refuse it; for what is about users or the state alone."""
    return where(lambda scope: not is_guarded(scope), hits)


def away_from_guard(hits: Hits) -> Hits:
    """The same for what is about any namespace: not in one of users."""
    return where(lambda scope: not (scope.is_home and is_guarded(scope)), hits)


def acting(*modes: str) -> Need:
    """The right to use for anything an identity that one of these modes lets take.

    https://kubernetes.io/docs/reference/access-authn-authz/user-impersonation/
    """
    actions = tuple(f"impersonate-on:{mode}:" for mode in modes)

    def part(rule: PolicyRule) -> PolicyRule | None:
        verbs = tuple(verb for verb in rule.verbs if verb == ALL or verb.startswith(actions))
        return replace(rule, verbs=verbs) if verbs else None

    def about(rule: PolicyRule) -> PolicyRule:
        verbs = (actions if verb == ALL else (verb,) for verb in rule.verbs)
        return replace(rule, verbs=tuple(chain.from_iterable(verbs)))

    return Form(find=part, about=about)


def constrained(identity: Need, *modes: str) -> Hits:
    """A hit where an identity may be taken here, and used for anything in any namespace."""
    use = acting(*modes)

    def hits(scope: Scope) -> list[Evidence]:
        who, what = scope.evidence(identity), scope.evidence_anywhere(use)
        return [*who, *what] if who and what else []

    return hits


def names(evidence: Evidence) -> tuple[str, ...]:
    """The objects to which a right is narrowed; none where it is about all of them."""
    return evidence.rule.resource_names if evidence.rule else ()


def all_named(evidence: Iterable[Evidence]) -> bool:
    """Whether each right is narrowed to some objects of namespaces.

    Over the whole cluster a name says little of whose these are.
    """
    return all(names(each) and not (_clustered() & {*each.rule.resources}) for each in evidence)  # type: ignore[union-attr]


@cache
def _clustered() -> frozenset[str]:
    return frozenset(name for _, name in cluster_scoped())


def _overlap(one: Evidence, other: Evidence) -> bool:
    return not (names(one) and names(other)) or bool({*names(one)} & {*names(other)})
