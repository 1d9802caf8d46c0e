"""What one RBAC rule allows, exactly as Kubernetes' own authorizer decides it.

Follows plugin/pkg/auth/authorizer/rbac and pkg/apis/rbac/v1/evaluation_helpers.go of Kubernetes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, ClassVar, Self

from kuberoster.model.served import ALL


@dataclass(frozen=True, kw_only=True, slots=True)
class ResourceAttributes:
    """A request for a resource, as a SubjectAccessReview describes it."""

    verb: str
    resource: str
    """Plural, as in a URL: `pods`."""
    group: str = ""
    """The API group; empty for the core group."""
    subresource: str = ""
    name: str = ""
    """The object's name; empty for a collection, and for what is being created."""
    namespace: str = ""
    """Empty for all namespaces at once, and for a resource that belongs to none."""

    @property
    def path(self) -> str:
        """The resource as a rule names it: `pods/log`."""
        return f"{self.resource}/{self.subresource}" if self.subresource else self.resource

    def __str__(self) -> str:
        named = f" named {self.name}" if self.name else ""
        return f"{self.verb} {qualified(self.path, self.group)}{named}"


@dataclass(frozen=True, kw_only=True, slots=True)
class NonResourceAttributes:
    """A request for a URL that is no resource's, such as /metrics."""

    namespace: ClassVar[str] = ""
    verb: str
    path: str

    def __str__(self) -> str:
        return f"{self.verb} {self.path}"


Attributes = ResourceAttributes | NonResourceAttributes


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicyRule:
    """One rule of a Role or ClusterRole; empty `resource_names` stand for all names."""

    verbs: tuple[str, ...]
    api_groups: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    resource_names: tuple[str, ...] = ()
    non_resource_urls: tuple[str, ...] = ()

    @classmethod
    def read(cls, rule: Mapping[str, Any]) -> Self:
        """The rule that Kubernetes writes so."""
        return cls(**{ours: tuple(rule.get(theirs) or ()) for ours, theirs in _FIELDS.items()})

    def written(self) -> dict[str, list[str]]:
        """The rule as Kubernetes writes it, without empty fields."""
        return {
            theirs: list(values)
            for ours, theirs in _FIELDS.items()
            if (values := getattr(self, ours))
        }

    @property
    def plain(self) -> tuple[frozenset[str], ...]:
        """Equal for rules that allow the same in another order of words."""
        return tuple(frozenset(getattr(self, field)) for field in _FIELDS)

    def allows(self, asked: Attributes) -> bool:
        """Whether the rule, where it counts, allows the request."""
        if not _has(self.verbs, asked.verb):
            return False
        if isinstance(asked, NonResourceAttributes):
            return any(url_matches(url, asked.path) for url in self.non_resource_urls)
        return (
            _has(self.api_groups, asked.group)
            and any(_resource_matches(resource, asked) for resource in self.resources)
            and (not self.resource_names or asked.name in self.resource_names)
        )

    def part_for(self, asked: Attributes) -> Self:
        """The least part of the rule that still allows a request that the whole allows."""
        verbs = _first(verb for verb in self.verbs if _has((verb,), asked.verb))
        if isinstance(asked, NonResourceAttributes):
            urls = (url for url in self.non_resource_urls if url_matches(url, asked.path))
            return replace(self, verbs=verbs, non_resource_urls=_first(urls))
        return replace(
            self,
            verbs=verbs,
            api_groups=_first(group for group in self.api_groups if _has((group,), asked.group)),
            resources=_first(each for each in self.resources if _resource_matches(each, asked)),
        )

    @cache  # noqa: B019  # many users have the same rules, and a command ends soon
    def __str__(self) -> str:
        """`get, list pods, deployments.apps`, `get secrets named x`, `get /metrics`."""
        verbs = ", ".join(self.verbs)
        if self.non_resource_urls:
            return f"{verbs} {', '.join(self.non_resource_urls)}"
        resources = ", ".join(
            qualified(resource, group) for group in self.api_groups for resource in self.resources
        )
        named = f" named {', '.join(self.resource_names)}" if self.resource_names else ""
        return f"{verbs} {resources}{named}"


_FIELDS = {
    "verbs": "verbs",
    "api_groups": "apiGroups",
    "resources": "resources",
    "resource_names": "resourceNames",
    "non_resource_urls": "nonResourceURLs",
}


def _has(values: tuple[str, ...], asked: str) -> bool:
    return asked in values or ALL in values


def _resource_matches(resource: str, asked: ResourceAttributes) -> bool:
    """`*` is every resource with every subresource; `pods` is not `pods/log`, nor `pods/*`."""
    return resource in (ALL, asked.path) or (
        asked.subresource != "" and resource == f"{ALL}/{asked.subresource}"
    )


def url_matches(url: str, path: str) -> bool:
    """Whether the URL of a rule covers another one. Only at the end does `*` stand for anything."""
    return url == path or (url.endswith(ALL) and path.startswith(url.rstrip(ALL)))


def qualified(resource: str, group: str) -> str:
    """A resource with its API group: `deployments.apps/scale`."""
    name, slash, subresource = resource.partition("/")
    return f"{name}.{group}{slash}{subresource}" if group else resource


def _first(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(values)[:1]
