"""Who can act as whom, among 1,000 users."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from kuberoster.model.roster import Roster, TeamRoster
from tests.report.conftest import Open
from tests.report.sample import large
from tests.report.test_large import LIMIT, Record, usable_in
from tests.report.test_picture import boxes_of, impersonator, token_reader
from tests.slowness import slowness


def _risky(users: int, teams: int) -> Iterator[TeamRoster]:
    """Every second user can act as the next one, every twentieth as all of the next team."""
    for number, entry in enumerate(large(users, teams=teams, namespaces=100).teams):
        home, following = (f"users-team-{each % teams:02}" for each in (number, number + 1))
        changed = list(entry.users)
        for at in range(0, len(changed), 2):
            access = [*changed[at].access, impersonator(changed[at + 1].name)(home)]
            if at % 20 == 0:
                access.append(token_reader(following))
            changed[at] = replace(changed[at], access=tuple(access))
        yield replace(entry, users=tuple(changed))


@pytest.mark.parametrize(
    "teams", [20, *(pytest.param(teams, marks=pytest.mark.long) for teams in (4, 1))]
)
def test_of_1000_users_the_picture_fits_on_a_sheet_and_opens_within_2_seconds(
    teams: int, open_report: Open, record_property: Record
) -> None:
    report = open_report(Roster(tuple(_risky(1000, teams))))
    took = usable_in(report, times=3)
    size = report.file.stat().st_size / 1e6
    record_property(
        "measured", f"1,000 users, half with paths, usable in {took:.2f} s, {size:.1f} MB"
    )

    assert took < LIMIT * slowness()
    boxes = boxes_of(report)
    assert len(boxes) <= 2 * 12
    # More lines between two columns can't be told apart.
    assert report.page.locator(".picture .way:not(.head)").count() <= 40
    whom = "Everyone" if teams > 1 else "Team team-00"
    assert whom in [title for title, _ in boxes]
    assert all("…" not in title for title, _ in boxes)
    attackers = int(report.page.locator(".acting .legend").inner_text().split()[0])
    assert attackers > 450
    report.page.set_viewport_size({"width": 1032, "height": 703})
    report.page.emulate_media(media="print")
    # Paper has all rows laid out.
    drawn = report.page.locator(".picture > svg").bounding_box(timeout=30_000)
    assert drawn
    assert drawn["height"] < 703
    assert drawn["width"] <= 1032
