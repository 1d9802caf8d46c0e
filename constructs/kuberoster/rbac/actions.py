"""Rules taken apart into single actions, so that two sums of rules can be compared."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import product
from typing import NamedTuple

from kuberoster.model.served import ALL, VERBS
from kuberoster.rbac.authorizer import PolicyRule, url_matches


class Action(NamedTuple):
    """One verb on one resource, or on one URL."""

    verb: str
    group: str = ""
    resource: str = ""
    """With its subresource: `pods/log`; empty for a URL."""
    name: str = ""
    """Of the one object that it is about; empty for all."""
    url: str = ""


def actions(rules: Iterable[PolicyRule]) -> frozenset[Action]:
    """Every single action that rules allow, wildcards as they are written."""
    return frozenset(action for rule in rules for action in _apart(rule))


@cache
def beyond(some: frozenset[Action], known: frozenset[Action]) -> frozenset[Action]:
    """Those of some actions that the known ones do not cover."""
    urls = [action for action in known if action.url]
    return frozenset(action for action in some if not _covered(action, known, urls))


def covers(known: frozenset[Action], action: Action) -> bool:
    """Whether one of the known actions includes another, by a wildcard too."""
    return _covered(action, known, [each for each in known if each.url])


@cache
def as_rules(some: frozenset[Action]) -> tuple[PolicyRule, ...]:
    """Rules that allow these actions and nothing more, as few as read well."""
    verbs: defaultdict[tuple[str, str, str, str], set[str]] = defaultdict(set)
    for action in some:
        verbs[action.group, action.resource, action.name, action.url].add(action.verb)
    alike: defaultdict[tuple[str, str, tuple[str, ...], bool], list[str]] = defaultdict(list)
    for (group, resource, name, url), allowed in sorted(verbs.items()):
        alike[group, name, _in_order(allowed), bool(url)].append(url or resource)
    return tuple(
        PolicyRule(verbs=allowed, non_resource_urls=tuple(listed))
        if of_urls
        else PolicyRule(
            verbs=allowed,
            api_groups=(group,),
            resources=tuple(listed),
            resource_names=(name,) if name else (),
        )
        for (group, name, allowed, of_urls), listed in alike.items()
    )


def _apart(rule: PolicyRule) -> Iterator[Action]:
    for verb in rule.verbs:
        for url in rule.non_resource_urls:
            yield Action(verb, url=url)
        for group, resource, name in product(
            rule.api_groups, rule.resources, rule.resource_names or ("",)
        ):
            yield Action(verb, group, resource, name)


def _covered(action: Action, known: frozenset[Action], urls: list[Action]) -> bool:
    if action in known:
        return True
    if action.url:
        return any(
            each.verb in (ALL, action.verb) and url_matches(each.url, action.url) for each in urls
        )
    subresource = action.resource.partition("/")[2]
    resources = [action.resource, ALL, *([f"{ALL}/{subresource}"] if subresource else [])]
    return any(
        Action(*each) in known
        for each in product((action.verb, ALL), (action.group, ALL), resources, (action.name, ""))
    )


def _in_order(verbs: Iterable[str]) -> tuple[str, ...]:
    known = {verb: position for position, verb in enumerate(VERBS)}
    return tuple(sorted(verbs, key=lambda verb: (known.get(verb, len(VERBS)), verb)))
