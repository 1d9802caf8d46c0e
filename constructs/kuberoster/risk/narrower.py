"""What to write in users/ so that a right goes which makes a finding, and all others stay."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache, lru_cache
from itertools import product
from typing import NamedTuple

from kuberoster.model.access import LADDER, Grant, Role
from kuberoster.model.rule import Rule
from kuberoster.model.served import ALL, kubernetes
from kuberoster.rbac.authorizer import PolicyRule, ResourceAttributes
from kuberoster.rbac.defaults import load_defaults
from kuberoster.rbac.policy import Policy, RoleKey
from kuberoster.risk.granted import Granted
from kuberoster.risk.scope import Evidence

_EVERYTHING = "cluster-admin"
_RUNGS = (*LADDER, _EVERYTHING)


class Narrower(NamedTuple):
    """A part of users/, and what to write in its place."""

    instead_of: str
    """What stands there, as code: `Rule(["get", "list"], ["secrets"])`, or `edit("web")`."""
    write: str
    """What to write, as code; empty where it is to be left out."""

    def __str__(self) -> str:
        if not self.write:
            return f"leave out {self.instead_of}"
        return f"write {self.write} instead of {self.instead_of}"

    def document(self) -> dict[str, str]:
        """The same as JSON has it."""
        return self._asdict()


def narrower(rule: str, evidence: Evidence, granted: Granted) -> Narrower | None:
    """What to write instead, so that a rule of this id finds this no more.

    None where that can't be said as code. Of a role of the roster's own it is the rule without the
    right; of Kubernetes' own roles the next one that has no part of it.
    """
    given, right = granted.by(evidence.binding), evidence.rule
    if given is None or right is None:
        return None
    role = given.grant.role
    if not isinstance(role, Role):
        if ALL in (*right.verbs, *right.resources) and rule != _EVERYTHING:
            return None  # a lower role has less than all, and may have what is found all the same
        return _rung(given.grant, evidence.binding.namespace, right, granted.policy)
    having = [each for each in role.rules if _has(each, right)]
    # Of two rules that give the same right, neither would do alone.
    inside = bool(evidence.binding.namespace)
    return _without(having[0], right, inside=inside) if len(having) == 1 else None


def _has(rule: Rule, right: PolicyRule) -> bool:
    if bool(rule.resource_names) != bool(right.resource_names):
        return False
    parts = (
        (rule.resource_names, right.resource_names),
        (rule.verbs, right.verbs),
        (rule.resources, right.resources),
        (rule.non_resource_urls, right.non_resource_urls),
        (rule.api_groups if rule.resources else (), right.api_groups),
    )
    return all(set(part) <= set(whole) for whole, part in parts)


def _without(rule: Rule, right: PolicyRule, *, inside: bool) -> Narrower | None:
    verbs = [] if ALL in rule.verbs else _less(rule.verbs, right.verbs)
    resources = _less(rule.resources, right.resources)
    urls = _less(rule.non_resource_urls, right.non_resource_urls)
    if any(each.startswith(ALL) for each in resources) or any(each.endswith(ALL) for each in urls):
        return None  # what is left would still allow it
    rest: list[str] = []
    if resources or urls:
        left, groups = _counting(rule.verbs, resources, rule.api_groups, inside=inside)
        if left or urls:
            rest.append(_code(rule, rule.verbs, left, groups, urls))
    if verbs:
        left, groups = _counting(verbs, right.resources, rule.api_groups, inside=inside)
        if left or right.non_resource_urls:
            rest.append(_code(rule, verbs, left, groups, right.non_resource_urls))
    if others := _other_groups(rule, right):
        rest.append(_code(rule, right.verbs, right.resources, others, ()))
    if names := _less(rule.resource_names, right.resource_names):
        named = replace(rule, resource_names=names)
        rest.append(_code(named, right.verbs, right.resources, rule.api_groups, ()))
    if not rest and ALL in (*right.verbs, *right.resources, *right.api_groups):
        return None  # what was meant by it, whoever wrote it knows
    whole = _code(rule, rule.verbs, rule.resources, rule.api_groups, rule.non_resource_urls)
    return Narrower(whole, ", ".join(rest))


def _counting(
    verbs: Sequence[str], resources: Sequence[str], groups: Sequence[str], *, inside: bool
) -> tuple[list[str], list[str]]:
    """Those resources and API groups with which the verbs allow something: others are refused."""

    def counts(group: str, resource: str) -> bool:
        found = kubernetes().find(group, resource)
        return found is None or any(
            each.counts(verb, inside=inside) for each in found for verb in verbs
        )

    left = [each for each in resources if any(counts(group, each) for group in groups)]
    return left, [group for group in groups if any(counts(group, each) for each in left)]


def _other_groups(rule: Rule, right: PolicyRule) -> list[str]:
    """Those in which the same resources are others, as far as Kubernetes has such."""
    if not rule.resources or ALL in (*rule.api_groups, *right.resources):
        return []
    names = {each.partition("/")[0] for each in right.resources}
    others = _less(rule.api_groups, right.api_groups)
    return [each for each in others if names & _resources(each)]


@cache
def _resources(group: str) -> frozenset[str]:
    return frozenset(each["name"] for each in load_defaults().resources if each["group"] == group)


def _rung(grant: Grant, namespace: str, right: PolicyRule, policy: Policy) -> Narrower | None:
    """The same grant with the next of Kubernetes' own roles that has no part of the right."""
    name = grant.role.name
    if name not in _RUNGS:
        return None
    if name == _EVERYTHING and not namespace:
        return None  # no role below it is meant for the whole cluster
    lower = _lower(policy, name, right)
    return Narrower(_as_code(grant), _lowered(grant, namespace, lower)) if lower else None


@lru_cache(maxsize=1024)
def _lower(policy: Policy, name: str, right: PolicyRule) -> str | None:
    """Asked once for all users: many have the same roles."""
    lower = reversed(_RUNGS[: _RUNGS.index(name)])
    return next((each for each in lower if not _shares(policy, each, right)), None)


def _shares(policy: Policy, role: str, right: PolicyRule) -> bool:
    """Whether a role has any part of a right; one that is not known may have."""
    known = policy.roles.get(RoleKey("", role))
    if known is None or right.non_resource_urls:
        return True
    return any(rule.allows(each) for each in _attributes(right) for rule in known.rules)


def _attributes(right: PolicyRule) -> Iterator[ResourceAttributes]:
    for verb, group, path in product(right.verbs, right.api_groups, right.resources):
        resource, _, subresource = path.partition("/")
        for name in right.resource_names or ("",):
            yield ResourceAttributes(
                verb=verb, group=group, resource=resource, subresource=subresource, name=name
            )


def _lowered(grant: Grant, namespace: str, role: str) -> str:
    """The grant with a lower role in one of its namespaces."""
    if not namespace:
        return f"{role}.cluster_wide()"
    others = [each for each in grant.namespaces or () if each != namespace]
    lowered = f"{role}({json.dumps(namespace)})"
    return f"{_called(grant.role.name, others)}, {lowered}" if others else lowered


def _as_code(grant: Grant) -> str:
    if grant.namespaces is None:
        return f"{_called(grant.role.name, ())[:-2]}.cluster_wide()"
    return _called(grant.role.name, grant.namespaces)


def _called(role: str, namespaces: Sequence[str]) -> str:
    name = role if role in LADDER else f"ClusterRole({json.dumps(role)})"
    return f"{name}({', '.join(map(json.dumps, namespaces))})"


def _code(
    rule: Rule,
    verbs: Sequence[str],
    resources: Sequence[str],
    api_groups: Sequence[str],
    urls: Sequence[str],
) -> str:
    """A rule with these fields and the names of another one, as users/ writes it."""
    said = [json.dumps([*verbs])]
    if urls:
        said.append(f"non_resource_urls={json.dumps([*urls])}")
    else:
        said.append(json.dumps([*resources]))
        if tuple(api_groups) != ("",):
            said.append(f"api_groups={json.dumps([*api_groups])}")
        if rule.resource_names:
            said.append(f"resource_names={json.dumps([*rule.resource_names])}")
    return f"Rule({', '.join(said)})"


def _less(whole: Sequence[str], part: Sequence[str]) -> list[str]:
    return [each for each in whole if each not in part]
