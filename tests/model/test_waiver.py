"""Waivers beside a grant: what one has to say, and that it never counts as access."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from kuberoster import Grant, Team, User, Waiver, edit, view
from kuberoster.model.access import access_faults
from kuberoster.model.due import upcoming
from kuberoster.model.errors import RosterError
from kuberoster.model.manifests import team_manifests
from kuberoster.model.roster import Roster, TeamRoster, load_roster
from kuberoster.model.rule_ids import RULE_IDS
from kuberoster.risk.rules import load_rules

Load = Callable[..., Roster]
Problems = Callable[..., list[str]]
DAY = date(2026, 11, 24)
GOOD = {"rule": "read-secrets", "owner": "ann", "reason": "a vault comes", "expires": "2027-03-31"}
KEPT = Waiver(**GOOD)
ANN = 'User("ann", email="ann@example.com")'


def written(**fields: object) -> str:
    """A team's file with a waiver that is good but for these fields; None leaves one out."""
    given = {name: value for name, value in (GOOD | fields).items() if value is not None}
    arguments = ", ".join(f"{name}={value!r}" for name, value in given.items())
    return listing(f"edit('web', waivers=[Waiver({arguments})])")


def listing(*grants: str) -> str:
    return (
        "from kuberoster import Waiver\n"
        f"USERS = [{ANN}, User('bob', email='b@example.com', access=[{', '.join(grants)}])]"
    )


def test_a_waiver_may_name_every_rule_of_the_review_and_no_other() -> None:
    assert {rule.id for rule in load_rules()} == RULE_IDS


def test_waivers_stand_beside_the_grant_they_are_for(load: Load) -> None:
    (entry,) = load(web=written()).teams

    (waiver,) = entry.users[1].access[0].waivers
    assert (waiver.rule, waiver.owner, waiver.last_day) == (
        "read-secrets",
        "ann",
        date(2027, 3, 31),
    )
    assert view.cluster_wide(waivers=[waiver]).waivers == (waiver,)
    assert edit("web").waivers == ()


@pytest.mark.parametrize(
    ("field", "value", "wrong"),
    [
        ("rule", 7, "a waiver has the rule 7"),
        ("rule", "", "a waiver names the rule '', which there is not"),
        ("rule", "Read-Secrets", "a waiver names the rule 'Read-Secrets', which there is not"),
        ("rule", "unused-waiver", "a waiver names the rule 'unused-waiver', which there is not"),
        ("owner", None, "owner of the waiver of 'read-secrets' is ''"),
        ("owner", "eve", "owner 'eve' of the waiver of 'read-secrets' is no user"),
        ("reason", None, "reason of the waiver of 'read-secrets' is ''"),
        ("reason", " ", "reason of the waiver of 'read-secrets' is ' '"),
        ("reason", "a\nb", "reason of the waiver of 'read-secrets' has the character '\\n'"),
        ("expires", None, "the waiver of 'read-secrets' has no expires"),
        ("expires", "", "the waiver of 'read-secrets' has no expires"),
        ("expires", "2027-02-30", "expires of the waiver of 'read-secrets' is '2027-02-30'"),
        ("expires", "never", "expires of the waiver of 'read-secrets' is 'never'"),
        ("expire", "2027-01-01", "Waiver has no field 'expire'"),
    ],
)
def test_a_faulty_field_of_a_waiver_is_named(
    problems: Problems, field: str, value: object, wrong: str
) -> None:
    assert problems(web=written(**{field: value})) == [f"users/web.py: user 'bob': {wrong}."]


def test_all_faults_of_a_waiver_are_said_at_once(problems: Problems) -> None:
    assert len(problems(web=listing("edit('web', waivers=[Waiver('x')])"))) == 4


def test_a_misspelt_rule_is_compared_with_the_known_ones(users: Callable[..., Path]) -> None:
    with pytest.raises(RosterError, match=r"that the grant makes\. Did you mean 'read-secrets'\?"):
        load_roster(users(web=written(rule="read-secret")))


@pytest.mark.parametrize(
    ("waivers", "wrong"),
    [
        ("Waiver('read-secrets')", "a grant has the waivers Waiver("),
        ("['read-secrets']", "a grant has the waiver 'read-secrets'"),
        ("None", "a grant has the waivers None"),
    ],
)
def test_waivers_that_are_no_list_of_waivers_are_refused(
    problems: Problems, waivers: str, wrong: str
) -> None:
    (shown,) = problems(web=listing(f"edit('web', waivers={waivers})"))

    assert shown.startswith(f"users/web.py: user 'bob': {wrong}")


def test_a_rule_is_waived_once_in_a_grant() -> None:
    twice = edit("web", waivers=[KEPT, KEPT])

    assert [fault.wrong for fault in access_faults((twice,))] == [
        "rule 'read-secrets' is waived twice"
    ]


def test_the_owner_of_a_teams_waiver_is_somebody_too(problems: Problems) -> None:
    team = "TEAM = Team(access=[edit('web', waivers=[Waiver('read-secrets', owner='eve', "
    rest = "reason='x', expires='2027-01-01')])])\n"

    assert problems(web=f"from kuberoster import Waiver\n{team}{rest}USERS = [{ANN}]") == [
        "users/web.py: team 'web': owner 'eve' of the waiver of 'read-secrets' is no user."
    ]


@pytest.mark.parametrize(
    ("place", "what"),
    [("Masked()", "access has"), ("edit('web', waivers=[Masked()])", "a grant has the waiver")],
)
def test_what_cannot_be_asked_for_its_class_is_a_problem_of_its_user(
    problems: Problems, place: str, what: str
) -> None:
    masked = "class Masked:\n    __class__ = property(lambda self: 1 / 0)\n"

    [shown] = problems(web=masked + listing(place))
    assert shown.startswith(f"users/web.py: user 'bob': {what} <users.web.Masked object at ")


def test_an_owner_may_be_an_address_or_a_person_of_another_team(load: Load) -> None:
    cleo = written(owner="ann").replace(f"{ANN}, ", "").replace("bob", "cleo")

    assert len(load(web=written(owner="ops@example.com"), api=cleo).users) == 3


def test_a_waiver_changes_neither_the_access_nor_an_object() -> None:
    plain, waived = _both(edit("web")), _both(edit("web", waivers=[KEPT]))

    assert plain == waived
    assert [*team_manifests(plain)] == [*team_manifests(waived)]


def _both(grant: Grant) -> TeamRoster:
    user = User("ann", email="ann@example.com", access=[grant])
    return TeamRoster(team=Team(name="web", access=[grant]), users=(user,))


def test_a_waiver_that_expires_falls_due_for_its_user_or_its_team() -> None:
    soon = edit("web", "api", waivers=[replace(KEPT, expires=date(2026, 12, 1))])
    over = view.cluster_wide(waivers=[replace(KEPT, expires="2026-11-23")])
    everyone = Roster(
        (
            TeamRoster(
                team=Team(name="web", access=[soon]),
                users=(
                    User("ann", email="a@example.com", access=[over]),
                    User("bob", email="b@example.com", access=[soon], suspended="left"),
                ),
            ),
        )
    )

    assert list(map(str, upcoming(everyone, DAY, 14))) == [
        "users/web.py: user 'ann': waiver of read-secrets for view over the whole cluster "
        "expired on 2026-11-23",
        "users/web.py: TEAM: waiver of read-secrets for edit in namespaces web, api "
        "expires after 2026-12-01",
    ]
    assert len(upcoming(everyone, DAY, 7)) == 1
    assert [due.day for due in upcoming(everyone, DAY, 8)] == [DAY, date(2026, 12, 2)]
