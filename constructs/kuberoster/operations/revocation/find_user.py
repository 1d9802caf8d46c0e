"""Where a user is in the cluster, also one whom the roster no longer names."""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, field

from kuberoster.cluster import (
    Cluster,
    ClusterError,
    Forbidden,
    NotFound,
    from_one_moment,
)
from kuberoster.cluster.inventory import Metadata, labels_in, labels_of
from kuberoster.cluster.kinds import collection, object_path
from kuberoster.model.errors import KuberosterError
from kuberoster.model.names import (
    did_you_mean,
    namespace_faults,
    reserved_namespace_faults,
    user_name_faults,
)
from kuberoster.model.objects import ROSTER_LABEL, TEAM_LABEL, USER_LABEL
from kuberoster.model.roster import ROSTER, Roster
from kuberoster.model.settings import Settings
from kuberoster.operations.ownership import doubt_of, is_anothers, is_claimed
from kuberoster.operations.revocation.marks import read_revocations
from kuberoster.terraform import SeenState
from kuberoster.terraform.leftover import teams_with_state

_NO_TEAM = "is no namespace of a team of this roster"


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """The ServiceAccount of a user, there or not."""

    user: str
    team: str
    namespace: str
    listed: bool
    """Whether the roster names the user here."""
    labels: tuple[str, ...] = ()
    """Of the tokens that the roster gives the user here."""
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
    """Namespaces that may be the roster's, and why that is not known; nothing is done there."""
    others: list[str] = field(default_factory=list)
    """Namespaces with a ServiceAccount of this name, and nothing that says they are a roster's."""
    unseen: list[str] = field(default_factory=list)
    """What could not be looked at, so that the user may be there too; each in words."""


def find_accounts(
    cluster: Cluster,
    user: str,
    roster: Roster | None,
    settings: Settings,
    *,
    vouched: Collection[str] = (),
) -> Places:
    """Each place where a user of this name is or was.

    A token says the name of a ServiceAccount and its namespace, and nothing of labels. So every
    ServiceAccount of the cluster that has the name is looked at, and counts where its namespace
    is the roster's: as users/, Terraform's states, the mark of an earlier revocation or `vouched`
    say. A label is only a claim, and makes the namespace a doubtful one. Raises KuberosterError
    when there is no such user.
    """
    search = _Search(cluster, user, roster, settings, vouched)
    if not any(user_name_faults(user)):
        search.run()
    if not search.places.accounts and not search.places.doubtful:
        raise search.nobody()
    return search.places


def live_uid(cluster: Cluster, account: Account) -> str | None:
    """The UID that a ServiceAccount has now; None when it is not there."""
    try:
        return str(cluster.get(account.path)["metadata"]["uid"])
    except NotFound:
        return None


class _Search:
    """One search for a name, in the whole cluster."""

    def __init__(
        self,
        cluster: Cluster,
        user: str,
        roster: Roster | None,
        settings: Settings,
        vouched: Collection[str],
    ) -> None:
        self.cluster, self.user, self.settings, self.vouched = cluster, user, settings, vouched
        self.roster = roster
        entries = roster.teams if roster else ()
        self.declared = {entry.team.namespace: entry.team.name for entry in entries}
        self.listed = {
            entry.team.namespace: tuple(each.labels)
            for entry in entries
            for each in entry.users
            if each.name == user
        }
        self.before: dict[str, str] = {}
        self.states: dict[str, SeenState] = {}
        self.states_unseen: list[str] = []
        self.places = Places()

    def run(self) -> None:
        """Fill `places`."""
        try:
            mark = read_revocations(self.cluster, self.settings.state.namespace).get(self.user)
            self.before = mark.namespaces if mark else {}
        except ClusterError as error:  # must not keep anyone from revoking
            self.places.unseen.append(f"the marks of earlier revocations: {error}")
        try:
            there = self._everywhere()
        except Forbidden as error:
            self._look_into_states()
            there = self._where_it_may_be()
            what = f"ServiceAccounts of the name {self.user} in other namespaces"
            self.places.unseen.extend([f"{what}: {error}", *self.states_unseen])
        else:
            if {*there, *self.before, *self.vouched} - self.declared.keys():
                self._look_into_states()
        found = (*self.listed, *sorted(there), *self.before, *self.vouched)
        for namespace in dict.fromkeys(found):
            self._judge(namespace, there.get(namespace))

    def nobody(self) -> KuberosterError:
        """The error for a name that nobody of the roster has, as far as could be seen."""
        for wrong, _ in user_name_faults(self.user):
            return KuberosterError(f"no such user: {self.user!r}. No user can have it: {wrong}.")
        nobody = (
            "Neither users/ nor a namespace of this roster"
            if self.roster
            else "users/ can't be read, and no namespace of this roster"
        )
        lines = [
            f"no such user: {self.user!r}. {nobody} in the cluster has one"
            f"{', as far as could be seen' if self.places.unseen else ''}."
            f"{did_you_mean(self.user, self._names(), cutoff=0.5)}",
            *(f"Not looked at: {each}" for each in self.places.unseen),
        ]
        for namespace in self.places.others[:1]:
            lines.append(
                f"Of others, as far as is known: ServiceAccount {self.user} in "
                f"{', '.join(self.places.others)}. If one is this roster's: "
                f"kuberoster revoke {self.user} --in {namespace}"
            )
        return KuberosterError("\n".join(lines))

    def _names(self) -> set[str]:
        """Every user of whom users/ or the label of a ServiceAccount tells."""
        entries = self.roster.teams if self.roster else ()
        names = {each.name for entry in entries for each in entry.users}
        with suppress(ClusterError):
            for each in self.cluster.list_metadata(
                collection("ServiceAccount"), label_selector=USER_LABEL
            ):
                if labels_of(each)[USER_LABEL] == each["metadata"]["name"]:
                    names.add(each["metadata"]["name"])
        return names

    def _everywhere(self) -> dict[str, Metadata]:
        """The metadata of each ServiceAccount of the name, by namespace."""
        named = from_one_moment(
            lambda: list(
                self.cluster.list_metadata(
                    collection("ServiceAccount"), field_selector=f"metadata.name={self.user}"
                )
            )
        )
        return {each["metadata"]["namespace"]: each["metadata"] for each in named}

    def _where_it_may_be(self) -> dict[str, Metadata]:
        """The same of the namespaces that are known, for who may not list the whole cluster."""
        homes = {home for seen in self.states.values() for home in seen.namespaces()}
        there = {}
        for namespace in sorted({*self.declared, *self.before, *self.vouched, *homes}):
            try:
                path = object_path("ServiceAccount", self.user, namespace)
                there[namespace] = self.cluster.get(path)["metadata"]
            except NotFound:
                continue
            except ClusterError as error:
                self.places.unseen.append(f"ServiceAccount {namespace}/{self.user}: {error}")
        return there

    def _look_into_states(self) -> None:
        backend = self.settings.state.backend
        if backend not in ("kubernetes", "local"):
            self.states_unseen = [f"Terraform's states, which the backend {backend!r} keeps"]
            return
        try:
            self.states = dict(teams_with_state(self.cluster, self.settings, without=()))
        except ClusterError as error:
            self.states_unseen = [f"Terraform's states: {error}"]
            return
        self.states_unseen = [
            f"the state of the team {team!r}, which {seen.unreadable}"
            for team, seen in self.states.items()
            if seen.unreadable
        ]

    def _judge(self, namespace: str, account: Metadata | None) -> None:
        """Put a namespace where it belongs; `account` is its ServiceAccount of the name, if any."""
        if namespace in self.declared:
            self._take(namespace, self.declared[namespace])
            return
        said = namespace in self.vouched
        reserved = reserved_namespace_faults(namespace, self.settings.state.namespace)
        metadata = None
        if not any(namespace_faults("namespace", namespace)) and not any(reserved):
            with suppress(NotFound):
                metadata = self._namespace(namespace)
        state = next((t for t, seen in self.states.items() if namespace in seen.namespaces()), None)
        other = metadata is not None and is_anothers(metadata, self.settings.roster)
        contested = self._contested(namespace, state, account) if other else None
        if metadata is None or (other and contested is None):
            if said:
                self.places.doubtful[namespace] = _NO_TEAM
            return
        team = state or labels_in(metadata).get(TEAM_LABEL) or self.before.get(namespace)
        if said and (team or account):
            self._take(namespace, team or "")
        elif contested:
            self.places.doubtful[namespace] = (
                f"{contested}, and its label says that it is of the roster "
                f"{labels_in(metadata)[ROSTER_LABEL]!r}"
            )
        elif state or namespace in self.before:
            self._take(namespace, team or "")
        elif doubt := self._doubt(metadata, team, account):
            self.places.doubtful[namespace] = doubt
        elif team:
            self._take(namespace, team)
        elif said:
            self.places.doubtful[namespace] = _NO_TEAM
        else:
            self.places.others.append(namespace)

    def _contested(self, namespace: str, state: str | None, account: Metadata | None) -> str | None:
        """What says that a namespace with another roster's name may be this one's all the same.

        Whoever may label the namespace can put that name on, and its tokens work on. So it is
        believed only where nothing else speaks for this roster.
        """
        if state:
            return f"is in Terraform's state of {state}"
        if namespace in self.before:
            return "is in the mark of an earlier revocation"
        if account is None or is_anothers(account, self.settings.roster):
            return None
        if is_claimed(account, self.settings.roster, ()):
            return f"has a ServiceAccount {self.user} that is labelled as of this roster"
        if self.states_unseen:
            unseen = "; ".join(self.states_unseen)
            return f"has a ServiceAccount {self.user} without a roster's name, not seen is {unseen}"
        return None

    def _namespace(self, namespace: str) -> Metadata:
        """A Namespace's metadata; of one that may not be read, its name alone."""
        try:
            metadata: Metadata = self.cluster.get(object_path("Namespace", namespace))["metadata"]
        except Forbidden as error:
            self.places.unseen.append(f"the labels of namespace {namespace}: {error}")
            return {"name": namespace}
        return metadata

    def _doubt(self, metadata: Metadata, team: str | None, account: Metadata | None) -> str | None:
        """Why a namespace that neither users/ nor a state has may be the roster's all the same."""
        unseen = "; ".join(self.states_unseen)
        if team and unseen and team not in self.states:
            return f"has the label {TEAM_LABEL}={team}, and not seen is {unseen}"
        if team:
            seen = self.states.get(team, SeenState())
            return doubt_of(metadata, team, self.settings.roster, seen)
        if account is None:
            return None
        if unseen:
            return f"has a ServiceAccount {self.user}, and not seen is {unseen}"
        if labels_in(account).get(USER_LABEL) == self.user and not is_anothers(
            account, self.settings.roster
        ):
            return "has a ServiceAccount that is labelled as the user's, which is only a claim"
        return None

    def _take(self, namespace: str, team: str) -> None:
        self.places.accounts.append(
            Account(
                user=self.user,
                team=team,
                namespace=namespace,
                listed=namespace in self.listed,
                labels=self.listed.get(namespace, ()),
                roster=self.settings.roster,
            )
        )
