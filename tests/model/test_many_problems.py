"""Help with many problems: it stays short, and costs no more than the roster itself."""

import ast
import difflib
from collections.abc import Callable
from pathlib import Path

import pytest

from kuberoster.model.errors import PRINTED, RosterError
from kuberoster.model.names import did_you_mean
from kuberoster.model.roster import load_roster

Users = Callable[..., Path]


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names that difflib was asked to compare with."""
    asked: list[str] = []
    ours = difflib.get_close_matches

    def count(name: str, known: list[str], n: int, cutoff: float) -> list[str]:
        asked.extend(known)
        return ours(name, known, n, cutoff)

    monkeypatch.setattr("kuberoster.model.names.get_close_matches", count)
    return asked


def test_a_thousand_machines_without_their_owner_cost_one_comparison_with_each_person(
    users: Users, compared: list[str]
) -> None:
    people = "[User(f'user-{n}', email=f'u{n}@example.com') for n in range(1000)]"
    machines = "[User(f'ci-{n}', owner='user-x') for n in range(1000)]"

    with pytest.raises(RosterError) as refused:
        load_roster(users(web=f"USERS = {people} + {machines}"))

    assert len(refused.value.problems) == 1000
    assert "Did you mean 'user-" in str(refused.value)
    assert len(compared) <= 50


def test_a_thousand_owners_who_are_not_there_are_compared_with_few(
    users: Users, compared: list[str]
) -> None:
    people = "[User(f'user-{n}', email=f'u{n}@example.com') for n in range(1000)]"
    machines = "[User(f'ci-{n}', owner=f'usr-{n}') for n in range(1000)]"

    with pytest.raises(RosterError):
        load_roster(users(web=f"USERS = {people} + {machines}"))

    assert len(compared) <= 20 * 50


def test_the_most_similar_of_many_is_found() -> None:
    known = [f"user-{number}-{other}" for number in range(100) for other in range(100)]

    assert did_you_mean("usr-42-17", known) == " Did you mean 'user-42-17'?"
    assert did_you_mean("zzz", known) == ""


def test_problems_are_printed_up_to_a_bound_and_the_others_counted(users: Users) -> None:
    bad = "USERS = [User(f'U{n}', email='a@example.com') for n in range(3000)]"

    with pytest.raises(RosterError) as refused:
        load_roster(users(api=bad, web="USERS = 1"))

    *shown, last = str(refused.value).split("\n\n")
    assert len(shown) == PRINTED
    assert last == f"{3001 - PRINTED:,} more problems in 2 files."
    assert len(refused.value.problems) == 3001


def test_a_thousand_names_that_look_alike_are_named_in_few_words(users: Users) -> None:
    alike = "[''.join(each) for each in itertools.product('0o', repeat=11)]"
    text = f"import itertools\nUSERS = [User(n, email='a@example.com') for n in {alike}]"

    with pytest.raises(RosterError) as refused:
        load_roster(users(web=text))

    last = refused.value.problems[-1]
    assert len(refused.value.problems) == 2**11 - 1
    assert last.fault.wrong.endswith(" and 2,044 more")
    assert max(len(str(problem)) for problem in refused.value.problems) < 600


def test_what_it_says_of_look_alikes_is_accepted(users: Users) -> None:
    names = ["a0l", "aol", "a0i", "aoi", "ao1"]
    meant: dict[str, dict[str, str]] = {name: {} for name in names}

    for _ in names:
        text = ", ".join(
            f'User("{name}", email="a@example.com", looks_like={meant[name]!r})' for name in names
        )
        try:
            load_roster(users(web=f"USERS = [{text}]"))
            return
        except RosterError as error:
            for problem in error.problems:
                accepted = problem.fault.mend.split("looks_like=")[1].split(" to this")[0]
                meant[problem.subject.split("'")[1]].update(ast.literal_eval(accepted))
    raise AssertionError(meant)
