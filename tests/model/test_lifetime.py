"""Who is active on which day, and what falls due."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kuberoster import KuberosterError, Token, User
from kuberoster.model.days import FIRST, LAST, TODAY, today
from kuberoster.model.due import upcoming
from kuberoster.model.errors import RosterError
from kuberoster.model.roster import Roster, load_roster

DAY = date(2026, 11, 23)
days = st.dates(min_value=date(2000, 1, 1), max_value=date(2100, 1, 1))


def wrongs(user: User) -> list[str]:
    return [fault.wrong for fault in user.faults()]


def person(**fields: object) -> User:
    return User("ann", email="ann@example.com", **fields)  # type: ignore[arg-type]


def roster(folder: Path, *users: str) -> Roster:
    (folder / "users").mkdir(exist_ok=True)
    (folder / "users" / "web.py").write_text(
        "from datetime import date\nfrom kuberoster import *\nUSERS = [" + ", ".join(users) + "]\n"
    )
    return load_roster(folder / "users")


def test_a_user_is_active_from_the_first_to_the_last_day_named() -> None:
    user = person(starts="2026-11-23", expires=date(2026, 11, 25))
    active = [not user.absence(date(2026, 11, day)) for day in range(22, 27)]
    assert active == [False, True, True, True, False]
    assert str(user.absence(date(2026, 11, 22))) == "starts on 2026-11-23"
    assert str(user.absence(date(2026, 11, 26))) == "expired on 2026-11-25"


@given(starts=days, expires=days, day=days)
def test_whoever_is_active_is_neither_early_nor_late_nor_suspended(
    starts: date, expires: date, day: date
) -> None:
    user = person(starts=starts, expires=expires.isoformat())
    assert (user.absence(day) is None) == (starts <= day <= expires)
    assert person(starts=starts, expires=expires, suspended="left").absence(day)


def test_a_token_lives_to_the_end_of_its_last_day() -> None:
    user = person(
        tokens=["a", Token("b", until="2026-11-23"), Token("c", until=date(2026, 11, 22))]
    )
    assert user.labels == ["a", "b", "c"]
    assert user.on(DAY).labels == ["a", "b"]
    assert user.on(DAY + timedelta(days=1)).labels == ["a"]


def test_whoever_has_no_living_token_left_is_absent() -> None:
    user = person(tokens=[Token("b", until="2026-11-23"), Token("c", until="2026-11-22")])
    assert user.absence(DAY) is None
    assert str(user.absence(DAY + timedelta(days=1))) == "the time of every token is over"


@pytest.mark.parametrize(
    "value",
    ["2026-13-01", "20261123", "23.11.2026", 3, True, datetime(2026, 11, 23, tzinfo=UTC), ""],
)
def test_what_is_no_day_is_a_fault(value: object) -> None:
    assert any(wrong.startswith("starts is ") for wrong in wrongs(person(starts=value)))
    assert any(wrong.startswith("expires is ") for wrong in wrongs(person(expires=value)))
    token = Token("a", until=value)  # type: ignore[arg-type]
    assert any(
        wrong.startswith("until of token 'a' is ") for wrong in wrongs(person(tokens=[token]))
    )


def test_an_end_before_the_start_is_a_fault() -> None:
    assert wrongs(person(starts="2026-11-24", expires="2026-11-23")) == [
        "expires on 2026-11-23 and starts on 2026-11-24"
    ]
    assert wrongs(person(starts="2026-11-23", expires="2026-11-23")) == []
    assert wrongs(person(suspended=" ")) == ["suspended is ' '"]
    assert wrongs(person(tokens=["a", Token("a", until="2026-12-01")])) == [
        "tokens has a label twice: ['a', 'a']"
    ]


def test_a_roster_of_a_day_keeps_every_team_and_whoever_is_active(tmp_path: Path) -> None:
    everyone = roster(
        tmp_path,
        'User("ann", email="a@example.com", tokens=["a", Token("b", until="2026-11-22")])',
        'User("bob", email="b@example.com", suspended="on leave")',
        'User("cid", email="c@example.com", expires="2026-11-22")',
    )
    (entry,) = everyone.on(DAY).teams
    assert [(user.name, user.labels) for user in entry.users] == [("ann", ["a"])]
    assert [user.name for user in everyone.teams[0].users] == ["ann", "bob", "cid"]
    (empty,) = everyone.on(date(2026, 11, 23)).on(date(1, 1, 1)).teams
    assert empty.team.name == "web"


def test_what_falls_due_is_said_in_time_and_the_soonest_first(tmp_path: Path) -> None:
    everyone = roster(
        tmp_path,
        'User("ann", email="a@example.com", expires="2026-12-05")',
        'User("bob", email="b@example.com", starts="2026-12-01")',
        'User("cid", email="c@example.com", tokens=["x", Token("t", until="2026-11-23")])',
        'User("dan", email="d@example.com", tokens=[Token("t", until="2026-11-20")])',
        'User("eve", email="e@example.com", expires="2026-12-01", suspended="left")',
        'User("fay", email="f@example.com", expires="2026-11-22")',
    )
    assert list(map(str, upcoming(everyone, DAY, 14))) == [
        "users/web.py: user 'dan': the time of every token is over",
        "users/web.py: user 'cid': token 't' ends after 2026-11-23",
        "users/web.py: user 'bob': starts on 2026-12-01",
        "users/web.py: user 'ann': expires after 2026-12-05",
    ]
    assert len(upcoming(everyone, DAY, 0)) == 1
    assert len(upcoming(everyone, DAY, 12)) == 3


def test_today_is_in_utc_unless_a_day_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(TODAY, raising=False)
    assert abs(today() - datetime.now(UTC).date()) <= timedelta(days=1)
    monkeypatch.setenv(TODAY, "2031-02-03")
    assert today() == date(2031, 2, 3)
    monkeypatch.setenv(TODAY, "soon")
    with pytest.raises(KuberosterError, match="KUBEROSTER_TODAY is 'soon'"):
        today()


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "1999-12-31", "3000-01-01"])
@pytest.mark.parametrize(
    "written",
    [
        'User("bob", email="b@example.com", expires={})',
        'User("bob", email="b@example.com", starts={})',
        'User("bob", email="b@example.com", tokens=["a", Token("b", until={})])',
        'User("bob", email="b@example.com", access=[view("web", waivers=[Waiver("read-secrets", '
        'owner="ann", reason="why", expires={})])])',
    ],
)
def test_a_day_that_stands_for_never_is_refused_wherever_it_is_written(
    tmp_path: Path, written: str, day: str
) -> None:
    for value in (f"{day!r}", f"date.fromisoformat({day!r})"):
        with pytest.raises(RosterError, match="It is a day in UTC from 2000 to 2999, "):
            roster(tmp_path, 'User("ann", email="a@example.com")', written.format(value))


def test_what_is_due_is_counted_from_the_first_and_to_the_last_of_all_days(tmp_path: Path) -> None:
    waiver = 'Waiver("read-secrets", owner="ann", reason="why", expires="{}")'
    everyone = roster(
        tmp_path,
        'User("ann", email="a@example.com", starts="2000-01-01", expires="2999-12-31")',
        'User("bob", email="b@example.com", tokens=["a", Token("b", until="2999-12-31")], '
        f'access=[view("web", waivers=[{waiver.format("2999-12-31")}]), '
        f'edit("web-2", waivers=[{waiver.format("2000-01-01")}])])',
    )

    due = upcoming(everyone, LAST, 9999)
    assert len(due) == 4
    assert {str(each.day) for each in due} == {"3000-01-01", "2999-12-31"}
    assert upcoming(everyone, FIRST, 0) == []


@pytest.mark.parametrize("given", ["9999-12-31", "0001-01-01"])
def test_today_is_a_day_that_may_be_written(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("KUBEROSTER_TODAY", given)

    with pytest.raises(KuberosterError, match="a day from 2000 to 2999"):
        today()
