"""What is in the cluster after a deploy, object by object."""

import json
from typing import Any

import yaml

from tests.project import Object, Project, pods

KINDS = "serviceaccounts,secrets,resourcequotas,roles,rolebindings"
ROSTER = """
    User("uma", email="uma@example.com", note="why", access=[
        edit("web"), view("api"),
        Role("own", rules=[
            Rule(["get", "list"], ["pods", "pods/log"]),
            Rule(["patch"], ["deployments"], api_groups=["apps"], resource_names=["shop"]),
        ])("web", "api"),
    ]),
    User("vic.t", owner="uma", tokens=["a", "b"], access=[
        view.cluster_wide(),
        Role("metrics", rules=[
            Rule(["get"], non_resource_urls=["/metrics"]), Rule(["list"], ["nodes"]),
        ]).cluster_wide(),
    ]),
"""


def test_manifests_are_what_terraform_creates(project: Project) -> None:
    project.write("same", ROSTER, team_is='Team(access=[view("api")], note="a team")')
    project.apply("same")
    printed = list(yaml.safe_load_all(project.kuberoster("manifests", "same")))
    label = ["-l", "kuberoster.io/team=same"]
    live = [
        *project.objects("namespaces", *label),
        *project.objects(KINDS, "-A", *label),
        *project.objects("clusterroles,clusterrolebindings", *label),
    ]
    made = [item for item in live if item["metadata"]["name"] != "default"]
    assert len(printed) == 17
    assert sorted(map(_plain, printed)) == sorted(map(_plain, made))


def _plain(item: Object) -> str:
    """An object without what the API server and the token controller add, as sorted JSON."""
    metadata = item["metadata"]
    labels = {
        name: value
        for name, value in metadata.get("labels", {}).items()
        if name != "kubernetes.io/metadata.name" and "last-used" not in name
    }
    annotations = {
        name: value
        for name, value in metadata.get("annotations", {}).items()
        if name != "kubernetes.io/service-account.uid"
    }
    kept: dict[str, Any] = {"labels": labels, "annotations": annotations}
    kept["namespace"] = metadata.get("namespace")
    if item["kind"] == "Secret":
        kept["name"] = metadata.get("generateName")
    else:
        kept["name"] = metadata["name"]
    rest = {
        field: value
        for field, value in item.items()
        if field not in ("metadata", "status", "data", "rules")
        and (item["kind"], field) != ("Namespace", "spec")
    }
    rules = [
        {field: sorted(values) for field, values in rule.items()} for rule in item.get("rules", [])
    ]
    return json.dumps({"metadata": kept, "rules": rules, **rest}, sort_keys=True, indent=1)


def test_an_existing_namespace_is_taken_only_after_bootstrap(project: Project) -> None:
    project.kubectl("create", "namespace", "people")
    project.write(
        "guests",
        'User("gil", email="gil@example.com", access=[view("web")])',
        team_is='Team(namespace="people", existing_namespace=True)',
    )
    project.synth()
    refused = project.terraform("guests", "plan", "-no-color", "-input=false", fails=True)
    assert "Namespace people has no label kuberoster.io/team=guests." in " ".join(refused.split())
    assert "Run kuberoster bootstrap" in " ".join(refused.split())

    project.kuberoster("bootstrap", "--same-roster")
    project.apply("guests")
    assert project.status(project.token("gil"), pods("web")) == 200
    assert project.changes("guests") == {}
    project.kuberoster("bootstrap", "--same-roster")
    assert project.changes("guests") == {}

    lowered = "pod-security.kubernetes.io/enforce=baseline"
    project.kubectl("label", "ns", "people", lowered, "--overwrite")
    refused = project.terraform("guests", "plan", "-no-color", "-input=false", fails=True)
    assert "has no label pod-security.kubernetes.io/enforce=restricted" in " ".join(refused.split())


def test_a_namespace_that_is_there_already_is_never_taken_in_silence(project: Project) -> None:
    project.kubectl("create", "namespace", "users-squat")
    project.write("squat", 'User("sid", email="sid@example.com")')
    project.synth()
    refused = project.terraform(
        "squat", "apply", "-no-color", "-input=false", "-auto-approve", fails=True
    )
    assert 'namespaces "users-squat" already exists' in refused
    assert project.objects("secrets", "-n", "users-squat") == []


def test_old_providers_are_refused(project: Project) -> None:
    project.write("elder", "")
    project.synth()
    mirror = project.folder / "mirror"
    old = mirror / "registry.terraform.io/hashicorp/kubernetes/2.35.1/linux_amd64"
    old.mkdir(parents=True)
    (old / "terraform-provider-kubernetes_v2.35.1_x5").touch(mode=0o755)
    settings = project.folder / "terraformrc"
    settings.write_text(
        f'provider_installation {{\n  filesystem_mirror {{\n    path = "{mirror}"\n  }}\n}}\n'
    )
    project.environment["TF_CLI_CONFIG_FILE"] = str(settings)
    said = project.run(
        "terraform", f"-chdir={project.stack('elder')}", "init", "-no-color", fails=True
    )
    assert "no available releases match the given constraints >= 2.36.0" in " ".join(said.split())
