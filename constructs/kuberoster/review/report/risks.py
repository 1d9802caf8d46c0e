"""Findings by rule, with whom each concerns and what to do about it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from kuberoster.model.counted import counted
from kuberoster.model.severity import SEVERITIES, Severity
from kuberoster.review.report.held import role_name
from kuberoster.review.report.markup import Markup, html
from kuberoster.review.report.phrases import risk, risk_rank, scope_name
from kuberoster.review.report.table import sortable
from kuberoster.review.risk import Finding

_COLUMNS = ("Rule", "Severity", "Users", "What a user can do by it, and what to do about that")


def findings_table(findings: Iterable[Finding]) -> Markup:
    """One row for each rule and severity, the worst first."""
    by_rule: defaultdict[tuple[int, str], list[Finding]] = defaultdict(list)
    for finding in findings:
        by_rule[risk_rank(finding.severity), finding.rule.id].append(finding)
    if not by_rule:
        return html("p", "No finding.")
    rows = [_row(SEVERITIES[rank], found) for (rank, _), found in sorted(by_rule.items())]
    return sortable("findings", "Findings by rule", _COLUMNS, rows)


def _row(severity: Severity, found: Sequence[Finding]) -> Markup:
    rule = found[0].rule
    users = {finding.user for finding in found}
    return html(
        "tr",
        html("th", html("code", rule.id), scope="row", data_key=rule.id),
        html("td", risk(severity), data_key=risk_rank(severity)),
        html("td", f"{len(users):,}", class_="figure", data_key=len(users)),
        html(
            "td",
            html("p", f"Whoever has it {rule.reason}."),
            html("p", html("b", "Mend: "), rule.mend),
            html("p", html("a", "Why this counts", href=rule.source, rel="noreferrer")),
            _who(found),
            data_key=rule.reason,
        ),
        data_risk=risk_rank(severity),
        data_users=" ".join(sorted(users)),
    )


def _who(found: Sequence[Finding]) -> Markup:
    by_scope: defaultdict[str, list[Finding]] = defaultdict(list)
    for finding in found:
        by_scope[finding.namespace].append(finding)
    users = counted(len({finding.user for finding in found}), "user")
    return html(
        "details",
        html("summary", f"{users}, and by which roles"),
        html(
            "dl",
            *(
                part
                for namespace, each in sorted(by_scope.items())
                for part in (
                    html("dt", scope_name(namespace)),
                    html("dd", *_by_roles(each)),
                )
            ),
        ),
    )


def _by_roles(found: Iterable[Finding]) -> list[Markup]:
    """Users who have it by the same roles, together."""
    alike: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for finding in found:
        roles = dict.fromkeys(role_name(each.binding) for each in finding.evidence)
        alike[tuple(roles)].append(finding.user)
    return [
        html("p", ", ".join(sorted(users)), html("span", f" by {', '.join(roles)}", class_="quiet"))
        for roles, users in sorted(alike.items())
    ]
