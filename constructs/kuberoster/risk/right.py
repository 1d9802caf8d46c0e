"""What RBAC can allow, right by right: the entries of the table in `kuberoster.risk.rules`."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from itertools import chain

from kuberoster.model.served import ALL
from kuberoster.rbac.actions import Action
from kuberoster.rbac.authorizer import PolicyRule, ResourceAttributes
from kuberoster.risk.scope import Need

READ = "get list watch"
WRITE = "create update patch"
DELETE = "delete deletecollection"
CHANGE = f"{WRITE} {DELETE}"
SHOWN = f"{READ} patch {DELETE}"
"""What the API server answers with the object, as a dry run too: a patch and a deletion need no
right to read (tests/risk/paths/test_real_paths.py)."""

Names = Callable[[str], bool]


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Right(Need):
    """Something that may be allowed, written as one would ask `kubectl auth can-i`."""

    asked: tuple[ResourceAttributes, ...]
    """Each of them is enough."""
    does: str = ""
    """What it lets somebody do, after "can"; empty where the verb and the resource say it."""
    makes: str = ""
    """What could be made with it that outlives the one who has it; empty for nothing."""
    unnamed: bool = False
    """Whether it counts for all objects alone, and not for some by resourceNames."""
    names: Names | None = None
    """Which of the names count to which it may be narrowed; None for all."""

    def counts(self, name: str) -> bool:
        """Whether it counts where it is narrowed to an object of this name."""
        return bool(name) and not self.unnamed and (self.names is None or self.names(name))

    @cache  # noqa: B019  # rights are those of the table
    def asked_in(self, groups: frozenset[str]) -> tuple[ResourceAttributes, ...]:
        """What can be allowed in these groups: most rights are about others."""
        return tuple(each for each in self.asked if groups & {each.group, ALL})

    def part(self, rule: PolicyRule) -> PolicyRule | None:
        """The part of a rule that allows it; None when no part does."""
        if rule.resource_names and self.unnamed:
            return None
        if rule.resource_names and self.names:
            named = tuple(name for name in rule.resource_names if self.names(name))
            if not named:
                return None
            rule = replace(rule, resource_names=named)
        asked = self.asked_in(frozenset(rule.api_groups))
        each = chain.from_iterable(_asked_of(rule, attributes) for attributes in asked)
        parts = [rule.part_for(attributes) for attributes in each if rule.allows(attributes)]
        return _together(parts) if parts else None

    def actions(self, part: PolicyRule) -> frozenset[Action]:
        """What of such a part it is about: less than the part allows by its wildcards."""
        return frozenset(
            Action(each.verb, each.group, each.path, name)
            for attributes in self.asked_in(frozenset(part.api_groups))
            for each in _asked_of(part, attributes)
            if part.allows(each)
            for name in (part.resource_names if each.name else ("",))
        )


def right(
    verbs: str,
    resources: str,
    *,
    does: str = "",
    makes: str = "",
    clustered: bool = False,
    until: str = "",
    unnamed: bool = False,
    names: Names | None = None,
) -> Right:
    """Any of the verbs on any of the resources: `right("get list", "secrets jobs.batch/status")`.

    `/*` stands for any subresource, and `*.` before a group for any resource of it. `clustered`
    is for what belongs to no namespace, `until` for the last version of Kubernetes in which it
    lets do anything.
    """
    return Right(
        asked=tuple(
            _attributes(verb, word) for word in resources.split() for verb in verbs.split()
        ),
        does=does,
        makes=makes,
        clustered=clustered,
        until=until,
        unnamed=unnamed,
        names=names,
    )


def of_groups(resources: Mapping[str, str]) -> str:
    """Resources by their API group, as `right` takes them."""
    return " ".join(
        f"{name}.{group}{slash}{subresource}"
        for group, words in resources.items()
        for name, slash, subresource in (word.partition("/") for word in words.split())
    )


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
    if asked.resource == ALL != asked.group:
        whole = {resource for resource in rule.resources if "/" not in resource} - {ALL}
        for resource in sorted(whole) or ["any"]:
            yield replace(asked, resource=resource)
        return
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
