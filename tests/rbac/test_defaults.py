"""The roles, bindings and resources that kuberoster takes for Kubernetes' own are the server's.

`pytest tests/rbac --update-defaults` writes the file anew, from the control plane's version.
"""

import json
from collections.abc import Iterator

import pytest

from kuberoster.cluster import Cluster
from kuberoster.cluster.kinds import collection
from kuberoster.rbac.aggregation import with_aggregated_rules
from kuberoster.rbac.defaults import FILE, load_defaults
from tests.project import Object

BOOTSTRAP = "kubernetes.io/bootstrapping"
RBAC = ("ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding")


def defaults_of(cluster: Cluster) -> Object:
    """What the file has to hold for this API server."""
    version = cluster.get("/version")
    return {
        "version": f"{version['major']}.{version['minor']}",
        "objects": [minimal(kind, item) for kind in RBAC for item in own(cluster, kind)],
        "resources": list(resources_of(cluster)),
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
    below: dict[tuple[str, str], set[str]] = {}
    for group, path in versions:
        for resource in cluster.get(path)["resources"]:
            name, _, subresource = resource["name"].partition("/")
            if subresource:
                below.setdefault((group, name), set()).add(subresource)
            else:
                found.setdefault(
                    (group, name),
                    {
                        "group": group,
                        "name": name,
                        "singular": resource["singularName"],
                        "short": resource.get("shortNames", []),
                        "namespaced": resource["namespaced"],
                    },
                )
    for key in sorted(found):
        yield found[key] | {"subresources": sorted(below.get(key, ()))}


def written(defaults: Object) -> str:
    """A line for each object, so that a difference can be read."""
    lists = ",\n".join(
        f"{json.dumps(key)}: [\n" + ",\n".join(map(json.dumps, defaults[key])) + "\n]"
        for key in ("objects", "resources")
    )
    return f'{{"version": {json.dumps(defaults["version"])},\n{lists}}}\n'


def test_the_defaults_are_those_of_the_api_server(
    cluster: Cluster, request: pytest.FixtureRequest
) -> None:
    served = defaults_of(cluster)
    # The option is unknown where pytest was not given this folder.
    if request.config.getoption("--update-defaults", default=False):
        FILE.write_text(written(served))

    assert json.loads(FILE.read_text()) == served


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
