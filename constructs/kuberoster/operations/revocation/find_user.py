"""Where a user is in the cluster, also one whom the roster no longer names."""

from collections.abc import Iterable
from dataclasses import dataclass

from kuberoster.model.errors import KuberosterError
from kuberoster.model.names import did_you_mean, namespace_faults, user_name_faults
from kuberoster.model.objects import TEAM_LABEL, USER_LABEL
from kuberoster.model.roster import Roster
from kuberoster.operations.cluster import Cluster, NotFound
from kuberoster.operations.inventory import labels_of
from kuberoster.operations.kinds import collection, object_path


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """The ServiceAccount of a user, there or not."""

    user: str
    team: str
    namespace: str
    listed: bool
    """Whether the roster names the user here."""

    @property
    def path(self) -> str:
        """Where the API keeps it."""
        return object_path("ServiceAccount", self.user, self.namespace)

    def __str__(self) -> str:
        return f"ServiceAccount {self.namespace}/{self.user}"


def find_accounts(
    cluster: Cluster, user: str, roster: Roster | None, also_in: Iterable[str] = ()
) -> list[Account]:
    """Each place where a user of this name is or was, the roster's own first.

    Labels are only a claim: beside the roster's, a ServiceAccount counts when it is named as
    its label says and its namespace belongs to a team. `also_in` are namespaces where the user
    was before. Raises KuberosterError when there is no such user.
    """
    known = {
        (each["metadata"]["namespace"], each["metadata"]["name"])
        for each in cluster.list_metadata(collection("ServiceAccount"), label_selector=USER_LABEL)
        if each["metadata"]["labels"][USER_LABEL] == each["metadata"]["name"]
    }
    entries = roster.teams if roster else ()
    places = {
        entry.team.namespace: (entry.team.name, True)
        for entry in entries
        if any(each.name == user for each in entry.users)
    }
    claimed = [namespace for namespace, name in sorted(known) if name == user]
    if not any(user_name_faults(user)):
        for namespace in (*claimed, *also_in):
            team = None if namespace in places else _team_of(cluster, namespace)
            if team:
                places[namespace] = team, False
    if not places:
        names = {name for _, name in known} | {
            each.name for entry in entries for each in entry.users
        }
        raise KuberosterError(
            f"no such user: {user!r}. Neither users/ nor a team's namespace in the cluster has "
            f"one.{did_you_mean(user, names, cutoff=0.5)}"
        )
    return [
        Account(user=user, team=team, namespace=namespace, listed=listed)
        for namespace, (team, listed) in places.items()
    ]


def live_uid(cluster: Cluster, account: Account) -> str | None:
    """The UID that a ServiceAccount has now; None when it is not there."""
    try:
        return str(cluster.get(account.path)["metadata"]["uid"])
    except NotFound:
        return None


def _team_of(cluster: Cluster, namespace: str) -> str | None:
    if any(namespace_faults("namespace", namespace)):
        return None
    try:
        return labels_of(cluster.get(object_path("Namespace", namespace))).get(TEAM_LABEL)
    except NotFound:
        return None
