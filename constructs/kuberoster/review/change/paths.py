"""As whom a user can act after a change and could not before, and the other way round."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from kuberoster.review.change.people import Place
from kuberoster.risk.paths import Accounts, Path, Paths, Step, in_words
from kuberoster.risk.rules.roster import ACT_AS_USER

_WRITTEN = 100
"""Steps of one user's paths that JSON has, each way; more come only of many rights by name."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NamedPath:
    """A path with the names of the roster."""

    user: str | None
    """As whom; None for every other user of the team."""
    team: str | None
    """Of that user; None for every team."""
    steps: tuple[Step, ...]

    @property
    def shape(self) -> object:
        """What is the same for two users who do the same to the same users."""
        return self.user, self.team, in_words(self.steps)

    def document(self) -> dict[str, Any]:
        """The path as JSON has it."""
        return {
            "to": self.user,
            "team": self.team,
            "steps": [_step(step) for step in self.steps],
        }


def _step(step: Step) -> dict[str, Any]:
    document = step.document()
    words = document.pop("how")
    return {**document, "words": words}


@dataclass(frozen=True, kw_only=True, slots=True)
class PathChange:
    """The paths of one user that are new, and those that are closed."""

    new: tuple[NamedPath, ...] = ()
    closed: tuple[NamedPath, ...] = ()

    def __bool__(self) -> bool:
        """Whether the user can act as others than before, or no longer as some."""
        return bool(self.new or self.closed)

    def document(self) -> dict[str, Any]:
        """The change as JSON has it; of very many steps only the first are written out."""
        new, closed = _written(self.new), _written(self.closed)
        return {
            "new_paths": new,
            "more_new_paths": len(self.new) - len(new),
            "closed_paths": closed,
            "more_closed_paths": len(self.closed) - len(closed),
        }

    @property
    def widened(self) -> set[tuple[str, str]]:
        """By rule and namespace, the findings that lead to more users than before."""
        return {(ACT_AS_USER, way.steps[0].edge.scope) for way in self.new}


_NONE = PathChange()


def _written(ways: tuple[NamedPath, ...]) -> list[dict[str, Any]]:
    """The first of some paths, and at least one."""
    steps = accumulate(len(way.steps) for way in ways)
    return [
        way.document()
        for way, total in zip(ways, steps, strict=True)
        if total <= _WRITTEN or total == len(way.steps)
    ]


def path_change(
    user: str, places: tuple[Place | None, Place | None], found: tuple[Paths, Paths]
) -> PathChange:
    """What changes in whom a user can come to act as.

    Who joins a team of which a user can take every token already is no new path: that is said
    when the user gets the right. Nor is another way to where one leads already.
    """
    (old, new) = (
        paths.by(place.team.namespace, user) if place else ()
        for place, paths in zip(places, found, strict=True)
    )
    if not (old or new):
        return _NONE
    base, head = found
    return PathChange(new=tuple(_beyond(new, old, head)), closed=tuple(_beyond(old, new, base)))


def _beyond(some: Iterable[Path], known: Iterable[Path], paths: Paths) -> Iterator[NamedPath]:
    """Those of some paths that lead where no known one does, as few as say it."""
    covered = {path.victims for path in known}
    # A user keeps the name, and is the same, in another team.
    named = {victims.name for victims in covered if victims.name}
    if Accounts() in covered:
        return
    for path in some:
        victims = path.victims
        if victims.name:
            if victims.name not in named and Accounts(victims.namespace) not in covered:
                yield NamedPath(
                    user=victims.name, team=paths.teams[victims.namespace], steps=path.steps
                )
            continue
        homes = {
            home: [name for name in names if Accounts(home, name) != path.attacker]
            for home, names in paths.users.items()
            if victims.namespace in ("", home)
        }
        missing = [
            home
            for home, names in homes.items()
            if Accounts(home) not in covered and not named.issuperset(names)
        ]
        if not victims.namespace and missing == [home for home in homes if homes[home]]:
            yield NamedPath(user=None, team=None, steps=path.steps)
        else:
            for home in missing:
                yield NamedPath(user=None, team=paths.teams[home], steps=path.steps)
