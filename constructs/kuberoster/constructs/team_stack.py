"""A team, whole: one Terraform stack with one state."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from kuberoster.constructs._cdktf import Construct, KubernetesProvider, Precondition, TerraformStack
from kuberoster.constructs.bindings import bind
from kuberoster.constructs.cluster_uid import ClusterUid
from kuberoster.constructs.namespaces import ExistingNamespace, GuardedNamespace
from kuberoster.constructs.revocations import RevocationGuard
from kuberoster.constructs.state_backend import StateBackend
from kuberoster.constructs.token_user import TokenUser
from kuberoster.model.addresses import address
from kuberoster.model.attributes import literal
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

GRACE = timedelta(hours=2)
"""How long before and after its day a stack may be used: clocks differ, and a deploy that is
synthesised before midnight UTC is planned, approved and applied after it."""


def only_on(stack: TerraformStack, day: date) -> list[Precondition]:
    """What fails on another day: the one a plan, the other the apply of a plan that was kept.

    When it plans, Terraform does not know when it will apply, so it asks for the second one
    then, and before it does anything that depends on the resource that has these conditions.
    What only goes away depends on nothing: who was to lose access that day has lost it then.
    """
    midnight = datetime(day.year, day.month, day.day)
    # A condition has to refer to something; a local value is that, and can be read in a plan.
    for name, moment in (("usable_from", midnight), ("usable_to", midnight + timedelta(days=1))):
        grace = GRACE if name == "usable_to" else -GRACE
        stack.add_override(f"locals.{name}", f"{moment + grace:%Y-%m-%dT%H:%M:%SZ}")
    return [
        Precondition(
            condition=f"${{timecmp({now}, local.usable_from) >= 0 && "
            f"timecmp({now}, local.usable_to) < 0}}",
            error_message=f"This {what} was made on {day}, for who is active then, and today is "
            "another day (UTC): who has expired since would have access. Synthesise and plan "
            "again; cdktf deploy does both.",
        )
        for now, what in (("plantimestamp()", "stack"), ("timestamp()", "plan"))
    ]


def say_asked_day(stack: TerraformStack, asked: str) -> None:
    """Let each plan and apply warn that the stack is as of a day that was asked for."""
    asked = literal(asked)
    stack.add_override("locals.asked_day", asked)
    stack.add_override(
        "check.day",
        {"assert": {"condition": '${local.asked_day == ""}', "error_message": f"This is {asked}."}},
    )


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
