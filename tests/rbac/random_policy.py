"""Random roles and bindings, and questions near to what they allow."""

import random
from collections.abc import Iterator

from kuberoster.rbac.authorizer import (
    Attributes,
    NonResourceAttributes,
    PolicyRule,
    ResourceAttributes,
)
from kuberoster.rbac.effective import EffectiveAccess, Right
from kuberoster.rbac.policy import Policy
from tests.project import Object

LABEL = "sar.kuberoster.test"
NAMESPACES = ("sar-0", "sar-1", "sar-2")
ACCOUNTS = [("sar-0", "ann"), ("sar-0", "bob"), ("sar-1", "ann"), ("sar-1", "a.b"), ("sar-2", "c")]
VERBS = ("get", "list", "watch", "create", "update", "patch", "delete", "deletecollection", "bind")
RESOURCES = ("pods", "configmaps", "secrets", "deployments", "nodes", "widgets", "namespaces")
SUBRESOURCES = ("log", "exec", "scale", "autoscale", "proxy")
GROUPS = ("", "apps", "example.com")
NAMES = ("x", "y", "sar-0")
URLS = ("/metrics", "/metrics/cadvisor", "/metricsx", "/api", "/api/v1", "/logs/a/b", "/a-b", "/")
URL_RULES = (*URLS, "/metrics*", "/metrics/*", "/api**", "/a*b", "*", "/*", "/logs/*/b", "**")
RBAC = "rbac.authorization.k8s.io"


def sometimes(chance: random.Random, share: float) -> bool:
    return chance.random() < share


def some(chance: random.Random, values: tuple[str, ...], most: int = 3) -> list[str]:
    return chance.sample(values, chance.randint(1, most))


def resource_rule(chance: random.Random) -> Object:
    resources = [
        *some(chance, RESOURCES, 2),
        *(f"{chance.choice(RESOURCES)}/{chance.choice(SUBRESOURCES)}" for _ in range(2)),
    ]
    if sometimes(chance, 0.4):
        # The two in the middle look like wildcards and are none.
        odd = (f"*/{chance.choice(SUBRESOURCES)}", "pods/*", "*/*", "*")
        resources = [chance.choice(odd), *resources[:1]]
    named = {"resourceNames": some(chance, (*NAMES, "*"), 2)} if sometimes(chance, 0.3) else {}
    # Few rules are wide, so that most questions are about one rule alone.
    wide = 0 if resources[0] == "*" else 0.15
    return {
        "verbs": ["*"] if sometimes(chance, wide) else some(chance, VERBS),
        "apiGroups": ["*"] if sometimes(chance, wide) else some(chance, GROUPS, 2),
        "resources": resources,
        **named,
    }


def url_rule(chance: random.Random) -> Object:
    verbs = ["*"] if sometimes(chance, 0.1) else some(chance, ("get", "post", "head"), 2)
    return {"verbs": verbs, "nonResourceURLs": some(chance, URL_RULES, 2)}


def subject(chance: random.Random, namespace: str | None) -> Object:
    home, name = chance.choice(ACCOUNTS)
    full = f"system:serviceaccount:{home}:{name}"
    group = chance.choice(
        [f"system:serviceaccounts:{home}"] * 3
        + ["system:serviceaccounts", "system:authenticated", "system:masters", "sar-0", full]
    )
    account = {"kind": "ServiceAccount", "name": name}
    kinds: list[Object] = [
        account | {"namespace": home},
        {"kind": "User", "name": full, "apiGroup": RBAC},
        {"kind": "Group", "name": group, "apiGroup": RBAC},
        {"kind": "User", "name": f"{home}:{name}", "apiGroup": RBAC},
    ]
    weights = [4, 3, 3, 1]
    if namespace:  # only there may the namespace be left out
        kinds.append(account)
        weights.append(2)
    return chance.choices(kinds, weights)[0]


def random_objects(chance: random.Random) -> Iterator[Object]:
    """Roles, ClusterRoles, aggregated ones, and bindings of every kind."""
    cluster_roles = [f"sar-{number}" for number in range(30)]
    for name in cluster_roles:
        rules = [resource_rule(chance) for _ in range(chance.randint(1, 3))]
        rules += [url_rule(chance) for _ in range(chance.randint(0, 2))]
        yield _object("ClusterRole", name, rules=rules, labels={LABEL: chance.choice("abcd")})
    selectors: list[list[Object]] = [
        [{"matchLabels": {LABEL: "a"}}],
        [
            {"matchExpressions": [{"key": LABEL, "operator": "In", "values": ["b"]}]},
            {"matchLabels": {LABEL: "c"}},
        ],
        [
            {
                "matchExpressions": [
                    {"key": LABEL, "operator": "Exists"},
                    {"key": LABEL, "operator": "NotIn", "values": ["a", "b", "c", "x"]},
                ]
            }
        ],
    ]
    for number, chosen in enumerate(selectors):
        name = f"sar-aggregated-{number}"
        aggregation = {"clusterRoleSelectors": chosen}
        # The last one's rules go on to the first.
        labels = {LABEL: "a"} if number == 2 else {LABEL: "x"}
        own = [resource_rule(chance)]  # which the controller overwrites
        yield _object("ClusterRole", name, rules=own, labels=labels, aggregationRule=aggregation)
        cluster_roles.append(name)
    roles = [(space, f"sar-{number}") for space in NAMESPACES for number in range(8)]
    for namespace, name in roles:
        rules = [resource_rule(chance) for _ in range(chance.randint(1, 3))]
        yield _object("Role", name, namespace, rules=rules)
    for number in range(20):
        yield _binding(chance, f"sar-{number}", None, "ClusterRole", chance.choice(cluster_roles))
    for number in range(45):
        namespace, role = chance.choice(roles)
        kind = chance.choice(["Role", "ClusterRole"])
        name = role if kind == "Role" else chance.choice(cluster_roles)
        if sometimes(chance, 0.05):
            name = "sar-missing"
        yield _binding(chance, f"sar-{number}", namespace, kind, name)


def _object(kind: str, name: str, namespace: str | None = None, **parts: object) -> Object:
    place = {"namespace": namespace} if namespace else {}
    labels = parts.pop("labels", {LABEL: "y"})
    return {
        "apiVersion": f"{RBAC}/v1",
        "kind": kind,
        "metadata": {"name": name, **place, "labels": labels},
        **parts,
    }


def _binding(
    chance: random.Random, name: str, namespace: str | None, kind: str, role: str
) -> Object:
    return _object(
        f"{'' if namespace else 'Cluster'}RoleBinding",
        name,
        namespace,
        roleRef={"apiGroup": RBAC, "kind": kind, "name": role},
        subjects=[subject(chance, namespace) for _ in range(chance.randint(1, 2))],
    )


def question(chance: random.Random, policy: Policy, access: EffectiveAccess) -> Attributes:
    """A request that one rule allows, or one that differs from it in little."""
    own = [right for right in access.rights() if right.binding.name.startswith("sar-")]
    if own and sometimes(chance, 0.6):
        right = chance.choice(own)
    else:
        binding = chance.choice([each for each in policy.bindings if each.role in policy.roles])
        role = policy.roles[binding.role]
        rule = chance.choice(role.rules or (PolicyRule(verbs=("get",), resources=("pods",)),))
        right = Right(binding, role, rule)
    if right.rule.non_resource_urls:
        return _url_question(chance, right.rule)
    return _resource_question(chance, right)


def _url_question(chance: random.Random, rule: PolicyRule) -> Attributes:
    url = chance.choice(rule.non_resource_urls)
    path = url.replace("*", chance.choice(["", "x", "/x/y", "*"]))
    if sometimes(chance, 0.4):
        path = chance.choice(URLS)
    verb = chance.choice(("get", "post", "*")) if sometimes(chance, 0.2) else rule.verbs[0]
    return NonResourceAttributes(verb=verb, path=path)


def _resource_question(chance: random.Random, right: Right) -> Attributes:
    rule = right.rule
    resource, _, below = chance.choice(rule.resources).partition("/")
    namespace = right.binding.namespace or chance.choice(("", *NAMESPACES))
    fields = {
        "verb": _meant(chance, chance.choice(rule.verbs), VERBS),
        "group": _meant(chance, chance.choice(rule.api_groups or ("",)), GROUPS),
        "resource": _meant(chance, resource, RESOURCES),
        "subresource": _meant(chance, below, SUBRESOURCES) if below else "",
        "name": chance.choice((*rule.resource_names, *(() if rule.resource_names else ("", "z")))),
        "namespace": namespace,
    }
    others = {
        "verb": (*VERBS, "*"),
        "group": (*GROUPS, "*"),
        "resource": (*RESOURCES, "*"),
        "subresource": ("", *SUBRESOURCES, "*"),
        "name": ("", *NAMES),
        "namespace": ("", *NAMESPACES),
    }
    for field in chance.sample(sorted(others), chance.choice((0, 0, 1, 1, 2))):
        fields[field] = chance.choice(others[field])
    return ResourceAttributes(**fields)


def _meant(chance: random.Random, value: str, known: tuple[str, ...]) -> str:
    """What a wildcard stands for, or now and then the wildcard itself."""
    return chance.choice(known) if value == "*" and sometimes(chance, 0.9) else value
