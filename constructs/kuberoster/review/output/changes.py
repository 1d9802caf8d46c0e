"""What changes for users, line by line."""

from collections.abc import Iterable, Iterator

from kuberoster.model.counted import counted
from kuberoster.model.severity import Severity
from kuberoster.rbac.actions import Action, as_rules
from kuberoster.review.change.access import ScopeChange
from kuberoster.review.change.user_change import UserChange
from kuberoster.review.output.causes import causes_of
from kuberoster.review.output.groups import bindings_of, risks_of, titles_of
from kuberoster.review.output.line import Kind, Line
from kuberoster.review.output.paths import paths_of
from kuberoster.risk.finding import Finding
from kuberoster.risk.words import NOTHING, in_words


def lines_of(group: list[UserChange], rules_shown: int | None) -> Iterator[Line]:
    """What changes for each user of a group; None shows every line of exact RBAC."""
    first = group[0]
    for event in first.events:
        yield Line(text=str(event))
    for token in first.tokens:
        yield Line(text=f"token {token.label} is {token.change}")
    for scope in first.access:
        yield from _scope(scope, group, rules_shown)
    yield from paths_of(first)
    for waiver in first.waivers:
        yield Line(text=str(waiver))
    full = rules_shown is None
    causes = causes_of(group, rules_shown)
    for (severity, where), titles in _risks(first.new_findings, full=full):
        risk = f"{severity} risk in {where}"
        exact = causes[severity, where]
        yield Line(text=f"{risk}: {titles}", kind="risk", topic=risk, exact=exact)
    for (severity, where), titles in _risks(first.waived_findings, full=full):
        yield Line(text=f"waived {severity} risk in {where}: {titles}")
    for (severity, where), titles in _risks(first.mended_findings, full=full):
        yield Line(text=f"no longer a {severity} risk in {where}: {titles}", kind="mended")


def _risks(found: Iterable[Finding], *, full: bool) -> Iterator[tuple[tuple[Severity, str], str]]:
    """Severity and scope in words, with the titles of what is found there."""
    for severity, where, risks in risks_of(found):
        hint = "; --full lists them" if not full and any(each.implied for each in risks) else ""
        yield (severity, where), f"{titles_of(risks, full=full)}{hint}"


def _scope(scope: ScopeChange, group: list[UserChange], rules_shown: int | None) -> Iterator[Line]:
    sides: tuple[tuple[str, Kind, frozenset[Action], str, list[str]], ...] = (
        ("+", "gain", scope.gained, "can now", _bindings(scope, "+", group)),
        ("-", "loss", scope.lost, "can no longer", _bindings(scope, "-", group)),
    )
    for sign, kind, some, verb, bindings in sides:
        told = in_words(some, everywhere=not scope.namespace) or (NOTHING,)
        words = f"{sign} {verb}, {scope.where}: {'; '.join(told)}" if some else ""
        rules = () if scope.whole and rules_shown is not None else _rules(sign, some, rules_shown)
        exact = (*bindings, *rules)
        if words or exact:
            yield Line(text=words, kind=kind, topic=scope.where, exact=exact)
    if scope.edited:
        edited = tuple(f"~ {shown} has other rules" for shown in bindings_of(scope.edited, group))
        yield Line(text="", topic=scope.where, exact=edited)


def _bindings(scope: ScopeChange, sign: str, group: list[UserChange]) -> list[str]:
    bindings = scope.bound if sign == "+" else scope.unbound
    return [
        f"{sign} {shown}"
        + (", and what this role allows is not known" if binding in scope.unknown else "")
        for binding, shown in zip(bindings, bindings_of(bindings, group), strict=True)
    ]


def _rules(sign: str, some: frozenset[Action], shown: int | None) -> Iterator[str]:
    rules = as_rules(some)
    for rule in rules[:shown]:
        yield f"{sign} {rule}"
    if shown is not None and len(rules) > shown:
        yield f"{sign} and {counted(len(rules) - shown, 'more rule')}; --full shows all"
