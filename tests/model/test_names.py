"""What a name, an address and a text may be, and what the refusal says."""

from collections.abc import Iterable

import pytest

from kuberoster import User
from kuberoster.model.errors import Fault, Problem
from kuberoster.model.names import (
    email_faults,
    is_email,
    look_alike,
    namespace_faults,
    reserved_namespace_faults,
    role_name_faults,
    shortened,
    text_faults,
    user_name_faults,
)


def wrongs(faults: Iterable[Fault]) -> list[str]:
    return [fault.wrong for fault in faults]


def test_the_message_for_a_name_with_capitals_says_what_is_allowed_and_proposes_one() -> None:
    [fault] = User("Ann_Smith", email="ann@example.com").faults()

    assert str(Problem(file="users/web.py", subject="user 'Ann_Smith'", fault=fault)) == (
        "users/web.py: user 'Ann_Smith': name has 'A', '_', 'S'.\n"
        "A name becomes a ServiceAccount's: lower-case letters, digits, '-' and '.', "
        "starting and ending with a letter or digit. Try 'ann.smith'."
    )


@pytest.mark.parametrize(
    "name", ["a", "7", "ann", "ann.smith", "ci-deploy", "1password", "a--b", "xn--mnchen-3ya"]
)
def test_a_dns_subdomain_is_a_users_name(name: str) -> None:
    assert not [*user_name_faults(name)]


@pytest.mark.parametrize(
    ("name", "wrong", "proposal"),
    [
        ("ann smith", "name has ' '", "ann.smith"),
        ("ann@example.com", "name has '@'", "ann.example.com"),
        ("Zoë", "name has 'Z', 'ë'", "zoe"),
        ("-ann", "name has a mark where a letter or digit has to be", "ann"),
        ("ann.", "name has a mark where a letter or digit has to be", "ann"),
        ("ann..smith", "name has a mark where a letter or digit has to be", "ann.smith"),
        ("ann.-smith", "name has a mark where a letter or digit has to be", "ann.smith"),
        ("ann\n", "name has '\\n'", "ann"),
        ("ann\ud800", "name has '\\ud800'", "ann"),
        ("${ann}", "name has '$', '{', '}'", "ann"),
        ("아나", "name has '아', '나'", None),
        ("...", "name has a mark where a letter or digit has to be", None),
        ("", "name is ''", None),
        (None, "name is None", None),
        (7, "name is 7", None),
        (["ann"], "name is ['ann']", None),
        (b"ann", "name is b'ann'", None),
        ("a" * 64, "name has 64 characters", None),
    ],
)
def test_another_name_is_refused_with_a_proposal_that_would_do(
    name: object, wrong: str, proposal: str | None
) -> None:
    [fault] = user_name_faults(name)

    assert fault.wrong == wrong
    assert ("Try" in fault.mend) == (proposal is not None)
    if proposal:
        assert fault.mend.endswith(f" Try {proposal!r}.")
        assert not [*user_name_faults(proposal)]


def test_a_name_may_have_63_characters() -> None:
    assert not [*user_name_faults("a" * 63)]


def test_a_long_list_of_odd_characters_is_cut() -> None:
    [fault] = user_name_faults("ABCDEFGHIJKL")

    assert fault.wrong == "name has 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H'"


@pytest.mark.parametrize(
    "name", ["default", "system", "system.masters", "systemd", "kube-admin", "kuberoster-deployer"]
)
def test_a_name_with_a_meaning_in_the_cluster_is_reserved(name: str) -> None:
    [fault] = user_name_faults(name)

    assert fault.wrong == f"name {name!r} is reserved"
    assert fault.mend.endswith(f"Try 'user-{name}'.")
    assert not [*user_name_faults(f"user-{name}")]


@pytest.mark.parametrize("name", ["defaults", "kube", "kubectl", "my-system", "de-fault"])
def test_a_name_that_only_begins_like_a_reserved_one_is_free(name: str) -> None:
    assert not [*user_name_faults(name)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("bob", "b0b"),
        ("lisa", "1isa"),
        ("lisa", "iisa"),
        ("marn", "mam"),
        ("ann.smith", "ann-smith"),
        ("0rn1.i", "oml-1"),
    ],
)
def test_names_that_a_tired_reader_takes_for_each_other_look_alike(one: str, other: str) -> None:
    assert one != other
    assert look_alike(one) == look_alike(other)


@pytest.mark.parametrize(
    ("one", "other"), [("ann", "anna"), ("bob", "rob"), ("a.b", "ab"), ("marn", "man"), ("2", "z")]
)
def test_other_names_do_not_look_alike(one: str, other: str) -> None:
    assert look_alike(one) != look_alike(other)


@pytest.mark.parametrize("namespace", ["web", "0", "a" * 63])
def test_a_dns_label_is_a_namespace(namespace: str) -> None:
    assert not [*namespace_faults("namespace", namespace)]


@pytest.mark.parametrize(
    ("namespace", "wrong"),
    [
        ("web.api", "namespace 'web.api' has '.'"),
        ("Web", "namespace 'Web' has 'W'"),
        ("web-", "namespace 'web-' has a mark where a letter or digit has to be"),
        ("*", "namespace '*' has '*'"),
        ("", "namespace is ''"),
        (None, "namespace is None"),
        ("a" * 64, f"namespace '{'a' * 27}...{'a' * 7}' has 64 characters"),
    ],
)
def test_another_namespace_is_refused(namespace: object, wrong: str) -> None:
    assert wrongs(namespace_faults("namespace", namespace)) == [wrong]


@pytest.mark.parametrize(
    ("namespace", "wrong"),
    [
        ("state", "namespace 'state' holds Terraform's state"),
        ("default", "namespace 'default' belongs to the cluster"),
        ("kube-system", "namespace 'kube-system' belongs to the cluster"),
    ],
)
def test_users_do_not_live_with_others(namespace: str, wrong: str) -> None:
    assert wrongs(reserved_namespace_faults(namespace, "state")) == [wrong]


def test_users_live_in_any_other_namespace() -> None:
    assert not [*reserved_namespace_faults("users-kube", "state")]


@pytest.mark.parametrize("name", ["view", "system:node", "a_b.c:D-1", "r" * 120])
def test_a_role_has_letters_digits_and_marks_between(name: str) -> None:
    assert not [*role_name_faults("Role", name)]


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("a/b", "Role 'a/b' has '/'"),
        ("role=x", "Role 'role=x' has '='"),
        ("x:", "Role 'x:' has a mark where a letter or digit has to be"),
        ("r" * 121, f"Role '{'r' * 27}...{'r' * 7}' has 121 characters"),
        ("", "Role is ''"),
        (None, "Role is None"),
    ],
)
def test_another_role_is_refused(name: object, wrong: str) -> None:
    assert wrongs(role_name_faults("Role", name)) == [wrong]


@pytest.mark.parametrize(
    "email", ["ann@example.com", "a.b+c@localhost", "o'neill@x.ie", "zoë@example.com", "${a}@b.c"]
)
def test_an_address_with_an_at_is_an_email(email: str) -> None:
    assert is_email(email)
    assert not [*email_faults("email", email)]


@pytest.mark.parametrize(
    "email",
    [
        "",
        "ann",
        "ann@",
        "@example.com",
        "a@b@c",
        "Ann <ann@example.com>",
        "a@b.c, d@e.f",
        "a@b.c\n",
        "a@b.c\u200b",
        "a@-b.c",
        "a" * 250 + "@b.cd",
        "TfToken[@b.c",
        None,
        7,
        ["a@b.c"],
    ],
)
def test_anything_else_is_no_email(email: object) -> None:
    assert not is_email(email)
    [fault] = email_faults("email", email)
    assert fault.wrong == f"email is {shortened(email)}"


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("", "note is ''"),
        (" ", "note is ' '"),
        (7, "note is 7"),
        ("two\nlines", "note has the character '\\n'"),
        ("\x1b[31mred", "note has the character '\\x1b'"),
        ("rtl \u202e", "note has the character '\\u202e'"),
        ("\ud800", "note has the character '\\ud800'"),
        ("${TfToken[TOKEN.1]}", "note has 'TfToken['"),
        ("x" * 1001, "note has 1001 characters"),
    ],
)
def test_a_note_is_one_printable_line(text: object, wrong: str) -> None:
    assert wrongs(text_faults("note", text)) == [wrong]


@pytest.mark.parametrize("text", ["On-call", "für Zoë 🎉", "costs ${5} or %{7}", "x" * 1000])
def test_any_printable_line_is_a_note(text: str) -> None:
    assert not [*text_faults("note", text)]


def test_what_can_not_be_shown_is_named_by_its_type() -> None:
    assert shortened(10**5000) == "<int that can't be shown>"
