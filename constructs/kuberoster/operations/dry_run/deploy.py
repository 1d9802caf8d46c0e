"""What the next deploy would send: what is new or not as the roster says."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from kuberoster.model.objects import EMAIL_ANNOTATION, NOTE_ANNOTATION, OWNER_ANNOTATION
from kuberoster.model.roster import Roster
from kuberoster.operations.drift.comparison import differences, metadata_differences
from kuberoster.operations.drift.token_claims import TokenClaims
from kuberoster.operations.inventory import Key, Object, annotations_of, key_of, shown
from kuberoster.operations.kinds import collection, object_path
from kuberoster.operations.manifests import Manifest, team_manifests

_BINDINGS = ("RoleBinding", "ClusterRoleBinding")
_SENT = ("rules", "subjects", "spec", "automountServiceAccountToken")


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One object that a deploy would create, or change where `live` is there."""

    manifest: Manifest
    live: Object | None

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
        if self.live is None or self.role is None:
            return False
        says, has = self.manifest["roleRef"], self.live["roleRef"]
        return (says["kind"], says["name"]) != (has["kind"], has["name"])

    @property
    def patch(self) -> Manifest:
        """What a deploy changes of an object, as a merge patch."""
        ours = (EMAIL_ANNOTATION, OWNER_ANNOTATION, NOTE_ANNOTATION)
        annotations = dict.fromkeys(ours) | annotations_of(self.manifest)
        metadata = {"labels": self.manifest["metadata"]["labels"], "annotations": annotations}
        return {
            "metadata": metadata,
            **{field: self.manifest[field] for field in _SENT if field in self.manifest},
        }


def steps(roster: Roster, live: Mapping[str, Sequence[Object]]) -> Iterator[Step]:
    """What a deploy of a roster would create and change, in the order of its creation.

    `roster` has who is active alone, and `live` all kinds as `inventory.all_of` reads them.
    """
    manifests = [each for entry in roster.teams for each in team_manifests(entry)]
    there = {key_of(kind, item): item for kind, items in live.items() for item in items}
    tokens = _tokens_there(manifests, live)
    for manifest in manifests:
        if manifest["kind"] == "Secret":
            found = tokens.get(id(manifest))
            changes = found and any(metadata_differences(manifest, found))
        else:
            found = there.get(key_of(manifest["kind"], manifest))
            changes = found and any(differences(manifest, found))
        if found is None or changes:
            yield Step(manifest=manifest, live=found)


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
