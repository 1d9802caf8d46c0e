"""What stands out: figures, and what a reviewer looks at first."""

from collections import Counter
from collections.abc import Callable, Iterator

from kuberoster.model.counted import counted
from kuberoster.model.severity import SEVERITIES
from kuberoster.report.content import Content
from kuberoster.report.markup import Markup, html, joined, risk
from kuberoster.report.person import STATES, Person

_OLD = 365
"""Days after which a token is named among what to look at first."""
_UNUSED = 90
"""Days without use after which it is."""
_NAMED = 12


def summary(content: Content) -> Markup:
    """The figures of the whole, and what to look at first."""
    states = Counter(person.state for person in content.people)
    tokens = sum(len(person.tokens) for person in content.people)
    severities = Counter(person.worst for person in content.people)
    worst = [
        joined([f"{severities[each]:,} ", risk(each)]) for each in SEVERITIES if severities[each]
    ]
    figures = (
        _figure(
            "Users",
            f"{len(content.people):,}",
            ", ".join(f"{states[each]:,} {each}" for each in STATES if states[each]),
        ),
        _figure("Teams", f"{len(content.teams):,}", "one file each in users/"),
        _figure("Tokens", f"{tokens:,}", _ages(content)),
        _figure(
            "Users at risk",
            f"{len(content.people) - severities[None]:,}",
            joined([*worst, *_unjudged(content)], " ") if worst else _none_found(content),
        ),
    )
    return joined([html("div", *figures, class_="figures"), *_first(content)])


def _ages(content: Content) -> str:
    if not content.is_live:
        return "age not known: no cluster was asked"
    made = [
        token.secret.made for person in content.people for token in person.tokens if token.secret
    ]
    return f"the oldest was made {min(made)}" if made else "none of them is in the cluster"


def _none_found(content: Content) -> str:
    return ", ".join(["no finding", *_unjudged(content)])


def _unjudged(content: Content) -> list[str]:
    without = sum(not person.judged for person in content.people)
    return [f"{without:,} not judged, without access"] if without else []


def _figure(name: str, number: str, more: str) -> Markup:
    return html(
        "div",
        html("p", name, class_="title"),
        html("p", number, class_="number"),
        html("p", more, class_="line"),
    )


def _first(content: Content) -> Iterator[Markup]:
    lines = [
        html("li", joined([html("b", f"{what}: "), _names(found)]))
        for what, holds in _QUESTIONS
        if (found := [person.name for person in content.people if holds(person, content)])
    ]
    if content.unlisted:
        more = len(content.unlisted) - _NAMED
        rest = f" and {more:,} more" if more > 0 else ""
        what = html("b", "ServiceAccounts where users live, and not in the roster: ")
        lines.append(html("li", what, ", ".join(content.unlisted[:_NAMED]), rest))
    if lines:
        yield html("h3", "To look at first")
        yield html("ul", *lines, class_="first")


def _names(names: list[str]) -> Markup:
    links = [html("a", name, href=f"#user-{name}") for name in names[:_NAMED]]
    more = len(names) - _NAMED
    return joined([joined(links, ", "), f" and {more:,} more" if more > 0 else ""])


def _is_old(person: Person, content: Content) -> bool:
    return any(
        token.secret and (content.day - token.secret.made).days > _OLD for token in person.tokens
    )


def _is_unused(person: Person, content: Content) -> bool:
    return any(
        token.secret
        and (content.day - (token.secret.last_used or token.secret.made)).days > _UNUSED
        for token in person.tokens
    )


_QUESTIONS: tuple[tuple[str, Callable[[Person, Content], bool]], ...] = (
    (
        "Can become somebody else or the cluster's administrator (critical)",
        lambda person, _: person.worst == "critical",
    ),
    (
        "Has a waiver that has expired, or accepts nothing",
        lambda person, _: any(each.waivers for each in person.findings),
    ),
    ("Still in the cluster, though not active", lambda person, _: person.lingers),
    (
        "Has access in users/ that is not in the cluster yet",
        lambda person, _: any(not each.there for each in person.held),
    ),
    (
        "Has a token that is not in the roster",
        lambda person, _: any(not token.declared for token in person.tokens),
    ),
    (f"Has a token older than {counted(_OLD, 'day')}", _is_old),
    (f"Has a token not used for {counted(_UNUSED, 'day')}", _is_unused),
    (
        "Has access over the whole cluster",
        lambda person, _: "" in person.namespaces,
    ),
)
