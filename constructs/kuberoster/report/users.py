"""The table of users: who they are, their tokens, and what they may do."""

from collections.abc import Iterator, Mapping

from kuberoster.model.days import as_day
from kuberoster.model.fields import facts
from kuberoster.operations.token_ages import TokenSecret
from kuberoster.report.acting import Others
from kuberoster.report.content import Content, roles_in
from kuberoster.report.markup import (
    NOT_THERE,
    Markup,
    age,
    day,
    html,
    joined,
    risk,
    risk_rank,
    scope_name,
    sortable,
)
from kuberoster.report.person import STATES, Held, Person, ShownToken
from kuberoster.review.output.groups import risks_of, titles_of

Numbers = Mapping[str, int]
"""Of each wording of what roles allow."""

_CHIPS = 4
"""More roles than these are counted in the row, and listed in its details."""

_COLUMNS = ("User", "Team", "State", "Dates", "Tokens", "Access", "Risk")


def users_table(content: Content) -> Markup:
    """One row for each user."""
    wordings = sorted(set(content.words.values()))
    numbers = {wording: number for number, wording in enumerate(wordings)}
    others = Others(content)
    rows = [_row(person, content, numbers, others) for person in content.people]
    table = sortable("users", "Users, their tokens and access", _COLUMNS, rows)
    # In words once for all: the script puts them where they belong, and `roles` has them too.
    words = (html("li", each) for each in wordings)
    return joined([table, html("ol", *words, id="words", hidden=True)])


def _row(person: Person, content: Content, numbers: Numbers, others: Others) -> Markup:
    user, team = person.user, person.team
    last, access = as_day(user.expires), _access(person, content, numbers)
    cells = (
        html("th", *_who(person), scope="row", data_key=person.name),
        html("td", team.name, class_="team", data_key=team.name),
        html("td", *_state(person), data_key=STATES.index(person.state)),
        html("td", *_days(person), data_key=last.isoformat() if last else ""),
        html("td", *_tokens(person, content), data_key=_oldest(person, content)),
        html("td", access, *others.lines(person), data_key=len(person.namespaces)),
        html("td", _risk(person), data_key=risk_rank(person.worst)),
    )
    return html(
        "tr",
        *cells,
        id=f"user-{user.name}",
        class_=None if person.state == "active" else "absent",
        data_user=user.name,
        data_team=team.name,
        data_state=person.state,
        data_risk=risk_rank(person.worst),
        data_in=" ".join(each or "*" for each in person.namespaces),
    )


def _who(person: Person) -> list[Markup]:
    said = [html("span", person.name, class_="name")]
    for fact in facts(person.user):
        if not (fact.reported and (value := fact.of(person.user))):
            continue
        # A long address breaks before its '@'.
        shown = joined(value.split("@"), Markup("<wbr>@"))
        line = f"line {fact.name}"
        if fact.speaks:
            said.append(html("bdi", shown, class_=line))
        else:
            said.append(html("span", f"{fact.label}: ", html("bdi", shown), class_=line))
    return said


def _state(person: Person) -> list[Markup]:
    said = [html("span", person.state, class_=f"state {person.state.replace(' ', '-')}")]
    reason = person.user.suspended if person.state == "suspended" else None
    if reason is not None:
        said.append(html("bdi", reason, class_="line"))
    if person.lingers:
        said.append(html("span", "still in the cluster", class_="line alarm"))
    return said


def _days(person: Person) -> list[Markup]:
    first, last = as_day(person.user.starts), as_day(person.user.expires)
    said = [html("span", "from ", day(first), class_="line")] if first else []
    end = joined(["until ", day(last)]) if last else Markup("no end")
    return [*said, html("span", end, class_="line")]


def _tokens(person: Person, content: Content) -> list[Markup]:
    if not person.tokens:
        return [html("span", "none", class_="quiet")]
    return [_token(token, content) for token in person.tokens]


def _token(token: ShownToken, content: Content) -> Markup:
    said: list[str] = [html("span", token.label, class_="label")]
    if not token.declared:
        said.append(html("span", "not in the roster", class_="alarm"))
    if token.secret:
        made, used = token.secret.made, token.secret.last_used
        said += [
            Markup(f"{age((content.day - made).days)} old, " if made < content.day else "new, "),
            html("span", "made ", day(made)),
            html("span", "last used ", day(used)) if used else html("span", "never used"),
        ]
        said += _alarms(token.secret)
    elif content.is_live:
        said.append(html("span", "not in the cluster", class_="quiet"))
    if token.until:
        said.append(html("span", "until ", day(token.until)))
    return html("span", joined(said, " "), class_="line")


def _alarms(secret: TokenSecret) -> Iterator[Markup]:
    if not secret.is_typed:
        said = "its type is no token's; if it holds one, it is taken all the same"
        yield html("span", said, class_="alarm")
    if secret.invalid_since:
        said = f"refused (401), marked as invalid since {secret.invalid_since}"
        yield html("span", said, class_="alarm")
    elif secret.invalid_from:
        yield html(
            "span", "made invalid if unused until ", day(secret.invalid_from), class_="alarm"
        )


def _oldest(person: Person, content: Content) -> str:
    """By age where it is known, else by label."""
    made = [token.secret.made.isoformat() for token in person.tokens if token.secret]
    if content.is_live:
        return min(made, default="")
    return min((token.label for token in person.tokens), default="")


def _access(person: Person, content: Content, numbers: Numbers) -> Markup:
    if not person.held:
        return html("span", "none", class_="quiet")
    chips = [_chip(held) for held in person.held[:_CHIPS]]
    more = len(person.held) - _CHIPS
    if more > 0:
        chips.append(html("span", f"and {more} more", class_="quiet"))
    scopes = (_scope(person, each, content, numbers) for each in person.namespaces)
    return html(
        "details",
        html("summary", joined(chips, " ")),
        html("dl", *(part for scope in scopes for part in scope)),
    )


def _risk(person: Person) -> Markup:
    """The worst finding; where there is none, what that was said of."""
    if person.worst:
        return risk(person.worst)
    if not person.judged:
        words = "not judged: no access"
    elif person.waived:
        words = f"none found but {len(person.waived):,} waived"
    else:
        words = "none found"
    return html("span", words, class_="risk none")


def _chip(held: Held) -> Markup:
    where = html("b", held.name), " ", scope_name(held.namespace)
    return html("span", *where, "" if held.there else NOT_THERE, class_=f"chip {held.by}")


def _scope(
    person: Person, namespace: str, content: Content, numbers: Numbers
) -> tuple[Markup, Markup]:
    held = [each for each in person.held if each.namespace == namespace]
    words = numbers[content.words[roles_in(person, namespace), not namespace]]
    findings = [each for each in person.findings if each.namespace == namespace]
    lines = [html("p", class_="words", data_words=words)]
    for severity, _, risks in risks_of(findings):
        lines.append(html("p", risk(severity), " ", titles_of(risks, full=True)))
    if waived := [each for each in person.waived if each.namespace == namespace]:
        in_order = sorted(waived, key=lambda each: each.title)
        lines.append(html("p", "waived: ", titles_of(in_order, full=True), class_="line"))
    roles = joined([_role(each, content) for each in held], ", ")
    return html("dt", scope_name(namespace), ": ", roles), html("dd", *lines)


def _role(held: Held, content: Content) -> Markup:
    by = {"user": "", "team": " by the team", "group": " by a wider group"}[held.by]
    unknown = "" if held.known else f" ({content.unknown_role})"
    later = "" if held.there else NOT_THERE
    return joined([html("b", held.name), f"{by}{unknown}{later}"])
