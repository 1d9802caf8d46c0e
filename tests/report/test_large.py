"""1,000 users."""

import time
from collections.abc import Callable

import pytest

from kuberoster.model.counted import counted
from tests.report.conftest import Open, Opened
from tests.report.sample import large
from tests.slowness import slowness

Record = Callable[[str, object], None]

LIMIT = 2.0
"""Seconds from the navigation to the answer to the first key."""


def usable_in(report: Opened, *, times: int) -> float:
    """Seconds from the navigation to the answer to the first key.

    The fastest of so many tries, since other work on this machine makes it slower and never
    faster; and the first one that is fast enough.
    """
    took: list[float] = []
    # Not wait_for_function, which the Content Security Policy stops from asking twice.
    answer = report.page.locator("#shown", has_text=" of ")
    for _ in range(times):
        started = time.perf_counter()
        report.page.goto(report.file.as_uri())
        report.page.get_by_label("Search").press("7")
        answer.wait_for()
        took.append(time.perf_counter() - started)
        if took[-1] < LIMIT:
            break
    del report.requests[1:]
    return min(took)


@pytest.mark.parametrize("teams", [pytest.param(20, marks=pytest.mark.long), 1])
def test_1000_users_are_open_and_searched_within_2_seconds(
    teams: int, open_report: Open, record_property: Record
) -> None:
    roster = large(1000, teams=teams, namespaces=100)
    report = open_report(roster)
    took = usable_in(report, times=5)

    record_property("measured", f"1,000 users in {counted(teams, 'team')} usable in {took:.2f} s")
    assert took < LIMIT * slowness()


def test_1000_users_are_sorted_and_searched_within_a_second(
    open_report: Open, record_property: Record
) -> None:
    report = open_report(large(1000, teams=20, namespaces=100))
    fastest = report.page.evaluate("""() => {
        const [user, risk] = [0, 6].map(i => document.querySelectorAll('#users thead button')[i]);
        const search = document.getElementById('search');
        const acts = [() => user.click(), () => risk.click(), () => {
            search.value = search.value ? '' : '42';
            search.dispatchEvent(new Event('input', {bubbles: true}));
        }];
        const frame = () => new Promise(done => requestAnimationFrame(() => setTimeout(done)));
        return (async () => {
            const fastest = [];
            for (const act of acts) {
                const took = [];
                for (let i = 0; i < 4; i++) {
                    const started = performance.now();
                    act();
                    await frame();
                    document.body.offsetHeight;
                    took.push(performance.now() - started);
                }
                fastest.push(Math.min(...took));
            }
            return fastest;
        })();
    }""")

    sorts, again, search = (f"{each:.0f} ms" for each in fastest)
    record_property("measured", f"1,000 users sorted in {sorts} and {again}, searched in {search}")
    assert max(fastest) < 1000 * LIMIT / 2
