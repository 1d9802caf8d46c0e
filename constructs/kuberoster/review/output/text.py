"""A review for a terminal, or for whatever reads its output."""

from collections.abc import Callable, Iterator

from kuberoster.model.counted import counted
from kuberoster.review.actions import Action, as_rules
from kuberoster.review.change.access import ScopeChange
from kuberoster.review.change.review import Review
from kuberoster.review.change.user_change import UserChange
from kuberoster.review.output.groups import alike, bindings_of, names_of, risks_of
from kuberoster.review.words import in_words

Paint = Callable[[str, str], str]
"""Give a line its colour by name: `red`, `green` or `bold`."""

RULES_SHOWN = 6
"""More lines of exact RBAC than these are counted, unless all are asked for."""


def as_text(
    review: Review, *, paint: Paint = lambda text, colour: text, full: bool = False
) -> Iterator[str]:
    """The lines of a review, what blocks first; with `full`, every line of exact RBAC."""
    for block in review.blocks:
        yield paint(f"BLOCKED ({block.kind}): {block.what}", "red")
        yield f"  {block.mend}"
    for team, event in review.teams:
        yield paint(f"team {team} {event}", "bold")
    for group in alike(review.users):
        yield paint(names_of(group), "bold")
        yield from _changes(group, paint, None if full else RULES_SHOWN)
    reasons = {
        finding.rule.id: finding.rule.reason
        for user in review.users
        for finding in (*user.new_findings, *user.waived_findings)
    }
    if reasons:
        yield "what a user of these risks can do"
        yield from (f"  {rule}: {reason}" for rule, reason in sorted(reasons.items()))
    for due in review.due:
        yield f"due: {due}"
    if review.is_empty:
        yield "nothing changes"
    waived = f", {review.standing_waived:,} waived" if review.standing_waived else ""
    yield (
        f"{counted(len(review.users), 'user')} with changes, {review.unchanged:,} without; "
        f"{counted(review.standing_findings, 'finding')} as before{waived}"
    )
    yield f"as of {review.day}; {review.ground}"


def _changes(group: list[UserChange], paint: Paint, limit: int | None) -> Iterator[str]:
    first = group[0]
    for event in first.events:
        yield f"  {event}"
    for token in first.tokens:
        yield f"  token {token.label} is {token.change}"
    for scope in first.access:
        yield from _scope(scope, group, paint, limit)
    for waiver in first.waivers:
        yield f"  {waiver}"
    for severity, where, rules in risks_of(first.new_findings):
        yield paint(f"  {severity} risk in {where}: {', '.join(rules)}", "red")
    for severity, where, rules in risks_of(first.waived_findings):
        yield f"  waived {severity} risk in {where}: {', '.join(rules)}"
    for severity, where, rules in risks_of(first.mended_findings):
        yield paint(f"  no longer a {severity} risk in {where}: {', '.join(rules)}", "green")


def _scope(
    scope: ScopeChange, group: list[UserChange], paint: Paint, limit: int | None
) -> Iterator[str]:
    for sign, colour, some, verb, bindings in (
        ("+", "green", scope.gained, "can now", scope.bound),
        ("-", "red", scope.lost, "can no longer", scope.unbound),
    ):
        if some:
            yield paint(f"  {sign} {verb}, {scope.where}: {'; '.join(in_words(some))}", colour)
        for binding, shown in zip(bindings, bindings_of(bindings, group), strict=True):
            unknown = ", and what this role allows is not known" if binding in scope.unknown else ""
            yield f"      {sign} {shown}{unknown}"
        if limit is None or not scope.whole:
            yield from _rules(sign, some, limit)
    for shown in bindings_of(scope.edited, group):
        yield f"      ~ {shown} has other rules"


def _rules(sign: str, some: frozenset[Action], limit: int | None) -> Iterator[str]:
    rules = as_rules(some)
    for rule in rules[:limit]:
        yield f"      {sign} {rule}"
    if limit is not None and len(rules) > limit:
        yield f"      {sign} and {counted(len(rules) - limit, 'more rule')}; --full shows all"
