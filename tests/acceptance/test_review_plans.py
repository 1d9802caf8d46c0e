"""`kuberoster review` with Terraform's plans: what is planned, and what explains it."""

from tests.acceptance.reviewing import ANN, BOB, READER, commit, deployed, review_base, write
from tests.project import Project


def test_what_a_change_does_is_planned_and_explained(project: Project) -> None:
    team = "rp-does"
    ann, bob = ANN.format(team, ""), BOB.format(team, "")
    deployed(project, team, ann, bob)
    account, secret = "kubernetes_service_account_v1", "kubernetes_secret_v1"
    binding = "kubernetes_role_binding_v1"
    eve = f'User("{team}-eve", email="e@example.com", access=[view("web")])'
    gone = {
        f"{account}.{team}-bob": ("destroy", ["change"]),
        f"{secret}.{team}-bob_main": ("destroy", ["change"]),
        f"{binding}.{team}-bob_api": ("destroy", ["change"]),
    }
    for users, expected in (
        (
            (ann, bob, eve),
            {
                f"{account}.{team}-eve": ("create", ["change"]),
                f"{secret}.{team}-eve_main": ("create", ["change"]),
                f"{binding}.{team}-eve_web": ("create", ["change"]),
            },
        ),
        ((ann,), gone),
        ((ann, BOB.format(team, 'suspended="on leave"')), gone),
        (
            (ann, BOB.format(team, 'tokens=["next"]')),
            {
                f"{secret}.{team}-bob_main": ("destroy", ["change"]),
                f"{secret}.{team}-bob_next": ("create", ["change"]),
            },
        ),
        (
            (ann.replace("edit(", "view("), bob),
            {f"{binding}.{team}-ann_web": ("replace", ["change"])},
        ),
        (
            (ann, bob.replace("b@", "bee@")),
            {
                f"{account}.{team}-bob": ("change", ["change"]),
                f"{secret}.{team}-bob_main": ("change", ["change"]),
            },
        ),
    ):
        write(project, team, *users)
        found = review_base(project)
        assert found.entries(team) == expected
        assert found.kinds == set()
        assert found.entries(team).keys() == project.changes(team).keys()
    assert not list(project.folder.glob("cdktf.out/review/*/plan"))


def test_what_a_day_has_changed_is_explained_by_it_and_listed(project: Project) -> None:
    team = "rp-days"
    users = [
        ANN.format(team, ""),
        BOB.format(team, 'expires="2026-12-31", starts="2026-01-01"'),
        f'User("{team}-new", email="n@example.com", access=[view("api")], starts="2027-01-01")',
        f'User("{team}-two", email="t@example.com", tokens=["a", Token("b", until="2026-12-31")])',
    ]
    project.environment["KUBEROSTER_TODAY"] = "2026-12-01"
    deployed(project, team, *users)
    project.environment["KUBEROSTER_TODAY"] = "2027-01-02"
    assert review_base(project).document["plans"] == []
    write(project, team, *users, f'User("{team}-x", email="x@example.com")')

    found = review_base(project)
    entries = found.entries(team)
    assert entries[f"kubernetes_service_account_v1.{team}-bob"] == ("destroy", ["due"])
    assert entries[f"kubernetes_role_binding_v1.{team}-bob_api"] == ("destroy", ["due"])
    assert entries[f"kubernetes_service_account_v1.{team}-new"] == ("create", ["due"])
    assert entries[f"kubernetes_secret_v1.{team}-two_b"] == ("destroy", ["due"])
    assert entries[f"kubernetes_service_account_v1.{team}-x"] == ("create", ["change"])
    assert len(entries) == 9
    assert found.kinds == set()
    text = project.run_any("review", "--base", "HEAD").output
    assert f"destroy kubernetes_service_account_v1.{team}-bob (expired on 2026-12-31)" in text
    assert f"create kubernetes_service_account_v1.{team}-new (started on 2027-01-01)" in text


def test_what_the_state_lacks_of_the_base_blocks_as_unexplained(project: Project) -> None:
    """Terraform reports drift of the role after its first apply, and that explains nothing."""
    team = "rp-behind"
    ann, bob = ANN.format(team, ""), BOB.format(team, "")
    eve = f'User("{team}-eve", email="e@example.com")'
    wider = READER.replace('"get"', '"get", "list"')
    write(project, team, ann)
    project.apply(team)
    write(project, team, ann, bob, reader=wider)
    commit(project)
    write(project, team, ann, bob, eve, reader=wider)

    found = review_base(project)
    assert found.status == 3
    role = f"kubernetes_role_v1.{team}-ann_role_reader_web"
    drifted = {each["address"] for each in project.plan(team)["resource_drift"]}
    assert role in drifted
    unexplained = {address for address, (_, why) in found.entries(team).items() if not why}
    assert unexplained == {
        role,
        f"kubernetes_service_account_v1.{team}-bob",
        f"kubernetes_secret_v1.{team}-bob_main",
        f"kubernetes_role_binding_v1.{team}-bob_api",
    }
    assert found.kinds == {"unexplained"}
    assert "does 4 things" in found.block("unexplained")
    assert role in found.block("unexplained")


def test_what_was_changed_by_hand_is_explained_as_drift_and_no_further(project: Project) -> None:
    team = "rp-drift"
    ann, bob = ANN.format(team, ""), BOB.format(team, "")
    deployed(project, team, ann, bob)
    named = f"{team}:{team}"
    project.kubectl("delete", "rolebinding", "-n", "api", f"{named}-bob:view")
    project.kubectl("delete", "serviceaccount", "-n", f"users-{team}", f"{team}-ann")
    intruder = '[{"op": "add", "path": "/subjects/-", "value": {"kind": "User", "name": "mal"}}]'
    project.kubectl(
        "patch", "rolebinding", "-n", "web", f"{named}-ann:edit", "--type=json", "-p", intruder
    )
    write(project, team, ann, bob, f'User("{team}-eve", email="e@example.com")')

    found = review_base(project)
    assert found.kinds == set()
    entries = found.entries(team)
    assert entries[f"kubernetes_role_binding_v1.{team}-bob_api"] == ("create", ["drift"])
    assert entries[f"kubernetes_role_binding_v1.{team}-ann_web"] == ("change", ["drift"])
    assert entries[f"kubernetes_service_account_v1.{team}-ann"] == ("create", ["drift"])
    assert entries[f"kubernetes_secret_v1.{team}-ann_main"][1] in (["drift"], ["follows"])
    assert entries[f"kubernetes_service_account_v1.{team}-eve"] == ("create", ["change"])
    text = project.run_any("review", "--base", "HEAD").output
    assert f"{team}-ann_web (was changed in the cluster: subject)" in text

    unseen = review_base(project, "--no-refresh")
    assert unseen.entries(team).keys() == {
        f"kubernetes_service_account_v1.{team}-eve",
        f"kubernetes_secret_v1.{team}-eve_main",
    }
