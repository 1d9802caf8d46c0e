"""A waiver accepts what its own grant brings, for a time, and nothing else."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from kuberoster import ClusterRole, Grant, Role, Rule, Team, User, edit, view
from kuberoster.model.manifests import team_manifests
from kuberoster.model.roster import Roster, TeamRoster
from kuberoster.rbac.aggregation import with_aggregated_rules
from kuberoster.rbac.defaults import load_defaults
from kuberoster.rbac.policy import Policy
from kuberoster.risk.finding import Finding
from tests.risk.waiving import judged, told, waiver

RBAC = "rbac.authorization.k8s.io"
Titles = list[tuple[str, str]]


def role(name: str, verbs: str, resources: str, group: str = "") -> Role:
    return Role(name, rules=[Rule(verbs.split(), resources.split(), api_groups=[group])])


READER = role("reader", "get", "secrets")
BINDER = role("binder", "bind", "clusterroles", RBAC)
WRITER = role("writer", "create", "rolebindings", RBAC)


def roster_of(*access: Grant, team: Iterable[Grant] = (), **fields: str) -> Roster:
    ann = User("ann", email="ann@example.com", access=access, **fields)  # type: ignore[arg-type]
    bob = User("bob", email="bob@example.com", access=[view("web")])
    return Roster((TeamRoster(team=Team(name="web", access=list(team)), users=(ann, bob)),))


def waived(given: list[Finding], user: str = "ann") -> Titles:
    return [(each.title, each.namespace) for each in given if each.user == user and each.waived]


def standing(given: list[Finding], user: str = "ann") -> Titles:
    return [(each.title, each.namespace) for each in given if each.user == user and not each.waived]


def test_a_waiver_accepts_the_finding_of_its_rule_in_its_grant() -> None:
    given = judged(roster_of(edit("web", waivers=[waiver()])))

    assert waived(given) == [("read-secrets", "web")]
    assert ("exec-pods", "web") in standing(given)
    (finding,) = (each for each in given if each.waived)
    assert finding.document()["waivers"] == [
        {
            "rule": "read-secrets",
            "owner": "ann",
            "reason": "a vault comes",
            "expires": "2027-03-31",
        }
    ]


def test_a_waiver_accepts_nothing_in_another_namespace() -> None:
    given = judged(roster_of(edit("web", waivers=[waiver()]), edit("api")))

    assert waived(given) == [("read-secrets", "web")]
    assert ("read-secrets", "api") in standing(given)


def test_a_waiver_accepts_nothing_of_another_user() -> None:
    roster = roster_of(edit("web", waivers=[waiver()]))
    (entry,) = roster.teams
    bob = replace(entry.users[1], access=[edit("web")])

    given = judged(Roster((replace(entry, users=(entry.users[0], bob)),)))

    assert waived(given, "bob") == []
    assert ("read-secrets", "web") in standing(given, "bob")


def test_a_waiver_on_a_harmless_grant_accepts_nothing_of_the_harmful_one() -> None:
    given = judged(roster_of(view("web", waivers=[waiver()]), READER("web")))

    assert waived(given) == []
    assert standing(given) == [("read-secrets", "web"), ("unused-waiver of read-secrets", "web")]


def test_a_second_grant_that_brings_the_same_is_not_accepted_with_the_first() -> None:
    given = judged(roster_of(edit("web", waivers=[waiver()]), READER("web")))

    assert waived(given) == []
    assert ("read-secrets", "web") in standing(given)
    assert not [title for title, _ in standing(given) if title.startswith("unused")]


def test_what_the_team_brings_is_not_accepted_with_the_user_s_own_grant() -> None:
    roster = roster_of(edit("web", waivers=[waiver()]), team=[READER("web")])

    assert waived(judged(roster)) == []


@pytest.mark.parametrize("both", [False, True])
def test_what_two_grants_make_together_is_accepted_by_waivers_on_both(both: bool) -> None:
    accepted = [waiver("grant-any-role")]
    roster = roster_of(
        WRITER("web", waivers=accepted), BINDER.cluster_wide(waivers=accepted if both else [])
    )

    given = judged(roster)

    together = ("grant-any-role", "web")
    assert (together in waived(given), together in standing(given)) == (both, not both)
    assert not [title for title, _ in standing(given) if title.startswith("unused")]


def test_a_cluster_wide_waiver_accepts_nothing_that_a_namespace_s_grant_brings() -> None:
    roster = roster_of(READER.cluster_wide(waivers=[waiver()]), edit("web"))

    given = judged(roster)

    assert ("read-secrets", "") in waived(given)
    assert {namespace for _, namespace in waived(given)} == {""}
    assert ("read-secrets", "web") in standing(given)


def test_a_waiver_of_the_team_counts_for_each_of_its_users() -> None:
    given = judged(roster_of(team=[READER("web", waivers=[waiver()])]))

    assert waived(given, "ann") == waived(given, "bob") == [("read-secrets", "web")]


def test_a_waiver_of_the_team_that_one_user_needs_is_used() -> None:
    accepted = [waiver("grant-any-role")]
    roster = roster_of(
        WRITER("web", waivers=accepted), team=[BINDER.cluster_wide(waivers=accepted)]
    )

    given = judged(roster)

    assert waived(given) == [("grant-any-role", "web"), ("write-bindings", "web")]
    assert standing(given, "bob") == standing(
        judged(roster_of(team=[BINDER.cluster_wide()])), "bob"
    )


def test_a_waiver_counts_to_the_end_of_its_last_day() -> None:
    roster = roster_of(edit("web", waivers=[waiver(expires="2026-11-24")]))

    last, after = judged(roster), judged(roster, day=date(2026, 11, 25))

    assert waived(last) == [("read-secrets", "web")]
    assert waived(after) == []
    assert {("read-secrets", "web"), ("expired-waiver of read-secrets", "web")} <= {
        *standing(after)
    }


def test_a_waiver_that_ends_before_its_user_starts_accepts_nothing() -> None:
    roster = roster_of(edit("web", waivers=[waiver()]), starts="2027-04-01")

    given = judged(roster)

    assert waived(given) == []
    assert ("expired-waiver of read-secrets", "web") in standing(given)


def test_a_waiver_is_used_where_it_accepts_something_in_one_of_its_namespaces() -> None:
    accepted = [waiver("read-state")]
    used = judged(roster_of(view("web", "kuberoster-state", waivers=accepted)))
    apart = judged(
        roster_of(view("web", waivers=accepted), view("kuberoster-state", waivers=accepted))
    )

    assert waived(used) == waived(apart) == [("read-state", "kuberoster-state")]
    assert standing(used) == []
    assert standing(apart) == [("unused-waiver of read-state", "web")]


def test_a_waiver_of_a_role_that_is_not_known_offline_is_not_called_unused() -> None:
    roster = roster_of(ClusterRole("monitor")("web", waivers=[waiver()]))
    live = Policy(
        [*offline_objects(roster), {"kind": "ClusterRole", "metadata": {"name": "monitor"}}]
    )

    assert standing(judged(roster)) == [("unknown-role", "web")]
    assert standing(judged(roster, live)) == [("unused-waiver of read-secrets", "web")]


def test_a_binding_that_was_changed_by_hand_is_not_accepted_with_the_grant() -> None:
    roster = roster_of(edit("web", waivers=[waiver()]))
    objects = offline_objects(roster)
    (binding,) = (each for each in objects if each["metadata"].get("name") == "web:ann:edit")
    binding["roleRef"] = {**binding["roleRef"], "name": "cluster-admin"}

    given = judged(roster, Policy(objects))

    assert waived(given) == []
    assert ("read-secrets", "web") in standing(given)


def test_a_subject_that_was_added_by_hand_is_not_accepted_with_the_grant() -> None:
    roster = roster_of(edit("web", waivers=[waiver()]))
    objects = offline_objects(roster)
    (binding,) = (each for each in objects if each["metadata"].get("name") == "web:ann:edit")
    binding["subjects"] = [{**binding["subjects"][0], "name": "bob"}]

    given = judged(roster, Policy(objects))

    assert waived(given, "bob") == []
    assert ("read-secrets", "web") in standing(given, "bob")


def offline_objects(roster: Roster) -> list[Any]:
    declared = [each for entry in roster.teams for each in team_manifests(entry)]
    return list(with_aggregated_rules([*load_defaults().objects, *declared]))


ADMIN = ClusterRole("cluster-admin")
LABELS = role("labels", "patch", "namespaces")
PODS = role("pods", "create", "pods")


@pytest.mark.parametrize(
    ("rule", "grant"),
    [
        ("cluster-admin", ADMIN.cluster_wide),
        ("edit-users-namespace", edit.cluster_wide),
        ("*", ADMIN.cluster_wide),
        ("*", edit.cluster_wide),
    ],
)
def test_one_waiver_accepts_all_that_a_wide_grant_makes(rule: str, grant: Any) -> None:
    given = judged(roster_of(grant(waivers=[waiver(rule)])))

    assert standing(given) == []
    assert len(waived(given)) > 20


def test_a_waiver_of_every_risk_accepts_what_its_grant_makes_in_each_namespace() -> None:
    given = judged(roster_of(edit("web", "api", waivers=[waiver("*")])))

    assert standing(given) == []
    assert {namespace for _, namespace in waived(given)} == {"web", "api"}


def test_a_waiver_of_every_risk_accepts_nothing_that_another_grant_makes() -> None:
    given = judged(roster_of(PODS("web", waivers=[waiver("*")]), READER("web"), LABELS("web")))

    assert waived(given) == [("create-workloads", "web")]
    assert standing(given) == [
        ("change-namespaces", "web"),
        ("lower-pod-security", "web"),
        ("read-secrets", "web"),
    ]


@pytest.mark.parametrize("both", [False, True])
def test_a_waiver_of_every_risk_accepts_nothing_that_grants_make_only_together(both: bool) -> None:
    accepted = [waiver("*")]
    roster = roster_of(
        WRITER("web", waivers=accepted), BINDER.cluster_wide(waivers=accepted if both else [])
    )

    given = judged(roster)

    assert ("write-bindings", "web") in waived(given)
    assert ("grant-any-role", "web") in standing(given)
    assert not [title for title, _ in standing(given) if title.startswith("unused")]


def test_a_waiver_of_a_rule_accepts_nothing_worse_than_its_finding() -> None:
    wild = role("wild", "*", "*", "apps")

    given = judged(roster_of(wild.cluster_wide(waivers=[waiver("wildcard-resources")])))

    assert ("delete-workloads", "") in waived(given)
    assert ("create-workloads", "") in standing(given)


def test_what_lifts_the_guard_by_another_grant_is_not_accepted_with_what_it_guards() -> None:
    writer = role("writer", "create", "secrets")
    deployer = role("deployer", "deploy", "rosters", "kuberoster.io")

    def given(*access: Grant) -> list[Finding]:
        return judged(roster_of(*access), guarded=True)

    for rule in ("*", "write-secrets"):
        wide = writer.cluster_wide(waivers=[waiver(rule)])
        assert standing(given(wide)) == []
        together = given(wide, deployer.cluster_wide())
        assert ("write-secrets", "") in waived(together)
        assert ("write-users-secrets", "") in standing(together)


def test_a_waiver_of_every_risk_is_unused_where_its_grant_makes_none() -> None:
    given = judged(roster_of(view("web", waivers=[waiver("*")])))

    assert standing(given) == [("unused-waiver of every risk", "web")]


def test_a_waiver_of_every_risk_that_has_expired_accepts_nothing() -> None:
    given = judged(roster_of(edit("web", waivers=[waiver("*", "2026-11-23")])))

    assert waived(given) == []
    assert ("expired-waiver of every risk", "web") in standing(given)
    assert ("exec-pods", "web") in standing(given)


def test_a_finding_that_is_not_accepted_stands_beside_the_accepted_one_that_implies_it() -> None:
    accepted = [waiver("cluster-admin")]
    given = told(roster_of(ADMIN("web", waivers=accepted), READER("web")))

    (head,) = (each for each in given if each.rule.id == "cluster-admin")
    assert head.waived
    assert all(each.waived for each in head.implied)
    assert ("read-secrets", "web") in standing(given)
