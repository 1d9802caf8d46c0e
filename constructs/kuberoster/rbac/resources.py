"""Which resource a word means: `po`, `pods`, `deployments.apps`, `widgets.example.com`."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kuberoster.model.errors import KuberosterError
from kuberoster.model.names import did_you_mean
from kuberoster.rbac.defaults import Defaults

_IDENTITIES = "authentication.k8s.io"
_UNSERVED = (
    ("", "users"),
    ("", "groups"),
    (_IDENTITIES, "users"),
    (_IDENTITIES, "groups"),
    (_IDENTITIES, "uids"),
    (_IDENTITIES, "userextras"),
    (_IDENTITIES, "nodes"),
    (_IDENTITIES, "serviceaccounts"),
    ("certificates.k8s.io", "signers"),
)
"""Resources that only rules know: for impersonation, and for who signs certificates.

https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation
"""
_EVERYWHERE = {"finalizers", "scale", "status"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Resource:
    """A resource with its API group; `*` stands for all."""

    group: str
    name: str
    namespaced: bool | None
    """None where only the cluster knows: a resource that Kubernetes itself does not have."""
    subresources: frozenset[str] | None
    """None where only the cluster knows."""


def find_resource(word: str, defaults: Defaults) -> Resource:
    """The resource that a word means, as kubectl takes it; KuberosterError when there is none.

    A name alone, a singular or a short name is one of Kubernetes' own, and of the core group
    where two groups have it. A group that is not Kubernetes' own is taken as it is.
    """
    name, dot, group = word.lower().partition(".")
    if name == "*":
        return Resource(group=group or "*", name=name, namespaced=None, subresources=None)
    known = _known(defaults)
    groups = {each.group for each, _ in known}
    if dot and group not in groups:
        return Resource(group=group, name=name, namespaced=None, subresources=None)
    found = [each for each, words in known if name in words and (not dot or each.group == group)]
    if not found:
        raise KuberosterError(_no_such(word, name, group, known, defaults.version))
    return min(found, key=lambda each: each.group)


def _known(defaults: Defaults) -> list[tuple[Resource, set[str]]]:
    """Every resource of Kubernetes' own with the words for it."""
    mentioned = _mentioned(defaults)
    served = [
        (
            Resource(
                group=each["group"],
                name=each["name"],
                namespaced=each["namespaced"],
                subresources=frozenset(
                    _EVERYWHERE
                    | set(each["subresources"])
                    | mentioned.get((each["group"], each["name"]), set())
                ),
            ),
            {each["name"], each["singular"], *each["short"]},
        )
        for each in defaults.resources
    ]
    return [*served, *((resource, {resource.name}) for resource in _unserved())]


def _unserved() -> Iterator[Resource]:
    for group, name in _UNSERVED:
        namespaced = name == "serviceaccounts"
        yield Resource(group=group, name=name, namespaced=namespaced, subresources=None)


def _mentioned(defaults: Defaults) -> dict[tuple[str, str], set[str]]:
    """Subresources that no API lists and default roles name, such as `nodes/metrics`."""
    found: dict[tuple[str, str], set[str]] = {}
    for item in defaults.objects:
        for rule in item.get("rules", ()):
            for resource in rule.get("resources", ()):
                name, _, subresource = resource.partition("/")
                for group in rule["apiGroups"] if subresource else ():
                    found.setdefault((group, name), set()).add(subresource)
    return found


def _no_such(
    word: str,
    name: str,
    group: str,
    known: Iterable[tuple[Resource, set[str]]],
    version: str,
) -> str:
    if group:
        names = [f"{each.name}.{group}" for each, _ in known if each.group == group]
        return f"no such resource: {word!r}.{did_you_mean(f'{name}.{group}', names)}"
    names = [word for _, words in known for word in words]
    return (
        f"no such resource: {word!r}.{did_you_mean(name, names)}\n"
        f"Kubernetes {version} itself has none of this name; a custom resource is written with "
        "its group, such as widgets.example.com."
    )
