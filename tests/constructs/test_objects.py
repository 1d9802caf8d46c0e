"""What a stack makes is what `kuberoster manifests` prints, in the provider's names."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kuberoster import Role, Rule, Team, User, edit, view
from kuberoster.constructs import TeamStack
from kuberoster.constructs._cdktf import App
from kuberoster.model.attributes import attributes
from kuberoster.model.manifests import default_service_account, team_objects
from kuberoster.model.objects import team_labels
from kuberoster.model.roster import TeamRoster
from kuberoster.model.settings import ClusterSettings, StateSettings
from kuberoster.terraform import KIND_OF

OF_TERRAFORM = {
    "data_wo",
    "data_wo_revision",
    "depends_on",
    "lifecycle",
    "wait_for_default_service_account",
    "wait_for_service_account_token",
}
"""What says how Terraform makes an object, and not what the object is."""
URLS = Role("urls", rules=[Rule(["get"], non_resource_urls=["/metrics"])])
KEYS = Role("keys", rules=[Rule(["get"], ["secrets"], resource_names=["a-${x}"])])


@pytest.mark.parametrize("existing", [False, True])
def test_a_stack_makes_the_objects_of_the_manifests(
    existing: bool, stacks: Callable[[Path], dict[str, Any]], tmp_path: Path
) -> None:
    team = Team(
        name="web",
        roster="shop",
        existing_namespace=existing,
        access=[view("web"), URLS.cluster_wide()],
        note="The ${shop}",
    )
    users = (
        User("ann.smith", email="ann@example.com", access=[edit("web"), KEYS("api")]),
        User("7of9", owner="ops@example.com", tokens=["a", "b"], access=[view.cluster_wide()]),
    )
    app = App(outdir=str(tmp_path))
    cluster, state = ClusterSettings(), StateSettings()
    TeamStack(app, "web", team=team, users=users, cluster=cluster, state=state)
    app.synth()

    made = {
        (type_, address): {
            field: value for field, value in resource.items() if field not in OF_TERRAFORM
        }
        for type_, resources in stacks(tmp_path)["web"]["resource"].items()
        for address, resource in resources.items()
    }
    default = made.pop(("kubernetes_default_service_account_v1", "web"))
    types = {kind: type_ for type_, kind in KIND_OF.items()}
    assert made == {
        (types[manifest["kind"]], address): attributes(manifest)
        for address, manifest in team_objects(TeamRoster(team=team, users=users))
    }
    default["metadata"]["name"] = "default"
    assert default == attributes(default_service_account(team.namespace, team_labels(team)))
