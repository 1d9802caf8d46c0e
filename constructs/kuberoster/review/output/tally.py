"""Changes counted, where there is no room to tell each."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kuberoster.model.counted import counted
from kuberoster.model.severity import SEVERITIES
from kuberoster.review.change.user_change import UserChange
from kuberoster.review.output.line import Line


@dataclass(frozen=True, kw_only=True, slots=True)
class TeamTally:
    """How many users of a team change, and how."""

    team: str
    users: int
    gain: int
    """Users who can do something that they could not."""
    lose: int
    issued: int
    """Tokens, those that replace one of the same label included."""
    revoked: int
    risks: int
    """New findings."""

    def __str__(self) -> str:
        parts = (
            (self.gain, f"{self.gain:,} can do more"),
            (self.lose, f"{self.lose:,} can do less"),
            (self.issued, f"{counted(self.issued, 'token')} issued"),
            (self.revoked, f"{counted(self.revoked, 'token')} revoked"),
            (self.risks, counted(self.risks, "new risk")),
        )
        said = ", ".join(words for number, words in parts if number)
        return f"{self.team}: {counted(self.users, 'user')} with changes" + (said and f": {said}")


def by_team(users: Iterable[UserChange]) -> list[TeamTally]:
    """The changes of users, counted for each team."""
    teams: defaultdict[str, list[UserChange]] = defaultdict(list)
    for user in users:
        teams[user.team].append(user)
    return [_of_team(team, members) for team, members in sorted(teams.items())]


def _of_team(team: str, users: list[UserChange]) -> TeamTally:
    tokens = Counter(token.change for user in users for token in user.tokens)
    return TeamTally(
        team=team,
        users=len(users),
        gain=sum(any(scope.gained for scope in user.access) for user in users),
        lose=sum(any(scope.lost for scope in user.access) for user in users),
        issued=tokens["issued"] + tokens["replaced"],
        revoked=tokens["revoked"] + tokens["replaced"],
        risks=sum(len(user.new_findings) for user in users),
    )


def in_short(user: UserChange) -> Iterator[Line]:
    """What changes for a user without names of namespaces, tokens and rules, nor free text."""
    for event in user.events:
        yield Line(text=event.label)
    for change, number in sorted(Counter(token.change for token in user.tokens).items()):
        yield Line(text=f"{counted(number, 'token')} {change}")
    if gained := [scope.namespace for scope in user.access if scope.gained]:
        yield Line(text=f"+ can do more {_places(gained)}", kind="gain")
    if lost := [scope.namespace for scope in user.access if scope.lost]:
        yield Line(text=f"- can do less {_places(lost)}", kind="loss")
    if other := [scope for scope in user.access if not (scope.gained or scope.lost)]:
        yield Line(text=f"has other bindings in {counted(len(other), 'place')}")
    new = Counter(finding.severity for finding in user.new_findings)
    mended = Counter(finding.severity for finding in user.mended_findings)
    for severity in SEVERITIES:
        if new[severity]:
            yield Line(text=f"{counted(new[severity], f'new {severity} risk')}", kind="risk")
        if mended[severity]:
            text = f"{counted(mended[severity], f'{severity} risk')} no longer"
            yield Line(text=text, kind="mended")


def _places(namespaces: list[str]) -> str:
    some = [name for name in namespaces if name]
    everywhere = [] if len(some) == len(namespaces) else ["over the whole cluster"]
    within = [f"in {counted(len(some), 'namespace')}"] if some else []
    return " and ".join([*everywhere, *within])
