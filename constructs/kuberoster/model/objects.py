"""What a team and its users are called in Kubernetes and Terraform.

The constructs, `kuberoster manifests` and every command that looks into a cluster take names,
labels and subjects from here, so that they speak of the same objects.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from kuberoster.model.access import ClusterRole, Grant, Role, is_on_ladder
from kuberoster.model.addresses import TEAM, address
from kuberoster.model.team import Team
from kuberoster.model.user import User

MANAGED_BY = "app.kubernetes.io/managed-by"
ROSTER_LABEL = "kuberoster.io/roster"
TEAM_LABEL = "kuberoster.io/team"
USER_LABEL = "kuberoster.io/user"
TOKEN_LABEL = "kuberoster.io/token"  # noqa: S105  # a label's key, not a token
STATE_LABEL = "kuberoster.io/state"

TOKEN_SECRET_TYPE = "kubernetes.io/service-account-token"  # noqa: S105  # a type's name
SERVICE_ACCOUNT_NAME = "kubernetes.io/service-account.name"
SERVICE_ACCOUNT_UID = "kubernetes.io/service-account.uid"

CLUSTER_NAMESPACE = "kube-system"
"""Lives as long as its cluster, which is known by the UID of it."""
REVOKED_USERS = "revoked-users"
"""The ConfigMap in the state's namespace that names the users whom `kuberoster revoke` stopped."""

REVOKED_IN_CLUSTER = "Revoked in the cluster: "
"""How the error of a plan begins that would give one of these users access again."""

QUOTA_NAME = "no-pods"
"""The ResourceQuota that keeps pods out of a users' namespace."""
NO_PODS = {"pods": "0"}
"""What it allows."""
POD_SECURITY = {
    "pod-security.kubernetes.io/enforce": "restricted",
    "pod-security.kubernetes.io/enforce-version": "v1.36",
}
"""Labels of a users' namespace; the version is set so that an upgrade can't change it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """Whom a binding names: one user, or the group of a whole team."""

    kind: str
    """`ServiceAccount`, `Group` or `User`."""
    name: str
    namespace: str | None = None
    """A ServiceAccount's namespace; the others have none."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Binding:
    """A role for a subject in one scope: a RoleBinding, or a ClusterRoleBinding."""

    name: str
    """The object's name, the same in each namespace: `platform:ann:edit`."""
    address: str
    """The resource's address within its type: `ann_web`, or `ann_monitor_web`."""
    role: ClusterRole | Role
    namespace: str | None
    """None for a ClusterRoleBinding."""
    subject: Subject
    grant: Grant = field(compare=False)
    """What it comes from; its waivers show in no object."""

    @property
    def role_kind(self) -> str:
        """The kind of the role that the binding refers to, `Role` or `ClusterRole`."""
        return "ClusterRole" if isinstance(self.role, ClusterRole) or not self.namespace else "Role"

    @property
    def role_name(self) -> str:
        """The name of that role; a custom Role is made for the binding and named like it."""
        return self.role.name if isinstance(self.role, ClusterRole) else self.name


def user_bindings(user: User, team: Team) -> Iterator[Binding]:
    """One binding for each grant of the user and each of its namespaces."""
    subject = Subject(kind="ServiceAccount", name=user.name, namespace=team.namespace)
    for grant in user.access:
        yield from _bindings(grant, subject, team.name, user.name)


def team_bindings(team: Team) -> Iterator[Binding]:
    """One binding for each grant of the whole team and each of its namespaces."""
    subject = Subject(kind="Group", name=team.group)
    for grant in team.access:
        yield from _bindings(grant, subject, team.name, TEAM)


def team_labels(team: Team) -> dict[str, str]:
    """The labels of everything that a team's stack makes."""
    roster = {ROSTER_LABEL: team.roster} if team.roster else {}
    return {MANAGED_BY: "kuberoster", **roster, TEAM_LABEL: team.name}


def state_labels(roster: str | None) -> dict[str, str]:
    """The labels of the namespace of Terraform's state and of revocations.

    None for a namespace that is made by whoever may not say whose it is.
    """
    return {
        MANAGED_BY: "kuberoster",
        **({ROSTER_LABEL: roster} if roster else {}),
        STATE_LABEL: "true",
    }


def user_labels(user: User, team: Team) -> dict[str, str]:
    """The labels of everything that belongs to one user."""
    return {**team_labels(team), USER_LABEL: user.name}


def _bindings(grant: Grant, subject: Subject, team: str, who: str) -> Iterator[Binding]:
    role = grant.role
    # A ClusterRole's name starts with a letter or digit and may have ':', so only '=' keeps
    # the Role `x` and a ClusterRole `role:x` apart; an address has a name more instead.
    custom = isinstance(role, Role)
    shown = f"role={role.name}" if custom else role.name
    # One of the ladder is replaced by another at one address, delete first: never are both there.
    named = ["role", role.name] if custom else [] if is_on_ladder(role) else [role.name]
    for namespace in grant.namespaces or (None,):
        yield Binding(
            name=f"{team}:{who}:{shown}",
            address=address(who, *named, *([namespace] if namespace else [])),
            role=role,
            namespace=namespace,
            subject=subject,
            grant=grant,
        )
