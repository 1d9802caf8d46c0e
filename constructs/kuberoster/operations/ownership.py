"""Whose an object is, on a cluster that may have several rosters and apps of others.

A label is a claim that anybody can put on. Another roster's name in it is believed, since that
costs nothing: what is not ours is left alone; only a revocation asks what else speaks for us,
since there a token that works on is the cost. That something is ours is believed in a namespace
that users/ declares, or that Terraform's state of the team has; elsewhere the label alone is
enough to show an object, and never to delete a namespace or a user.
"""

from collections.abc import Container

from kuberoster.cluster.inventory import Metadata, labels_in
from kuberoster.model.objects import MANAGED_BY, ROSTER_LABEL, TEAM_LABEL
from kuberoster.model.team import NAMESPACE_PREFIX
from kuberoster.terraform.seen import SeenState


def is_anothers(metadata: Metadata, roster: str) -> bool:
    """Whether an object carries the name of another roster."""
    return labels_in(metadata).get(ROSTER_LABEL, roster) != roster


def is_claimed(metadata: Metadata, roster: str, teams: Container[str]) -> bool:
    """Whether an object's labels say that this roster made it.

    One that an earlier version made has no roster's name, and counts where its team is one of
    `teams`, those without a file that are known to be the roster's.
    """
    labels = labels_in(metadata)
    if ROSTER_LABEL in labels:
        return labels[ROSTER_LABEL] == roster
    return labels.get(TEAM_LABEL) in teams


def is_of_team(metadata: Metadata, team: str, roster: str) -> bool:
    """Whether an object has kuberoster's labels for a team of this roster.

    One that an earlier version made has no roster's name, and counts by the name of its team.
    """
    labels = labels_in(metadata)
    return (
        labels.get(MANAGED_BY) == "kuberoster"
        and labels.get(TEAM_LABEL) == team
        and not is_anothers(metadata, roster)
    )


def doubt_of(namespace: Metadata, team: str, roster: str, state: SeenState) -> str | None:
    """Why a namespace with a team's label may be somebody else's; None where it is the team's.

    The team is one that users/ does not have, and `state` is what this roster's backend has of
    it. A state with resources that has no user in the namespace, or can't be read, is believed
    where the namespace carries the roster's name too, or has the name that the team gives it.
    """
    claimed = labels_in(namespace).get(ROSTER_LABEL)
    if claimed not in (None, roster):
        return f"is of the roster {claimed!r}"
    name = namespace["name"]
    named = claimed == roster or (state.unreadable and name == f"{NAMESPACE_PREFIX}{team}")
    if name in state.namespaces() or (state.may_hold and named):
        return None
    return (
        f"has the label {TEAM_LABEL}={team}, which is only a claim: neither users/ nor a state "
        "of this roster says that it is the team's"
    )
