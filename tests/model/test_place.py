"""Where in users/ a user and a grant are written."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from kuberoster import User, edit, view
from kuberoster.model.roster import Roster, load_roster

Load = Callable[..., Roster]
Problems = Callable[..., list[str]]
Users = Callable[..., Path]

# Each file has its imports as its first line.
WEB = """\
TEAM = Team(
    access=[view("shared")],
)
USERS = [
    User(
        "ann",
        email="ann@example.com",
        access=[
            edit("web"), view("api"),
            Role("reader", rules=[Rule(["get"], ["secrets"])])(
                "db",
            ),
            view.cluster_wide(),
            Grant(admin, ("log",)),
        ],
    ),
]
"""


def places(grants: object) -> list[str | None]:
    assert isinstance(grants, tuple)
    return [grant.place for grant in grants]


def test_a_user_a_team_and_each_grant_know_their_line(load: Load) -> None:
    [entry] = load(web=WEB).teams
    (ann,) = entry.users

    assert (entry.team.place, ann.place) == ("users/web.py:2", "users/web.py:6")
    assert places(entry.team.access) == ["users/web.py:3"]
    assert places(ann.access) == [
        "users/web.py:10",
        "users/web.py:10",
        "users/web.py:11",
        "users/web.py:14",
        "users/web.py:15",
    ]


def test_what_a_loop_or_a_function_makes_stands_where_the_file_writes_it(load: Load) -> None:
    text = (
        "def of(name):\n"
        '    return User(name, email="a@example.com", access=[\n'
        "        edit(each) for each in ('web', 'api')])\n"
        "USERS = [of(name) for name in ('ann', 'bob')]\n"
    )
    [entry] = load(web=text).teams

    assert [user.place for user in entry.users] == ["users/web.py:3"] * 2
    assert [places(user.access) for user in entry.users] == [["users/web.py:4"] * 2] * 2


def test_a_module_of_users_is_the_place_of_what_it_makes(load: Load, users: Users) -> None:
    shared = users() / "shared"
    shared.mkdir()
    (shared / "roles.py").write_text(
        "from kuberoster import edit, view\nREAD = view('log')\n\ndef developer(*names):\n"
        "    return [READ, edit(*names)]\n"
    )
    text = (
        "from users.shared.roles import developer\n"
        'USERS = [User("ann", email="a@example.com", access=developer("web"))]\n'
    )
    [entry] = load(web=text).teams

    assert places(entry.users[0].access) == ["users/shared/roles.py:2", "users/shared/roles.py:5"]


def test_what_a_module_beside_users_makes_stands_where_a_file_calls_it_or_nowhere(
    load: Load, users: Users
) -> None:
    (users().parent / "roles.py").write_text(
        "from kuberoster import edit, view\nREAD = view('log')\n\ndef developer(*names):\n"
        "    return [READ, edit(*names)]\n"
    )
    text = (
        "from roles import developer\n"
        'USERS = [User("ann", email="a@example.com",\n    access=developer("web"))]\n'
    )
    [entry] = load(web=text).teams

    # What an import made has no line of its own that a reviewer would look at: the user has.
    assert places(entry.users[0].access) == [None, "users/web.py:4"]


def test_places_stay_with_the_roster_of_a_day(load: Load) -> None:
    roster = load(web=WEB).from_day(date(2026, 11, 24)).on(date(2026, 11, 24))

    assert [user.place for user in roster.users] == ["users/web.py:6"]


def test_no_place_makes_two_grants_or_users_differ(load: Load) -> None:
    text = 'USERS = [User("ann", email="a@example.com", access=[\n    edit("web")])]'
    [first] = load(web=text).users
    [second] = load(web=f"\n\n{text}").users

    assert (first.access[0].place, second.access[0].place) == ("users/web.py:3", "users/web.py:5")
    assert first == second
    assert repr(first) == repr(second)
    assert first.access == second.access


def test_where_no_file_is_read_there_is_no_place() -> None:
    assert edit("web").place is None
    assert view.cluster_wide().place is None
    assert User("ann").place is None


def test_nobody_writes_a_place(problems: Problems) -> None:
    text = 'USERS = [User("ann", email="a@example.com", place="users/web.py:1")]'
    (wrong,) = problems(web=text)

    assert wrong == "users/web.py: user 'ann': User has no field 'place'."


@pytest.mark.parametrize(
    "place", ["/etc/passwd:3", "users/web.py", "a\\n::error ::x:3", 7, ["users/web.py:3"], "b:0"]
)
def test_a_place_that_a_file_makes_up_is_none(users: Users, place: object) -> None:
    shown = f'"{place}"' if isinstance(place, str) else repr(place)
    text = (
        'ann = User("ann", email="a@example.com")\n'
        f'object.__setattr__(ann, "place", {shown})\nUSERS = [ann]\n'
    )

    assert load_roster(users(web=text)).users[0].place is None
