"""Roles and scopes change: never more than before and after together, and never another token."""

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from itertools import product

import pytest

from tests.acceptance.lives import Life, one
from tests.project import Project, pods

BINDINGS = "/apis/rbac.authorization.k8s.io/v1/namespaces/web/rolebindings"
REVIEW = {"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectRulesReview"}

Rights = frozenset[tuple[str, ...]]


def rights(project: Project, token: str, *namespaces: str) -> Rights:
    """All that a token may do in these namespaces, as the API server tells it."""
    found = set[tuple[str, ...]]()
    for namespace in namespaces:
        path = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews"
        answer = project.ask(token, path, create={**REVIEW, "spec": {"namespace": namespace}})
        if answer.status == 401:
            continue
        for rule in json.loads(answer.body)["status"]["resourceRules"]:
            names = rule.get("resourceNames", ["*"])
            each = product(rule["apiGroups"], rule["resources"], names, rule["verbs"])
            found |= {(namespace, *right) for right in each}
    return frozenset(found)


@contextmanager
def never_more_than_before_and_after(life: Life, name: str) -> Iterator[None]:
    """Ask all the time what a user may do; `name` is that of the token before and after."""
    over = threading.Event()
    seen = list[Rights]()
    token, places = life.token(name), ("web", "api", "default")

    def look() -> None:
        while not over.wait(0.02):
            seen.append(rights(life.project, token, *places))

    before = rights(life.project, token, *places)
    with ThreadPoolExecutor(1) as pool:
        looking = pool.submit(look)
        try:
            yield
        finally:
            over.set()
        looking.result()
    union = before | rights(life.project, life.token(name), *places)
    assert len(seen) > 5
    more = {right for told in seen for right in told - union}
    assert not more


@pytest.mark.parametrize(("before", "after"), [("edit", "view"), ("view", "admin")])
def test_the_role_of_one_scope_is_replaced_at_one_address_delete_first(
    life: Life, before: str, after: str
) -> None:
    project, team, user = life.project, f"{before}ors", f"{before}.or"

    def write(role: str) -> None:
        users, everyone = one(user, access=f'{role}("web")'), f'Team(access=[{role}("web")])'
        project.write(team, users, team_is=everyone)

    write(before)
    life.step("added", lambda: project.apply(team), new=[f"{user}/main"])
    write(after)
    binding = "kubernetes_role_binding_v1"
    assert project.changes(team) == {
        f"{binding}.{before}__or_web": ["delete", "create"],
        f"{binding}.TEAM_web": ["delete", "create"],
    }
    since = json.loads(project.kubectl("get", "--raw", f"{BINDINGS}?limit=1"))["metadata"]
    with never_more_than_before_and_after(life, f"{user}/main"):
        life.step("changed", lambda: project.apply(team), meanwhile=[200, 403])

    watch = f"{BINDINGS}?watch=1&timeoutSeconds=1&resourceVersion={since['resourceVersion']}"
    events = map(json.loads, project.kubectl("get", "--raw", watch).splitlines())
    told = [(event["type"], event["object"]["metadata"]["name"]) for event in events]
    for who in (user, "TEAM"):
        assert [event for event in told if f":{who}:" in event[1]] == [
            ("DELETED", f"{team}:{who}:{before}"),
            ("ADDED", f"{team}:{who}:{after}"),
        ]


def test_a_change_of_scope_or_roles_leaves_tokens_as_they_are(life: Life) -> None:
    def widths(access: str) -> Callable[[], object]:
        return life.apply(widths=one("val", access=access))

    def can() -> list[int]:
        return [life.project.status(token, pods(where)) for where in ("web", "api", "default")]

    life.step("added", widths('view("web")'), new=["val/main"])
    token = life.token("val/main")
    steps = {
        'view("web", "api")': [200, 200, 403],
        'edit("web"), view("api")': [200, 200, 403],
        "view.cluster_wide()": [200, 200, 200],
        'ClusterRole("view")("web"), edit.cluster_wide()': [200, 200, 200],
        'admin("web")': [200, 403, 403],
    }
    for access, allowed in steps.items():
        with never_more_than_before_and_after(life, "val/main"):
            life.step(access, widths(access), meanwhile=[200, 403])
        assert can() == allowed, access


def test_rules_and_namespace_of_a_role_of_ones_own_change_at_once(life: Life) -> None:
    def role(namespace: str, *resources: str) -> Callable[[], object]:
        rule = f'Rule(["list", "watch"], {["pods", *resources]})'
        return life.apply(own=one("ben", access=f'Role("own", rules=[{rule}])("{namespace}")'))

    life.step("added", role("web", "configmaps"), new=["ben/main"])
    with never_more_than_before_and_after(life, "ben/main"):
        life.namespace = "api"
        life.step("changed", role("api", "secrets"), meanwhile=[200, 403])


def test_whoever_moves_has_never_more_than_in_both_teams(life: Life) -> None:
    mover, project = one("max", access='view("api")'), life.project

    def write(here: str, there: str) -> None:
        project.write(here, mover, team_is='Team(access=[edit("web")])')
        project.write(there, "", team_is='Team(access=[view("web")])')

    write("earth", "mars")
    life.step(
        "added", *(partial(project.apply, team) for team in ("earth", "mars")), new=["max/main"]
    )
    write("mars", "earth")
    with never_more_than_before_and_after(life, "max/main"):
        life.step("moved", life.deploy(), ends=["max"], new=["max/main"])
