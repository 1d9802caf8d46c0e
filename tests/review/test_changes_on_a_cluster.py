"""Reviews of changes where the cluster has roles of its own, as written down."""

from pathlib import Path
from typing import Any

import pytest

from kuberoster import ClusterRole, User, view
from kuberoster.operations.guard import Guard
from kuberoster.rbac.defaults import load_defaults
from kuberoster.rbac.source import RBAC
from kuberoster.review.change.live_sides import live_side
from kuberoster.review.change.review import review
from kuberoster.review.output.content import content
from kuberoster.review.output.text import as_text
from kuberoster.review.snapshot import LiveSnapshot
from tests.review.rosters import DAY, side_of

GOLDEN = Path(__file__).parent / "golden_on_a_cluster"
METRICS = {"apiGroups": ["monitoring.coreos.com"], "resources": ["alertmanagers"]}
TO_VIEW = {"rbac.authorization.k8s.io/aggregate-to-view": "true"}


def _cluster_role(name: str, labels: dict[str, str], **more: Any) -> dict[str, Any]:
    return {"kind": "ClusterRole", "metadata": {"name": name, "labels": labels}, **more}


def _ground(*more: dict[str, Any]) -> LiveSnapshot:
    """A cluster with a role that takes up others, and some of those."""
    selectors = [{"matchLabels": {"monitor": "true"}}]
    objects = [
        *load_defaults().objects,
        _cluster_role("monitor", {}, rules=[], aggregationRule={"clusterRoleSelectors": selectors}),
        _cluster_role("alerts", {"monitor": "true"}, rules=[{**METRICS, "verbs": ["get", "list"]}]),
        *more,
    ]
    kinds = ("Namespace", *RBAC)
    by_kind = {kind: [each for each in objects if each["kind"] == kind] for kind in kinds}
    return LiveSnapshot(name="live: a test", objects=by_kind, guard=Guard(state="absent"))


SILENCES = _cluster_role(
    "silences",
    {"monitor": "true", **TO_VIEW},
    rules=[{**METRICS, "resources": ["silences"], "verbs": ["*"]}],
)
CHANGES = {
    "an aggregated role is granted": (
        _ground(),
        ClusterRole("monitor")("web"),
        [view("web")],
    ),
    "an aggregated role has taken up more": (
        _ground(SILENCES),
        ClusterRole("monitor")("web"),
        [],
    ),
    "view has taken up more": (_ground(SILENCES), view("web"), []),
}
"""The cluster, what a user is granted, and what that user had before."""


@pytest.mark.parametrize("change", CHANGES)
def test_the_review_is_as_written_down(change: str, request: pytest.FixtureRequest) -> None:
    ground, grant, before = CHANGES[change]
    rosters = [
        side_of({"agg": [User("agg-ann", email="ann@example.com", access=access)]})
        for access in (before, [*before, grant])
    ]
    others = ground.without([each.roster for each in rosters])
    base, head = (live_side(others, each.settings, each.roster, DAY) for each in rosters)

    said = "\n".join([*as_text(content(review(base, head, DAY, head.source.name))), ""])

    golden = GOLDEN / f"{change.replace(' ', '-')}.txt"
    if request.config.getoption("--update-reviews"):
        golden.write_text(said)
    assert said == golden.read_text()
