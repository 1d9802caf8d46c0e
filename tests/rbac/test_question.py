"""What a person asked, as an API server would see it."""

import re

import pytest

from kuberoster.model.errors import KuberosterError
from kuberoster.rbac.authorizer import NonResourceAttributes, ResourceAttributes
from kuberoster.rbac.defaults import Defaults, load_defaults
from kuberoster.rbac.question import Question, read_question

DEFAULTS = load_defaults()


def read(verb: str, target: str, *, subresource: str = "", namespace: str = "") -> Question:
    return read_question(verb, target, DEFAULTS, subresource=subresource, namespace=namespace)


@pytest.mark.parametrize(
    ("target", "resource", "group", "name"),
    [
        ("pods", "pods", "", ""),
        ("pod", "pods", "", ""),
        ("po", "pods", "", ""),
        ("Pods", "pods", "", ""),
        ("pods/web-0", "pods", "", "web-0"),
        ("deploy", "deployments", "apps", ""),
        ("deployments.apps/web", "deployments", "apps", "web"),
        ("events", "events", "", ""),
        ("events.events.k8s.io", "events", "events.k8s.io", ""),
        ("widgets.example.com/x", "widgets", "example.com", "x"),
        ("users", "users", "", ""),
        ("uids.authentication.k8s.io", "uids", "authentication.k8s.io", ""),
        ("signers.certificates.k8s.io/me", "signers", "certificates.k8s.io", "me"),
        ("*", "*", "*", ""),
        ("*.apps", "*", "apps", ""),
    ],
)
def test_a_word_means_a_resource(target: str, resource: str, group: str, name: str) -> None:
    asked = read("get", target).attributes

    assert asked == ResourceAttributes(verb="get", resource=resource, group=group, name=name)


def test_a_subresource_is_an_option_and_a_name_is_never_one() -> None:
    asked = read("get", "pods/x", subresource="log", namespace="web").attributes

    assert asked == ResourceAttributes(
        verb="get", resource="pods", subresource="log", name="x", namespace="web"
    )


def test_subresources_that_only_rules_know_can_be_asked_for() -> None:
    asked = read("get", "nodes", subresource="metrics").attributes

    assert asked == ResourceAttributes(verb="get", resource="nodes", subresource="metrics")


def test_what_starts_with_a_slash_is_a_url() -> None:
    assert read("get", "/metrics").attributes == NonResourceAttributes(verb="get", path="/metrics")


def test_one_namespace_is_asked_for_in_itself() -> None:
    question = read("get", "ns/web")

    assert question.attributes.namespace == "web"
    assert str(question) == "get namespaces named web"


@pytest.mark.parametrize(
    ("target", "namespace", "spans"),
    [
        ("pods", "", True),
        ("pods", "web", False),
        ("nodes", "", False),
        ("namespaces", "", False),
        ("/metrics", "", False),
        ("widgets.example.com", "", True),
        ("serviceaccounts.authentication.k8s.io", "", True),
        ("users", "", False),
    ],
)
def test_without_a_namespace_a_question_is_about_all_of_them(
    target: str, namespace: str, spans: bool
) -> None:
    assert read("get", target, namespace=namespace).spans_namespaces is spans


@pytest.mark.parametrize(
    ("target", "options", "message"),
    [
        ("pdos", {}, "no such resource: 'pdos'. Did you mean 'pods'?"),
        ("deploymets.apps", {}, "no such resource: 'deploymets.apps'. Did you mean 'deployments"),
        ("pods.apps", {}, "no such resource: 'pods.apps'."),
        ("widgets", {}, "is written with its group, such as widgets.example.com."),
        ("pods", {"subresource": "logs"}, "Did you mean 'log'?"),
        ("pods/x/log", {}, "'x/log' is no name of an object."),
        ("nodes", {"namespace": "web"}, "nodes belong to no namespace"),
        ("namespaces", {"namespace": "web"}, "Ask for namespaces/web."),
        ("pods", {"namespace": "Web"}, "-n 'Web' has 'W'."),
        ("/metrics", {"namespace": "web"}, "a URL has no namespace"),
        ("/metrics", {"subresource": "log"}, "a URL has no namespace and no subresource"),
    ],
)
def test_what_can_not_be_is_refused(target: str, options: dict[str, str], message: str) -> None:
    with pytest.raises(KuberosterError, match=re.escape(message)):
        read("get", target, **options)


@pytest.mark.parametrize(
    ("verb", "target", "doubt"),
    [
        ("gte", "pods", "Did you mean 'get'?"),
        ("list", "/metrics", "'list' is no verb"),
        ("get", "pods/log", "write pods --subresource=log"),
    ],
)
def test_what_is_likely_meant_otherwise_is_doubted(verb: str, target: str, doubt: str) -> None:
    (said,) = read(verb, target).doubts

    assert doubt in said


@pytest.mark.parametrize("verb", ["get", "escalate", "impersonate:user-info", "*"])
def test_what_kubernetes_uses_is_not_doubted(verb: str) -> None:
    assert read(verb, "roles").doubts == ()


def test_every_resource_that_is_served_has_one_meaning() -> None:
    for each in DEFAULTS.resources:
        word = ".".join(filter(None, [each["name"], each["group"]]))
        assert read("get", word).attributes == ResourceAttributes(
            verb="get", resource=each["name"], group=each["group"]
        )


def test_only_events_are_a_word_of_two_groups() -> None:
    """Else whoever says the word has to be asked which one is meant."""
    groups: dict[str, set[str]] = {}
    for each in DEFAULTS.resources:
        for word in (each["name"], each["singular"], *each["short"]):
            groups.setdefault(word, set()).add(each["group"])

    assert {word for word, found in groups.items() if len(found) > 1} == {"events", "event", "ev"}


def test_a_word_of_two_groups_is_the_core_one_in_whatever_order_they_are_listed() -> None:
    backwards = Defaults(DEFAULTS.version, DEFAULTS.objects, tuple(reversed(DEFAULTS.resources)))

    asked = read_question("get", "events", backwards).attributes
    assert isinstance(asked, ResourceAttributes)
    assert asked.group == ""
