"""What is accepted, by whom and until when."""

from tests.report.conftest import Open, content_of
from tests.report.sample import SAMPLE


def test_each_waiver_is_told_with_what_it_accepts(open_report: Open) -> None:
    report = open_report(SAMPLE)
    rows = report.page.locator("#waivers tbody tr").all_inner_texts()

    assert [" ".join(row.split()) for row in rows] == [
        "read-secrets jonas.weber edit in reports ines.duarte Until the vault is there "
        "2027-03-31 the user's finding",
        "exec-pods bilal.haddad edit in checkout ines.duarte Until the vault is there "
        "2026-11-15 expired",
        "write-secrets bilal.haddad view in catalogue ines.duarte Until the vault is there "
        "2027-01-31 nothing",
    ]


def test_what_is_waived_is_no_finding_and_is_told_of_its_user(open_report: Open) -> None:
    report = open_report(SAMPLE)
    row = report.page.locator("#user-jonas\\.weber")

    row.locator("summary").click()

    assert "waived: read-secrets" in row.inner_text()
    found = [each for each in content_of(SAMPLE).findings if each.user == "jonas.weber"]
    assert ("read-secrets", "reports") not in {(each.rule.id, each.namespace) for each in found}
    assert ("read-secrets", "warehouse") in {(each.rule.id, each.namespace) for each in found}


def test_a_waiver_in_vain_is_looked_at_first(open_report: Open) -> None:
    report = open_report(SAMPLE)

    first = report.page.locator(".first li", has_text="has expired, or accepts nothing")

    assert first.inner_text().endswith(": bilal.haddad")
