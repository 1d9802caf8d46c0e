"""A state as `terraform state pull` and `push` carry it: a JSON document of version 4."""

import copy
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from kuberoster.cluster.inventory import Key
from kuberoster.model.objects import TOKEN_SECRET_TYPE
from kuberoster.terraform.stack import KIND_OF, SECRET, Resource

Document = dict[str, Any]
_PROVIDER = 'provider["registry.terraform.io/hashicorp/kubernetes"]'


@dataclass(frozen=True, slots=True)
class State:
    """One stack's state; empty where there is none."""

    document: Document

    @property
    def version(self) -> str:
        """By which it is known: every change makes another one."""
        if not self.document:
            return "there is none"
        return f"serial {self.document.get('serial')} of lineage {self.document.get('lineage')}"

    def tracked(self) -> Iterator[tuple[str, Key]]:
        """Each address with the object that it stands for."""
        for resource, attributes in self._objects():
            namespace, _, name = attributes["id"].rpartition("/")
            yield _address(resource), (KIND_OF[resource["type"]], namespace, name)

    def uids(self) -> dict[str, str]:
        """The UID of each object by its address, as Terraform last saw it."""
        return {
            _address(resource): metadata["uid"]
            for resource, attributes in self._objects()
            for metadata in attributes.get("metadata") or ()
            if metadata.get("uid")
        }

    def _objects(self) -> Iterator[tuple[Document, Document]]:
        """Each resource that stands for an object of ours, with its attributes."""
        for resource in self.document.get("resources", ()):
            if resource["type"] not in KIND_OF or resource["mode"] != "managed":
                continue
            if "module" not in resource:
                for instance in resource["instances"]:
                    if "deposed" not in instance:
                        yield resource, instance["attributes"]

    def without(self, addresses: Collection[str]) -> "State":
        """The next state, in which these addresses stand for nothing."""
        changed = self._next()
        changed["resources"] = [
            resource for resource in changed["resources"] if _address(resource) not in addresses
        ]
        return State(changed)

    def with_secrets(self, secrets: Iterable[tuple[Resource, Document]]) -> "State":
        """The next state, in which addresses stand for Secrets that exist.

        Made from each Secret's metadata alone: an import would read the token. Terraform fills
        in the rest, with no data, when it reads the state.
        """
        changed = self._next()
        providers = [entry["provider"] for entry in changed["resources"] if "provider" in entry]
        provider = providers[0] if providers else _PROVIDER
        changed["resources"] += [
            _entry(resource, metadata, provider) for resource, metadata in secrets
        ]
        return State(changed)

    def _next(self) -> Document:
        changed = copy.deepcopy(self.document)
        changed.setdefault("resources", [])
        return changed


def _address(resource: Document) -> str:
    return f"{resource['type']}.{resource['name']}"


def _entry(resource: Resource, metadata: Document, provider: str) -> Document:
    written = {
        "name": metadata["name"],
        "namespace": metadata["namespace"],
        "generate_name": resource.prefix,
        "generation": 0,
        "resource_version": metadata["resourceVersion"],
        "uid": metadata["uid"],
        "labels": dict(resource.labels),
        "annotations": dict(resource.annotations),
    }
    attributes = {
        "id": f"{metadata['namespace']}/{metadata['name']}",
        "type": TOKEN_SECRET_TYPE,
        "immutable": False,
        "wait_for_service_account_token": False,
        "data_wo_revision": 1,
        "metadata": [written],
    }
    instance = {
        "schema_version": 0,
        "attributes": attributes,
        "dependencies": list(resource.depends_on),
    }
    return {
        "mode": "managed",
        "type": SECRET,
        "name": resource.address.partition(".")[2],
        "provider": provider,
        "instances": [instance],
    }
