"""Tokens: new ones work, dead ones stay dead, and none is ever seen where it should not be."""

import base64
import gzip
import json
import subprocess
import zipfile

import pytest

from tests.project import Project, pods


def test_however_a_token_is_replaced_the_new_one_works_and_every_earlier_one_is_dead(
    project: Project,
) -> None:
    project.write("keys", 'User("ron", email="ron@example.com", access=[view("web")])')
    project.apply("keys")
    dead: list[str] = []
    live = project.token("ron")
    assert project.status(live, pods("web")) == 200

    def replace(how: str) -> None:
        if how == "secret replaced":
            project.apply("keys", "-replace=kubernetes_secret_v1.ron_main")
        elif how == "secret deleted":
            secret = project.secrets("ron")["main"]
            project.kubectl("delete", "secret", secret, "-n", "users-keys")
            project.cdktf("deploy")
        elif how == "service account replaced":
            project.apply("keys", "-replace=kubernetes_service_account_v1.ron")
        else:
            project.kubectl("delete", "serviceaccount", "ron", "-n", "users-keys")
            project.cdktf("deploy")

    for how in (
        "secret replaced",
        "secret deleted",
        "service account replaced",
        "service account deleted",
        "secret replaced",
    ):
        dead.append(live)
        replace(how)
        live = project.token("ron")
        assert project.reaches(live, pods("web"), 200, within=5) < 5, how
        assert not any(live == old for old in dead), how
        for old in dead:
            assert project.reaches(old, pods("web"), 401, within=15) < 15, how


def test_two_tokens_work_side_by_side_and_end_one_by_one(project: Project) -> None:
    bot = 'User("bot", owner="o@example.com", access=[view("web")], tokens={})'
    project.write("shift", bot.format(["2026q3"]))
    project.apply("shift")
    before = project.token("bot", "2026q3")
    project.write("shift", bot.format(["2026q3", "2026q4"]))
    assert set(project.changes("shift")) == {"kubernetes_secret_v1.bot_2026q4"}
    project.apply("shift")
    after = project.token("bot", "2026q4")
    assert [project.status(token, pods("web")) for token in (before, after)] == [200, 200]
    project.write("shift", bot.format(["2026q4"]))
    project.apply("shift")
    assert project.reaches(before, pods("web"), 401, within=15) < 15
    assert project.status(after, pods("web")) == 200


def test_a_deploy_with_nothing_to_do_does_nothing_also_after_tokens_were_used(
    project: Project,
) -> None:
    project.write(
        "calm",
        'User("amy", email="amy@example.com", access=[view("web")]), '
        'User("job", owner="amy", tokens=["a", "b"])',
        team_is='Team(access=[view("api")])',
    )
    project.cdktf("deploy")
    assert project.status(project.token("amy"), pods("web")) == 200
    (secret,) = project.objects("secrets", "-A", "-l", "kuberoster.io/user=amy")
    assert "kubernetes.io/legacy-token-last-used" in secret["metadata"]["labels"]
    assert project.changes("calm") == {}
    assert "No changes" in project.cdktf("deploy")


def test_adding_removing_and_reordering_users_touches_nobody_else(project: Project) -> None:
    users = [
        f'User("{name}", email="{name}@example.com", access=[view("web"), edit("api")])'
        for name in ("abe", "bea", "cal")
    ]
    project.write("order", ", ".join(users))
    project.apply("order")
    new = 'User("aaron", email="aaron@example.com", access=[view("web")])'
    project.write("order", ", ".join([new, *reversed(users)]))
    assert project.changes("order") == {
        "kubernetes_service_account_v1.aaron": ["create"],
        "kubernetes_secret_v1.aaron_main": ["create"],
        "kubernetes_role_binding_v1.aaron_view_web": ["create"],
    }
    project.write("order", ", ".join(reversed(users[1:])))
    assert {address.partition(".")[2] for address in project.changes("order")} == {
        "abe",
        "abe_main",
        "abe_view_web",
        "abe_edit_api",
    }


@pytest.mark.parametrize("backend", ["kubernetes", "local"])
def test_no_token_is_in_state_plan_synthesised_json_or_output(
    project: Project, backend: str
) -> None:
    project.configure(state={"backend": backend})
    team, user = f"dark-{backend}", f"eve-{backend}"
    users = f'User("{user}", email="eve@example.com", access=[view("web")], tokens={{}})'
    project.write(team, users.format(["a", "b"]))
    project.cdktf("deploy")
    tokens = [project.token(user, label) for label in ("a", "b")]
    # Everything that reads the Secrets again: refresh, an update in place, a replacement.
    project.write(team, users.format(["a", "b", "c"]).replace("eve@", "eva@"))
    project.plan(team)
    shown = project.run("terraform", f"-chdir={project.stack(team)}", "show", "-json", "plan")
    project.terraform(team, "apply", "-no-color", "-input=false", "plan")
    project.terraform(team, "apply", "-refresh-only", "-auto-approve", "-no-color")
    state = project.terraform(team, "state", "pull")
    assert f"{user}_a" in state
    project.kuberoster("kubeconfig", user, "--token", "a", "-o", str(project.folder / "a"))
    project.kuberoster("manifests")
    tokens.append(project.token(user, "c"))

    haystack = [*project.outputs, shown, state]
    with zipfile.ZipFile(project.stack(team) / "plan") as plan:
        haystack += [plan.read(name).decode(errors="replace") for name in plan.namelist()]
    for file in project.folder.rglob("*"):
        if file.is_file() and ".terraform" not in file.parts and file != project.folder / "a":
            haystack.append(file.read_bytes().decode(errors="replace"))
    for secret in project.objects("secrets", "-n", "kuberoster-state"):
        stored = base64.b64decode(secret["data"]["tfstate"])
        haystack.append(gzip.decompress(stored).decode())
    texts = "\n".join(haystack)
    assert "generate_name" in texts
    for token in tokens:
        signature = token.rpartition(".")[2]
        # Base64 of the whole token in each of the three alignments it may have in a larger text.
        encoded = [base64.b64encode(b"x" * pad + token.encode())[8:-8].decode() for pad in range(3)]
        assert not any(needle in texts for needle in (token, signature, *encoded))


def test_the_state_lock_keeps_two_deploys_apart(project: Project) -> None:
    project.write("locks", 'User("pam", email="pam@example.com", access=[view("web")])')
    project.synth()
    project.terraform("locks", "version")
    first = subprocess.Popen(
        ["terraform", f"-chdir={project.stack('locks')}", "apply", "-no-color"],
        env=project.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert first.stdin
    assert first.stdout
    seen = ""
    while "Only 'yes' will be accepted" not in seen:  # it asks while it holds the lock
        line = first.stdout.readline()
        assert line, seen
        seen += line
    refused = project.cdktf("deploy", fails=True)
    assert "Error acquiring the state lock" in refused
    first.communicate("yes\n")
    assert first.returncode == 0
    assert project.status(project.token("pam"), pods("web")) == 200
    assert json.loads(project.terraform("locks", "show", "-json"))["values"]
