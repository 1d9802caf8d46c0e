"""What a review says of whom a user can come to act as."""

import json
from dataclasses import replace
from typing import Any

from kuberoster import Grant, Team, User, edit, view
from kuberoster.model.roster import Roster, TeamRoster
from kuberoster.review.change.review import Review, review
from kuberoster.review.change.side import side
from kuberoster.review.output.content import content
from kuberoster.review.output.text import as_text
from tests.risk.paths.test_paths import account, roster_of
from tests.risk.rules.cases import can, home, within
from tests.risk.rules.test_rules import DAY, SETTINGS

READS: list[Grant] = home("list", "secrets")


def reviewed(before: Roster, after: Roster) -> Review:
    return review(side(SETTINGS, before, DAY), side(SETTINGS, after, DAY), DAY, "a test")


def changed(before: Roster, after: Roster) -> dict[str, Any]:
    """What changes for each user, as JSON has it."""
    document = json.loads(json.dumps(reviewed(before, after).document()))
    return {each["user"]: each for each in document["users"]}


def with_users(roster: Roster, *names: str) -> Roster:
    more = tuple(User(name, email="x@example.com") for name in names)
    return Roster(tuple(replace(each, users=each.users + more) for each in roster.teams[-1:]))


def rules(findings: list[dict[str, Any]]) -> set[str]:
    return {each["rule"] for finding in findings for each in (finding, *finding["implied"])}


def test_a_path_is_told_with_every_step_and_its_rights() -> None:
    ann_s = [within("users-web", account("bob"))]
    before = roster_of({"ann": ann_s})
    after = roster_of({"ann": ann_s, "bob": [within("users-api", can("list", "secrets"))]})
    ann = changed(before, after)["ann"]

    (path,) = ann["new_paths"]
    assert (path["to"], path["team"]) == (None, "api")
    assert [(step["as"], step["becomes"]) for step in path["steps"]] == [
        ("ann", "bob"),
        ("bob", "every user of users-api"),
    ]
    (right,) = path["steps"][1]["rights"]
    assert right["rule"]["verbs"] == ["list"]
    assert right["binding"]["namespace"] == "users-api"
    assert ann["access"] == []
    assert rules(ann["new_findings"]) == {"act-as-user"}


def test_somebody_elses_gain_stops_the_review_for_whom_it_opens_a_path() -> None:
    ann_s = [within("users-web", account("bob"))]
    before = roster_of({"ann": ann_s})
    after = roster_of({"ann": ann_s, "bob": [edit("users-api")]})

    stopped = [block.what for block in reviewed(before, after).blocks]
    assert any(what.startswith("ann gets 1 risk") for what in stopped)


def test_a_right_that_goes_closes_its_paths() -> None:
    ann = changed(roster_of({"ann": READS}), roster_of({}))["ann"]

    assert ann["new_paths"] == []
    assert [(path["to"], path["team"]) for path in ann["closed_paths"]] == [(None, "web")]
    assert "act-as-user" in rules(ann["mended_findings"])


def test_another_way_to_the_same_users_is_no_new_path() -> None:
    more = [*READS, within("users-web", can("create", "serviceaccounts/token"))]
    ann = changed(roster_of({"ann": READS}), roster_of({"ann": more}))["ann"]

    assert ann["new_paths"] == []
    assert "act-as-user" not in rules(ann["new_findings"])


def test_who_joins_a_team_that_is_open_already_is_no_new_path_for_each_who_opened_it() -> None:
    before = roster_of({"ann": READS})

    assert set(changed(with_users(before), with_users(before, "eve"))) == {"eve"}


def test_the_token_of_one_more_user_is_a_new_path() -> None:
    one = [within("users-api", account("carl"))]
    two = [within("users-api", account("carl dan"))]
    ann = changed(roster_of({"ann": one}), roster_of({"ann": two}))["ann"]

    assert [(path["to"], path["team"]) for path in ann["new_paths"]] == [("dan", "api")]
    assert "act-as-user" in rules(ann["new_findings"])


def test_a_victim_who_moves_to_another_team_is_the_same_victim() -> None:
    carl = User("carl", email="x@example.com")
    reach = [within("users-api", account("carl")), within("users-web", account("carl"))]
    ann = User("ann", email="x@example.com", access=reach)

    def roster(api: list[User], web: list[User]) -> Roster:
        return Roster(
            (
                TeamRoster(team=Team(name="api"), users=tuple(api)),
                TeamRoster(team=Team(name="web"), users=tuple(web)),
            )
        )

    assert changed(roster([carl], [ann]), roster([], [ann, carl]))["ann"]["new_paths"] == []


def test_the_text_names_few_users_and_counts_more() -> None:
    names = [f"u{number}" for number in range(5)]
    opened = [within("users-web", account(" ".join(names)))]
    before, after = (
        with_users(roster_of({"ann": each}), *names) for each in ([view("web")], opened)
    )

    said = "\n".join(as_text(content(reviewed(before, after))))
    assert (
        "\n  + and through that act as u0, u1 and 3 more users: request tokens for them\n" in said
    )


def test_very_many_users_by_name_are_counted_in_json() -> None:
    names = [f"u{number}" for number in range(150)]
    opened = [within("users-web", account(" ".join(names)))]
    before, after = (with_users(roster_of({"ann": each}), *names) for each in ([], opened))
    ann = changed(before, after)["ann"]

    assert len(ann["new_paths"]) == 100
    assert ann["more_new_paths"] == 50
