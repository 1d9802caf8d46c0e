"""What is being deleted and does not go: what keeps it, and how to get on."""

from collections.abc import Iterator

from kuberoster.cluster import Cluster, in_one_line
from kuberoster.cluster.inventory import Metadata, Object
from kuberoster.cluster.kinds import collection


def is_ending(metadata: Metadata) -> bool:
    """Whether somebody has asked for the deletion of an object that is still there."""
    return "deletionTimestamp" in metadata


def finalizers_of(metadata: Metadata) -> list[str]:
    """The names that keep an object after its deletion was asked for, sorted."""
    return sorted(metadata.get("finalizers") or ())


def is_there(cluster: Cluster, kind: str, metadata: Metadata) -> bool:
    """Whether this very object is still there; asks for metadata alone."""
    path = collection(kind, metadata.get("namespace"))
    found = cluster.list_metadata(path, field_selector=f"metadata.name={metadata['name']}")
    return any(each["metadata"]["uid"] == metadata["uid"] for each in found)


def kept_by(metadata: Metadata) -> str:
    """An object's finalizers, with the program that set each, as far as the API server noted it.

    `finalizer example.com/hold (set by kubectl-edit on 2026-11-28)`; metadata without finalizers
    is kept by nothing that can be seen.
    """
    finalizers = finalizers_of(metadata)
    if not finalizers:
        return "nothing that can be seen in it"
    listed = ", ".join(f"{in_one_line(each)}{_set_by(each, metadata)}" for each in finalizers)
    return f"finalizer{'s' if len(finalizers) > 1 else ''} {listed}"


def way_on(kind: str, metadata: Metadata) -> str:
    """How an object that its finalizers keep goes."""
    name, namespace = metadata["name"], metadata.get("namespace")
    where = f"{kind.lower()} {name}{f' -n {namespace}' if namespace else ''}"
    return (
        "Whoever set a finalizer takes it away when its work is done: see that this program runs. "
        f"If it never will: kubectl patch {where} --type=merge "
        """-p '{"metadata":{"finalizers":null}}'"""
    )


def differences_of(kind: str, item: Object) -> Iterator[str]:
    """What keeps an object from being deleted, now or when its time comes, in words.

    Programs set finalizers on namespaces as a matter of course; those count when one is going.
    """
    metadata = item["metadata"]
    if is_ending(metadata):
        if kind == "Namespace":
            yield namespace_ending(item).partition("\n")[0]
        elif finalizers_of(metadata):
            yield f"is being deleted, and kept by {kept_by(metadata)}. {way_on(kind, metadata)}"
        else:
            yield "is being deleted"
    elif finalizers_of(metadata) and kind != "Namespace":
        yield f"would not go when it is deleted, as it has {kept_by(metadata)}"


def namespace_ending(namespace: Object) -> str:
    """Why a Namespace that is being deleted is still there, in two lines: the cause; the way on.

    The cause is in the words of Kubernetes, which tells it some seconds after the deletion.
    """
    name = namespace["metadata"]["name"]
    causes = "; ".join(_causes(namespace)) or "Kubernetes has not said yet what it waits for"
    return (
        f"is being deleted since {namespace['metadata'].get('deletionTimestamp')}: {causes}.\n"
        f"Wait until it is gone: kubectl wait --for=delete namespace/{name}. What a finalizer "
        "keeps goes when whoever set it takes it away; kubectl get serviceaccounts,secrets,"
        f"rolebindings,roles -n {name} -o yaml shows them."
    )


def _causes(namespace: Object) -> Iterator[str]:
    if finalizers_of(namespace["metadata"]):
        yield kept_by(namespace["metadata"])
    for condition in (namespace.get("status") or {}).get("conditions") or ():
        if condition.get("status") == "True":
            yield in_one_line(str(condition.get("message", ""))).rstrip(".")


def _set_by(finalizer: str, metadata: Metadata) -> str:
    for entry in metadata.get("managedFields") or ():
        owned = (entry.get("fieldsV1") or {}).get("f:metadata", {}).get("f:finalizers", {})
        if f'v:"{finalizer}"' in owned:
            day = str(entry.get("time", ""))[:10]
            who = in_one_line(str(entry.get("manager")))
            return f" (set by {who}{f' on {day}' if day else ''})"
    return ""
