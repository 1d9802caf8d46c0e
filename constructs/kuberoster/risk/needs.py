"""What risk rules look for, written as one would ask `kubectl auth can-i`."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import chain

from kuberoster.rbac.authorizer import ALL, PolicyRule, ResourceAttributes
from kuberoster.risk.scope import Evidence, Need, Scope

READ = "get list watch"
WRITE = "create update patch"
DELETE = "delete deletecollection"
CHANGE = f"{WRITE} {DELETE}"
SHOWN = f"{READ} patch {DELETE}"
"""What the API server answers with the object, as a dry run too: a patch and a deletion need no
right to read (tests/risk/paths/test_real_paths.py)."""
RBAC = "rbac.authorization.k8s.io"
WORKLOADS = (
    "replicationcontrollers deployments.apps daemonsets.apps statefulsets.apps replicasets.apps "
    "jobs.batch cronjobs.batch"
)
"""Whatever makes pods of a template."""

Hits = Callable[[Scope], list[Evidence]]


def asks(verbs: str, resources: str, *, unnamed: bool = False, clustered: bool = False) -> Need:
    """Any of the verbs on any of the resources: `asks("get list", "secrets jobs.batch/status")`.

    `/*` stands for any subresource. A right to some objects alone, by resourceNames, counts too,
    unless `unnamed` leaves it out.
    """
    asked = [_attributes(verb, word) for word in resources.split() for verb in verbs.split()]

    def part(rule: PolicyRule) -> PolicyRule | None:
        if unnamed and rule.resource_names:
            return None
        each = chain.from_iterable(_asked_of(rule, attributes) for attributes in asked)
        parts = [rule.part_for(attributes) for attributes in each if rule.allows(attributes)]
        return _together(parts) if parts else None

    return Need(part, clustered)


def meets(*needs: Need) -> Hits:
    """A hit where all needs are met together, by whatever bindings."""

    def hits(scope: Scope) -> list[Evidence]:
        found: list[Evidence] = []
        for need in needs:
            met = scope.evidence(need)
            if not met:
                return []
            found += met
        return found

    return hits


def either(*hits: Hits) -> Hits:
    """A hit where one of them is, with the evidence of all that are."""
    return lambda scope: [*chain.from_iterable(each(scope) for each in hits)]


def among_users(hits: Hits) -> Hits:
    """Only where a namespace of the roster's users is reached."""
    return lambda scope: hits(scope) if scope.has_users else []


def in_system(hits: Hits) -> Hits:
    """Only over the whole cluster, or in kube-system."""
    return lambda scope: hits(scope) if scope.is_system else []


def in_state(state: Need, anything: Need) -> Hits:
    """In the namespace of Terraform's state anything; over the whole cluster the state alone."""

    def hits(scope: Scope) -> list[Evidence]:
        if not scope.has_state:
            return []
        if not scope.namespace:
            return scope.evidence(state)
        return [each for each in scope.evidence(anything) if each.binding.namespace]

    return hits


def _attributes(verb: str, word: str) -> ResourceAttributes:
    path, _, subresource = word.partition("/")
    resource, _, group = path.partition(".")
    return ResourceAttributes(verb=verb, resource=resource, group=group, subresource=subresource)


def _asked_of(rule: PolicyRule, asked: ResourceAttributes) -> Iterator[ResourceAttributes]:
    """The question as this rule can allow it: of an object that it names, if it names some."""
    has_no_name = asked.verb == "deletecollection" or (
        asked.verb == "create" and not asked.subresource
    )
    if rule.resource_names and not has_no_name:
        asked = replace(asked, name=rule.resource_names[0])
    if asked.subresource != ALL:
        yield asked
        return
    below = {resource.partition("/")[2] for resource in rule.resources} - {""}
    for subresource in sorted(below) or ["any"]:
        yield replace(asked, subresource=subresource)


def _together(parts: list[PolicyRule]) -> PolicyRule:
    return replace(
        parts[0],
        verbs=_once(part.verbs for part in parts),
        api_groups=_once(part.api_groups for part in parts),
        resources=_once(part.resources for part in parts),
    )


def _once(values: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(chain.from_iterable(values)))
