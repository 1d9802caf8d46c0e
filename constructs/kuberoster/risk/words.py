"""Access in words: what a list of actions comes to, for who does not read RBAC.

What a right lets somebody do stands in the table of `kuberoster.risk.rules`; what is not there is
told by its verb and its resource. What allows nothing in a scope is not told.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache

from kuberoster.model.served import ALL, VERBS
from kuberoster.model.severity import SEVERITIES
from kuberoster.rbac.actions import Action, covers
from kuberoster.rbac.authorizer import PolicyRule, ResourceAttributes, qualified
from kuberoster.rbac.defaults import cluster_scoped
from kuberoster.rbac.policy import Binding, Policy, Role, RoleKey
from kuberoster.risk.right import SHOWN, Right
from kuberoster.risk.rules import load_rights, load_rules
from kuberoster.risk.rules.wildcards import EVERYTHING
from kuberoster.risk.scope import Scope, Surroundings

_READ = frozenset(VERBS[:3])
_CHANGE = frozenset(VERBS[3:])
_NAMED = 4
"""More kinds of objects than these are counted, not listed."""
_TOLD_AGAIN = frozenset((verb, "", "secrets") for verb in {*SHOWN.split()} - _READ)
"""What shows a Secret, and is a change all the same."""
NOTHING = "nothing: what is granted allows nothing there"
"""Where actions come to no words at all."""
_OF_COLLECTIONS = {"list", "watch", "deletecollection"}
"""A subresource is always of one object."""
_ONLY_CREATED = {"attach", "binding", "eviction", "exec", "portforward", "token"}
"""Subresources that nobody reads, changes or deletes; exec and its like by get up to 1.34."""
_FAMILIAR = ("pods", "deployments.apps", "services", "configmaps", "secrets", "jobs.batch")
"""Named first among kinds that are equally bad."""


@cache
def in_words(some: frozenset[Action], *, everywhere: bool) -> tuple[str, ...]:
    """What actions come to, the gravest first: `read every Secret`, `read pods, services`.

    `everywhere` is whether they count over the whole cluster, or in one namespace alone. Empty
    where they allow nothing there.
    """
    allowed = frozenset(action for action in some if _allows(action, everywhere))
    if covers(allowed, _action(EVERYTHING.asked[0])):
        return (EVERYTHING.does,)
    said: set[Action] = set()
    told: dict[str, Right] = {}
    groups = frozenset(each.group for each in allowed)
    for right in _with_words(everywhere):
        for asked in right.asked_in(groups):
            alike = {each for each in allowed if each[:3] == _action(asked)[:3]}
            if covers(allowed, _action(asked)):
                told.setdefault(right.does, right)
                said |= alike
            elif names := sorted(each.name for each in alike if right.counts(each.name)):
                told.setdefault(f"{right.does} named {', '.join(names)}", right)
                said |= alike
    left = (each for each in allowed if each not in said or each[:3] in _TOLD_AGAIN)
    gravest = sorted(told, key=lambda words: _danger(told[words], everywhere))
    return *gravest, *_plain(left, everywhere)


def _action(asked: ResourceAttributes) -> Action:
    return Action(asked.verb, asked.group, asked.path)


def _allows(action: Action, everywhere: bool) -> bool:
    """Whether an action lets do anything at all where it counts."""
    if action.url:
        return everywhere
    resource, _, subresource = action.resource.partition("/")
    if subresource and (subresource == ALL or action.verb in _OF_COLLECTIONS):
        return False
    if subresource in _ONLY_CREATED and action.verb not in ("create", "get", ALL):
        return False
    if (action.verb, action.group, action.resource) in _over():
        return False
    # The API server asks without a name about what is created, and about collections.
    nameless = action.verb == "deletecollection" or (action.verb == "create" and not subresource)
    if action.name and nameless and resource != ALL:
        return False
    return everywhere or (action.group, resource) not in _clustered()


@cache
def _clustered() -> frozenset[tuple[str, str]]:
    """What belongs to no namespace, by group and name."""
    of_rights = {
        (each.group, each.resource)
        for right in load_rights()
        if right.clustered
        for each in right.asked
    }
    return (cluster_scoped() | of_rights) - _OF_NAMESPACES


_OF_NAMESPACES = {
    ("", "namespaces"),
    ("security.openshift.io", "securitycontextconstraints"),
}
"""A right to these counts in one as well: to this one, or to what pods of this one may use."""


@cache
def _over() -> frozenset[tuple[str, str, str]]:
    """What the API server no longer lets in."""
    return frozenset(
        _action(each)[:3] for right in load_rights() if right.is_over for each in right.asked
    )


@cache
def _with_words(everywhere: bool) -> list[Right]:
    """The rights that have words and count in such a scope."""
    return [
        right
        for right in load_rights()
        if right.does and not right.is_over and (everywhere or not right.clustered)
    ]


@cache
def _danger(right: Right, everywhere: bool) -> int:
    """How bad the worst finding is that a right makes by itself; 0 for critical."""
    return min(
        _worst(
            PolicyRule(verbs=(each.verb,), api_groups=(each.group,), resources=(each.path,)),
            everywhere,
        )
        for each in right.asked
    )


@cache
def _worst(rule: PolicyRule, everywhere: bool) -> int:
    namespace = "" if everywhere else "anywhere"
    key = RoleKey("", "any")
    policy = Policy(())
    policy.roles[key] = Role(key=key, rules=(rule,), aggregated=False)
    around = Surroundings(
        policy=policy,
        users_namespaces=frozenset(),
        state_namespace=None,
        roster="",
        guarded=False,
        users=frozenset(),
        token_owners={},
        needed={},
    )
    scope = Scope(
        namespace=namespace,
        bindings=(Binding(namespace=namespace, name="any", role=key, subjects=()),),
        elsewhere=(),
        surroundings=around,
        roles=((key, not everywhere),),
        unmet=set(),
    )
    found = (
        SEVERITIES.index(rule.severity_in(scope, evidence))
        for rule in load_rules()
        if rule.hits and (evidence := rule.hits(scope))
    )
    return min(found, default=len(SEVERITIES))


def _plain(some: Iterable[Action], everywhere: bool) -> Iterator[str]:
    """What is read and what is changed, and the verbs that are neither."""
    read, change = set(), set()
    other: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
    urls = set()
    for action in some:
        if action.url:
            urls.add(action.url)
            continue
        kind = _kind(action), f" {action.name}" if action.name else ""
        if action.verb in _READ or action.verb == ALL:
            read.add(kind)
        if action.verb in _CHANGE or action.verb == ALL:
            change.add(kind)
        if action.verb not in _READ | _CHANGE | {ALL}:
            other[action.verb].add(kind)
    for words, verbs, kinds in (
        ("read and change", VERBS, read & change),
        ("read", VERBS[:3], read - change),
        ("change", VERBS[3:], change - read),
        *((verb, (verb,), kinds) for verb, kinds in sorted(other.items())),
    ):
        if kinds:
            yield f"{words} {_kinds(kinds, verbs, everywhere)}"
    if urls:
        yield f"request {_few(sorted(urls))}"


def _kind(action: Action) -> str:
    resource, _, subresource = action.resource.partition("/")
    if resource != ALL:
        return qualified(action.resource, action.group)
    of = "" if action.group in ("", ALL) else f" of {action.group}"
    return f"{subresource} of every kind of object{of}" if subresource else f"{_EVERY}{of}"


_EVERY = "every kind of object"


def _kinds(found: set[tuple[str, str]], verbs: tuple[str, ...], everywhere: bool) -> str:
    found = {each for each in found if not _is_part(each, found)}
    names = {f"{kind}{name}" for kind, name in found}
    if _EVERY in names:
        return _EVERY
    if len(names) <= _NAMED:
        return ", ".join(sorted(names))
    first = {name: at for at, name in enumerate(_FAMILIAR)}
    worst = {f"{kind}{name}": _worst_of(kind, verbs, everywhere) for kind, name in found}
    order = sorted(names, key=lambda each: (worst[each], first.get(each, len(first)), each))
    return f"{len(names)} kinds of objects ({_few(order)})"


def _is_part(each: tuple[str, str], found: set[tuple[str, str]]) -> bool:
    """Whether a subresource is told with the whole object."""
    path, slash, _ = each[0].partition("/")
    return bool(slash) and (path, each[1]) in found


def _worst_of(kind: str, verbs: tuple[str, ...], everywhere: bool) -> int:
    path, slash, subresource = kind.partition("/")
    resource, _, group = path.partition(".")
    asked = (f"{resource}{slash}{subresource}",)
    return _worst(PolicyRule(verbs=verbs, api_groups=(group,), resources=asked), everywhere)


def _few(names: list[str]) -> str:
    return ", ".join([*names[:3], "..."] if len(names) > _NAMED else names)
