"""What the next deploy would send: what is new or not as the roster says.

Terraform changes what its state tracks, and creates all else, whatever the cluster has. Its plan
says which is which. Where there is no plan, an object with the labels of this roster counts as
tracked; anybody can put labels on, so that is a guess.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from kuberoster.cluster.inventory import Key, Object, annotations_of, key_of, labels_of, shown
from kuberoster.cluster.kinds import collection, object_path
from kuberoster.model.manifests import Manifest, team_manifests
from kuberoster.model.objects import MANAGED_BY, ROSTER_LABEL, TEAM_LABEL
from kuberoster.model.roster import Roster
from kuberoster.operations.drift.comparison import differences, metadata_differences
from kuberoster.operations.drift.find import guarded
from kuberoster.operations.drift.token_claims import TokenClaims
from kuberoster.operations.ownership import is_anothers

_BINDINGS = ("RoleBinding", "ClusterRoleBinding")
_PROVIDER_KEEPS = ("app.kubernetes.io", "service.beta.kubernetes.io")
"""Domains of Kubernetes that it treats like anybody's."""
_FIXED = ("apiVersion", "kind", "metadata", "roleRef", "type")
"""What no change alters, and the metadata, of which it alters a part."""


Action = Literal["create", "change", "replace", "delete"]
Planned = Mapping[str, Mapping[Key, Action]]
"""By team, what Terraform's plan of it does to each object; what it leaves alone is not in it.

A generated name that is not known yet stands as its prefix.
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One object that a deploy would create, or change where `live` is there."""

    manifest: Manifest
    live: Object | None
    """None too for an object that is there and that Terraform does not track."""
    planned_replacement: bool = False

    @property
    def kind(self) -> str:
        """The object's kind."""
        return str(self.manifest["kind"])

    @property
    def namespace(self) -> str:
        """Where it lies; empty for what belongs to no namespace."""
        return str(self.manifest["metadata"].get("namespace", ""))

    @property
    def name(self) -> str:
        """Kind, namespace and name; a name that the API server completes ends in `*`."""
        metadata = self.manifest["metadata"]
        name = metadata.get("name") or f"{metadata['generateName']}*"
        return shown((self.kind, self.namespace, name))

    @property
    def path(self) -> str:
        """Where it is sent to."""
        if self.live is None:
            return collection(self.kind, self.namespace)
        return object_path(self.kind, self.live["metadata"]["name"], self.namespace)

    @property
    def role(self) -> Key | None:
        """The role that a binding refers to."""
        if self.kind not in _BINDINGS:
            return None
        reference = self.manifest["roleRef"]
        namespace = self.namespace if reference["kind"] == "Role" else ""
        return reference["kind"], namespace, reference["name"]

    @property
    def is_replaced(self) -> bool:
        """Whether it has to be deleted first: the role of a binding can't be changed."""
        if self.planned_replacement:
            return True
        if self.live is None or self.role is None:
            return False
        says, has = self.manifest["roleRef"], self.live["roleRef"]
        return (says["kind"], says["name"]) != (has["kind"], has["name"])

    @property
    def patch(self) -> Manifest:
        """What a deploy changes of an object, as a merge patch.

        Of an object of the roster's own that includes what others labelled and annotated.
        """
        labels = labels_of(self.manifest)
        metadata: Manifest = {"labels": labels} if labels else {}
        if MANAGED_BY in labels and self.live:
            metadata = {
                "labels": _foreign(labels_of(self.live)) | labels,
                "annotations": _foreign(annotations_of(self.live)) | annotations_of(self.manifest),
            }
        return {
            "metadata": metadata,
            **{field: value for field, value in self.manifest.items() if field not in _FIXED},
        }


def steps(roster: Roster, live: Mapping[str, Sequence[Object]], planned: Planned) -> Iterator[Step]:
    """What a deploy of a roster would create and change, in the order of its creation.

    `roster` has who is active alone, and `live` all kinds as `inventory.all_of` reads them.
    """
    there = {key_of(kind, item): item for kind, items in live.items() for item in items}
    manifests = {entry.team.name: list(team_manifests(entry)) for entry in roster.teams}
    tokens = _tokens_there([each for some in manifests.values() for each in some], live)
    for entry in roster.teams:
        for manifest in guarded(entry):
            found = there.get(key_of(manifest["kind"], manifest))
            if found and any(differences(manifest, found)):
                yield Step(manifest=manifest, live=found)
        doing = planned.get(entry.team.name)
        for manifest in manifests[entry.team.name]:
            found = (
                tokens.get(id(manifest))
                if manifest["kind"] == "Secret"
                else there.get(key_of(manifest["kind"], manifest))
            )
            action = _guess(manifest, found) if doing is None else _of_plan(manifest, found, doing)
            if action:
                yield Step(
                    manifest=manifest,
                    live=None if action == "create" else found,
                    planned_replacement=action == "replace",
                )


def deletions(
    roster: Roster, live: Mapping[str, Sequence[Object]], planned: Planned
) -> Iterator[Key]:
    """What a deploy would delete, as `steps` knows what Terraform tracks."""
    manifests = [each for entry in roster.teams for each in team_manifests(entry)]
    kept = {key_of(each["kind"], each) for each in manifests if each["kind"] != "Secret"} | {
        key_of("Secret", secret) for secret in _tokens_there(manifests, live).values()
    }
    entries = {entry.team.name: entry for entry in roster.teams}
    for kind, items in live.items():
        for item in items:
            entry = entries.get(labels_of(item).get(TEAM_LABEL, ""))
            key = key_of(kind, item)
            if entry and entry.team.name not in planned and _has_labels(item, entry.team.roster):
                yield from [key] if key not in kept else ()
    for doing in planned.values():
        yield from (key for key, action in doing.items() if action == "delete")


def _guess(manifest: Manifest, found: Object | None) -> Action | None:
    labels = labels_of(manifest)
    if found is None or not _has_labels(found, labels.get(ROSTER_LABEL, "")):
        return "create"
    differs = metadata_differences if manifest["kind"] == "Secret" else differences
    return "change" if any(differs(manifest, found)) else None


def _of_plan(
    manifest: Manifest, found: Object | None, doing: Mapping[Key, Action]
) -> Action | None:
    kind, metadata = manifest["kind"], manifest["metadata"]
    names = [metadata.get("name") or metadata["generateName"]]
    names += [found["metadata"]["name"]] if found else []
    keys = [(kind, metadata.get("namespace", ""), name) for name in names]
    actions = [doing[key] for key in keys if key in doing]
    return "create" if "create" in actions else actions[0] if actions else None


def _has_labels(item: Object, roster: str) -> bool:
    """Whether labels say that a deploy of the roster made it."""
    managed = labels_of(item).get(MANAGED_BY) == "kuberoster"
    return managed and not is_anothers(item["metadata"], roster)


def _foreign(values: Mapping[str, str]) -> dict[str, str | None]:
    """What Terraform takes away again: all but Kubernetes' own.

    As the provider tells them apart: isInternalKey in its kubernetes/structures.go.
    """
    return {
        key: None
        for key in values
        if (host := key.partition("/")[0]).endswith(_PROVIDER_KEEPS)
        or not host.endswith(("kubernetes.io", "k8s.io"))
    }


def _tokens_there(
    manifests: Sequence[Manifest], live: Mapping[str, Sequence[Object]]
) -> dict[int, Object]:
    """The Secret of each token's manifest, by the manifest's id; the last where there are more."""
    uids = {
        (item["metadata"]["namespace"], item["metadata"]["name"]): item["metadata"]["uid"]
        for item in live["ServiceAccount"]
    }
    claims = TokenClaims((each for each in manifests if each["kind"] == "Secret"), uids)
    taken = ((claims.take(secret), secret) for secret in live["Secret"])
    return {id(manifest): secret for manifest, secret in taken if manifest is not None}
