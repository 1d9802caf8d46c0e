"""Reviews of rosters that are made in Python, without files."""

import tempfile
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import cache
from pathlib import Path

from kuberoster.model.roster import Roster, TeamRoster
from kuberoster.model.settings import Settings, load_settings
from kuberoster.model.team import Team
from kuberoster.model.user import User
from kuberoster.review.change.review import Review, review
from kuberoster.review.change.side import Side, side

DAY = date(2026, 11, 24)
HOSTILE = (
    "@ann please look",
    "closes #12 and org/repo#3, GH-4",
    "<img src=x onerror=alert(1)>",
    "</summary></details></code><!-- --> <script>alert(1)</script>",
    "[click](https://evil.example) ![x](https://evil.example/x.png)",
    "www.evil.example https://evil.example <https://evil.example> evil@example.com",
    "``` ` `` ```` ~~~ $`x`$ $$y$$",
    "| a | b | --- # ## > * + 1. 2) [ ] [^1] {x}",
    "deadbeefcafe 0123456789abcdef0123456789abcdef01234567 :smile: &amp; &#64;ann",
    "\\@ann \\`x\\` **bold** _it_ ~~gone~~ !5 %6 ~label &7 /close",
    "\N{PILE OF POO}" * 200,
    "\N{CJK UNIFIED IDEOGRAPH-4E2D}" * 400,
)


@cache
def _settings() -> Settings:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "cdktf.json").write_text("{}")
        return load_settings(Path(folder))


def side_of(teams: Mapping[str, Iterable[User]], day: date = DAY, team: Team | None = None) -> Side:
    """A side with these teams; `team` is what one of them says of itself."""
    said = {team.name: team} if team else {}
    roster = Roster(
        tuple(
            TeamRoster(team=said.get(name, Team(name=name)), users=tuple(users))
            for name, users in sorted(teams.items())
        )
    )
    return side(_settings(), roster, day)


def review_of(
    before: Mapping[str, Iterable[User]], after: Mapping[str, Iterable[User]], day: date = DAY
) -> Review:
    """What the second means after the first."""
    return review(side_of(before, day), side_of(after, day), day, "a test")


def numbered(number: int, make: Callable[[int], User]) -> dict[str, list[User]]:
    """So many users, spread over teams of a hundred."""
    teams: dict[str, list[User]] = {}
    for one in range(number):
        teams.setdefault(f"out{one // 100}", []).append(make(one))
    return teams
