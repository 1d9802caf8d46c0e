"""What is wrong only when all teams are seen together."""

from collections.abc import Iterator, Sequence
from itertools import chain, groupby

from kuberoster.model.errors import Fault, Problem
from kuberoster.model.names import LABEL_LENGTH, did_you_mean, is_email, look_alike, shortened
from kuberoster.model.plain import Foreign
from kuberoster.model.team_file import TeamFile
from kuberoster.model.user import User
from kuberoster.model.waived import waivers_in


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
        meant = {
            frozenset((user.name, other)) for _, (_, user) in users for other in _accepted(user)
        }
        for position, (name, (file, user)) in enumerate(users):
            for other, (where, _) in users[:position]:
                if frozenset((name, other)) not in meant:
                    yield user_problem(
                        file,
                        user,
                        Fault(
                            f"name is easily taken for {other!r} of {where.path}",
                            "Choose a clearer name; or, where both are meant, add "
                            f"looks_like={{{other!r}: 'why'}} to this user.",
                        ),
                    )


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

    def faults(owner: object, of: str = "") -> Iterator[Fault]:
        if type(owner) is str and owner.strip() and not is_email(owner) and owner not in people:
            what = "has no email" if owner in names else "is no user"
            mend = "An owner is a user with an email, or an e-mail address."
            hint = did_you_mean(owner, people)
            yield Fault(f"owner {shortened(owner)}{of} {what}", mend + hint)

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
            mend = "A team has a namespace of its own. Name another: TEAM = Team(namespace='...')."
            subject = f"team {file.team.name!r}"
            yield Problem(file=file.path, subject=subject, fault=Fault(wrong, mend))
        first.setdefault(namespace, file)


def _is_named(user: User) -> bool:
    name: object = getattr(user, "name", None)
    return type(name) is str and name != ""


def _accepted(user: User) -> list[str]:
    names = user.looks_like if isinstance(user.looks_like, dict) else ()
    return [name for name in names if type(name) is str]
