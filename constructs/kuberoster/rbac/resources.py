"""Which resource a word means: `po`, `pods`, `deployments.apps`, `widgets.example.com`."""

from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass

from kuberoster.model.errors import KuberosterError
from kuberoster.model.names import did_you_mean
from kuberoster.model.served import ALL, Api, kubernetes
from kuberoster.rbac.defaults import Defaults

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


def refuse_unserved(resource: str, group: str, api: Api) -> None:
    """Raise KuberosterError for a resource that its group, as far as that is known, has not."""
    known = api.groups.get(group, {})
    if known and resource not in {ALL, *(path.partition("/")[0] for path in known)}:
        names = [f"{path}.{group}" for path in known if "/" not in path]
        word = f"{resource}.{group}"
        raise KuberosterError(
            f"no such resource: {word!r}.{did_you_mean(word, names)}\n"
            f"The cluster serves {', '.join(names)} in this group."
        )


def _known(defaults: Defaults) -> list[tuple[Resource, set[str]]]:
    """Every resource of Kubernetes' own with the words for it."""
    below = _unlisted_subresources()
    served = [
        (
            Resource(
                group=each["group"],
                name=each["name"],
                namespaced=each["namespaced"],
                subresources=frozenset(
                    _EVERYWHERE
                    | set(each["subresources"])
                    | below.get((each["group"], each["name"]), set())
                ),
            ),
            {each["name"], each["singular"], *each["short"]},
        )
        for each in defaults.resources
    ]
    own = {(resource.group, resource.name) for resource, _ in served}
    return [*served, *((each, {each.name}) for each in _unlisted(own))]


def _unlisted(own: Set[tuple[str, str]]) -> Iterator[Resource]:
    """Resources of Kubernetes' groups that it does not list, such as `users`."""
    groups = {group for group, _ in own}
    for each in kubernetes().all():
        name, _, subresource = each.path.partition("/")
        if each.group in groups and (each.group, name) not in own and subresource in ("", "*"):
            yield Resource(
                group=each.group, name=name, namespaced=each.namespaced, subresources=None
            )


def _unlisted_subresources() -> dict[tuple[str, str], set[str]]:
    """Subresources that only rules know, such as `nodes/metrics`."""
    found: dict[tuple[str, str], set[str]] = {}
    for each in kubernetes().all():
        name, _, subresource = each.path.partition("/")
        found.setdefault((each.group, name), set()).add(subresource)
    return {key: names - {""} for key, names in found.items()}


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
