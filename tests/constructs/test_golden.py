"""Each construct by itself in somebody else's app, against its golden file.

A golden file is what Terraform gets. `pytest tests/constructs --update-golden` writes them anew.
"""

import json
import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import kuberoster.constructs
from kuberoster import Role, Rule, Team, User, edit, view
from kuberoster.constructs import (
    ClusterBinding,
    ClusterUid,
    CustomClusterRole,
    CustomRole,
    ExistingNamespace,
    GuardedNamespace,
    NamespaceBinding,
    RevocationGuard,
    ServiceAccount,
    StateBackend,
    TeamStack,
    TokenSecret,
    TokenUser,
)
from kuberoster.constructs._cdktf import App, KubernetesProvider, TerraformStack
from kuberoster.model.objects import Subject
from kuberoster.model.settings import ClusterSettings, StateSettings

LABELS = {"app.kubernetes.io/managed-by": "somebody"}
ANNOTATIONS = {"example.com/why": "costs ${5} or %{7}"}
ANN = Subject(kind="ServiceAccount", name="ann", namespace="people")
EVERYONE = Subject(kind="Group", name="system:serviceaccounts:people")
RESTART = Rule(["get", "patch"], ["deployments"], api_groups=["apps"])
METRICS = Rule(["get"], non_resource_urls=["/metrics"])
ONE_SECRET = Rule(["get"], ["secrets"], resource_names=["tls-${x}"])


def service_account(stack: TerraformStack) -> None:
    ServiceAccount(
        stack,
        "identity",
        name="ann.smith",
        namespace="people",
        address="ann",
        labels=LABELS,
        annotations=ANNOTATIONS,
    )


def token_secret(stack: TerraformStack) -> None:
    TokenSecret(
        stack,
        "token",
        prefix="ann-smith-2026q4-",
        namespace="people",
        service_account="ann.smith",
        service_account_address="ann",
        address="ann_2026q4",
        labels=LABELS,
        annotations=ANNOTATIONS,
    )


def custom_role(stack: TerraformStack) -> None:
    CustomRole(
        stack,
        "role",
        name="restarter",
        namespace="web",
        rules=[RESTART, ONE_SECRET],
        address="restarter",
        labels=LABELS,
    )


def custom_cluster_role(stack: TerraformStack) -> None:
    CustomClusterRole(
        stack,
        "role",
        name="restarter",
        rules=[RESTART, METRICS],
        address="restarter",
        labels=LABELS,
    )


def namespace_binding(stack: TerraformStack) -> None:
    NamespaceBinding(
        stack,
        "binding",
        name="ann:edit",
        namespace="web",
        role_kind="ClusterRole",
        role_name="edit",
        subject=ANN,
        address="ann_web",
        labels=LABELS,
    )


def cluster_binding(stack: TerraformStack) -> None:
    ClusterBinding(
        stack,
        "binding",
        name="people:view",
        role_name="view",
        subject=EVERYONE,
        address="people",
        labels=LABELS,
    )


def cluster_uid(stack: TerraformStack) -> None:
    ClusterUid(stack, "cluster", uid="49ab-${1}", cluster=ClusterSettings(context="prod"))


def guarded_namespace(stack: TerraformStack) -> None:
    made = GuardedNamespace(
        stack, "people", name="people", address="people", labels=LABELS, annotations=ANNOTATIONS
    )
    ServiceAccount(
        stack,
        "identity",
        name="ann",
        namespace="people",
        address="ann",
        labels=LABELS,
        depends_on=made.guards,
    )


def existing_namespace(stack: TerraformStack) -> None:
    ExistingNamespace(
        stack, "people", name="people", address="people", team="web", labels=LABELS
    )  # fmt: skip


def revocation_guard(stack: TerraformStack) -> None:
    RevocationGuard(
        stack, "guard", namespace="terraform", users=["bob", "ann.smith"], address="revoked"
    )


def token_user(stack: TerraformStack) -> None:
    restarter = Role("restarter", rules=[RESTART])
    user = User(
        "ann.smith",
        email="ann@example.com",
        access=[edit("web", "api"), view.cluster_wide(), restarter("web")],
        tokens=["2026q4", "2027q1"],
        note="On-call for ${web}",
    )
    TokenUser(stack, "ann", user=user, team=Team(name="web"))


def state_backend(stack: TerraformStack) -> None:
    StateBackend(
        stack, "state", team="web-2", state=StateSettings(), cluster=ClusterSettings(context="prod")
    )


def team_stack(app: App) -> None:
    TeamStack(
        app,
        "web",
        team=Team(name="web", access=[view("web")], note="The shop"),
        users=[User("ann", email="ann@example.com", access=[edit("web")])],
        cluster=ClusterSettings(kubeconfig="~/.kube/admin", context="prod", uid="49ab"),
        state=StateSettings(namespace="terraform"),
        synthesised=date(2026, 11, 28),
        asked_day="as of 2026-12-01, which ${x} asks for",
    )


PARTS: dict[type[Any], tuple[Callable[[TerraformStack], None], tuple[str, ...]]] = {
    ClusterBinding: (cluster_binding, ("resource",)),
    ClusterUid: (cluster_uid, ("data",)),
    CustomClusterRole: (custom_cluster_role, ("resource",)),
    CustomRole: (custom_role, ("resource",)),
    ExistingNamespace: (existing_namespace, ("data", "resource")),
    GuardedNamespace: (guarded_namespace, ("resource",)),
    NamespaceBinding: (namespace_binding, ("resource",)),
    RevocationGuard: (revocation_guard, ("data",)),
    ServiceAccount: (service_account, ("resource",)),
    StateBackend: (state_backend, ("terraform",)),
    TokenSecret: (token_secret, ("resource",)),
    TokenUser: (token_user, ("resource",)),
}
"""How each is declared, and what of Terraform's JSON it answers for."""


@pytest.mark.parametrize("construct", PARTS, ids=lambda construct: construct.__name__)
def test_a_construct_works_alone_in_any_app_and_gives_what_its_golden_file_says(
    construct: type[Any],
    golden: Callable[[str, Any], None],
    stacks: Callable[[Path], dict[str, Any]],
    tmp_path: Path,
) -> None:
    declare, answers_for = PARTS[construct]
    app = App(outdir=str(tmp_path))
    stack = TerraformStack(app, "theirs")
    KubernetesProvider(stack, "kubernetes")

    declare(stack)
    app.synth()

    made = stacks(tmp_path)["theirs"]
    golden(construct.__name__, {key: made[key] for key in answers_for})


def test_a_team_stack_is_what_its_golden_file_says(
    golden: Callable[[str, Any], None],
    stacks: Callable[[Path], dict[str, Any]],
    tmp_path: Path,
) -> None:
    app = App(outdir=str(tmp_path))
    team_stack(app)
    app.synth()

    golden("TeamStack", stacks(tmp_path)["web"])


GOLDEN = Path(__file__).parent / "golden"


def test_each_public_construct_has_its_golden_file_and_no_other_is_there() -> None:
    public = {name for name in kuberoster.constructs.__all__ if name != "synthesise"}

    assert {construct.__name__ for construct in PARTS} | {"TeamStack"} == public
    assert {file.stem for file in GOLDEN.glob("*")} == public


def addresses(value: Any) -> Iterator[str]:
    for resources in (value.get("resource", {}) | value.get("data", {})).values():
        yield from resources


@pytest.mark.parametrize("file", sorted(GOLDEN.glob("*.json")), ids=lambda file: file.stem)
def test_no_address_has_a_hash(file: Path) -> None:
    for address in addresses(json.loads(file.read_text())):
        assert not re.search(r"_?[0-9A-F]{8}$", address)
