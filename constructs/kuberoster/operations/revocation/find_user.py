"""Where a user is in the cluster, also one whom the roster no longer names."""

from collections.abc import Collection
from dataclasses import dataclass, field

from kuberoster.model.errors import KuberosterError
from kuberoster.model.names import (
    did_you_mean,
    namespace_faults,
    reserved_namespace_faults,
    user_name_faults,
)
from kuberoster.model.objects import TEAM_LABEL, USER_LABEL
from kuberoster.model.roster import ROSTER, Roster
from kuberoster.model.settings import Settings
from kuberoster.operations.cluster import Cluster, ClusterError, NotFound
from kuberoster.operations.inventory import labels_in
from kuberoster.operations.kinds import collection, object_path
from kuberoster.operations.ownership import doubt_of, is_anothers
from kuberoster.operations.revocation.marks import Revocation
from kuberoster.operations.terraform import see_state, state_file


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """The ServiceAccount of a user, there or not."""

    user: str
    team: str
    namespace: str
    listed: bool
    """Whether the roster names the user here."""
    roster: str = ROSTER
    """The roster's name."""

    @property
    def path(self) -> str:
        """Where the API keeps it."""
        return object_path("ServiceAccount", self.user, self.namespace)

    def __str__(self) -> str:
        return f"ServiceAccount {self.namespace}/{self.user}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Places:
    """Where a user is or was."""

    accounts: list[Account] = field(default_factory=list)
    """The roster's own first."""
    doubtful: dict[str, str] = field(default_factory=dict)
    """Namespaces with a ServiceAccount of this name and label, and why it may be another's."""


def find_accounts(
    cluster: Cluster,
    user: str,
    roster: Roster | None,
    settings: Settings,
    *,
    mark: Revocation | None = None,
    vouched: Collection[str] = (),
) -> Places:
    """Each place where a user of this name is or was.

    Labels are only a claim: beside where the roster has the user, a ServiceAccount counts when
    it is named as its label says and its namespace is a team's, as users/, Terraform's state or
    `vouched` say. The `mark` of a revocation says where the user was before. Raises
    KuberosterError when there is no such user.
    """
    known = {
        (each["metadata"]["namespace"], each["metadata"]["name"])
        for each in cluster.list_metadata(collection("ServiceAccount"), label_selector=USER_LABEL)
        if each["metadata"]["labels"][USER_LABEL] == each["metadata"]["name"]
    }
    entries = roster.teams if roster else ()
    declared = {entry.team.namespace: entry.team.name for entry in entries}
    listed = [
        entry.team.namespace for entry in entries if any(each.name == user for each in entry.users)
    ]
    claimed = [namespace for namespace, name in sorted(known) if name == user]
    before = [mark.namespace] if mark else []
    places = Places()
    if any(user_name_faults(user)):
        claimed, before, vouched = [], [], ()
    for namespace in dict.fromkeys((*listed, *claimed, *before, *vouched)):
        team, doubt = declared.get(namespace), None
        if team is None:
            believed = namespace in vouched or namespace in before
            team, doubt = _team_of(cluster, namespace, settings, believed=believed)
        if team is None and namespace in vouched:
            doubt = "is no namespace of a team of this roster"
        if doubt:
            places.doubtful[namespace] = doubt
        elif team:
            own = namespace in listed
            places.accounts.append(
                Account(
                    user=user,
                    team=team,
                    namespace=namespace,
                    listed=own,
                    roster=settings.roster,
                )
            )
    if not places.accounts and not places.doubtful:
        names = {name for _, name in known} | {
            each.name for entry in entries for each in entry.users
        }
        raise KuberosterError(
            f"no such user: {user!r}. Neither users/ nor a team's namespace in the cluster has "
            f"one.{did_you_mean(user, names, cutoff=0.5)}"
        )
    return places


def live_uid(cluster: Cluster, account: Account) -> str | None:
    """The UID that a ServiceAccount has now; None when it is not there."""
    try:
        return str(cluster.get(account.path)["metadata"]["uid"])
    except NotFound:
        return None


def _team_of(
    cluster: Cluster, namespace: str, settings: Settings, *, believed: bool
) -> tuple[str | None, str | None]:
    """The team of a namespace that users/ does not have, and why it may be somebody else's.

    Neither where it is no team's, or another roster's. `believed` is what a person says, or the
    mark of an earlier revocation.
    """
    reserved = reserved_namespace_faults(namespace, settings.state.namespace)
    if any(namespace_faults("namespace", namespace)) or any(reserved):
        return None, None
    try:
        metadata = cluster.get(object_path("Namespace", namespace))["metadata"]
    except NotFound:
        return None, None
    team = labels_in(metadata).get(TEAM_LABEL)
    if team is None or is_anothers(metadata, settings.roster):
        return None, None
    if believed:
        return team, None
    try:
        file = state_file(settings, team)
        return team, doubt_of(
            metadata, team, settings.roster, see_state(cluster, settings, team, file)
        )
    except ClusterError as error:
        return team, f"has the label {TEAM_LABEL}={team}, and the state can't be read: {error}"
