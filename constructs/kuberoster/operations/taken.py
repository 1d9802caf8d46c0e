"""Names that a roster declares and that somebody else has in the cluster.

The names of bindings and roles are made of the team's, so two rosters with a team of one name
would meet in one object as soon as both grant in one namespace, or over the whole cluster.
"""

from collections import Counter
from collections.abc import Iterator

from kuberoster.cluster import Cluster
from kuberoster.cluster.ending import is_ending
from kuberoster.cluster.inventory import (
    Key,
    Metadata,
    Object,
    key_of,
    labels_in,
    labels_of,
    metadata_of_all,
    shown,
)
from kuberoster.cluster.kinds import KINDS
from kuberoster.model.errors import Fault, Problem
from kuberoster.model.manifests import team_manifests
from kuberoster.model.objects import ROSTER_LABEL, TEAM_LABEL, USER_LABEL
from kuberoster.model.roster import Roster, TeamRoster
from kuberoster.model.settings import Settings
from kuberoster.operations.ownership import is_anothers, is_of_team
from kuberoster.terraform.seen import see_state
from kuberoster.terraform.stored import state_file

_NAMED = tuple(kind for kind in KINDS if kind != "Secret")
"""The kinds whose objects have declared names."""


def taken_names(cluster: Cluster, roster: Roster, settings: Settings) -> list[Problem]:
    """Every name of a team, and of an object, that is somebody else's in the cluster.

    A team's name is another's where an object with that name in its label carries another
    roster's. An object is not the roster's where neither its labels nor a state that can be seen
    say so. Objects that are being deleted do not count.
    """
    declared = {
        entry.team.name: {key_of(each["kind"], each): each for each in team_manifests(entry)}
        for entry in roster.teams
    }
    wanted = {key for manifests in declared.values() for key in manifests}

    def concerns(key: Key, metadata: Metadata) -> bool:
        ours = key in wanted or labels_in(metadata).get(TEAM_LABEL) in declared
        return ours and not is_ending(metadata)

    live = {
        key: metadata
        for kind in _NAMED
        for key, metadata in metadata_of_all(cluster, kind, concerns).items()
    }
    return [
        problem
        for entry in roster.teams
        for problem in (
            *_of_other_rosters(entry, settings.roster, live),
            *_of_others(cluster, entry, settings, declared[entry.team.name], live),
        )
    ]


def _of_other_rosters(
    entry: TeamRoster, roster: str, live: dict[Key, Metadata]
) -> Iterator[Problem]:
    team = entry.team.name
    theirs = sorted(
        (labels_in(metadata)[ROSTER_LABEL], key)
        for key, metadata in live.items()
        if labels_in(metadata).get(TEAM_LABEL) == team and is_anothers(metadata, roster)
    )
    counts = Counter(other for other, _ in theirs)
    for other, key in dict(reversed(theirs)).items():
        more = f" and {counts[other] - 1} more" if counts[other] > 1 else ""
        fault = Fault(
            f"the roster {other!r} of this cluster has a team of this name: {shown(key)}{more}",
            "Names of bindings are made of it, so each team of a cluster has a name of its own. "
            f"Rename users/{team}.py.",
        )
        yield Problem(file=f"users/{team}.py", subject="TEAM", fault=fault)


def _of_others(
    cluster: Cluster,
    entry: TeamRoster,
    settings: Settings,
    declared: dict[Key, Object],
    live: dict[Key, Metadata],
) -> Iterator[Problem]:
    team = entry.team.name
    foreign = [
        key
        for key in declared
        if key in live
        and not is_of_team(live[key], team, settings.roster)
        # Else it is said of the team already.
        and not (
            is_anothers(live[key], settings.roster) and labels_in(live[key]).get(TEAM_LABEL) == team
        )
    ]
    if not foreign:
        return
    tracked = see_state(cluster, settings, team, state_file(settings, team)).tracked()
    for key in sorted(set(foreign) - tracked):
        user = labels_of(declared[key]).get(USER_LABEL)
        fault = Fault(
            f"{shown(key)} is in the cluster, and neither its labels nor a state that can be seen "
            "say that this roster made it",
            "A deploy would stop there half-way. Find out whose it is: whoever made it may hold "
            "credentials for it. Delete it, or use another name.",
        )
        subject = f"user {user!r}" if user else "TEAM"
        yield Problem(file=f"users/{team}.py", subject=subject, fault=fault)
