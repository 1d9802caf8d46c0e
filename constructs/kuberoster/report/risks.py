"""Findings by rule, what is waived of them, and what each role means in words."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from kuberoster.model.counted import counted
from kuberoster.model.severity import SEVERITIES, Severity
from kuberoster.report.accepted import Acceptance
from kuberoster.report.content import Content
from kuberoster.report.markup import Markup, day, html, risk, risk_rank, scope_name, sortable
from kuberoster.report.person import role_name
from kuberoster.review.output.groups import places_in_words
from kuberoster.risk.finding import Finding, RiskRule

_MENDS = 3
"""Of more ways to mend what users have by the same roles only the first are told."""
_COLUMNS = ("Rule", "Severity", "Users", "Whoever has it")


def findings_table(content: Content) -> Markup:
    """One row for each rule and severity, the worst first; waived findings are left out."""
    by_rule: defaultdict[tuple[int, str], list[Finding]] = defaultdict(list)
    for finding in content.findings:
        by_rule[risk_rank(finding.severity), finding.title].append(finding)
    if not by_rule:
        return html("p", f"No finding{_looked_at(content)}.")
    rows = [_row(SEVERITIES[rank], found) for (rank, _), found in sorted(by_rule.items())]
    return sortable("findings", "Findings by rule", _COLUMNS, rows)


def _looked_at(content: Content) -> str:
    """On whom the rules found nothing, and what they found and somebody accepts."""
    judged = sum(person.judged for person in content.people)
    waived = sum(len(person.waived) for person in content.people)
    but = f" but {waived:,} waived" if waived else ""
    without = len(content.people) - judged
    return f"{but} in the access of {counted(judged, 'user')}" + (
        f"; {without:,} without access were not judged" if without else ""
    )


def _row(severity: Severity, found: Sequence[Finding]) -> Markup:
    rule, title = found[0].rule, found[0].title
    users = {finding.user for finding in found}
    return html(
        "tr",
        html("th", html("code", title), scope="row", data_key=title),
        html("td", risk(severity), data_key=risk_rank(severity)),
        html("td", f"{len(users):,}", class_="figure", data_key=len(users)),
        html("td", _what(found), data_key=rule.reason),
        data_risk=risk_rank(severity),
        data_users=" ".join(sorted(users)),
    )


def _what(found: Sequence[Finding]) -> Markup:
    """What it means in a sentence; unfolded, what to do about it, and whom it concerns."""
    rule = found[0].rule
    by_scope: defaultdict[str, list[Finding]] = defaultdict(list)
    for finding in found:
        by_scope[finding.namespace].append(finding)
    who = (
        part
        for namespace, each in sorted(by_scope.items())
        for part in (html("dt", scope_name(namespace)), html("dd", *_by_roles(each)))
    )
    return html(
        "details",
        html("summary", rule.reason),
        html("p", html("b", "Mend: "), rule.mend, " ", _source(rule)),
        html("dl", *who),
    )


def _source(rule: RiskRule) -> Markup:
    return html("a", f"Why {rule.id} counts", href=rule.source, rel="noreferrer")


def _by_roles(found: Iterable[Finding]) -> list[Markup]:
    """Users who have it, and what it implies, by the same roles, with the lines that give them."""
    alike: defaultdict[tuple[tuple[str, ...], tuple[str, ...]], list[Finding]] = defaultdict(list)
    for finding in found:
        roles = dict.fromkeys(role_name(each.binding) for each in finding.evidence)
        implied = tuple(each.title for each in finding.implied)
        alike[tuple(roles), implied].append(finding)
    return [
        _given(roles, implied, same)
        for (roles, implied), same in sorted(alike.items(), key=lambda pair: pair[0])
    ]


def _given(roles: Sequence[str], implied: Sequence[str], found: Sequence[Finding]) -> Markup:
    users = ", ".join(sorted(finding.user for finding in found))
    places = places_in_words({place for finding in found for place in finding.places})
    by = f" by {', '.join(roles)}{f' in {places}' if places else ''}"
    less = {each.narrower for finding in found for each in finding.causes if each.narrower}
    mends = map(str, sorted(less)[:_MENDS])
    said = (html("span", f"{each[0].upper()}{each[1:]}.", class_="line") for each in mends)
    also = [html("span", f"Implies {', '.join(implied)}.", class_="line")] if implied else []
    return html("p", users, html("span", by, class_="quiet"), *said, *also)


_WAIVER_COLUMNS = ("Rule", "In whose access", "Owner", "Reason", "Last day", "Accepts")


def waivers_table(content: Content) -> Markup:
    """One row for each waiver of the roster."""
    if not content.waivers:
        return html("p", "No waiver: nothing that is found is accepted.")
    rows = [_waiver_row(each) for each in content.waivers]
    return sortable("waivers", "Waivers", _WAIVER_COLUMNS, rows)


def _waiver_row(each: Acceptance) -> Markup:
    waiver, last = each.waiver, each.waiver.last_day
    whose = each.user or f"team {each.team}"
    where = ", ".join(map(scope_name, each.grant.namespaces or ("",)))
    return html(
        "tr",
        html("th", html("code", waiver.named), scope="row", data_key=waiver.named),
        html(
            "td",
            html("b", whose),
            html("span", html("b", each.grant.role.name), f" in {where}", class_="line"),
            data_key=whose,
        ),
        html("td", html("bdi", waiver.owner), data_key=waiver.owner),
        html("td", html("bdi", waiver.reason), data_key=waiver.reason),
        html("td", day(last), data_key=last.isoformat()),
        html("td", _accepts(each), data_key=len(each.users)),
        data_users=" ".join([each.user] if each.user else each.users) or None,
    )


def _accepts(each: Acceptance) -> Markup:
    if each.expired:
        return html("span", "expired", class_="alarm")
    if not each.users:
        return html("span", "nothing", class_="alarm")
    titles = sorted({finding.title for finding in each.accepted})
    if titles == [each.waiver.rule]:
        users = counted(len(each.users), "user")
        return html("span", "the user's finding" if each.user else f"findings of {users}")
    return html(
        "details",
        html("summary", counted(len(each.accepted), "finding")),
        html("p", ", ".join(titles)),
    )


_ROLE_COLUMNS = ("Role", "Users", "What it allows where it is held")


def roles_table(content: Content) -> Markup:
    """One row for each role, and for each of those that share a name and not their rules."""
    holders: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for person in content.people:
        for held in person.held:
            words = content.words[frozenset({held.role}), not held.namespace]
            holders[held.name, words if held.known else content.unknown_role].add(person.name)
    if not holders:
        return html("p", "Nobody holds a role.")
    rows = [_role_row(name, words, users) for (name, words), users in sorted(holders.items())]
    return sortable("roles", "Roles in words", _ROLE_COLUMNS, rows)


def _role_row(name: str, words: str, users: set[str]) -> Markup:
    return html(
        "tr",
        html("th", html("b", name), scope="row", data_key=name),
        html("td", f"{len(users):,}", class_="figure", data_key=len(users)),
        html("td", words, data_key=words),
        data_users=" ".join(sorted(users)),
    )
