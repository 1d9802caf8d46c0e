"""Delete what belongs to a user, one object after the other, whatever becomes of each."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from kuberoster.cluster import Cluster, Conflict, NotFound
from kuberoster.cluster.ending import is_there, kept_by, way_on
from kuberoster.cluster.inventory import Metadata, key_of, shown
from kuberoster.cluster.kinds import collection, object_path
from kuberoster.cluster.reach import own_subjects, reaches_users
from kuberoster.model.errors import KuberosterError
from kuberoster.model.objects import MANAGED_BY, TEAM_LABEL, USER_LABEL
from kuberoster.operations.ownership import is_anothers
from kuberoster.operations.revocation.find_user import Account, live_uid

_TRIES = 3


@dataclass(slots=True)
class Deletions:
    """What was deleted, what was left, and what could not be done."""

    cluster: Cluster
    deleted: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    """Bindings that name the user and others beside."""
    kept: dict[str, tuple[str, Metadata]] = field(default_factory=dict)
    """What finalizers keep though its deletion was asked for, with its kind; by what is shown."""
    problems: list[str] = field(default_factory=list)
    """Each step that failed; the others went on."""

    @contextmanager
    def going_on(self, without: str) -> Iterator[None]:
        """Note an error of one step, with what is not so because of it."""
        try:
            yield
        except KuberosterError as error:
            self.problems.append(f"{without}: {error}")

    def delete_account(self, account: Account) -> bool:
        """Delete a ServiceAccount, also when another one takes its name; False where it can't.

        One that a finalizer keeps is on its way out for good, and counts as deleted here.
        """
        with self.going_on(f"{account} was not deleted"):
            for _ in range(_TRIES):
                uid = live_uid(self.cluster, account)
                try:
                    if uid is not None:
                        kept = self.cluster.delete(account.path, uid)
                        self._note(str(account), "ServiceAccount", kept)
                except NotFound:
                    pass
                except Conflict:
                    continue
                return True
        return False

    def delete(self, kind: str, metadata: Metadata) -> None:
        """Delete this very object, which was there just now; it may go by itself meanwhile."""
        what = _shown(kind, metadata)
        path = object_path(kind, metadata["name"], metadata.get("namespace"))
        with self.going_on(f"{what} was not deleted"):
            kept = None
            with suppress(NotFound):
                kept = self.cluster.delete(path, metadata["uid"])
            self._note(what, kind, kept)

    def name_what_is_kept(self) -> None:
        """Make a problem of each object that its finalizers still keep, with the way on."""
        for what, (kind, metadata) in self.kept.items():
            with self.going_on(f"Whether {what} is gone is not known"):
                if is_there(self.cluster, kind, metadata):
                    self.problems.append(
                        f"{what} is being deleted, and stays until what keeps it is taken away: "
                        f"{kept_by(metadata)}.\n{way_on(kind, metadata)}"
                    )
                else:
                    self.deleted.append(what)

    def _note(self, what: str, kind: str, kept: Metadata | None) -> None:
        if kept is not None:
            self.kept[what] = kind, kept
        elif what not in self.deleted or kind == "ServiceAccount":
            self.deleted.append(what)

    def delete_bindings(self, account: Account) -> None:
        """Delete each binding of this user alone, declared or not; leave one of others too."""
        own = own_subjects(account.namespace, account.user)
        for kind in ("RoleBinding", "ClusterRoleBinding"):
            with self.going_on(f"{kind}s of {account} were not looked for"):
                for binding in self.cluster.list(collection(kind)):
                    reached = list(reaches_users(binding, {account.namespace}))
                    ours = [subject for subject in reached if subject in own]
                    metadata = binding["metadata"]
                    if ours and len(ours) == len(binding["subjects"]):
                        self.delete(kind, metadata)
                    elif ours and (other := _shown(kind, metadata)) not in self.left:
                        self.left.append(other)

    def delete_roles(self, account: Account) -> None:
        """Delete the Roles and ClusterRoles that were made for this user."""
        labels = {MANAGED_BY: "kuberoster", TEAM_LABEL: account.team, USER_LABEL: account.user}
        selector = ",".join(f"{key}={value}" for key, value in labels.items())
        for kind in ("Role", "ClusterRole"):
            with self.going_on(f"{kind}s of {account} were not looked for"):
                for role in self.cluster.list_metadata(collection(kind), label_selector=selector):
                    # Labels are only a claim; what is not ours is not named like this either.
                    own, metadata = f"{account.team}:{account.user}:role=", role["metadata"]
                    if metadata["name"].startswith(own) and not is_anothers(
                        metadata, account.roster
                    ):
                        self.delete(kind, metadata)


def _shown(kind: str, metadata: Metadata) -> str:
    return shown(key_of(kind, {"metadata": metadata}))
