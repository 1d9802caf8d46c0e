"""Who was revoked: a mark in the cluster that holds until somebody lifts it.

It is JSON in a ConfigMap of the state's namespace. Every stack reads that too
(`constructs/revocations.py`), so that no deploy gives access back without a word.
"""

import dataclasses
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

from kuberoster.cluster import Cluster, Conflict, Forbidden, NotFound
from kuberoster.model.errors import KuberosterError
from kuberoster.model.roster import Roster
from kuberoster.operations.bootstrap import make_state_namespace
from kuberoster.operations.revoked_users import change_mark, read_marks


@dataclass(frozen=True, kw_only=True, slots=True)
class MarkedAccount:
    """One place of a revoked user; a field that somebody broke by hand is empty."""

    team: str
    namespace: str
    """Where the user's ServiceAccount was, or would be."""
    uid: str | None
    """The UID of that ServiceAccount; None when there was none."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Revocation:
    """Who revoked a user, when and where; a field that somebody broke by hand is empty."""

    when: str
    """In UTC: `2026-12-31T23:59:59Z`."""
    by: str
    """The name by which the API server knew whoever revoked."""
    accounts: tuple[MarkedAccount, ...]
    """A user who moved and was not deployed has one in each of two teams' namespaces."""

    @property
    def namespaces(self) -> dict[str, str]:
        """Each namespace where the user was, with the team."""
        return {each.namespace: each.team for each in self.accounts if each.namespace}


def read_revocations(cluster: Cluster, namespace: str) -> dict[str, Revocation]:
    """Each revoked user with its mark; `namespace` is the state's."""
    return {user: _read(text) for user, text in read_marks(cluster, namespace).items()}


def revoked_and_active(
    active: Roster, revocations: Mapping[str, Revocation]
) -> Iterator[tuple[str, str]]:
    """Each user of a roster's day who is revoked, with a sentence on who did it and the mend.

    The roster is that of one day (`Roster.on`): who is suspended or gone is no longer in it.
    """
    for entry in active.teams:
        for name in sorted({user.name for user in entry.users} & revocations.keys()):
            yield (
                name,
                f"{revoked_by(revocations[name])}, and users/{entry.team.name}.py gives access "
                'still: suspend the user (suspended="why"), remove the user, or lift it with '
                f"`kuberoster revoke {name} --lift`",
            )


def revoked_by(revocation: Revocation) -> str:
    """When, and by whom."""
    return f"revoked on {revocation.when or 'a day unknown'} by {revocation.by or 'somebody'}"


def refuse_revoked(
    cluster: Cluster, state_namespace: str, user: str, namespace: str | None = None
) -> None:
    """Raise KuberosterError for a marked user; with `namespace`, for one who was marked there."""
    mark = read_revocations(cluster, state_namespace).get(user)
    if mark is None or (namespace and mark.namespaces and namespace not in mark.namespaces):
        return
    raise KuberosterError(
        f"user {user!r}: {revoked_by(mark)}.\n"
        "Suspend or remove the user in the roster. Only where access is meant to come back: "
        f"kuberoster revoke {user} --lift, and deploy."
    )


def mark_revoked(
    cluster: Cluster,
    namespace: str,
    user: str,
    change: Callable[[Revocation | None], Revocation],
    *,
    roster: str,
) -> bool:
    """Write what `change` makes of a user's mark, and leave every other one as it is.

    It may be asked several times, where others revoke the user too. Makes the namespace where it
    is missing, closed to pods. Returns False where it had to be made without the roster's label,
    since whoever revokes is no deployer; then the guard does not keep it from being deleted.
    Raises KuberosterError.
    """

    def changed(text: str | None) -> str:
        before = None if text is None else _read(text)
        after = change(before)
        return (
            text if text is not None and after == before else json.dumps(dataclasses.asdict(after))
        )

    labelled = True
    try:
        change_mark(cluster, namespace, user, changed)
    except NotFound:
        with suppress(Conflict):  # another revoke makes it too
            labelled = _make_namespace(cluster, namespace, roster)
        change_mark(cluster, namespace, user, changed)
    return labelled


def _make_namespace(cluster: Cluster, namespace: str, roster: str) -> bool:
    """Whether it has the roster's label."""
    try:
        make_state_namespace(cluster, namespace, roster=roster)
    except Forbidden:
        make_state_namespace(cluster, namespace)
        return False
    return True


def lift(cluster: Cluster, namespace: str, user: str, shown: Revocation) -> bool:
    """Take a user's mark away; False where it is no longer the one that was shown."""
    lifted = False

    def without(text: str | None) -> str | None:
        nonlocal lifted
        lifted = text is not None and _read(text) == shown
        return None if lifted else text

    change_mark(cluster, namespace, user, without)
    return lifted


def _read(text: str) -> Revocation:
    """A mark; one of an earlier version has a single account, and its fields beside `when`."""
    try:
        says = json.loads(text)
    except (ValueError, RecursionError):
        says = None
    accounts = says.get("accounts", [says]) if isinstance(says, dict) else []
    return Revocation(
        when=_text(says, "when"),
        by=_text(says, "by"),
        accounts=tuple(map(_account, accounts if isinstance(accounts, list) else ())),
    )


def _account(says: object) -> MarkedAccount:
    team, namespace, uid = (_text(says, key) for key in ("team", "namespace", "uid"))
    return MarkedAccount(team=team, namespace=namespace, uid=uid or None)


def _text(says: object, key: str) -> str:
    value = says.get(key) if isinstance(says, dict) else None
    return value if isinstance(value, str) and value.isprintable() else ""
