"""Findings that somebody accepts, until a day."""

from kuberoster.model.counted import counted
from kuberoster.report.accepted import Acceptance
from kuberoster.report.content import Content
from kuberoster.report.markup import Markup, html
from kuberoster.report.phrases import day, scope_name
from kuberoster.report.table import sortable

_COLUMNS = ("Rule", "In whose access", "Owner", "Reason", "Last day", "Accepts")


def waivers_table(content: Content) -> Markup:
    """One row for each waiver of the roster."""
    if not content.waivers:
        return html("p", "No waiver: nothing that is found is accepted.")
    rows = [_row(each) for each in content.waivers]
    return sortable("waivers", "Waivers", _COLUMNS, rows)


def _row(each: Acceptance) -> Markup:
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
