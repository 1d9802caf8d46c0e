"""What kuberoster says of a live cluster is what the API server's own authorizer says.

KUBEROSTER_SEED=N repeats a run, and KUBEROSTER_QUESTIONS=N asks more.
"""

import json
import os
import random
import time
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

import pytest

from controlplane import ControlPlane
from kuberoster.cluster import Cluster
from kuberoster.cluster.kinds import collection
from kuberoster.model.roster import Roster
from kuberoster.rbac.aggregation import with_aggregated_rules
from kuberoster.rbac.authorizer import ResourceAttributes
from kuberoster.rbac.effective import effective_access
from kuberoster.rbac.policy import Identity, Policy, service_account
from kuberoster.rbac.source import live
from tests.long import sized
from tests.project import Object, until
from tests.rbac.access_review import Reviewer
from tests.rbac.edges import EDGES, identity_of, objects_of
from tests.rbac.random_policy import ACCOUNTS, NAMESPACES, RBAC, question, random_objects

QUESTIONS = int(os.environ.get("KUBEROSTER_QUESTIONS", sized("1000", long="50000")))
KINDS = ("ClusterRole", "Role", "ClusterRoleBinding", "RoleBinding")


class Planted(NamedTuple):
    """A cluster full of random roles, and what they were drawn with."""

    seed: int
    chance: random.Random
    policy: Policy
    reviewer: Reviewer


@pytest.fixture(scope="module")
def planted(cluster: Cluster, control_plane: ControlPlane) -> Iterator[Planted]:
    seed = int(os.environ.get("KUBEROSTER_SEED") or random.SystemRandom().randrange(10**6))
    chance = random.Random(seed)  # noqa: S311  # no secret depends on it
    reviewer = Reviewer(control_plane.kubeconfig)
    for namespace in NAMESPACES:
        cluster.create("/api/v1/namespaces", {"metadata": {"name": namespace}})
    objects = list(random_objects(chance))
    try:
        for item in objects:
            cluster.create(_collection(item), item)
        _wait_for_aggregation(cluster, objects)
        marks = [*(item for edge in EDGES for item in objects_of(edge)), *_marks()]
        objects += marks
        for item in marks:
            cluster.create(_collection(item), item)
        _wait_for_marks(reviewer)
        yield Planted(seed, chance, live(cluster, Roster(()), date(2026, 11, 24)).policy, reviewer)
    finally:
        # Other tests in this cluster have users, whom some of these bindings reach.
        for item in objects:
            cluster.delete(f"{_collection(item)}/{item['metadata']['name']}")


def _collection(item: Object) -> str:
    return collection(item["kind"], item["metadata"].get("namespace"))


def _wait_for_aggregation(cluster: Cluster, objects: list[Object]) -> None:
    """Until the controller has given every aggregated role what we would give it."""
    wanted = {
        item["metadata"]["name"]: item["rules"]
        for item in with_aggregated_rules(objects)
        if "aggregationRule" in item
    }
    for _ in until(30):
        live = {item["metadata"]["name"]: item["rules"] for item in cluster.list(_CLUSTER_ROLES)}
        if all(_plain(live[name]) == _plain(rules) for name, rules in wanted.items()):
            return
    raise AssertionError(f"the controller has other rules than {wanted}")


_CLUSTER_ROLES = collection("ClusterRole")


def _plain(rules: list[Object] | None) -> list[str]:
    return sorted(json.dumps(rule, sort_keys=True) for rule in rules or ())


def _marks() -> Iterator[Object]:
    """One more of each kind. When the authorizer knows the last, it knows all before it."""
    for kind, namespace in (("ClusterRole", None), ("Role", NAMESPACES[0])):
        place = {"namespace": namespace} if namespace else {}
        metadata = {"name": "sar-mark", **place}
        rules = [{"verbs": ["get"], "apiGroups": ["mark.test"], "resources": [kind.lower()]}]
        yield {"kind": kind, "metadata": metadata, "rules": rules}
        yield {
            "kind": f"{kind}Binding",
            "metadata": metadata,
            "roleRef": {"apiGroup": RBAC, "kind": kind, "name": "sar-mark"},
            "subjects": [{"apiGroup": RBAC, "kind": "User", "name": "marker"}],
        }


def _wait_for_marks(reviewer: Reviewer) -> None:
    marker = Identity(username="marker", groups=())
    for _ in until(30):
        if all(
            reviewer.allowed(
                marker,
                ResourceAttributes(
                    verb="get", group="mark.test", resource=kind, namespace=NAMESPACES[0]
                ),
            )
            for kind in ("role", "clusterrole")
        ):
            return
    raise AssertionError("the authorizer does not see what was created")


@pytest.mark.parametrize("edge", EDGES)
def test_an_edge_gets_the_answer_of_the_api_server(planted: Planted, edge: str) -> None:
    identity, asked = identity_of(edge), EDGES[edge].asked

    assert planted.reviewer.allowed(identity, asked) == EDGES[edge].allowed
    assert bool(effective_access(planted.policy, identity).allowing(asked)) == EDGES[edge].allowed


def test_random_questions_get_the_answers_of_the_api_server(
    planted: Planted, capsys: pytest.CaptureFixture[str]
) -> None:
    identities = [
        *(service_account(*account) for account in ACCOUNTS),
        Identity(username="sar-0:ann", groups=("system:authenticated",)),
        Identity(username="nobody", groups=("sar-0",)),
    ]
    accesses = [effective_access(planted.policy, identity) for identity in identities]
    drawn = []
    for _ in range(QUESTIONS):
        who = planted.chance.randrange(len(identities))
        asked = question(planted.chance, planted.policy, accesses[who])
        drawn.append((who, asked))
    ours = [bool(accesses[who].allowing(asked)) for who, asked in drawn]

    started = time.monotonic()
    theirs = planted.reviewer.answers((identities[who], asked) for who, asked in drawn)
    seconds = time.monotonic() - started

    share = sum(theirs) / len(theirs)
    with capsys.disabled():
        print(
            f"\nKUBEROSTER_SEED={planted.seed}: {len(theirs):,} questions in {seconds:.1f} s, "
            f"{share:.0%} of them yes"
        )
    assert [
        f"{identities[who].username}: {asked!r}: ours {our}, the API server's {their}"
        for (who, asked), our, their in zip(drawn, ours, theirs, strict=True)
        if our != their
    ] == []
    assert 0.2 < share < 0.8
