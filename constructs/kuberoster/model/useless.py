"""Rules of a roster's own Roles that allow nothing, or of which a part does.

RBAC takes any word, and compares it with those of a request: a resource that is misspelt, or in
another group, is never asked for. So it is no fault to the API server, and a lie in a review.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from functools import cache
from itertools import chain

from kuberoster.model.access import Grant, Role
from kuberoster.model.errors import Fault
from kuberoster.model.names import did_you_mean, shortened
from kuberoster.model.rule import Rule
from kuberoster.model.served import (
    ALL,
    IDENTITIES,
    URL_VERBS,
    VERBS,
    Api,
    Served,
    asked_as,
    kubernetes,
    load_served,
)

PAST = "KUBEROSTER_PAST"
"""Environment variable under which a synthesis takes such rules: that of an earlier revision, to
compare with.
"""
_CREATED_BY_PUT = {
    "leases",
    "leasecandidates",
    "roles",
    "clusterroles",
    "rolebindings",
    "clusterrolebindings",
    "services",
    "endpoints",
    "events",
    "limitranges",
    "runtimeclasses",
}
"""Resources of which an update makes what is not there: AllowCreateOnUpdate in pkg/registry."""
_FORMER = "extensions"
"""A group of which Kubernetes before 1.22 had the resources of others, and which its own roles
still name beside these.
"""
_ANY_RESOURCE = "request-serviceaccounts-token-audience"
"""The verb that is asked of an audience, where a resource would stand."""
_OTHER_WORDS = {
    "read": "Reading is 'get', 'list' and 'watch'.",
    "view": "Reading is 'get', 'list' and 'watch'.",
    "write": "Writing is 'create', 'update', 'patch' and 'delete'.",
    "edit": "Changing is 'update' and 'patch'.",
    "change": "Changing is 'update' and 'patch'.",
    "modify": "Changing is 'update' and 'patch'.",
    "apply": "Applying is 'get', 'create' and 'patch'.",
    "add": "Making one is 'create'.",
    "post": "On a resource, POST is 'create'.",
    "put": "On a resource, PUT is 'update'.",
    "head": "On a resource, HEAD is 'get'.",
    "remove": "Removing is 'delete'.",
    "destroy": "Removing is 'delete'.",
    "exec": "It is 'create' on the resource 'pods/exec'.",
    "attach": "It is 'create' on the resource 'pods/attach'.",
    "log": "It is 'get' on the resource 'pods/log'.",
    "logs": "It is 'get' on the resource 'pods/log'.",
    "scale": "It is 'patch' and 'update' on '.../scale', such as 'deployments/scale'.",
    "restart": "It is 'patch' on what makes the pods, such as 'deployments'.",
    "proxy": "It is 'get' or 'create' on the resource '.../proxy', such as 'services/proxy'.",
    "all": "All verbs are '*'.",
}


def useless_faults(access: object, api: Api | None = None) -> Iterator[Fault]:
    """What in the rules of an `access` allows nothing; what has other faults is left out.

    `api` is what is known to be served; Kubernetes' own where it is left out.
    """
    for grant in access if isinstance(access, tuple) else ():
        role = grant.role if isinstance(grant, Grant) else None
        if isinstance(role, Role) and isinstance(role.rules, tuple):
            for rule in role.rules:
                with suppress(TypeError):  # what can't be hashed is another fault
                    for wrong, mend in _faults(rule, grant.namespaces, api or kubernetes()):
                        yield Fault(f"Role {shortened(role.name)}: {wrong}", mend)


def unknown_groups(access: Iterable[Grant]) -> set[str]:
    """The API groups in these rules of which nothing is known without asking a cluster."""
    roles = (grant.role for grant in access if isinstance(grant.role, Role))
    groups = {
        group
        for role in roles
        for rule in role.rules
        if rule.resources
        for group in rule.api_groups
    }
    return groups - {ALL} - kubernetes().groups.keys() if groups else groups


@cache
def _faults(rule: Rule, namespaces: tuple[str, ...] | None, api: Api) -> tuple[Fault, ...]:
    if not isinstance(rule, Rule) or any(rule.faults()):
        return ()
    if rule.non_resource_urls:
        return tuple(_url_faults(rule))
    return tuple(_Judged(rule, namespaces, api).faults())


class _Judged:
    """One rule, bound in namespaces or over the cluster."""

    def __init__(self, rule: Rule, namespaces: tuple[str, ...] | None, api: Api) -> None:
        self.rule, self.namespaces, self.api = rule, namespaces, api
        self.inside = namespaces is not None
        self.groups = tuple(dict.fromkeys(rule.api_groups))
        self.resources = tuple(dict.fromkeys(rule.resources))
        self.found = {
            (group, each): api.find(group, each) for group in self.groups for each in self.resources
        }

    def faults(self) -> Iterator[Fault]:
        """What allows nothing; of one cause one fault."""
        unknown = [verb for verb in self.rule.verbs if not self._is_verb(verb)]
        yield from (_no_verb(verb) for verb in unknown)
        verbs = [verb for verb in self.rule.verbs if verb not in unknown]
        useless = {}
        for resource in self.resources:
            if fault := self._resource_fault(resource, verbs):
                useless[resource] = fault
        yield from useless.values()
        left = [each for each in self.resources if each not in useless]
        yield from self._group_faults(left, verbs)
        if left:
            yield from self._verb_faults(left, verbs)
            yield from self._name_faults(left)

    def _known(self, resources: Sequence[str]) -> list[Served] | None:
        """What some resources stand for in all groups; None where something is not known."""
        found = [self.found[group, each] for each in resources for group in self.groups]
        if any(each is None for each in found):
            return None
        return list(chain.from_iterable(filter(None, found)))

    def _is_verb(self, verb: str) -> bool:
        known = {ALL, _ANY_RESOURCE, "unsafe-delete-ignore-read-errors", *VERBS, *self.api.verbs}
        if asked_as(verb) in known:
            return True
        found = self._known(self.resources)
        return found is None or any(each.takes_any for each in found)

    def _useful(self, served: Iterable[Served] | None, verb: str) -> bool:
        if served is None or verb == _ANY_RESOURCE:
            return True
        return any(
            each.counts(verb, inside=self.inside) and not self._loses_name(each, verb)
            for each in served
        )

    def _loses_name(self, served: Served, verb: str) -> bool:
        """Whether a request with this verb has no name that resource_names could allow.

        What is made has one in its URL where a patch or an update makes it.
        """
        names = self.rule.resource_names
        if not names or not served.of_objects:
            return False
        if self._is_another(served):
            return True
        if verb != "create" or "/" in served.path:
            return verb == "deletecollection"
        made_by = {"patch", "update"} if served.path in _CREATED_BY_PUT else {"patch"}
        return not (made_by & served.verbs & {*self.rule.verbs})

    def _is_another(self, served: Served) -> bool:
        """Whether these are namespaces by name, and none is where the role is granted."""
        own = self.inside and served.path.partition("/")[0] == "namespaces" and not served.group
        return own and not {*self.rule.resource_names} & {*(self.namespaces or ())}

    def _resource_fault(self, resource: str, verbs: Sequence[str]) -> Fault | None:
        name, _, subresource = resource.partition("/")
        if subresource == ALL and not (name == "userextras" and IDENTITIES in self.groups):
            return Fault(
                f"resources has {resource!r}, which stands for nothing",
                f"RBAC has no such form. Name each subresource{_such_as(self._below(name))}.",
            )
        found = self._known([resource])
        if found is None:
            return None
        if not found:
            return None if _ANY_RESOURCE in verbs else self._no_resource(resource)
        if not verbs or any(self._useful(found, verb) for verb in verbs):
            return None
        if any(each.counts(verb, inside=False) for each in found for verb in verbs):
            return self._lost(resource, found, verbs)
        served = sorted({verb for each in found for verb in each.verbs}, key=_order)
        return Fault(
            f"resources has {resource!r}, on which {_listed(verbs)} "
            f"allow{'' if verbs[1:] else 's'} nothing",
            f"The verbs for it are {_listed(served)}.",
        )

    def _lost(self, resource: str, found: Sequence[Served], verbs: Sequence[str]) -> Fault:
        """A resource that the verbs would count on: elsewhere, or without names."""
        if not any(each.counts(verb, inside=self.inside) for each in found for verb in verbs):
            what = "namespaces as a whole" if resource == "namespaces" else repr(resource)
            return Fault(
                f"resources has {resource!r}, and the role is granted in a namespace, where "
                f"{_listed(verbs)} on {what} allow{'' if verbs[1:] else 's'} nothing",
                "No namespace has them: grant the role with .cluster_wide(), or leave this out.",
            )
        if all(map(self._is_another, found)):
            return Fault(
                f"resources has {resource!r} with the resource_names "
                f"{_listed(self.rule.resource_names)}, and the role is granted elsewhere",
                "A request for a namespace is one in it: grant the role there, or "
                "with .cluster_wide().",
            )
        return _named_in_vain(verbs, resource)

    def _no_resource(self, resource: str) -> Fault:
        groups = _listed(self.groups) if any(self.groups) else "the core group"
        return Fault(
            f"resources has {resource!r}, which {groups} {'do' if self.groups[1:] else 'does'} "
            "not have",
            self._meant(resource),
        )

    def _meant(self, resource: str) -> str:
        name, slash, subresource = resource.partition("/")
        before, dot, group = name.partition(".")
        if dot:
            path = f"{before}{slash}{subresource}"
            return f"The group stands apart: resources=[{path!r}], api_groups=[{group!r}]."
        if elsewhere := sorted({each.group for each in self.api.find(ALL, resource) or ()}):
            where = " or ".join(f"api_groups=[{each!r}]" for each in elsewhere)
            return f"It is in another group: {where}."
        if below := self._below(name):
            return f"It has {_listed(below)}.{did_you_mean(resource, below)}"
        if slash and name != ALL and any(self.api.find(group, name) for group in self.groups):
            return f"{name!r} has no subresource."
        own = [each for group in self.groups for each in self.api.groups.get(group, {}).values()]
        near = sorted({each.path for each in own if not slash or "/" in each.path})
        if any(each.takes_any for each in own):
            return f"The cluster has {_listed(near)} there.{did_you_mean(resource, near)}"
        words = {each.path for each in self.api.all() if not slash or "/" in each.path}
        if name == ALL:
            words = {f"*/{word.partition('/')[2]}" for word in words}
        plural = _plurals().get(name) if not slash else None
        hint = f" Did you mean {plural!r}?" if plural else did_you_mean(resource, near)
        return (
            "Resources are named as in URLs, in the plural, with their group in api_groups; "
            f"Kubernetes {self.api.version} has none of this name."
            f"{hint or did_you_mean(resource, sorted(words))}"
        )

    def _below(self, name: str) -> list[str]:
        """The subresources of a resource of the rule's groups."""
        known = (self.api.groups.get(group, {}) for group in self.groups)
        return sorted({path for each in known for path in each if path.startswith(f"{name}/")})

    def _group_faults(self, left: Sequence[str], verbs: Sequence[str]) -> Iterator[Fault]:
        for group in self.groups:
            if group not in self.api.groups and group != ALL:
                if "." not in group:
                    yield _no_group(group, self.api)
                continue
            found = [self.found[group, each] for each in left]
            if not left or not verbs or not self.groups[1:] or group == _FORMER:
                continue
            if not any(self._useful(each, verb) for each in found for verb in verbs):
                yield Fault(
                    f"api_groups has {group!r}, in which the rule allows nothing",
                    "Leave it out, or name what is in it.",
                )

    def _verb_faults(self, left: Sequence[str], verbs: Sequence[str]) -> Iterator[Fault]:
        """Verbs that are no request's, and those that lose their names: others do no harm."""
        found = self._known(left)
        if found is None:
            return
        for verb in verbs:
            if self._useful(found, verb):
                continue
            if verb not in VERBS:
                asked = {
                    each.path for each in self.api.all() if each.counts(verb, inside=self.inside)
                }
                where = f"It counts on {_listed(sorted(asked))}." if asked else ""
                where = where or "It counts over the whole cluster alone."
                yield Fault(f"verbs has {verb!r}, which allows nothing on {_listed(left)}", where)
            elif any(each.counts(verb, inside=self.inside) for each in found):
                yield _named_in_vain([verb], *left)

    def _name_faults(self, left: Sequence[str]) -> Iterator[Fault]:
        found = self._known(left)
        standard = all(verb == ALL or asked_as(verb) in VERBS for verb in self.rule.verbs)
        if found is None and not standard:
            return
        for name in self.rule.resource_names:
            if "*" in name and not any(_takes_pattern(each, name) for each in found or ()):
                yield Fault(
                    f"resource_names has {name!r}, and no pattern counts there",
                    "Names are compared as they stand: name each object, or leave resource_names "
                    "out.",
                )
            elif {"/", "%"} & {*name} and all(each.of_objects for each in found or ()):
                yield Fault(
                    f"resource_names has {name!r}, and no object's name has '/' or '%'",
                    "A name is the last part of an object's URL, without kind and namespace.",
                )


def _takes_pattern(served: Served, name: str) -> bool:
    """Whether a name with '*' is asked for: of signers of a domain, or of many groups at once."""
    if served.path == "signers":
        return name.endswith("/*") and "*" not in name[:-2]
    many = served.path.partition("/")[0] in ("groups", "userextras", "nodes")
    return name == ALL and many and served.group == IDENTITIES


def _named_in_vain(verbs: Sequence[str], *resources: str) -> Fault:
    return Fault(
        f"{_listed(verbs)} on {_listed(resources)} allow{'' if verbs[1:] else 's'} nothing with "
        "resource_names",
        "What is yet to be created, and a whole collection, has no name to compare. Write a rule "
        "of its own without resource_names"
        + (
            "; or add 'patch' to this one, by which server-side apply creates an object of a name."
            if "create" in verbs
            else "."
        ),
    )


def _no_verb(verb: str) -> Fault:
    known = {**dict.fromkeys(VERBS, ""), **_OTHER_WORDS}
    hint = did_you_mean(verb, known, cutoff=0.7)
    said = f" {_OTHER_WORDS[verb]}" if verb in _OTHER_WORDS else hint
    return Fault(
        f"verbs has {verb!r}, which no request has",
        f"Verbs of resources are {_listed(VERBS)}, and '*' for all.{said}",
    )


def _no_group(group: str, api: Api) -> Fault:
    if group in ("core", "v1"):
        return Fault(f"api_groups has {group!r}", "The core group is '': leave api_groups out.")
    return Fault(
        f"api_groups has {group!r}, which is no group",
        "Custom resources' groups have a dot, such as 'example.com', and Kubernetes "
        f"{api.version} has none of this name.{did_you_mean(group, sorted(api.groups))}",
    )


def _url_faults(rule: Rule) -> Iterator[Fault]:
    known = {ALL, *VERBS, *URL_VERBS}
    unknown = [verb for verb in rule.verbs if asked_as(verb) not in known]
    if unknown or not {ALL, *URL_VERBS} & set(map(asked_as, rule.verbs)):
        yield _no_url_verb(*(unknown or rule.verbs))
    for url in rule.non_resource_urls:
        parts = [part for part in url.rstrip("*").split("/") if part]
        if (parts[:1] == ["api"] and parts[2:]) or (parts[:1] == ["apis"] and parts[3:]):
            yield Fault(
                f"non_resource_urls has {url!r}, which is a resource's",
                "It is asked for as a resource: name that in resources, and its group in "
                "api_groups.",
            )


def _no_url_verb(*verbs: str) -> Fault:
    return Fault(
        f"verbs has {_listed(verbs)}, which no request for a URL has",
        f"They are HTTP's methods: {_listed(URL_VERBS)}, and '*' for all.",
    )


@cache
def _plurals() -> dict[str, str]:
    """The plural of each singular and short name."""
    return {
        word: each["name"]
        for each in load_served()["resources"]
        for word in (each["singular"], *each["short"])
        if word
    }


def _order(verb: str) -> tuple[int, str]:
    return (VERBS.index(verb) if verb in VERBS else len(VERBS), verb)


def _listed(words: Sequence[str]) -> str:
    shown = [repr(word) for word in words[:12]]
    more = [f"{len(words) - 12} more"] if words[12:] else []
    *first, last = [*shown, *more]
    return f"{', '.join(first)} and {last}" if first else last


def _such_as(paths: Sequence[str]) -> str:
    return f": {_listed(paths)}" if paths else ", such as 'pods/log'"
