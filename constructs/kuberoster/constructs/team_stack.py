"""A team, whole: one Terraform stack with one state."""

from collections.abc import Sequence
from datetime import date

from kuberoster.constructs._cdktf import Construct, KubernetesProvider, TerraformStack
from kuberoster.constructs.bindings import bind
from kuberoster.constructs.cluster_uid import ClusterUid
from kuberoster.constructs.namespaces import ExistingNamespace, GuardedNamespace
from kuberoster.constructs.plan_day import only_on, say_asked_day
from kuberoster.constructs.revocations import RevocationGuard
from kuberoster.constructs.state_backend import StateBackend
from kuberoster.constructs.token_user import TokenUser
from kuberoster.model.addresses import address
from kuberoster.model.fields import annotations
from kuberoster.model.objects import (
    REVOKED_USERS,
    team_bindings,
    team_labels,
)
from kuberoster.model.settings import (
    PROVIDER_VERSION,
    TERRAFORM_VERSION,
    ClusterSettings,
    StateSettings,
)
from kuberoster.model.team import Team
from kuberoster.model.user import User


class TeamStack(TerraformStack):
    """The namespace, users and bindings of one team, with its provider and backend."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        team: Team,
        users: Sequence[User],
        cluster: ClusterSettings,
        state: StateSettings,
        synthesised: date | None = None,
        asked_day: str | None = None,
    ) -> None:
        """Declare the stack; `users` are who is active.

        On the day on which it is `synthesised`, and within hours of it, the stack can be planned
        and applied; on any day where that is left out. Plans show `asked_day`, words about
        another day than that one by which the users were chosen.
        """
        super().__init__(scope, id)
        self.add_override("terraform.required_version", TERRAFORM_VERSION)
        self.add_override("terraform.required_providers.kubernetes.version", PROVIDER_VERSION)
        KubernetesProvider(
            self, "kubernetes", config_path=cluster.kubeconfig, config_context=cluster.context
        )
        StateBackend(self, "state", team=team.name, state=state, cluster=cluster)

        first = (
            []
            if cluster.uid is None
            else [ClusterUid(self, "cluster", uid=cluster.uid, cluster=cluster)]
        )
        conditions = only_on(self, synthesised) if synthesised else []
        if asked_day:
            say_asked_day(self, asked_day)
        own = address(team.name)
        labels = team_labels(team)
        namespace = (
            ExistingNamespace(
                self,
                "namespace",
                name=team.namespace,
                address=own,
                team=team.name,
                labels=labels,
                depends_on=first,
                preconditions=conditions,
            )
            if team.existing_namespace
            else GuardedNamespace(
                self,
                "namespace",
                name=team.namespace,
                address=own,
                labels=labels,
                annotations=annotations(team),
                depends_on=first,
                preconditions=conditions,
            )
        )
        for binding in team_bindings(team):
            bind(self, binding, labels=labels, depends_on=namespace.guards)
        if not users:
            return
        not_revoked = RevocationGuard(
            self,
            REVOKED_USERS,
            namespace=state.namespace,
            users=[user.name for user in users],
            address=REVOKED_USERS,
        )
        for user in users:
            TokenUser(
                self,
                f"user-{address(user.name)}",
                user=user,
                team=team,
                depends_on=[*namespace.guards, not_revoked],
            )
