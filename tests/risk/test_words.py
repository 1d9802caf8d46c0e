"""What access is called: true of what it lets do, where it counts."""

import random
from itertools import product

import pytest

from kuberoster.model.served import VERBS
from kuberoster.rbac.actions import actions
from kuberoster.rbac.authorizer import PolicyRule, ResourceAttributes
from kuberoster.rbac.policy import Policy
from kuberoster.risk.words import in_words
from tests.rbac.random_policy import random_objects

RBAC = "rbac.authorization.k8s.io"


def words(rule: str, group: str = "", names: str = "", *, everywhere: bool) -> str:
    verbs, _, resources = rule.partition(" ")
    written = PolicyRule(
        verbs=tuple(verbs.split(",")),
        api_groups=(group,),
        resources=tuple(resources.split()),
        resource_names=tuple(names.split()),
    )
    return "; ".join(in_words(actions([written]), everywhere=everywhere))


EVERYWHERE = {
    ("get nodes/proxy", "", ""): "run commands in every pod of every node",
    ("get pods/exec", "", ""): "",
    ("create pods/exec", "", ""): "run commands in pods",
    (
        "get */log",
        "",
        "",
    ): "read the logs of nodes; read the logs of pods; read log of every kind of object",
    ("patch */status", "", ""): (
        "change the labels of namespaces, Pod Security's included; change what the status of "
        "Services says; change what the status of pods says; change status of every kind of object"
    ),
    ("impersonate users", "", ""): "act as any user",
    ("impersonate users", "", "jane"): "act as any user named jane",
    ("create clusterrolebindings", RBAC, ""): "give access to others",
    ("get pods/*", "", ""): "",
    ("get nodes", "", ""): "read nodes",
    ("patch applications", "argoproj.io", ""): (
        "have controllers apply any object, with rights of their own"
    ),
    ("get,list,watch *", "example.com", ""): "read every kind of object of example.com",
}
IN_A_NAMESPACE = {
    ("create pods/attach", "", ""): "attach to what runs in pods",
    ("use securitycontextconstraints", "security.openshift.io", ""): (
        "start pods with what OpenShift's SecurityContextConstraints grant"
    ),
    ("create nodepools", "karpenter.sh", ""): "",
    ("create pods/portforward", "", ""): "open ports of pods",
    ("patch pods/ephemeralcontainers", "", ""): "put containers into running pods",
    ("create pods/eviction", "", ""): "evict pods",
    ("get pods/log", "", ""): "read the logs of pods",
    ("get pods/exec", "", ""): "",
    ("update */scale", "", ""): "scale workloads; change scale of every kind of object",
    ("update deployments/scale", "apps", ""): "scale workloads",
    ("impersonate users groups", "", ""): "",
    ("create clusterrolebindings", RBAC, ""): "",
    ("get,delete nodes", "", ""): "",
    ("create serviceaccounts/token", "", "ci"): "make tokens of ServiceAccounts named ci",
    ("create serviceaccounts/token", "", ""): "make tokens of ServiceAccounts",
    ("create statefulsets", "apps", ""): "start pods",
    ("create daemonsets", "apps", ""): "start pods",
    ("create jobs", "batch", ""): "start pods",
    ("create cronjobs", "batch", ""): "start pods",
    ("create pods", "", "web-0"): "",
    ("get secrets", "", "tls"): "read Secrets named tls",
}
PLACES = [(*case, said, True) for case, said in EVERYWHERE.items()] + [
    (*case, said, False) for case, said in IN_A_NAMESPACE.items()
]


@pytest.mark.parametrize(("rule", "group", "names", "said", "everywhere"), PLACES)
def test_a_right_is_called_what_it_lets_do_where_it_counts(
    rule: str, group: str, names: str, said: str, everywhere: bool
) -> None:
    assert words(rule, group, names, everywhere=everywhere) == said


def test_of_many_kinds_the_worst_are_named() -> None:
    harmless = [f"widgets{number}" for number in range(20)]
    kinds = " ".join(["configmaps", *harmless, "persistentvolumes", "namespaces"])

    said = words(f"delete {kinds}", everywhere=True)

    worst = "configmaps, persistentvolumes, widgets0, ..."
    assert said == f"delete namespaces; change 22 kinds of objects ({worst})"


ASKED = [
    ResourceAttributes(verb=verb, group=group, resource=resource, subresource=below, name=name)
    for verb, (group, resource), below, name in product(
        VERBS,
        (("", "pods"), ("", "secrets"), ("", "services"), ("apps", "deployments")),
        ("", "status", "log"),
        ("", "x"),
    )
    if not name or (verb != "deletecollection" and (verb != "create" or below))
    if not below or verb not in ("list", "watch", "deletecollection")
]


@pytest.mark.parametrize("seed", range(20))
def test_there_are_words_where_something_is_allowed(seed: int) -> None:
    objects = random_objects(random.Random(seed))  # noqa: S311  # no secret depends on it
    rules = [rule for role in Policy(objects).roles.values() for rule in role.rules]
    allowing = [rule for rule in rules if any(rule.allows(asked) for asked in ASKED)]

    assert allowing
    for rule in allowing:
        assert in_words(actions([rule]), everywhere=False), rule


@pytest.mark.parametrize("asked", ASKED, ids=str)
def test_the_words_for_one_right_say_whether_it_reads_and_of_which_object(
    asked: ResourceAttributes,
) -> None:
    names = (asked.name,) if asked.name else ()
    rule = PolicyRule(
        verbs=(asked.verb,),
        api_groups=(asked.group,),
        resources=(asked.path,),
        resource_names=names,
    )

    (said, *more) = in_words(actions([rule]), everywhere=False)

    for name in names:
        assert name in said
    reads = asked.verb in ("get", "list", "watch")
    shows = asked.path == "secrets" and asked.verb not in ("create", "update")
    assert said.startswith("read ") == (reads or shows)
    assert bool(more) == (shows and not reads)
