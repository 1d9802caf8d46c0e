"""A deploy as a dry run on the server, object by object."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from kuberoster.cluster import Cluster, ClusterError, NotFound
from kuberoster.cluster.inventory import Key, Object, key_of, shown
from kuberoster.model.manifests import RBAC
from kuberoster.model.roster import Roster
from kuberoster.operations.dry_run.deploy import Planned, Step, deletions, steps

_COUNTED = {
    "count/serviceaccounts": "ServiceAccount",
    "count/secrets": "Secret",
    "secrets": "Secret",
    "count/resourcequotas": "ResourceQuota",
    "resourcequotas": "ResourceQuota",
    f"count/roles.{RBAC}": "Role",
    f"count/rolebindings.{RBAC}": "RoleBinding",
}
"""What a quota may limit of the kinds that a deploy makes in a namespace.

https://kubernetes.io/docs/concepts/policy/resource-quotas/#object-count-quota
"""


def shortages(sent: Iterable[Step], quotas: Sequence[Object]) -> dict[tuple[str, str], str]:
    """By kind and namespace, which quota is too small for all new objects, in words."""
    new = Counter((step.kind, step.namespace) for step in sent if step.live is None)
    found = {}
    for quota in quotas:
        metadata, status = quota["metadata"], quota.get("status") or {}
        for resource, limit in (status.get("hard") or {}).items():
            place = _COUNTED.get(resource, ""), metadata["namespace"]
            used = (status.get("used") or {}).get(resource, "0")
            # One with a suffix, such as 1k, is left to the API server.
            plain = limit.isdigit() and used.isdigit()
            if plain and new[place] and int(used) + new[place] > int(limit):
                found[place] = (
                    f"quota {metadata['name']} allows {limit} of {resource} in namespace "
                    f"{metadata['namespace']}, {used} are there, and {new[place]} would come"
                )
    return found


Result = Literal["passed", "refused", "not checkable before deploy", "not tried"]
NOT_CHECKABLE: Result = "not checkable before deploy"

_REFUSALS = (400, 403, 404, 409, 413, 422, 500)
"""What says something of the object that was sent; 401 and 429, say, are of the connection.

500 is how a webhook that fails is told.
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class DryRun:
    """What the API server says of one object that a deploy would create or change.

    What it would delete is named and not tried.
    """

    object: str
    """Kind, namespace and name: `Secret users-web/ann-main-*`."""
    action: Literal["create", "change", "delete"]
    result: Result
    why: str = ""
    """The API server's words, or why it was not asked; empty for what passed."""

    def document(self) -> dict[str, Any]:
        """The answer as JSON has it."""
        return {
            "object": self.object,
            "action": self.action,
            "result": self.result,
            "why": self.why or None,
        }


def dry_run(
    cluster: Cluster,
    roster: Roster,
    live: Mapping[str, Sequence[Object]],
    planned: Planned,
    *,
    step: Callable[[str], None] = lambda _: None,
) -> list[DryRun]:
    """Let the API server say of each new or changed object whether it would take it.

    Nothing is written, and nothing of an object comes back but metadata. `roster` has who is
    active alone, `live` all kinds as `inventory.all_of` reads them, and `planned` what the plans
    do that there are; `step` is called with what is being done. What is asked is what a deploy
    with the same credential would meet. Raises ClusterError where the API server gives no answer
    on an object.
    """
    sent = list(steps(roster, live, planned))
    namespaces = {item["metadata"]["name"] for item in live["Namespace"]}
    coming = {key_of(each.kind, each.manifest) for each in sent if each.live is None}
    short = shortages(sent, live["ResourceQuota"])
    found = []
    for number, each in enumerate(sent, start=1):
        step(f"dry run {number:,} of {len(sent):,}")
        result, why = _ask(cluster, each, namespaces, coming)
        shortage = None if each.live else short.get((each.kind, each.namespace))
        if result == "passed" and shortage:
            result, why = "refused", shortage
        action: Literal["create", "change"] = "change" if each.live else "create"
        found.append(DryRun(object=each.name, action=action, result=result, why=why))
    return found + [
        DryRun(object=shown(key), action="delete", result="not tried", why="it goes")
        for key in deletions(roster, live, planned)
    ]


def _ask(
    cluster: Cluster, step: Step, namespaces: set[str], coming: set[Key]
) -> tuple[Result, str]:
    if step.namespace and step.namespace not in namespaces:
        return NOT_CHECKABLE, f"namespace {step.namespace} does not exist yet"
    if step.is_replaced:
        return NOT_CHECKABLE, "it is deleted first, since a binding's role can't be changed"
    try:
        if step.live is None:
            cluster.try_create(step.path, step.manifest)
        else:
            cluster.try_patch(step.path, step.patch)
    except ClusterError as error:
        # Whoever may not grant everything is asked what the role allows, and so it has to exist.
        if isinstance(error, NotFound) and step.role in coming:
            return NOT_CHECKABLE, f"{shown(step.role)} does not exist yet"
        if error.status in _REFUSALS:
            return "refused", error.said or f"status {error.status}, without a word"
        raise
    return "passed", ""
