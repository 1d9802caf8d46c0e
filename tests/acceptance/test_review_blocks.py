"""What of a real plan blocks a review, and that a plan made elsewhere is reviewed alike."""

import json
from pathlib import Path

from tests.acceptance.leaks import leaks
from tests.acceptance.reviewing import commit, meddle, review, review_base
from tests.project import Project

ONE = 'User("{0}-ann", email="a@example.com", access=[view("web")]), '
EVE = 'User("{0}-eve", email="e@example.com"), '


def deploy(project: Project, team: str) -> None:
    project.write(team, ONE.format(team))
    commit(project)
    project.apply(team)


READS = (
    'stack.setdefault("data", {{}})["kubernetes_secret_v1"] = '
    '{{"attacker": {{"metadata": {{"name": "{1}", "namespace": "users-{0}"}}}}}}'
)
MEDDLING: dict[str, list[tuple[str, str, str]]] = {
    "rb-one": [
        (
            'resource["kubernetes_resource_quota_v1"]["{0}"]["spec"]["hard"]["pods"] = "3"',
            "guard-lowered",
            "ResourceQuota users-{0}/no-pods allows 3 pods",
        ),
        (
            'resource["kubernetes_namespace_v1"]["{0}"]["metadata"]["labels"]'
            '["pod-security.kubernetes.io/enforce"] = "baseline"',
            "guard-lowered",
            "Namespace users-{0} enforces Pod Security baseline",
        ),
        (
            'resource["kubernetes_service_account_v1"]["{0}-ann"]'
            '["automount_service_account_token"] = True',
            "guard-lowered",
            "pods get the token of ServiceAccount users-{0}/{0}-ann by default",
        ),
        (READS, "sensitive-value", "data.kubernetes_secret_v1.attacker: data"),
    ],
    "rb-two": [
        (
            'stack = json.loads(json.dumps(stack).replace(\'"kubernetes_resource_quota_v1.{0}", '
            '\', "")); resource = stack["resource"]; del resource["kubernetes_resource_quota_v1"]',
            "guard-lowered",
            "ResourceQuota users-{0}/no-pods is taken away",
        ),
        (
            'del resource["kubernetes_namespace_v1"]["{0}"]["metadata"]["labels"]'
            '["pod-security.kubernetes.io/enforce-version"]',
            "guard-lowered",
            "Namespace users-{0} enforces Pod Security of no set version",
        ),
        (
            'resource["kubernetes_default_service_account_v1"]["{0}"]'
            '["automount_service_account_token"] = True',
            "guard-lowered",
            "pods get the token of ServiceAccount users-{0}/default by default",
        ),
        (
            f'{READS}; stack["output"] = {{{{"loot": {{{{"sensitive": True, '
            '"value": "${{data.kubernetes_secret_v1.attacker.data}}"}}}}',
            "sensitive-value",
            "output loot",
        ),
    ],
}
"""What the code of a branch does to each team's stack; the kind of block, and what it says."""


def test_what_code_does_to_a_guard_or_a_secret_blocks(project: Project) -> None:
    for team in MEDDLING:
        deploy(project, team)
    token = project.token("rb-one-ann")
    names = {team: project.secrets(f"{team}-ann")["main"] for team in MEDDLING}
    meddle(
        project,
        *(
            f'if file.parent.name == "{team}": {code.format(team, names[team])}'
            for team, all_of_it in MEDDLING.items()
            for code, _, _ in all_of_it
        ),
    )

    against_base, alone = review_base(project), review(project)

    assert (against_base.status, alone.status) == (3, 3)
    for team, all_of_it in MEDDLING.items():
        for _, kind, says in all_of_it:
            for found in (against_base, alone):
                assert says.format(team) in found.block(kind)
    assert leaks(project, token) == []


def test_an_imported_secret_blocks(project: Project) -> None:
    team = "rb-import"
    deploy(project, team)
    token = project.token(f"{team}-ann")
    address, name = f"kubernetes_secret_v1.{team}-ann_main", project.secrets(f"{team}-ann")["main"]
    project.terraform(team, "state", "rm", address)
    meddle(project, f'stack["import"] = [{{"to": "{address}", "id": "users-{team}/{name}"}}]')

    found = review_base(project)
    assert f"{address} would be imported" in found.block("secret-imported")
    assert address in found.block("sensitive-value")
    assert found.entries(team)[address][0].startswith("import")
    assert leaks(project, token) == []


def test_a_namespace_that_goes_with_users_in_it_blocks(project: Project) -> None:
    team = "rb-moved"
    deploy(project, team)
    project.write(team, ONE.format(team), team_is='Team(namespace="rb-elsewhere")')

    found = review_base(project)
    assert found.kinds == {"namespace-destroyed"}
    assert f"1 user: {team}-ann" in found.block("namespace-destroyed")
    # With its users gone before, the namespace may go.
    project.write(team, "")
    project.apply(team)
    commit(project)
    project.write(team, "", team_is='Team(namespace="rb-elsewhere")')
    assert review_base(project).kinds == set()


def test_a_service_account_that_is_replaced_without_need_blocks(project: Project) -> None:
    team = "rb-taint"
    deploy(project, team)
    address = f"kubernetes_service_account_v1.{team}-ann"
    project.terraform(team, "taint", address)
    project.write(team, ONE.format(team) + EVE.format(team))

    found = review_base(project)
    assert found.kinds == {"service-account-replaced", "unexplained"}
    assert f"{address} is destroyed and made again" in found.block("service-account-replaced")
    assert found.entries(team)[f"kubernetes_secret_v1.{team}-ann_main"] == ("replace", [])
    assert review(project).kinds == {"service-account-replaced"}


def test_a_revoked_user_blocks_whether_the_stack_is_planned_or_not(project: Project) -> None:
    team = "rb-revoked"
    deploy(project, team)
    project.token(f"{team}-ann")
    project.kuberoster("revoke", f"{team}-ann", "--yes")

    found = review_base(project)
    assert found.document["plans"] == []
    assert found.kinds == {"revoked-user"}
    assert f"{team}-ann ({team}): revoked on " in found.block("revoked-user")

    project.write(team, ONE.format(team) + EVE.format(team))
    for options in ((), ("--no-refresh",)):
        found = review_base(project, *options)
        (plan,) = found.document["plans"]
        assert plan == {"team": team, "entries": [], "refused_for": [f"{team}-ann"]}
        assert found.kinds == {"revoked-user"}
        assert found.block("revoked-user").count("\n") == 0


def test_a_team_that_left_the_roster_and_not_the_cluster_blocks(project: Project) -> None:
    team = "rb-gone"
    project.write("rb-stays", "")
    deploy(project, team)
    (project.folder / "users" / f"{team}.py").unlink()
    assert "team-file-gone" in review_base(project).kinds
    assert f"team '{team}'" not in review_base(project).block("team-left-behind")
    commit(project)

    found = review_base(project)
    assert found.status == 3
    assert f"team '{team}': there is no users/{team}.py" in found.block("team-left-behind")
    assert found.document["not_checked"] == []


def test_a_plan_made_elsewhere_is_reviewed_as_one_made_here(project: Project) -> None:
    team = "rb-file"
    deploy(project, team)
    project.write(team, ONE.format(team).replace("view(", "edit(") + EVE.format(team))
    file = project.folder / "plan.json"
    file.write_text(json.dumps(project.plan(team)))

    for options in ((), ("--base", "HEAD")):
        here, there = (review(project, *options, *more) for more in ((), ("--plan", str(file))))
        assert there.status == 2
        assert there.kinds == here.kinds == set()
        differs = {"ground", "not_checked", "blocks", "result"}
        assert here.document["ground"].startswith("live: ")
        assert there.document["ground"].startswith("offline: ")
        assert {key: here.document[key] for key in here.document.keys() - differs} == {
            key: there.document[key] for key in there.document.keys() - differs
        }
        assert all("no cluster was asked" in what for what in there.document["not_checked"])
    assert there.document["teams"] == []
    _refused(project, file, "second plan of team", "--plan", str(file))
    project.write("rb-another", EVE.format("rb-another"))
    for options, said in (
        ((), "not planned, since no plan of them was given: rb-another\n"),
        (("--base", "HEAD"), "changed, and no plan of them was given: rb-another\n"),
    ):
        assert said in project.run_any("review", "--plan", str(file), *options).output
    (project.folder / "users" / "rb-another.py").unlink()
    project.write(team, ONE.format(team))
    _refused(project, file, "is a plan of another roster")
    project.write("rb-other", "")
    (project.folder / "users" / f"{team}.py").unlink()
    _refused(project, file, f"there is no users/{team}.py")


def _refused(project: Project, file: Path, why: str, *options: str) -> None:
    shown = project.run_any("review", "--plan", str(file), *options)
    assert (shown.status, shown.output) == (1, "")
    assert why in shown.errors
    assert len(shown.errors.splitlines()) == 2


def test_without_a_base_the_plan_says_what_was_there(project: Project) -> None:
    team = "rb-nobase"
    more = 'note="On call", expires="2099-12-31", tokens=["a", Token("b", until="2098-01-01")]'
    users = ONE.format(team).replace("access", f"{more}, access")
    project.write(team, users + EVE.format(team), team_is='Team(note="Shop")')
    project.apply(team)
    same = review(project)
    assert (same.document["users"], same.document["teams"]) == ([], [])
    assert same.entries(team) == {}

    project.write(team, users.replace("view(", "edit(").replace("On call", "Off"))
    changed = review(project).document["users"]
    told = [(each["user"], [event["words"] for event in each["events"]]) for each in changed]
    assert told == [
        (f"{team}-ann", ["note: On call -> Off"]),
        (f"{team}-eve", [f"is removed from {team}"]),
    ]
    (scope,) = changed[0]["access"]
    assert (scope["namespace"], scope["unbound"][0]["role"]["name"]) == ("web", "view")
    assert changed[1]["tokens"] == [{"label": "main", "change": "revoked"}]
