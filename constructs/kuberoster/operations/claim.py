"""Whether a roster's name, its state's namespace and its teams' namespaces are its own."""

from collections.abc import Iterator

from kuberoster.model.errors import KuberosterError
from kuberoster.model.objects import ROSTER_LABEL, STATE_LABEL, TEAM_LABEL
from kuberoster.model.roster import Roster
from kuberoster.model.settings import Settings
from kuberoster.operations.cluster import Cluster, from_one_moment
from kuberoster.operations.inventory import Metadata, labels_in
from kuberoster.operations.kinds import collection
from kuberoster.operations.ownership import is_anothers
from kuberoster.operations.terraform.leftover import teams_with_state


def check_claim(cluster: Cluster, roster: Roster, settings: Settings, *, same: bool) -> bool:
    """Raise KuberosterError where another roster of the cluster has the name or a namespace.

    `same` says that the roster which the cluster knows by this name is this one; cdktf.json says
    so too when it has the cluster's UID, which bootstrap writes. What a version before the
    roster's label has made is taken over without that where all of it is of teams in users/.
    Returns whether there is any such, which the next deploy labels.
    """
    namespaces = {
        item["metadata"]["name"]: item["metadata"]
        for item in from_one_moment(lambda: list(cluster.list_metadata(collection("Namespace"))))
    }
    teams = {entry.team.namespace: entry.team.name for entry in roster.teams}
    in_cluster = settings.state.backend == "kubernetes"
    own = [*([settings.state.namespace] if in_cluster else []), *teams]
    for name in own:
        if name in namespaces and is_anothers(namespaces[name], settings.roster):
            raise _others(settings, name, labels_in(namespaces[name])[ROSTER_LABEL])
    for name, metadata in namespaces.items():
        if in_cluster and name not in own and _is_state_of(metadata, settings.roster):
            raise _elsewhere(settings, name)
    if not same and settings.cluster.uid is None:
        claims = list(_claims(cluster, roster, settings, namespaces))
        if claims:
            raise _ambiguous(settings, claims)
    known = [namespaces[name] for name in own if name in namespaces]
    return any(
        labels_in(each).keys() & {STATE_LABEL, TEAM_LABEL} and ROSTER_LABEL not in labels_in(each)
        for each in known
    )


def _is_state_of(metadata: Metadata, roster: str) -> bool:
    labels = labels_in(metadata)
    return STATE_LABEL in labels and labels.get(ROSTER_LABEL) == roster


def _claims(
    cluster: Cluster, roster: Roster, settings: Settings, namespaces: dict[str, Metadata]
) -> Iterator[str]:
    """What is there of a roster of this name, or in its state, and may not be of users/."""
    known = {entry.team.name for entry in roster.teams}
    for name, metadata in sorted(namespaces.items()):
        team = labels_in(metadata).get(TEAM_LABEL)
        if labels_in(metadata).get(ROSTER_LABEL) == settings.roster and team not in known:
            of = f" of the team {team!r}" if team else " of its state"
            yield f"namespace {name}{of}"
    if settings.state.backend == "kubernetes" and settings.state.namespace in namespaces:
        for team, _ in teams_with_state(cluster, settings, without=known):
            yield f"the state of the team {team!r} in {settings.state.namespace}"


def _others(settings: Settings, namespace: str, other: str) -> KuberosterError:
    setting = "context.kuberoster.state.namespace in cdktf.json"
    where = setting if namespace == settings.state.namespace else "the team's namespace"
    return KuberosterError(
        f"namespace {namespace!r}: belongs to the roster {other!r}, and this one is "
        f"{settings.roster!r}.\nChoose another namespace ({where}); or, where this is that roster, "
        f'say "roster": "{other}" under context.kuberoster.'
    )


def _elsewhere(settings: Settings, namespace: str) -> KuberosterError:
    return KuberosterError(
        f"roster {settings.roster!r}: the cluster has one of this name, with its state in "
        f"{namespace}.\nA name is used once on a cluster: give this roster another one "
        '("roster" under context.kuberoster in cdktf.json); or, where it is the same roster, say '
        f'"state": {{"namespace": "{namespace}"}} there.'
    )


def _ambiguous(settings: Settings, claims: list[str]) -> KuberosterError:
    shown = ", ".join(claims[:5]) + (f" and {len(claims) - 5} more" if claims[5:] else "")
    return KuberosterError(
        f"roster {settings.roster!r}: the cluster has one of this name already: {shown}.\n"
        "Whether that is this one can't be seen: cdktf.json has no context.kuberoster.cluster.uid, "
        "which the first bootstrap writes. Where a colleague has bootstrapped this roster, take "
        "the cdktf.json that was committed then: git pull. Where it is another roster, give this "
        'one another name ("roster" under context.kuberoster) and a state of its own. Where it is '
        "this one and no such cdktf.json is left, say so: kuberoster bootstrap --same-roster"
    )
