"""A field of a user stands once: all else, from its check to the report, is made from it."""

from dataclasses import dataclass, field, fields
from typing import Any

import pytest

from kuberoster import Team, User, edit
from kuberoster.model.fields import facts, said_by, told
from kuberoster.model.manifests import team_manifests
from kuberoster.model.names import text_faults
from kuberoster.model.roster import Roster, TeamRoster
from kuberoster.operations.drift.comparison import differences
from kuberoster.operations.dry_run.deploy import steps
from kuberoster.report.content import content as report_content
from kuberoster.report.users import users_table
from kuberoster.review.output.content import content
from kuberoster.review.output.text import as_text
from kuberoster.review.plan.before import users_of
from tests.review.planned import plan
from tests.review.rosters import DAY, review_of, side_of

KEY = "kuberoster.io/phone"
OF_ITS_OWN = {"name", "access", "tokens", "suspended", "looks_like", "place"}
"""Fields that are no text or day that is told as it is."""


@dataclass(frozen=True)
class Trial(User):
    """A user with one field more, of which nothing but this class knows."""

    phone: str | None = field(
        default=None, kw_only=True, metadata=told(text_faults, annotated=True)
    )


def _ann(phone: str | None) -> Trial:
    return Trial("out-ann", email="ann@example.com", phone=phone, access=[edit("web")])


def _manifests(phone: str | None) -> list[dict[str, Any]]:
    entry = TeamRoster(team=Team(name="out"), users=(_ann(phone),))
    return [{**each, "apiVersion": "v1"} for each in team_manifests(entry)]


def _of(kind: str, phone: str | None) -> dict[str, Any]:
    (found,) = (each for each in _manifests(phone) if each["kind"] == kind)
    return found


def test_it_is_checked() -> None:
    assert [fault.wrong for fault in _ann("").faults()] == ["phone is ''"]


@pytest.mark.parametrize("kind", ["ServiceAccount", "Secret"])
def test_objects_have_it(kind: str) -> None:
    assert _of(kind, "+49 30 1")["metadata"]["annotations"][KEY] == "+49 30 1"
    assert KEY not in _of(kind, None)["metadata"]["annotations"]


@pytest.mark.parametrize(
    ("declared", "live", "said"),
    [
        ("1", "2", "is '2' and not '1'"),
        ("1", None, "is unset and not '1'"),
        (None, "2", "is '2' and not unset"),
        ("1", "1", ""),
    ],
)
def test_drift_shows_it(declared: str | None, live: str | None, said: str) -> None:
    found = differences(_of("ServiceAccount", declared), _of("ServiceAccount", live))
    assert [each.what for each in found] == ([f"annotation {KEY} {said}"] if said else [])


@pytest.mark.parametrize(("declared", "sent"), [("1", "1"), (None, None)])
def test_a_dry_run_sends_it(declared: str | None, sent: str | None) -> None:
    entry = TeamRoster(team=Team(name="out"), users=(_ann(declared),))
    live: dict[str, list[dict[str, Any]]] = {"Secret": [], "ServiceAccount": []}
    account = _of("ServiceAccount", "2")
    account["metadata"]["uid"] = "1"
    live["ServiceAccount"].append(account)
    (step,) = (each for each in steps(Roster((entry,)), live, {}) if each.live)
    assert step.patch["metadata"]["annotations"][KEY] == sent


def test_a_review_tells_it() -> None:
    changed = review_of({"out": [_ann("1")]}, {"out": [_ann("2")]})
    assert "  phone: 1 -> 2" in list(as_text(content(changed)))
    new = review_of({"out": []}, {"out": [_ann("1")]})
    assert "  phone: 1" in list(as_text(content(new)))
    assert new.digest != review_of({"out": []}, {"out": [_ann("2")]}).digest


def test_a_state_has_it() -> None:
    assert said_by(Trial, {KEY: "1", "kuberoster.io/starts": "x", "y": "z"}) == {"phone": "1"}
    metadata = {
        "name": "ann",
        "annotations": {f"kuberoster.io/{fact.name}": "x" for fact in facts(User("x"))},
    }
    resource = {
        "address": "kubernetes_service_account_v1.ann",
        "mode": "managed",
        "type": "kubernetes_service_account_v1",
        "values": {"metadata": [metadata]},
    }
    state = {"values": {"root_module": {"resources": [resource]}}}
    (found,) = users_of(plan(prior_state=state)).values()
    assert found == User("ann", email="x", owner="x", note="x", tokens=[])


def test_the_report_shows_it() -> None:
    side = side_of({"out": [_ann("+49 30 1")]})
    shown = users_table(report_content(side.settings, side.roster, DAY, side.source, tokens=None))
    assert '<span class="line phone">phone: <bdi>+49 30 1</bdi></span>' in shown


def test_every_field_is_told_or_of_its_own() -> None:
    assert {each.name for each in fields(User)} - {each.name for each in facts(User("x"))} == (
        OF_ITS_OWN
    )
