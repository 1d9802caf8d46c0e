"""Names, notes and addresses that try to be more than text."""

from dataclasses import fields

import pytest

from kuberoster import ClusterRole, Role, Rule, Team, Token, User, Waiver
from kuberoster.model.roster import Roster, TeamRoster
from kuberoster.report.markup import Markup, html, text
from tests.report.conftest import Open
from tests.report.sample import SAMPLE

HOSTILE = [
    "</script><img src=x onerror=alert(1)>",
    "</style><script>alert(2)</script>",
    "\"><svg onload='alert(3)'>",
    "' onmouseover=alert(4) x='",
    "<!--<script>",
    "]]><iframe src=https://example.com>",
    "&lt;b&gt; &amp; &#60;script&#62;",
    "<link rel=stylesheet href=https://example.com/a.css>",
    "<meta http-equiv=refresh content='0;url=https://example.com'>",
    "javascript:alert(5)",
    "</textarea></title></table>",
]


def _roster(bad: str) -> Roster:
    """A roster that no check has seen, with one text wherever text can stand."""
    rules = [Rule(["get"], ["secrets"])]
    waiver = Waiver(bad, owner=bad, reason=bad, expires="2027-01-31")
    user = User(
        bad,
        email=f"{bad}@example.com",
        owner=bad,
        note=bad,
        tokens=[Token(bad)],
        access=[
            ClusterRole(bad)(bad, waivers=[waiver]),
            Role(bad, rules=rules)(bad),
            ClusterRole(bad).cluster_wide(),
        ],
    )
    victim = User(f"{bad}2", tokens=[Token(bad)])
    absent = User("suspended", suspended=bad, note=bad)
    team = Team(name=bad, namespace=bad)
    return Roster((TeamRoster(team=team, users=(user, victim, absent)),))


@pytest.mark.parametrize("bad", HOSTILE)
def test_hostile_text_is_shown_as_it_is_and_does_nothing(bad: str, open_report: Open) -> None:
    report = open_report(_roster(bad))
    row = report.page.locator("#users tbody tr").filter(has=report.page.locator(".name"))

    assert report.page.locator("#users .name").first.inner_text() == bad
    assert report.page.locator("bdi", has_text=bad).count() >= 4
    assert f"{bad}@example.com" in row.first.inner_text()
    report.page.locator(".acting summary").click()
    drawn = report.page.locator(".picture text")
    assert drawn.all_text_contents()[0] == (bad if len(bad) <= 34 else f"{bad[:33]}…")
    assert bad in report.page.locator("#acting").inner_text()
    elements = report.page.evaluate(
        "Array.from(new Set(Array.from(document.body.querySelectorAll('*'), e => e.localName)))"
    )
    assert not {"img", "iframe", "link", "meta", "style", "object"} & set(elements)
    assert report.page.locator("script").count() == 1
    attributes = report.page.evaluate(
        "Array.from(document.querySelectorAll('*')).flatMap(e => e.getAttributeNames())"
    )
    assert not [name for name in attributes if name.startswith("on")]
    for place in report.page.locator("tbody tr, .scroll").all():
        place.hover()


def test_a_script_that_got_in_all_the_same_would_not_run(open_report: Open) -> None:
    report = open_report(SAMPLE)
    inject = """markup => {
        const place = document.createElement('div');
        document.body.append(place);
        place.innerHTML = markup;
        const script = document.createElement('script');
        script.textContent = 'alert(2)';
        place.append(script);
        return new Promise(done => setTimeout(done, 300));
    }"""

    report.page.evaluate(inject, "<img src='https://example.com/x' onerror='alert(1)'>")

    assert report.dialogs == []
    blocked = [error for error in report.errors if "Content Security Policy" in error]
    assert len(blocked) == len(report.errors) >= 2
    report.errors.clear()
    # Chromium tells of a request that the policy stopped too; it was never sent.
    assert report.requests.pop() == "https://example.com/x"


def test_what_nobody_would_see_is_spelt_out() -> None:
    turned = "web\u202egnp.exe\x00\n\u2028"

    assert text(turned) == "web\\u202egnp.exe\\x00\\n\\u2028"
    assert html("a", turned, href=turned).count("\\u202e") == 2


def test_only_what_is_marked_as_html_is_written_as_it_is() -> None:
    assert html("p", "<b>", Markup("<b>x</b>")) == "<p>&lt;b&gt;<b>x</b></p>"
    assert html("a", href="\"'<&") == '<a href="&quot;&#x27;&lt;&amp;"></a>'
    assert html("input", hidden=True, id=None, disabled=False) == "<input hidden>"


def test_each_text_of_a_user_is_tried() -> None:
    """A field that is new has to be put into `_roster`."""
    assert {each.name for each in fields(User)} == {
        *("name", "email", "owner", "note", "tokens", "access", "suspended"),
        *("starts", "expires"),  # days, and nothing else
        *("namespace", "looks_like", "place"),  # not shown
    }
