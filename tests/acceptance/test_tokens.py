"""Deploys leave alone what did not change, and no token is seen where it should not be."""

import base64

import pytest

from tests.acceptance.leaks import texts_of
from tests.project import Project, pods


def test_a_deploy_with_nothing_to_do_does_nothing_also_after_tokens_were_used(
    project: Project,
) -> None:
    project.write(
        "calm",
        'User("amy", email="amy@example.com", access=[view("web")]), '
        'User("job", owner="amy", tokens=["a", "b"])',
        team_is='Team(access=[view("api")])',
    )
    project.apply("calm")
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
        "kubernetes_role_binding_v1.aaron_web": ["create"],
    }
    project.write("order", ", ".join(reversed(users[1:])))
    assert {address.partition(".")[2] for address in project.changes("order")} == {
        "abe",
        "abe_main",
        "abe_web",
        "abe_api",
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

    given = project.folder / "a"
    found = [text for where, text in texts_of(project) if where != str(given)]
    haystack = [shown, state, *(text.decode(errors="replace") for text in found)]
    texts = "\n".join(haystack)
    assert "generate_name" in texts
    for token in tokens:
        signature = token.rpartition(".")[2]
        # Base64 of the whole token in each of the three alignments it may have in a larger text.
        encoded = [base64.b64encode(b"x" * pad + token.encode())[8:-8].decode() for pad in range(3)]
        assert not any(needle in texts for needle in (token, signature, *encoded))
