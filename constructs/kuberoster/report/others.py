"""As whom a user can act, and who can act as the user."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from kuberoster.model.counted import counted
from kuberoster.report.content import Content
from kuberoster.report.markup import Markup, html, joined
from kuberoster.report.person import Person
from kuberoster.report.reach import widest
from kuberoster.risk.paths import Accounts, Paths
from kuberoster.risk.paths.target import wider

_NAMED = 4
"""What is more is counted; the section on acting as others has all."""


class Others:
    """Who can act as whom, ready to be asked for each user."""

    def __init__(self, content: Content) -> None:
        """Turn the paths round once; a thousand users ask."""
        self._paths = content.paths
        self._reached: Mapping[Accounts, frozenset[Accounts]] = widest(content.paths)
        self._thieves: defaultdict[Accounts, set[Accounts]] = defaultdict(set)
        for thief, reached in self._reached.items():
            for victims in reached:
                self._thieves[victims].add(thief)
        self._people = {(each.team.namespace, each.name): each for each in content.people}

    def lines(self, person: Person) -> Iterator[Markup]:
        """`can act as ...` and `can be acted as by ...`, each where it is so."""
        user = Accounts(person.team.namespace, person.name)
        if reached := self._reached.get(user):
            first = sorted(reached, key=lambda each: (bool(each.namespace), bool(each.name), each))
            named = [html("b", whom(each, self._paths)) for each in first[:_NAMED]]
            yield _line("can act as ", named, len(first), "alarm")
        if user.name not in self._paths.users.get(user.namespace, ()):
            return
        if thieves := sorted(set().union(*map(self._by, wider(user))) - {user}):
            linked = [self._link(each) for each in thieves[:_NAMED]]
            yield _line("can be acted as by ", linked, len(thieves))

    def _by(self, victims: Accounts) -> set[Accounts]:
        return self._thieves.get(victims, set())

    def _link(self, thief: Accounts) -> Markup:
        return html("a", name_and_state(self._people[thief]), href=f"#user-{thief.name}")


def _line(start: str, named: Sequence[Markup], number: int, *classes: str) -> Markup:
    more = number - len(named)
    rest = f" and {counted(more, 'other')}" if more else ""
    words = start, joined(named, ", "), rest
    return html("span", *words, class_=" ".join(["line", "others", *classes]))


def name_and_state(person: Person) -> str:
    """A user's name, marked where the user is not active."""
    return person.name if person.state == "active" else f"{person.name} ({person.state})"


def whom(victims: Accounts, paths: Paths) -> str:
    """Who can be acted as, in words."""
    home, name = victims
    if name:
        return f"{name} of team {paths.teams[home]}"
    return f"every other user of {f'team {paths.teams[home]}' if home else 'the roster'}"
