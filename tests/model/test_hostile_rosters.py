"""Whatever stands in users/, reading it gives a roster or its problems, each with its file."""

import tempfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from kuberoster.model.errors import RosterError
from kuberoster.model.names import look_alike, user_name_faults
from kuberoster.model.roster import Roster, load_roster
from tests.long import sized

pytestmark = pytest.mark.slow

IMPORTS = (
    "from kuberoster import ClusterRole, Grant, Role, Rule, Team, User, Waiver, admin, edit, view\n"
)
ODD = "def __init__(self, *args): pass\n    def no(self, *args): raise ValueError('no')\n    "
CLASSES = {
    "Mute": f"class Mute:\n    {ODD}__repr__ = no",
    "Moody": f"class Moody(str):\n    {ODD}__eq__ = __hash__ = __len__ = no",
    "Odd": f"class Odd(list):\n    {ODD}__iter__ = no",
    "Masked": f"class Masked:\n    {ODD}__class__ = property(no)",
    "Key": f"class Key:\n    {ODD}__eq__ = no\n    def __hash__(self): return hash('bob')",
    "Endless": "import collections.abc\nclass Endless(collections.abc.Mapping):\n    "
    f"{ODD}__len__ = __iter__ = __getitem__ = no",
    "N.": "import enum\nclass N(str, enum.Enum):\n    ANN = 'ann'\n    USER = 'VIEW'",
    "deep": "deep = []\nfor _ in range(3000): deep = [deep]",
}


def source(*lines: str) -> str:
    """A file with these lines, and before them whatever they speak of."""
    text = "\n".join(lines)
    return "\n".join([IMPORTS, *(code for name, code in CLASSES.items() if name in text), text])


def examples(count: int) -> settings:
    return settings(
        max_examples=sized(count, long=100 * count),
        deadline=None,
        derandomize=False,
        print_blob=True,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )


def read(files: Mapping[str, bytes]) -> Roster | RosterError:
    """What these files give; any other exception is the test's failure."""
    with tempfile.TemporaryDirectory() as folder:
        users = Path(folder) / "users"
        users.mkdir()
        for name, content in files.items():
            (users / f"{name}.py").write_bytes(content)
        try:
            return load_roster(users)
        except RosterError as error:
            return error


def assert_teaches(error: RosterError, files: Mapping[str, bytes]) -> None:
    """Each problem names a file of the roster, in order, in lines that a terminal can show."""
    assert error.problems
    assert [problem.file for problem in error.problems] == sorted(
        problem.file for problem in error.problems
    )
    for problem in error.problems:
        file, _, line = problem.file.partition(":")
        assert file in {f"users/{name}.py" for name in files}
        assert not line or line.isdecimal()
        assert str(problem).startswith(f"{problem.file}: ")
        assert len(str(problem)) < 1000


STRINGS = st.one_of(
    st.text(max_size=12),
    st.text(st.characters(categories=["Cs", "Cc", "Cf", "Zl", "Zp", "Mn"]), max_size=4),
    st.sampled_from(
        [
            "",
            " ",
            ".",
            "-",
            "..",
            "ann\n",
            "ann\x00",
            "ann\ud800",
            "${ann}",
            "%{ if true }",
            "$${",
            "${TfToken[TOKEN.0]}",
            "#{TfToken[TOKEN.0]}",
            "TfToken[",
            "*",
            "TEAM",
            "default",
            "kube-system",
            "system:masters",
            "users-api",
            "kuberoster-state",
            "\uff41nn",
            "\u0430nn",
            "ann\u202e",
            "\x1b[2J",
            "../../etc",
            "x" * 64,
            "x" * 300,
            "é" * 1500,
        ]
    ),
).map(ascii)

VALUES = st.sampled_from(
    [
        "None",
        "True",
        "1.5",
        "float('nan')",
        "10**5000",
        "b'ann'",
        "...",
        "object()",
        "User",
        "Team",
        "view",
        "edit('web')",
        "lambda:1",
        "deep",
        "Mute()",
        "Moody('ann')",
        "Odd(['ann'])",
        "Endless()",
        "Masked()",
        "N.ANN",
        "N.USER",
        "N",
        "{Key():'x'}",
        "{'bob':Mute()}",
        "{1,2}",
        "range(3)",
        "iter([])",
        "(x:=1)",
        "User.faults",
        "type('U',(User,),{})",
        "type('U',(User,),{'name':None})('ann')",
        "view()",
        "view(None)",
        "view('web')('web')",
        "undefined",
        "1/0",
        "exit(0)",
    ]
)
UNMADE = st.sampled_from(["User", "Team", "Grant", "Role", "Rule", "ClusterRole", "Waiver"]).map(
    lambda cls: f"object.__new__({cls})"
)
ODDITIES = st.one_of(
    STRINGS,
    st.integers().map(str),
    VALUES,
    VALUES,
    UNMADE,
    st.lists(STRINGS, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
    st.dictionaries(STRINGS, STRINGS, max_size=2).map(
        lambda items: f"{{{', '.join(f'{key}: {value}' for key, value in items.items())}}}"
    ),
)
NESTED = st.recursive(
    ODDITIES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]}, {pair[1]})"),
        inner.map(lambda item: f"User({item})"),
        inner.map(lambda item: f"Team(access={item})"),
        inner.map(lambda item: f"ClusterRole({item})('web')"),
        st.tuples(inner, inner).map(lambda pair: f"Role({pair[0]}, {pair[1]})('web')"),
        st.tuples(inner, inner).map(lambda pair: f"Rule({pair[0]}, {pair[1]})"),
        st.tuples(inner, inner).map(lambda pair: f"Grant({pair[0]}, {pair[1]})"),
        st.tuples(inner, inner).map(lambda pair: f"Waiver({pair[0]}, owner={pair[1]})"),
        inner.map(lambda item: f"view('web', waivers={item})"),
        inner.map(lambda item: f"view('web', waivers=[{item}])"),
        inner.map(
            lambda item: (
                f"User('ann', owner='b', access=[view('web', waivers=[Waiver('x', "
                f"owner={item}, reason={item}, expires={item})])])"
            )
        ),
    ),
    max_leaves=4,
)


def mostly(valid: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Valid most times, so that hostile parts stand in files that are read to the end."""
    return st.integers(0, 7).flatmap(lambda draw: valid if draw else NESTED)


def quoted(*texts: str) -> st.SearchStrategy[str]:
    return st.sampled_from(texts).map(repr)


NAMES = quoted("ann", "bob", "b0b", "ci-deploy", "eve.x", "eve-x", "0", "marn", "mam")
EMAILS = quoted("ann@example.com", "${a}@b.c")
GRANTS = st.sampled_from(
    [
        "view('web')",
        "edit('web', 'api')",
        "admin.cluster_wide()",
        "ClusterRole('a:b')('web')",
        "Role('r', [Rule(['get'], ['pods'])])('web')",
        "Role('r', [Rule(['get'], ['pods'])]).cluster_wide()",
        "edit('api', waivers=[Waiver('read-secrets', owner='x@y.z', reason='?', "
        "expires='2027-01-01')])",
    ]
)
LISTED_GRANTS = st.lists(mostly(GRANTS), max_size=2, unique=True).map(
    lambda grants: f"[{', '.join(grants)}]"
)
FIELDS: dict[str, st.SearchStrategy[str]] = {
    "email": EMAILS,
    "owner": quoted("ann", "ann@example.com"),
    "access": LISTED_GRANTS,
    "tokens": st.sampled_from(["['main']", "['a', 'b']", "('2026q4',)"]),
    "namespace": quoted("web"),
    "note": quoted("On-call", "${x} %{y}"),
    "looks_like": st.sampled_from(["{}", "{'bob': 'two people'}"]),
    "acess": quoted("x"),
}


@st.composite
def calls(draw: st.DrawFn, cls: str, fields: Mapping[str, st.SearchStrategy[str]]) -> str:
    names = draw(st.lists(st.sampled_from([*fields]), max_size=2, unique=True))
    arguments = [f"{name}={draw(mostly(fields[name]))}" for name in names]
    if cls == "User":
        arguments.insert(0, draw(mostly(NAMES)))
        if "email" not in names and draw(st.integers(0, 5)):
            arguments.append("email='x@example.com'")
    return f"{cls}({', '.join(arguments)})"


@st.composite
def files(draw: st.DrawFn) -> tuple[str, int]:
    """The text of a file, and how many users are written in it."""
    users = draw(st.lists(mostly(calls("User", FIELDS)), max_size=3))
    lines = []
    if not draw(st.integers(0, 3)):
        team = {
            "access": LISTED_GRANTS,
            "namespace": quoted("users-api", "people"),
            "existing_namespace": st.just("True"),
            "note": quoted("The shop"),
            "name": quoted("web"),
        }
        lines.append(f"TEAM = {draw(mostly(calls('Team', team)))}")
    lines.append(f"USERS = [{', '.join(users)}]")
    return source(*lines), len(users)


TEAM_NAMES = st.one_of(
    st.sampled_from(["web", "api", "ops"]),
    st.sampled_from(["Web", "w b", "w.b", "wéb", "-", "${x}", "w" * 58, "users", "__main__"]),
)


@examples(150)
@given(st.dictionaries(TEAM_NAMES, files(), min_size=1, max_size=2))
def test_a_roster_is_read_whole_or_each_of_its_problems_names_its_file(
    roster: dict[str, tuple[str, int]],
) -> None:
    written = {name: text.encode() for name, (text, _) in roster.items()}

    outcome = read(written)

    event(type(outcome).__name__)
    if isinstance(outcome, Roster):
        assert {entry.team.name: len(entry.users) for entry in outcome.teams} == {
            name: count for name, (_, count) in roster.items()
        }
    else:
        assert_teaches(outcome, written)


@examples(80)
@given(NESTED, st.sampled_from(["USERS = {}", "USERS = [{}]", "USERS = []\nTEAM = {}"]))
def test_any_value_may_stand_where_users_and_the_team_belong(value: str, place: str) -> None:
    written = {"web": source(place.replace("{}", value)).encode()}

    outcome = read(written)

    if isinstance(outcome, RosterError):
        assert_teaches(outcome, written)


PIECES = st.one_of(
    st.binary(max_size=8),
    st.text(max_size=8).map(lambda text: text.encode(errors="surrogatepass")),
    st.sampled_from(
        [
            b"USERS = [",
            b"]",
            b"\n",
            b"    ",
            b"\x00",
            b"\xef\xbb\xbf",
            b"# coding: utf-7\n",
            b"# coding: none\n",
            b"from kuberoster import User\n",
            b"User('ann', email='ann@example.com')",
            b"USERS = []\n",
            b"raise SystemExit(['x'])\n",
            b"raise BaseException\n",
            b"raise ExceptionGroup('x', [ValueError()])\n",
            b"def f(): return f()\nf()\n",
            b"import sys\nsys.exit('\\ud800')\n",
            b"globals().clear()\n",
            b"from __future__ import braces\n",
            b"(" * 300,
            b"yield\n",
            b"await x\n",
            b"'\\d'\n",
        ]
    ),
)


@examples(80)
@given(st.lists(PIECES, max_size=6).map(b"".join))
def test_a_file_may_hold_any_bytes(content: bytes) -> None:
    outcome = read({"web": content})

    if isinstance(outcome, RosterError):
        assert_teaches(outcome, {"web": content})


VALID_NAMES = (
    st.text("abcdefxyz0129-.", min_size=1, max_size=20)
    .map(lambda name: name.strip("-."))
    .filter(lambda name: not any(user_name_faults(name)))
)
VALID_LABELS = st.text("abc019-", min_size=1, max_size=8).map(lambda text: text.strip("-") or "a")
VALID_TEXTS = st.one_of(
    st.text(
        st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=20
    ).filter(lambda text: text.isprintable() and "TfToken[" not in text),
    st.sampled_from(["${ann}", "%{ if true }", "$${x}", "a ${file(\"/etc/passwd\")} b"]),
)  # fmt: skip


@st.composite
def valid_rosters(draw: st.DrawFn) -> dict[str, list[tuple[str, str]]]:
    """The users of each team, each with its name and how it is written."""
    names = draw(st.lists(VALID_NAMES, max_size=8, unique_by=look_alike))
    teams: dict[str, list[tuple[str, str]]] = {"api": [], "web": []}
    for name in names:
        labels = draw(st.lists(VALID_LABELS, min_size=1, max_size=2, unique=True))
        grants = draw(st.lists(GRANTS, max_size=1))
        note = draw(VALID_TEXTS)
        text = (
            f"User({name!r}, email='a@b.c', access=[{', '.join(grants)}], "
            f"tokens={labels!r}, note={note!a})"
        )
        teams[draw(st.sampled_from(["api", "web"]))].append((name, text))
    return teams


@examples(40)
@given(valid_rosters())
def test_a_valid_roster_has_exactly_the_users_that_are_written(
    roster: dict[str, list[tuple[str, str]]],
) -> None:
    outcome = read(
        {
            team: f"{IMPORTS}USERS = [{', '.join(text for _, text in users)}]".encode()
            for team, users in roster.items()
        }
    )

    assert isinstance(outcome, Roster), outcome
    assert {
        entry.team.name: [user.name for user in entry.users] for entry in outcome.teams
    } == {team: [name for name, _ in users] for team, users in roster.items()}  # fmt: skip
