"""What differs between the roster and a cluster, without Terraform."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from kuberoster.model.objects import (
    MANAGED_BY,
    POD_SECURITY,
    SERVICE_ACCOUNT_NAME,
    SERVICE_ACCOUNT_UID,
    STATE_LABEL,
    TEAM_LABEL,
    TOKEN_LABEL,
    USER_LABEL,
)
from kuberoster.model.roster import Roster
from kuberoster.operations.cluster import Cluster
from kuberoster.operations.inventory import (
    Inventory,
    Key,
    Object,
    annotations_of,
    key_of,
    labels_of,
    take_inventory,
)
from kuberoster.operations.manifests import team_manifests
from kuberoster.operations.reach import reaches_users

_SUBJECT_KINDS = ("RoleBinding", "ClusterRoleBinding")


@dataclass(frozen=True, order=True, slots=True)
class Difference:
    """One object that is not as the roster says."""

    object: str
    """Kind, and namespace and name: `RoleBinding web/web:ann:edit`."""
    state: str
    """`missing`, `changed` or `undeclared`."""
    what: str
    """What differs, in words."""


def find_drift(cluster: Cluster, roster: Roster) -> list[Difference]:
    """Every difference, sorted; `roster` holds who is active today.

    What the roster declares is compared field by field. What it does not declare counts when
    it is in a team's namespace, carries kuberoster's labels, or binds a role to a team's users.
    """
    namespaces = {entry.team.namespace: entry.team.name for entry in roster.teams}

    def wanted(kind: str, item: Object) -> bool:
        metadata = item["metadata"]
        home = metadata.get("name") if kind == "Namespace" else metadata.get("namespace")
        return (
            home in namespaces
            or _is_ours(item)
            or (kind in _SUBJECT_KINDS and any(reaches_users(item, namespaces)))
        )

    inventory = take_inventory(cluster, wanted)
    declared: set[Key] = set()
    found: list[Difference] = []
    for entry in roster.teams:
        found += _guards(inventory, entry.team.namespace, declared)
        for manifest in team_manifests(entry):
            compare = _compare_secret if manifest["kind"] == "Secret" else _compare
            found += compare(manifest, inventory, declared)
    for key, item in inventory.objects.items():
        if key not in declared:
            found += _undeclared(key, item, namespaces)
    return sorted(found)


def _guards(inventory: Inventory, namespace: str, declared: set[Key]) -> Iterator[Difference]:
    account = ("ServiceAccount", namespace, "default")
    declared.add(account)
    found = inventory.objects.get(account)
    if found and found.get("automountServiceAccountToken") is not False:
        yield Difference(_shown(account), "changed", "mounts its token into pods")
    space = ("Namespace", "", namespace)
    declared.add(space)
    if live := inventory.objects.get(space):
        yield from _wrong_labels(space, live, POD_SECURITY)


def _compare(manifest: Object, inventory: Inventory, declared: set[Key]) -> Iterator[Difference]:
    key = key_of(manifest["kind"], manifest)
    declared.add(key)
    live = inventory.objects.get(key)
    if live is None:
        yield Difference(_shown(key), "missing", "is not in the cluster")
        return
    for field, plain in _FIELDS.get(key[0], {}).items():
        says, has = plain(manifest.get(field)), plain(live.get(field))
        if says != has:
            yield Difference(_shown(key), "changed", f"{field} is {has} and not {says}")
    # Pod Security is a guard, which a namespace that was there before has too.
    own = {name: value for name, value in labels_of(manifest).items() if name not in POD_SECURITY}
    yield from _wrong_labels(key, live, own)


def _wrong_labels(key: Key, live: Object, wanted: dict[str, str]) -> Iterator[Difference]:
    has = labels_of(live)
    for label, value in wanted.items():
        if has.get(label) != value:
            what = f"label {label} is {has.get(label)!r} and not {value!r}"
            yield Difference(_shown(key), "changed", what)


def _compare_secret(
    manifest: Object, inventory: Inventory, declared: set[Key]
) -> Iterator[Difference]:
    metadata = manifest["metadata"]
    namespace, labels = metadata["namespace"], metadata["labels"]
    user = labels[USER_LABEL]
    account = inventory.objects.get(("ServiceAccount", namespace, user))
    uid = account["metadata"]["uid"] if account else None
    matching = [
        key
        for key, item in inventory.claims(namespace, user, labels[TOKEN_LABEL])
        if key[2].startswith(metadata["generateName"])
        and annotations_of(item).get(SERVICE_ACCOUNT_NAME) == user
        and annotations_of(item).get(SERVICE_ACCOUNT_UID) in (uid, None)
    ]
    if not matching:
        what = f"the token {labels[TOKEN_LABEL]!r} of user {user!r} is not in the cluster"
        yield Difference(f"Secret {namespace}/{metadata['generateName']}*", "missing", what)
    declared.update(matching)
    for key in matching if len(matching) > 1 else ():
        what = f"is one of {len(matching)} Secrets for one token {labels[TOKEN_LABEL]!r}"
        yield Difference(_shown(key), "undeclared", what)


def _undeclared(key: Key, item: Object, namespaces: dict[str, str]) -> Iterator[Difference]:
    kind, namespace, _ = key
    team = labels_of(item).get(TEAM_LABEL)
    if kind == "Namespace" and STATE_LABEL in labels_of(item):
        return  # Terraform's state; on anything else the label would only hide it
    if kind == "ResourceQuota" and (not team or namespace in namespaces):
        return  # one more quota allows nothing more
    if _is_ours(item) and team is not None and team not in namespaces.values():
        yield Difference(_shown(key), "undeclared", f"its team {team!r} is not in the roster")
        return
    if kind in _SUBJECT_KINDS:
        for subject in reaches_users(item, namespaces):
            role = item["roleRef"]
            what = f"gives {subject} the {role['kind']} {role['name']}"
            yield Difference(_shown(key), "undeclared", what)
            return
    if kind == "Secret":
        account = annotations_of(item).get(SERVICE_ACCOUNT_NAME)
        yield Difference(_shown(key), "undeclared", f"holds a token for {account!r}")
    else:
        yield Difference(_shown(key), "undeclared", "is not in the roster")


def _is_ours(item: Object) -> bool:
    labels = labels_of(item)
    return labels.get(MANAGED_BY) == "kuberoster" or TEAM_LABEL in labels or USER_LABEL in labels


def _shown(key: Key) -> str:
    kind, namespace, name = key
    return f"{kind} {namespace}/{name}" if namespace else f"{kind} {name}"


def _rules(rules: list[dict[str, list[str]]] | None) -> list[dict[str, list[str]]]:
    plain = [{field: sorted(values) for field, values in rule.items()} for rule in rules or ()]
    return sorted(plain, key=str)


def _subjects(subjects: list[Object] | None) -> list[str]:
    return sorted(
        f"{subject['kind']} {subject.get('namespace', '')}/{subject['name']}"
        for subject in subjects or ()
    )


def _as_it_is(value: Any) -> Any:
    return value


_BINDING: dict[str, Callable[[Any], Any]] = {"roleRef": _as_it_is, "subjects": _subjects}
_FIELDS: dict[str, dict[str, Callable[[Any], Any]]] = {
    "ServiceAccount": {"automountServiceAccountToken": _as_it_is, "secrets": bool},
    "ResourceQuota": {"spec": _as_it_is},
    "Role": {"rules": _rules},
    "ClusterRole": {"rules": _rules},
    "RoleBinding": _BINDING,
    "ClusterRoleBinding": _BINDING,
}
