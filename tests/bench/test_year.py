"""What a simulated year does to a roster, and how it is shown."""

from bench.company import WORKING_DAYS, Changes, Company
from bench.process import Cost
from bench.year import Day, Weight, Year, as_markdown

USERS = 500


def test_in_a_year_a_tenth_joins_and_leaves_and_each_token_is_rotated() -> None:
    company = Company(USERS)
    before = {user for members in company.teams.values() for user in members}

    days = [company.live(day) for day in range(WORKING_DAYS)]

    after = {user for members in company.teams.values() for user in members}
    assert sum(day.joined for day in days) == sum(day.left for day in days) == USERS / 10
    assert sum(day.rotated for day in days) == USERS
    assert len(after) == USERS
    assert len(before - after) > USERS / 20
    old = [token for members in company.teams.values() for token in members.values()]
    joiners = [user for user in after if user.startswith("joiner-")]
    assert old.count("2026q4") == len(joiners) > USERS / 20


def test_a_day_is_the_same_in_each_run_and_names_the_teams_that_change() -> None:
    companies = [Company(USERS), Company(USERS)]
    companies[1].live(3)
    before = {team: dict(members) for team, members in companies[0].teams.items()}

    days = [company.live(9) for company in companies]

    assert days[0] == days[1]
    changed = {team for team in before if companies[0].teams[team] != before[team]}
    assert set(days[0].teams) == changed
    assert days[0].joined == days[0].left == 1


def test_the_tables_say_what_a_day_costs() -> None:
    cost = Cost(seconds=2.0, cpu_seconds=3.0, peak_mib=100)
    changes = Changes(joined=1, left=2, rotated=3, teams=("a", "b"))
    days = tuple(
        Day(day=day, changes=changes, synth=cost, apply=Cost(seconds=t, cpu_seconds=1, peak_mib=5))
        for day, t in ((1, 10.0), (126, 34.0), (200, 16.0))
    )
    weight = Weight(
        states=5, state_bytes=9000, largest_state_bytes=3000, stored_mib=7, api_server_mib=300
    )
    year = Year(
        users=500,
        tokens_per_second=9.87,
        days=days,
        end={"plans": cost},
        empty=weight,
        full=weight,
    )

    shown = as_markdown(year).splitlines()

    assert "3 of 250 working days were carried out. A day's deploy takes 18 s (median)" in shown[0]
    assert "all of them together 1.2 hours of two cores." in shown[0]
    assert "| plans | 2.0 | 100 |" in shown
    assert "| 126 | 1 | 2 | 3 | 2 | 2.0 | 34.0 | 100 |" in shown
    assert "| all states, kB | 9 | 9 |" in shown
    assert "| tokens made a second | | 9.9 |" in shown
