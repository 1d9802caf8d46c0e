"""Quotas that each new object keeps and all of them together exceed.

A dry run counts nothing, so the API server sees each object as the only new one.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

from kuberoster.cluster.inventory import Object
from kuberoster.model.manifests import RBAC
from kuberoster.operations.dry_run.deploy import Step

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
