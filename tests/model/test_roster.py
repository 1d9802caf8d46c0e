"""The roster as a whole: its files, and what only all of them together can get wrong."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kuberoster import KuberosterError, User
from kuberoster.model.errors import RosterError
from kuberoster.model.roster import Roster, load_roster

Load = Callable[..., Roster]
Problems = Callable[..., list[str]]
Users = Callable[..., Path]

ANN = 'User("ann", email="ann@example.com")'
BOB = 'User("bob", email="bob@example.com")'


def listing(*users: str) -> str:
    return f"USERS = [{', '.join(users)}]\n"


def with_field(text: str) -> str:
    return listing(f'User("ann", email="ann@example.com", {text})')


def test_a_roster_has_a_team_for_each_file_sorted_by_name(load: Load) -> None:
    roster = load(web=listing(ANN, BOB), ops=listing('User("eve", email="eve@example.com")'))

    assert [
        (entry.team.name, entry.team.namespace, [user.name for user in entry.users])
        for entry in roster.teams
    ] == [("ops", "users-ops", ["eve"]), ("web", "users-web", ["ann", "bob"])]


def test_users_keep_the_order_of_their_file(load: Load) -> None:
    [entry] = load(web=listing(BOB, ANN)).teams

    assert [user.name for user in entry.users] == ["bob", "ann"]


def test_a_team_that_leaves_has_no_users(load: Load) -> None:
    [entry] = load(web="USERS = []").teams

    assert entry.users == ()


def test_a_file_says_more_of_its_team(load: Load) -> None:
    text = 'TEAM = Team(namespace="people", access=[view("web")], note="The shop")\nUSERS = []'
    [entry] = load(web=text).teams

    assert entry.team.namespace == "people"
    assert entry.team.group == "system:serviceaccounts:people"
    assert entry.team.name == "web"


def test_an_init_file_is_no_team(load: Load, users: Users) -> None:
    (users() / "__init__.py").write_text("raise ValueError")

    assert [entry.team.name for entry in load(web="USERS = []").teams] == ["web"]


def test_users_are_one_list_or_tuple(load: Load) -> None:
    [entry] = load(web=f"USERS = ({ANN}, {BOB})").teams

    assert len(entry.users) == 2


def test_a_user_is_found_with_its_team(load: Load) -> None:
    team, user = load(ops="USERS = []", web=listing(ANN)).find("ann")

    assert (team.name, user.name) == ("web", "ann")


def test_who_is_not_found_is_compared_with_those_who_are_there(load: Load) -> None:
    roster = load(web=listing(ANN))

    with pytest.raises(KuberosterError, match=r"no such user: 'anne'. Did you mean 'ann'\?"):
        roster.find("anne")
    with pytest.raises(KuberosterError, match=r"no such user: 'xxx'\. users/ names no such user."):
        roster.find("xxx")
    with pytest.raises(KuberosterError, match=r"no such team: 'wbe'. Did you mean 'web'\?"):
        roster.find_team("wbe")
    assert roster.find_team("web").team.name == "web"


# Files

READABLE = "Whoever runs this has to be able to read it: ls -l says who may."


@contextmanager
def as_nobody() -> Iterator[None]:
    """Not as root, who may read everything."""
    was = os.geteuid()
    if was == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(was)


def test_an_empty_folder_is_refused(users: Users) -> None:
    with pytest.raises(RosterError, match=r"^users/: is empty\.\nA roster has a file for each"):
        load_roster(users())


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RosterError, match=r"^users/: does not exist\."):
        load_roster(tmp_path / "users")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("USERS = [", "users/web.py:2: the file does not import: SyntaxError: '[' was never"),
        ("\nUSERS = [ann]", "users/web.py:3: the file does not import: NameError: name 'ann'"),
        ("import sys\nsys.exit(3)", "users/web.py:3: the file does not import: SystemExit: 3"),
        ("raise SystemExit", "users/web.py:2: the file does not import: SystemExit: no reason"),
        (
            "def everyone():\n    return [\n        User(),\n    ]\nUSERS = everyone()",
            "users/web.py:4: the file does not import: TypeError: User.__init__() missing",
        ),
        (
            "import json\nUSERS = json.loads('x')",
            "users/web.py:3: the file does not import: JSONDecodeError: Expecting value",
        ),
        ("import kuberostr", "users/web.py:2: the file does not import: ModuleNotFoundError"),
        ("raise KeyboardInterrupt", "users/web.py:2: the file does not import: KeyboardInterrupt"),
        ("raise GeneratorExit", "users/web.py:2: the file does not import: GeneratorExit"),
        ("raise ValueError('one\\ntwo')", "users/web.py:2: the file does not import: ValueError"),
        ("raise SyntaxError(7)", "users/web.py:2: the file does not import: SyntaxError: 7"),
        ("raise SyntaxError", "users/web.py:2: the file does not import: SyntaxError: no reason"),
        (
            "class Odd(Exception):\n    __str__ = None\nraise Odd",
            "users/web.py:4: the file does not import: Odd: no reason given",
        ),
        ("def f(): f()\nf()", "users/web.py:2: the file does not import: RecursionError"),
    ],
)
def test_a_file_that_fails_is_named_with_its_own_line(
    problems: Problems, text: str, problem: str
) -> None:
    [shown] = problems(web=text)

    assert shown.startswith(problem)


def test_a_file_that_fails_hides_no_problem_of_another(problems: Problems) -> None:
    shown = problems(api="USERS = [", web=listing('User("Ann", email="ann@example.com")'))

    assert [line.split(": ")[0] for line in shown] == ["users/api.py:2", "users/web.py"]


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xfe\x00",
        "USERS = []".encode("utf-16"),
        "USERS = []  # \xfc\n'\xfc'".encode("latin-1"),
    ],
)
def test_a_file_that_is_no_text_of_python_is_to_be_saved_as_utf_8(
    users: Users, content: bytes
) -> None:
    (users() / "web.py").write_bytes(content)

    with pytest.raises(RosterError) as refused:
        load_roster(users())

    first, mend = str(refused.value).splitlines()
    assert first.startswith("users/web.py")
    assert mend == "It is Python in UTF-8: save it as that."


@pytest.mark.skipif(sys.platform != "linux", reason="a file that nobody can read is in /proc")
def test_a_file_that_the_system_does_not_give_is_to_be_made_readable(users: Users) -> None:
    (users() / "web.py").symlink_to("/proc/self/mem")
    (users() / "shared").mkdir()
    (users() / "shared" / "roles.py").symlink_to("/proc/self/mem")

    with pytest.raises(RosterError) as refused:
        load_roster(users())

    assert [str(each).splitlines() for each in refused.value.problems] == [
        [f"users/{name}: can't be read: Input/output error.", READABLE]
        for name in ("shared/roles.py", "web.py")
    ]


def test_what_this_user_may_not_read_is_to_be_made_readable(
    users: Users, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = users(web="USERS = []")
    (folder.parent / "closed").mkdir(mode=0o000)
    (folder / "api.py").symlink_to("../closed/api.py")
    (folder / "web.py").chmod(0o000)
    folder.parent.chmod(0o755)
    monkeypatch.chdir(folder.parent)

    with as_nobody(), pytest.raises(RosterError) as refused:
        load_roster(Path("users"))
    assert [str(each).splitlines() for each in refused.value.problems] == [
        [f"users/{name}.py: can't be read: Permission denied.", READABLE] for name in ("api", "web")
    ]

    folder.chmod(0o000)
    with as_nobody(), pytest.raises(RosterError) as refused:
        load_roster(Path("users"))
    assert str(refused.value) == f"users/: can't be read: Permission denied.\n{READABLE}"


def test_a_folder_in_a_files_place_is_refused(users: Users) -> None:
    (users() / "web.py").mkdir()

    with pytest.raises(RosterError, match=r"^users/web\.py: is a folder\.\n"):
        load_roster(users())


def test_a_file_leaves_nothing_in_the_interpreter(load: Load) -> None:
    before = set(sys.modules)

    load(web="USERS = []")

    assert set(sys.modules) == before


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "has no USERS."),
        ("USERS = None", "USERS: is None."),
        ("USERS = 'ann'", "USERS: is 'ann'."),
        ("USERS = {}", "USERS: is {}."),
        ("USERS = ['ann']", "USERS: entry 1 is 'ann'."),
        (f"USERS = [{ANN}, None]", "USERS: entry 2 is None."),
        (f"USERS = [[{ANN}]]", "USERS: entry 1 is [User(name='ann', email='ann...ike={})]."),
        ("USERS = [User]", "USERS: entry 1 is <class 'kuberoster.model.user.User'>."),
        ("USERS = []; TEAM = 'web'", "TEAM: is 'web'."),
        ("USERS = []; TEAM = Team(name='wbe')", "TEAM: has the name 'wbe'."),
        ("USERS = []; TEAM = Team(access=view)", "team 'web': access is ClusterRole(name='view')."),
        ("USERS = []; TEAM = Team(acces=[])", "team 'web': Team has no field 'acces'."),
        ("USERS = []; TEAM = Team(note='')", "team 'web': note is ''."),
        ("USERS = []; TEAM = Team(namespace='A')", "team 'web': namespace 'A' has 'A'."),
        ("USERS = []; TEAM = Team(namespace=7)", "team 'web': namespace is 7."),
        ("USERS = []; TEAM = Team(existing_namespace=1)", "team 'web': existing_namespace is 1."),
        (
            "USERS = []; TEAM = Team(namespace='kuberoster-state')",
            "team 'web': namespace 'kuberoster-state' holds Terraform's state.",
        ),
        (
            "USERS = []; TEAM = Team(namespace='kube-system', existing_namespace=True)",
            "team 'web': namespace 'kube-system' belongs to the cluster.",
        ),
    ],
)
def test_a_file_lists_users_and_says_of_its_team_what_a_team_has(
    problems: Problems, text: str, problem: str
) -> None:
    assert problems(web=text) == [f"users/web.py: {problem}"]


@pytest.mark.parametrize(
    ("team", "wrong"),
    [
        ("Web", "team 'Web' has 'W'"),
        ("web_shop", "team 'web_shop' has '_'"),
        ("web.shop", "team 'web.shop' has '.'"),
        ("w" * 58, f"team '{'w' * 27}...{'w' * 7}' has 58 characters"),
    ],
)
def test_a_files_name_is_a_teams(problems: Problems, team: str, wrong: str) -> None:
    assert f"users/{team}.py: team {team!r}: {wrong}." in problems(**{team: "USERS = []"})


def test_a_team_may_have_57_characters(load: Load) -> None:
    [entry] = load(**{"w" * 57: "USERS = []"}).teams

    assert len(entry.team.namespace) == 63


# Users


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ("tokens=[]", "tokens is ()"),
        ("tokens='main'", "tokens is 'main'"),
        ("tokens=None", "tokens is None"),
        ("tokens=['2026Q4']", "token '2026Q4' has 'Q'"),
        ("tokens=['2026.4']", "token '2026.4' has '.'"),
        ("tokens=['']", "token is ''"),
        ("tokens=[2026]", "tokens has 2026"),
        ("tokens=[10**5000]", "tokens has <int that can't be shown>"),
        ("tokens=['1', 1]", "tokens has 1"),
        ("tokens=['a', 'b', 'a']", "tokens has a label twice: ['a', 'b', 'a']"),
        (f"tokens=['{'t' * 41}']", f"token '{'t' * 27}...{'t' * 7}' has 41 characters"),
        ("access=view('web')", "access is Grant(role=ClusterRole(name=...'web',))"),
        ("access=[view]", "access has ClusterRole(name='view')"),
        ("access=[view('Web')]", "namespace 'Web' has 'W'"),
        ("namespace='Web'", "namespace 'Web' has 'W'"),
        ("namespace=7", "namespace is 7"),
        ("note=''", "note is ''"),
        ("note='a\\nb'", "note has the character '\\n'"),
        ("note='TfToken[1]'", "note has 'TfToken['"),
        ("owner=''", "owner is ''"),
        ("owner=7", "owner is 7"),
        ("owner='eve'", "owner 'eve' is no user"),
        ("acess=[]", "User has no field 'acess'"),
        ("looks_like=['bob']", "looks_like is ['bob']"),
        ("looks_like={'bob': 'x'}", "looks_like names 'bob', which no other user resembles"),
        ("looks_like={'ann': 'x'}", "looks_like names 'ann', which no other user resembles"),
        ("looks_like={7: 'x'}", "looks_like names 7"),
    ],
)
def test_a_faulty_field_of_a_user_is_named(problems: Problems, fields: str, wrong: str) -> None:
    assert problems(web=with_field(fields)) == [f"users/web.py: user 'ann': {wrong}."]


def test_an_unknown_field_is_compared_with_the_known_ones(users: Users) -> None:
    with pytest.raises(RosterError, match=r"It has name, email, .*Did you mean 'tokens'\?$"):
        load_roster(users(web=with_field("token=['a']")))


def test_a_name_that_is_an_enums_member_is_refused(problems: Problems) -> None:
    # It is a string, and formatted as `N.ANN`.
    text = "import enum\nclass N(str, enum.Enum):\n    ANN = 'ann'\n"

    [shown] = problems(web=text + listing('User(N.ANN, email="ann@example.com")'))
    assert shown == "users/web.py: user <N.ANN: 'ann'>, entry 1 of USERS: name is <N.ANN: 'ann'>."


def test_somebody_answers_for_each_user(problems: Problems) -> None:
    assert problems(web='USERS = [User("ann")]') == [
        "users/web.py: user 'ann': has neither email nor owner."
    ]


def test_an_owner_is_a_person_of_any_team_or_an_address(load: Load) -> None:
    load(
        api=listing('User("ci", owner="ann")', 'User("bot", owner="ops@example.com")'),
        web=listing(ANN),
    )


def test_a_machine_owns_nothing(problems: Problems) -> None:
    assert problems(web=listing(ANN, 'User("ci", owner="ann")', 'User("bot", owner="ci")')) == [
        "users/web.py: user 'bot': owner 'ci' has no email."
    ]


def test_a_misspelt_owner_is_compared_with_the_people(users: Users) -> None:
    text = listing('User("anna", email="a@example.com")', 'User("ci", owner="ana")')

    with pytest.raises(RosterError, match=r"owner 'ana' is no user\.\n.*Did you mean 'anna'\?"):
        load_roster(users(web=text))


def test_a_secrets_prefix_has_58_characters_at_most() -> None:
    def wrongs(label: str) -> list[str]:
        user = User("a" * 40, email="ann@example.com", tokens=[label])
        return [fault.wrong for fault in user.faults()]

    assert wrongs("t" * 16) == []
    assert wrongs("t" * 17) == [
        f"token '{'t' * 17}': its Secret's prefix '{'a' * 40}-{'t' * 17}-' has 59 characters"
    ]


def test_a_name_that_is_too_long_is_one_problem_and_not_another_for_each_token() -> None:
    user = User("a" * 64, email="ann@example.com", tokens=["t", "u"])

    assert [fault.wrong for fault in user.faults()] == ["name has 64 characters"]


def test_changing_a_list_or_dict_afterwards_changes_no_user() -> None:
    tokens, reasons = ["main"], {"b0b": "two people"}
    user = User("bob", email="bob@example.com", tokens=tokens, looks_like=reasons)

    tokens.append("other")
    reasons.clear()

    assert user.labels == ["main"]
    assert user.looks_like == {"b0b": "two people"}


# Users together


def test_a_name_is_used_once_over_all_teams(problems: Problems) -> None:
    assert problems(api=listing(ANN), ops=listing(BOB), web=listing(ANN, BOB, ANN)) == [
        "users/web.py: user 'ann': is in users/api.py already.",
        "users/web.py: user 'bob': is in users/ops.py already.",
        "users/web.py: user 'ann': is in users/api.py already.",
    ]


LOOK_ALIKES = [
    ("bob", "b0b"),
    ("lisa", "1isa"),
    ("lisa", "iisa"),
    ("marn", "mam"),
    ("a.b", "a-b"),
]


def two_who_look_alike(one: str, other: str, reasons: str = "{}") -> dict[str, str]:
    return {
        "api": listing(f'User("{one}", email="one@example.com")'),
        "web": listing(f'User("{other}", email="other@example.com", looks_like={reasons})'),
    }


@pytest.mark.parametrize(("one", "other"), LOOK_ALIKES)
def test_names_that_look_alike_are_refused(problems: Problems, one: str, other: str) -> None:
    assert problems(**two_who_look_alike(one, other)) == [
        f"users/web.py: user {other!r}: name is easily taken for {one!r} of users/api.py."
    ]


@pytest.mark.parametrize(("one", "other"), LOOK_ALIKES)
def test_names_that_look_alike_are_accepted_with_a_reason(load: Load, one: str, other: str) -> None:
    load(**two_who_look_alike(one, other, f"{{{one!r}: 'two people'}}"))
    load(**two_who_look_alike(other, one, f"{{{other!r}: 'two people'}}"))


@pytest.mark.parametrize("reason", ["''", "None", "7"])
def test_a_resemblance_is_not_accepted_without_a_reason(problems: Problems, reason: str) -> None:
    assert problems(**two_who_look_alike("bob", "b0b", f"{{'bob': {reason}}}")) == [
        f"users/web.py: user 'b0b': looks_like['bob'] is {reason}."
    ]


def test_each_pair_of_three_is_accepted_by_itself(problems: Problems, load: Load) -> None:
    def three(second: str, third: str) -> dict[str, str]:
        names = [("bob", "{}"), ("b0b", second), ("bo-b", "{}"), ("bo.b", third)]
        return {
            "web": listing(
                *(f'User("{name}", email="x@y.z", looks_like={reasons})' for name, reasons in names)
            )
        }

    load(**three("{'bob': 'x'}", "{'bo-b': 'x'}"))
    assert problems(**three("{'bob': 'x'}", "{'bob': 'x'}")) == [
        "users/web.py: user 'bo.b': name is easily taken for 'bo-b' of users/web.py.",
        "users/web.py: user 'bo.b': looks_like names 'bob', which no other user resembles.",
    ]


def test_two_teams_have_two_namespaces(problems: Problems) -> None:
    text = "USERS = []\nTEAM = Team(namespace='users-api')"

    assert problems(api="USERS = []", web=text) == [
        "users/web.py: team 'web': namespace 'users-api' is that of users/api.py too."
    ]


def test_the_states_namespace_is_taken(users: Users) -> None:
    with pytest.raises(RosterError, match="namespace 'users-web' holds Terraform's state"):
        load_roster(users(web="USERS = []"), state_namespace="users-web")


# All of it


def test_who_may_be_in_a_file_that_does_not_import_is_not_missed(problems: Problems) -> None:
    owned = listing(
        'User("ci", owner="ann")', "User('bob', email='b@b.c', looks_like={'b0b': 'x'})"
    )

    assert problems(web=owned, api="USERS = [") == [
        "users/api.py:2: the file does not import: SyntaxError: '[' was never closed."
    ]
    assert len(problems(web=owned, api="USERS = []")) == 2


def test_all_problems_come_at_once_sorted_by_file(problems: Problems) -> None:
    shown = problems(
        web="TEAM = Team(namespace='kuberoster-state', note='')\n"
        + listing('User("Ann_Smith")', "None", 'User("ci", owner="nobody", tokens=[])'),
        api="USERS = [",
        ops="TEAM = Team(acces=[])",
    )

    assert shown == [
        "users/api.py:2: the file does not import: SyntaxError: '[' was never closed.",
        "users/ops.py: has no USERS.",
        "users/ops.py: team 'ops': Team has no field 'acces'.",
        "users/web.py: USERS: entry 2 is None.",
        "users/web.py: team 'web': note is ''.",
        "users/web.py: team 'web': namespace 'kuberoster-state' holds Terraform's state.",
        "users/web.py: user 'Ann_Smith': name has 'A', '_', 'S'.",
        "users/web.py: user 'Ann_Smith': has neither email nor owner.",
        "users/web.py: user 'ci': tokens is ().",
    ]


@pytest.mark.parametrize(
    "value",
    [
        "10**5000",
        "deep",
        "type('T', (), {'__repr__': None})()",
        "type('T', (str,), {'__hash__': None})('ann')",
        "type('T', (list,), {'__iter__': None})()",
        "float('nan')",
        "'\\ud800'",
        "b'ann'",
        "object.__new__(User)",
        "[None]",
        "{'a': 'b'}",
        "lambda: 1",
    ],
)
@pytest.mark.parametrize(
    "place",
    [
        "VALUE",
        "[VALUE]",
        "[User(VALUE, email='x@y.z')]",
        "[User('ann', email=VALUE)]",
        "[User('ann', email='x@y.z', owner=VALUE)]",
        "[User('ann', email='x@y.z', tokens=VALUE)]",
        "[User('ann', email='x@y.z', tokens=[VALUE, VALUE])]",
        "[User('ann', email='x@y.z', note=VALUE)]",
        "[User('ann', email='x@y.z', access=VALUE)]",
        "[User('ann', email='x@y.z', access=[VALUE])]",
        "[User('ann', email='x@y.z', access=[view(VALUE)])]",
        "[User('ann', email='x@y.z', access=[ClusterRole(VALUE)('web')])]",
        "[User('ann', email='x@y.z', access=[Role('r', VALUE)('web')])]",
        "[User('ann', email='x@y.z', access=[Role('r', [Rule(VALUE, [VALUE])])('web')])]",
        "[User('ann', email='x@y.z', access=[Grant(VALUE, VALUE)])]",
        "[User('ann', email='x@y.z', looks_like=VALUE)]",
        "[User('ann', email='x@y.z', looks_like={'bob': VALUE})]",
        "[]; TEAM = VALUE",
        "[]; TEAM = Team(name=VALUE)",
        "[]; TEAM = Team(namespace=VALUE)",
        "[]; TEAM = Team(access=VALUE)",
        "[]; TEAM = Team(existing_namespace=VALUE)",
    ],
)
def test_whatever_stands_in_a_field_is_a_problem_of_its_file(
    users: Users, place: str, value: str
) -> None:
    deep = "deep = []\nfor _ in range(100_000): deep = [deep]\n" if value == "deep" else ""

    with pytest.raises(RosterError, match=r"^users/web\.py"):
        load_roster(users(web=f"{deep}USERS = {place.replace('VALUE', f'({value})')}"))
