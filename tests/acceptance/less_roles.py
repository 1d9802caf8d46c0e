"""The roles of a job, with one verb on one resource, or one name of an object, less."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from kuberoster.cluster import Cluster
from kuberoster.cluster.kinds import collection
from kuberoster.rbac.policy import Identity
from tests.project import Object

_AUTHENTICATED = "system:authenticated"


@dataclass(frozen=True, kw_only=True, slots=True)
class Less:
    """Somebody who may do all that a job may, but for one thing."""

    identity: Identity
    lacks: str
    grants: bool
    """Whether that is a right to grant rights or to pass the guard, which no request is for."""


def with_one_right_less(kubeconfig: Path, manifests: list[Object], job: str) -> list[Less]:
    """Make these users in the cluster, one for each right that the job's manifests give.

    A user has the role that lacks something, and by groups all other roles of the job.
    """
    cluster = Cluster.connect(kubeconfig=str(kubeconfig))
    roles = [manifest for manifest in manifests if "rules" in manifest]
    groups = [f"full-{job}-{number}" for number in range(len(roles))]
    for role, group in zip(roles, groups, strict=True):
        _give(cluster, role, role["rules"], group, "Group")
    found: list[Less] = []
    for number, role in enumerate(roles):
        rights = list(_rights(role["rules"]))
        for lacking in rights:
            user = f"less-{job}-{len(found)}"
            _give(cluster, role, [right for right in rights if right != lacking], user, "User")
            others = (group for at, group in enumerate(groups) if at != number)
            found.append(
                Less(
                    identity=Identity(username=user, groups=(*others, _AUTHENTICATED)),
                    lacks=f"{role['metadata'].get('namespace', '*')}: {_shown(lacking)}",
                    grants=lacking["verbs"][0] in ("bind", "escalate", "deploy"),
                )
            )
    return found


def _rights(rules: list[Object]) -> Iterator[Object]:
    """Rules that allow the same, each with one verb, one resource, and one name if any."""
    for rule in rules:
        names = [[name] for name in rule.get("resourceNames", [])] or [[]]
        for verb, group, resource, name in product(
            rule["verbs"], rule["apiGroups"], rule["resources"], names
        ):
            named = {"resourceNames": name} if name else {}
            yield {"verbs": [verb], "apiGroups": [group], "resources": [resource], **named}


def _give(cluster: Cluster, role: Object, rules: list[Object], to: str, kind: str) -> None:
    metadata = {"name": to, "namespace": role["metadata"].get("namespace")}
    api = role["apiVersion"].partition("/")[0]
    made = {"apiVersion": role["apiVersion"], "metadata": metadata}
    cluster.create(
        collection(role["kind"], metadata["namespace"]),
        {**made, "kind": role["kind"], "rules": rules},
    )
    cluster.create(
        collection(f"{role['kind']}Binding", metadata["namespace"]),
        {
            **made,
            "kind": f"{role['kind']}Binding",
            "roleRef": {"apiGroup": api, "kind": role["kind"], "name": to},
            "subjects": [{"apiGroup": api, "kind": kind, "name": to}],
        },
    )


def _shown(right: Object) -> str:
    names = right.get("resourceNames", [])
    return " ".join([*right["verbs"], *right["resources"], *names])
