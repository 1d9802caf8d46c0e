"""What an error says to write is accepted where it is written."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from kuberoster.model.errors import RosterError
from kuberoster.model.roster import load_roster

Users = Callable[..., Path]

USER = "USERS = [User({}, email='ann@example.com')]"
ACCESS = "USERS = [User('ann', email='ann@example.com', access=[{}])]"
TOKENS = "USERS = [User('ann', email='ann@example.com', tokens=[{}])]"


def mend_of(folder: Path) -> str:
    with pytest.raises(RosterError) as refused:
        load_roster(folder)
    [problem] = refused.value.problems
    return problem.fault.mend


@pytest.mark.parametrize(
    ("place", "value"),
    [
        *((USER, name) for name in (
            "Ann_Smith", "Ännchen", "system:x", "SYSTEM", "default", "kube-x", "kuberoster",
            "system.x", "kube:x", "x" * 20 + "_" + "y" * 25, "-ann-", "a..b", "Kube System",
        )),
        *((ACCESS, namespace) for namespace in ("Web", "web_api", "web.api", "-web", "wéb")),
        *((TOKENS, label) for label in ("2026Q4", "2026.4", "_main_", "T" * 30 + "_" + "u" * 9)),
    ],
)  # fmt: skip
def test_the_name_that_is_proposed_is_accepted(users: Users, place: str, value: str) -> None:
    written = f"view({value!r})" if place is ACCESS else repr(value)
    mend = mend_of(users(web=place.format(written)))

    found = re.search(r"Try '(.*)'\.$", mend)
    assert found, mend
    proposed = f"view({found[1]!r})" if place is ACCESS else repr(found[1])
    assert load_roster(users(web=place.format(proposed)))


@pytest.mark.parametrize("pattern", ["web-*", "*", "*-web", "we*b"])
def test_a_pattern_is_not_cut_to_a_namespace_that_was_not_meant(users: Users, pattern: str) -> None:
    mend = mend_of(users(web=ACCESS.format(f"view({pattern!r})")))

    assert "Try" not in mend
    assert mend.endswith("No pattern counts here: name each.")


@pytest.mark.parametrize(
    ("access", "proposed"),
    [
        ("view(namespace='web')", "view('web')"),
        ("edit(namespaces=['web'])", "edit('web')"),
        ("view('web', waiver=[])", "view('web')"),
        ("view.cluster_wide", "function"),
        ("view", "view('web')"),
        ("view()", "view('web', 'api')"),
        ("'view'", "view('web')"),
        ("'a:b'", "ClusterRole('a:b')('web')"),
        ("ClusterRole('a:b')", "ClusterRole('a:b')('web')"),
        ("ClusterRole('monitor')(namespace='web')", "ClusterRole('monitor')('web')"),
        (
            "Role('r', rules=[Rule(['get'], ['pods'])])",
            "Role('r', rules=[Rule(['get'], ['pods'])])('web')",
        ),
    ],
)
def test_the_grant_that_is_proposed_is_accepted(users: Users, access: str, proposed: str) -> None:
    mend = mend_of(users(web=ACCESS.format(access)))

    if proposed == "function":
        proposed = "view.cluster_wide()"
    assert proposed in mend
    assert load_roster(users(web=ACCESS.format(proposed)))


@pytest.mark.parametrize(
    ("text", "mend"),
    [
        ("USERS = [Waiver]", "Add to its first lines: from kuberoster import Waiver"),
        ("USERS = [Usr('ann')]", "Did you mean 'User'?"),
        ("import kuberostr", "Did you mean 'kuberoster'?"),
        ("from kuberoster import Usr", "kuberoster has ClusterRole, Grant, "),
        ("USERS = [", "mend it where this line says"),
        ("USERS = [User()]", "A user is written User('ann', email='ann@example.com', access="),
        ("import sys\nsys.exit()", "Remove what does."),
        ("1 / 0", "mend this line, or what it calls."),
    ],
)
def test_a_file_that_fails_is_told_what_to_do_about_this_failure(
    users: Users, text: str, mend: str
) -> None:
    assert mend in mend_of(users(web=text))


def test_the_line_that_is_to_be_added_is_accepted(users: Users) -> None:
    text = "USERS = [User('ann', email='a@b.c', tokens=[Token('a')])]"
    line = mend_of(users(web=text)).removeprefix("Add to its first lines: ")

    assert load_roster(users(web=f"{line}\n{text}"))


def test_teams_that_share_a_namespace_are_told_what_is_accepted(users: Users) -> None:
    mend = mend_of(users(api="TEAM = Team(namespace='users-web')\nUSERS = []", web="USERS = []"))

    assert mend == "A team has a namespace of its own. Name another, or leave it out."
    assert load_roster(users(api="USERS = []"))
    assert load_roster(users(api="TEAM = Team(namespace='another')\nUSERS = []"))
