"""The roles, bindings and resources that kuberoster takes for Kubernetes' own are the server's.

`pytest tests/rbac --update-defaults` writes the files anew, from the control plane's version.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from kuberoster.cluster import Cluster
from kuberoster.cluster.kinds import collection
from kuberoster.model import served
from kuberoster.rbac.aggregation import with_aggregated_rules
from kuberoster.rbac.defaults import FILE, load_defaults
from tests.project import Object

BOOTSTRAP = "kubernetes.io/bootstrapping"
RBAC = ("ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding")


def defaults_of(cluster: Cluster) -> dict[Path, Object]:
    """What each file has to hold for this API server."""
    version = cluster.get("/version")
    return {
        FILE: {"objects": [minimal(kind, item) for kind in RBAC for item in own(cluster, kind)]},
        served.FILE: {
            "version": f"{version['major']}.{version['minor']}",
            "resources": list(resources_of(cluster)),
        },
    }


def own(cluster: Cluster, kind: str) -> list[Object]:
    found = [
        item
        for item in cluster.list(collection(kind), label_selector=f"{BOOTSTRAP}=rbac-defaults")
        # Other tests plant objects that claim to be Kubernetes' own.
        if "annotations" in item["metadata"]
    ]
    return sorted(found, key=lambda item: json.dumps(item["metadata"]["name"]))


def minimal(kind: str, item: Object) -> Object:
    metadata = item["metadata"]
    kept = {key: metadata[key] for key in ("name", "namespace") if key in metadata}
    labels = {key: value for key, value in metadata["labels"].items() if key != BOOTSTRAP}
    parts = ("aggregationRule", "rules", "roleRef", "subjects")
    # The rules of an aggregated role are those of others, which are here as well.
    aggregated = "aggregationRule" in item
    return {
        "kind": kind,
        "metadata": kept | ({"labels": labels} if labels else {}),
        **{key: item[key] for key in parts if key in item and not (aggregated and key == "rules")},
    }


def resources_of(cluster: Cluster) -> Iterator[Object]:
    """Every resource of Kubernetes' own groups, of whichever version has it."""
    versions = [("", "/api/v1")]
    for group in cluster.get("/apis")["groups"]:
        versions += [(group["name"], f"/apis/{each['groupVersion']}") for each in group["versions"]]
    found: dict[tuple[str, str], Object] = {}
    for group, path in versions:
        for resource in cluster.get(path)["resources"]:
            name, _, subresource = resource["name"].partition("/")
            listed = found.setdefault((group, name), {"verbs": set(), "subresources": {}})
            if subresource:
                listed["subresources"].setdefault(subresource, set()).update(resource["verbs"])
                continue
            listed["verbs"].update(resource["verbs"])
            listed.setdefault("namespaced", resource["namespaced"])
            listed.setdefault("singular", resource["singularName"])
            listed.setdefault("short", resource.get("shortNames", []))
    for (group, name), listed in sorted(found.items()):
        below = sorted(listed["subresources"].items())
        yield {
            "group": group,
            "name": name,
            **{key: listed[key] for key in ("singular", "short", "namespaced")},
            "verbs": sorted(listed["verbs"]),
            "subresources": {each: sorted(verbs) for each, verbs in below},
        }


def written(content: Object) -> str:
    """A line for each object, so that a difference can be read."""
    parts = [f'"version": {json.dumps(content["version"])}'] if "version" in content else []
    for key in content.keys() - {"version"}:
        parts.append(f"{json.dumps(key)}: [\n" + ",\n".join(map(json.dumps, content[key])) + "\n]")
    return "{" + ",\n".join(parts) + "}\n"


def test_the_defaults_are_those_of_the_api_server(
    cluster: Cluster, request: pytest.FixtureRequest
) -> None:
    wanted = defaults_of(cluster)
    # The option is unknown where pytest was not given this folder.
    if request.config.getoption("--update-defaults", default=False):
        for file, content in wanted.items():
            file.write_text(written(content))

    assert {file: json.loads(file.read_text()) for file in wanted} == wanted
    assert {file: file.read_text() for file in wanted} == {
        file: written(content) for file, content in wanted.items()
    }


def test_aggregated_roles_get_the_rules_that_the_controller_gives_them(cluster: Cluster) -> None:
    resolved = {
        item["metadata"]["name"]: item["rules"]
        for item in with_aggregated_rules(load_defaults().objects)
        if "aggregationRule" in item
    }
    served = {
        item["metadata"]["name"]: item["rules"]
        for item in own(cluster, "ClusterRole")
        if "aggregationRule" in item
    }

    assert {"admin", "edit", "view"} <= resolved.keys()
    assert resolved == served
