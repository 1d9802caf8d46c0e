"""What is wrong only when all teams are seen together."""

from collections.abc import Iterator, Sequence
from itertools import chain, groupby, islice

from kuberoster.model.errors import Fault, Problem
from kuberoster.model.names import LABEL_LENGTH, did_you_mean, is_email, look_alike, shortened
from kuberoster.model.plain import Foreign
from kuberoster.model.team_file import TeamFile
from kuberoster.model.user import User
from kuberoster.model.waived import waivers_in

_SHOWN = 3
"""Users that a name is taken for who are named; the others are counted."""
_HINTS = 20
"""Owners who are not there for whom one is looked for who may be meant."""


def problems_across_teams(files: Sequence[TeamFile]) -> Iterator[Problem]:
    """Names used twice, names that look alike, owners who are not there, shared namespaces."""
    everyone = [(file, user) for file in files for user in file.users if _is_named(user)]
    yield from _doubles(everyone)
    yield from _look_alikes(everyone)
    yield from _shared_namespaces(files)
    if all(file.imported for file in files):
        # Else whoever is missed here may stand in the file that does not import.
        yield from _accepted_in_vain(everyone)
        yield from _owners(files, everyone)


def user_problem(file: TeamFile, user: User, fault: Fault) -> Problem:
    """A fault of a user, who may have anything for a name."""
    name: object = user.name
    subject = f"user {shortened(name, LABEL_LENGTH + 2)}"
    if type(name) is Foreign:
        place = next(place for place, each in enumerate(file.users, start=1) if each is user)
        subject += f", entry {place} of USERS"
    return Problem(file=file.path, subject=subject, fault=fault)


def _doubles(everyone: list[tuple[TeamFile, User]]) -> Iterator[Problem]:
    first: dict[str, TeamFile] = {}
    for file, user in everyone:
        if user.name in first:
            wrong = f"is in {first[user.name].path} already"
            mend = "A name is used once over all teams. Remove one, or choose another name."
            yield user_problem(file, user, Fault(wrong, mend))
        first.setdefault(user.name, file)


def _look_alikes(everyone: list[tuple[TeamFile, User]]) -> Iterator[Problem]:
    likeness = sorted(everyone, key=lambda entry: look_alike(entry[1].name))
    for _, same in groupby(likeness, key=lambda entry: look_alike(entry[1].name)):
        users = list({user.name: (file, user) for file, user in same}.items())
        meant: dict[str, set[str]] = {}
        for name, (_, user) in users:
            for other in _accepted(user):
                meant.setdefault(name, set()).add(other)
                meant.setdefault(other, set()).add(name)
        others: dict[str, TeamFile] = {}
        for name, (file, user) in users:
            unmeant = (each for each in others if each not in meant.get(name, ()))
            if shown := list(islice(unmeant, _SHOWN)):
                left = len(others) - len(others.keys() & meant.get(name, set())) - len(shown)
                named = ", ".join(f"{each!r} of {others[each].path}" for each in shown)
                named += f" and {left:,} more" if left else ""
                accepted = ", ".join(f"{each!r}: 'why'" for each in shown)
                fault = Fault(
                    f"name is easily taken for {named}",
                    "Choose a clearer name; or, where both are meant, add "
                    f"looks_like={{{accepted}}} to this user.",
                )
                yield user_problem(file, user, fault)
            others[name] = file


def _accepted_in_vain(everyone: list[tuple[TeamFile, User]]) -> Iterator[Problem]:
    names = {user.name for _, user in everyone}
    for file, user in everyone:
        for other in _accepted(user):
            alike = other in names and look_alike(other) == look_alike(user.name)
            if other == user.name or not alike:
                wrong = f"looks_like names {shortened(other)}, which no other user resembles"
                mend = "It accepts a resemblance that is there. Remove it."
                yield user_problem(file, user, Fault(wrong, mend))


def _owners(files: Sequence[TeamFile], everyone: list[tuple[TeamFile, User]]) -> Iterator[Problem]:
    names = {user.name for _, user in everyone}
    people = {user.name for _, user in everyone if user.email is not None}

    hints: dict[str, str] = {}

    def hint(owner: str) -> str:
        if owner not in hints:
            hints[owner] = did_you_mean(owner, people) if len(hints) < _HINTS else ""
        return hints[owner]

    def faults(owner: object, of: str = "") -> Iterator[Fault]:
        if type(owner) is str and owner.strip() and not is_email(owner) and owner not in people:
            what = "has no email" if owner in names else "is no user"
            mend = "An owner is a user with an email, or an e-mail address."
            yield Fault(f"owner {shortened(owner)}{of} {what}", mend + hint(owner))

    def waived(access: object) -> Iterator[Fault]:
        for _, waiver in waivers_in(access):
            yield from faults(waiver.owner, f" of the waiver of {shortened(waiver.rule)}")

    for file in files:
        for fault in waived(file.team.access):
            yield Problem(file=file.path, subject=f"team {file.team.name!r}", fault=fault)
    for file, user in everyone:
        for fault in chain(faults(user.owner), waived(user.access)):
            yield user_problem(file, user, fault)


def _shared_namespaces(files: Sequence[TeamFile]) -> Iterator[Problem]:
    first: dict[str, TeamFile] = {}
    for file in files:
        namespace = file.team.namespace
        if type(namespace) is not str:
            continue
        if namespace in first:
            wrong = f"namespace {namespace!r} is that of {first[namespace].path} too"
            mend = "A team has a namespace of its own. Name another, or leave it out."
            subject = f"team {file.team.name!r}"
            yield Problem(file=file.path, subject=subject, fault=Fault(wrong, mend))
        first.setdefault(namespace, file)


def _is_named(user: User) -> bool:
    name: object = getattr(user, "name", None)
    return type(name) is str and name != ""


def _accepted(user: User) -> list[str]:
    names = user.looks_like if isinstance(user.looks_like, dict) else ()
    return [name for name in names if type(name) is str]
