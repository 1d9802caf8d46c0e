"""Who can act as whom, drawn and in words."""

from playwright.sync_api import Locator

from kuberoster import ClusterRole, Role, Rule, Team, User, view
from kuberoster.model.roster import Roster, TeamRoster
from tests.report.conftest import Open, Opened
from tests.report.sample import SAMPLE

token_reader = Role("token-reader", rules=[Rule(["get"], ["secrets"])])


def impersonator(name: str) -> Role:
    rules = [Rule(["impersonate"], ["serviceaccounts"], resource_names=[name])]
    return Role(f"as-{name}", rules=rules)


def boxes_of(report: Opened) -> list[tuple[str, str]]:
    """Title and detail of each box, the left side before the right, from above."""
    texts = report.page.locator(".picture text").all_text_contents()
    return list(zip(texts[::2], texts[1::2], strict=True))


def _rows(report: Opened) -> list[str]:
    report.page.locator(".acting summary").first.click()
    rows = report.page.locator("#acting tbody tr")
    return [" ".join(row.split()) for row in rows.all_inner_texts()]


def test_each_attacker_is_drawn_with_a_line_to_whom_it_can_act_as(open_report: Open) -> None:
    report = open_report(SAMPLE)

    assert boxes_of(report) == [
        ("ines.duarte, tomasz.nowak", "team platform"),
        ("backup", "team platform"),
        ("ann.lind", "team shop"),
        ("Everyone", "11 users"),
        ("Team shop", "4 users"),
        ("backup", "team platform"),
    ]
    assert _lines(report) == [(0, 0), (1, 1), (2, 1), (2, 2)]
    drawn = report.page.get_by_role("img", name="4 users to the left")
    assert drawn.is_visible()


def _lines(report: Opened) -> list[tuple[int, int]]:
    """From which box on the left to which on the right each line is seen to lead."""
    middles = """boxes => boxes.map(box => {
        const place = box.getBoundingClientRect();
        return [place.left, place.top + place.height / 2];
    })"""
    places = report.page.locator(".picture rect").evaluate_all(middles)
    edge = min(left for left, _ in places)
    sides = [y for left, y in places if left == edge], [y for left, y in places if left != edge]
    ends = """lines => lines.map(line => [0, line.getTotalLength()].map(
        at => line.getPointAtLength(at).matrixTransform(line.getScreenCTM()).y))"""
    drawn = report.page.locator(".picture .way:not(.head)").evaluate_all(ends)
    return [(_nearest(sides[0], start), _nearest(sides[1], end)) for start, end in drawn]


def _nearest(middles: list[float], y: float) -> int:
    at = min(range(len(middles)), key=lambda number: abs(middles[number] - y))
    assert abs(middles[at] - y) < 1
    return at


def test_the_table_says_the_steps_of_each_path(open_report: Open) -> None:
    assert _rows(open_report(SAMPLE)) == [
        "ines.duarte, tomasz.nowak team platform every other user of the roster "
        "read their tokens in Secrets",
        "backup team platform every other user of team shop read their tokens in Secrets",
        "ann.lind team shop every other user of team shop "
        "impersonate them, then as backup read their tokens in Secrets",
        "ann.lind team shop backup of team platform impersonate them",
    ]


def test_who_starts_later_is_drawn_and_marked_in_the_table(open_report: Open) -> None:
    later = User("piet.later", starts="2027-01-11", access=[token_reader("users-dock")])
    report = open_report(_team("dock", later, User("piet.now")))

    assert boxes_of(report) == [("piet.later", "team dock"), ("Team dock", "2 users")]
    assert _rows(report)[0].startswith("piet.later (not started) team dock")


def test_who_is_suspended_takes_no_token(open_report: Open) -> None:
    gone = User("piet.gone", suspended="on leave", access=[token_reader("users-dock")])
    report = open_report(_team("dock", gone, User("piet.now"), User("piet.too")))

    assert _section(report).inner_text().endswith("Nobody can act as another user.")


def test_without_a_path_there_is_one_sentence_and_no_picture(open_report: Open) -> None:
    report = open_report(_team("dock", User("piet.now", access=[view("quay")]), User("piet.too")))

    assert _section(report).inner_text().split("\n")[-1] == "Nobody can act as another user."
    assert _section(report).locator("svg, table").count() == 0


def test_with_unknown_roles_the_sentence_says_how_far_it_goes(open_report: Open) -> None:
    unknown = User("piet.now", access=[ClusterRole("from-a-chart")("quay")])
    report = open_report(_team("dock", unknown, User("piet.too")))

    assert (
        _section(report)
        .inner_text()
        .endswith("As far as roles are known, nobody can act as another user.")
    )


def _team(name: str, *users: User) -> Roster:
    return Roster((TeamRoster(team=Team(name=name), users=users),))


def _section(report: Opened) -> Locator:
    return report.page.get_by_role("region", name="Who can act as whom")


def test_what_is_wider_than_its_box_is_cut_off_there(open_report: Open) -> None:
    wide = User("w" * 60, access=[token_reader("users-dock")])
    report = open_report(_team("dock", wide, User("piet.now")))

    cut = report.page.locator(".picture text").first
    assert cut.text_content() == f"{'w' * 33}…"
    assert cut.evaluate("each => getComputedStyle(each.parentElement).overflow") == "hidden"
    assert _rows(report)[0].startswith("w" * 60)


def test_long_names_are_counted_and_no_name_is_lost_without_a_word(open_report: Open) -> None:
    attackers = [
        User(f"piet.of.the.dock-{at}", access=[token_reader("users-dock")]) for at in range(3)
    ]
    report = open_report(_team("dock", *attackers))

    assert boxes_of(report)[0] == ("3 users", "team dock: piet.of.the.dock-0 and others")


def test_who_comes_to_each_team_one_after_the_other_comes_to_everyone(open_report: Open) -> None:
    first, second = (
        TeamRoster(
            team=Team(name=team),
            users=(
                User(f"piet.{team}", access=[token_reader(f"users-{following}")]),
                User(f"rosa.{team}"),
            ),
        )
        for team, following in (("dock", "quay"), ("quay", "dock"))
    )
    report = open_report(Roster((first, second)))

    assert boxes_of(report) == [
        ("piet.dock", "team dock"),
        ("piet.quay", "team quay"),
        ("Everyone", "4 users"),
    ]


def test_what_does_not_fit_is_counted_and_nobody_is_said_to_reach_more(open_report: Open) -> None:
    users = [
        User(f"piet-{at:02}", access=[impersonator(f"rosa-{at:02}")("users-dock")])
        for at in range(13)
    ]
    victims = [User(f"rosa-{at:02}") for at in range(13)]
    report = open_report(_team("dock", *users, *victims))

    assert boxes_of(report) == [
        ("13 users", "team dock: piet-00 and others"),
        ("13 users", "of team dock"),
    ]
    legend = report.page.locator(".acting .legend").inner_text()
    assert "a line may be about some of a box alone; the table has each" in legend
    assert len(_rows(report)) == 13
