"""Whether a roster's name, its state's namespace and its teams' namespaces are its own."""

from collections.abc import Iterator

from kuberoster.cluster import Cluster
from kuberoster.cluster.inventory import Metadata, labels_in, metadata_of_all
from kuberoster.model.errors import KuberosterError
from kuberoster.model.objects import ROSTER_LABEL, STATE_LABEL, TEAM_LABEL
from kuberoster.model.roster import Roster
from kuberoster.model.settings import Settings
from kuberoster.operations.guard import PLURALS, guarded_states
from kuberoster.operations.ownership import is_anothers
from kuberoster.terraform.leftover import teams_with_state


def check_claim(cluster: Cluster, roster: Roster, settings: Settings, *, same: bool) -> bool:
    """Raise KuberosterError where another roster of the cluster has the name or a namespace.

    `same` says that the roster which the cluster knows by this name is this one. Nothing else
    does where the cluster has teams of it that users/ lacks: the cluster's UID in cdktf.json,
    which bootstrap writes, names the cluster, and goes along with a copy of that file. Where
    there is none such, the UID is enough, and so is, of what a version before the roster's label
    has made, that all of it is of teams in users/. Returns whether there is any of that version,
    which the next deploy labels.
    """
    namespaces = {
        name: metadata for (_, _, name), metadata in metadata_of_all(cluster, "Namespace").items()
    }
    # Revocations lie in the state's namespace, whichever backend has the state.
    own = [settings.state.namespace, *(entry.team.namespace for entry in roster.teams)]
    for name in own:
        if name in namespaces and is_anothers(namespaces[name], settings.roster):
            raise _others(settings, name, labels_in(namespaces[name])[ROSTER_LABEL])
    labelled = {
        name for name, metadata in namespaces.items() if _is_state_of(metadata, settings.roster)
    }
    guarded = guarded_states(cluster, settings.roster)
    for name in sorted((labelled | guarded).difference(own)):
        raise _elsewhere(settings, name, labelled=name in labelled, guarded=name in guarded)
    if not same:
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
        if labels_in(metadata).get(ROSTER_LABEL) != settings.roster or team in known:
            continue
        if team:
            yield f"namespace {name} of the team {team!r}"
        elif settings.cluster.uid is None:
            yield f"namespace {name} of its state"
    if settings.state.backend != "kubernetes" or settings.state.namespace in namespaces:
        for team, _ in teams_with_state(cluster, settings, without=known):
            yield f"the state of the team {team!r} in {_place_of_state(settings)}"


def _place_of_state(settings: Settings) -> str:
    in_cluster = settings.state.backend == "kubernetes"
    return settings.state.namespace if in_cluster else f"the backend {settings.state.backend!r}"


def _others(settings: Settings, namespace: str, other: str) -> KuberosterError:
    setting = (
        "context.kuberoster.state.namespace in cdktf.json"
        if settings.state.backend == "kubernetes"
        else "revocations lie in it, and it is named by context.kuberoster.roster in cdktf.json"
    )
    where, relabel = "the team's namespace", ""
    if namespace == settings.state.namespace:
        where = setting
        relabel = (
            " Where somebody has changed the label of this one's: kubectl label --overwrite "
            f"namespace {namespace} {ROSTER_LABEL}={settings.roster}"
        )
    return KuberosterError(
        f"namespace {namespace!r}: belongs to the roster {other!r}, and this one is "
        f"{settings.roster!r}.\nChoose another namespace ({where}); or, where this is that roster, "
        f'say "roster": "{other}" under context.kuberoster.{relabel}'
    )


def _elsewhere(
    settings: Settings, namespace: str, *, labelled: bool, guarded: bool
) -> KuberosterError:
    commands = []
    if labelled:
        commands.append(f"kubectl label namespace {namespace} {STATE_LABEL}-")
    if guarded:
        commands.append(f"kubectl delete {PLURALS} -l {ROSTER_LABEL}={settings.roster}")
    gone = f"no state of it is there any more, say so: {' && '.join(commands)}"
    same = (
        f', say "state": {{"namespace": "{namespace}"}} there; or, where {gone}'
        if settings.state.backend == "kubernetes"
        else f" and {gone}"
    )
    return KuberosterError(
        f"roster {settings.roster!r}: the cluster has one of this name, with its state in "
        f"{namespace}.\nA name is used once on a cluster: give this roster another one "
        f'("roster" under context.kuberoster in cdktf.json); or, where it is the same roster{same}'
    )


def _ambiguous(settings: Settings, claims: list[str]) -> KuberosterError:
    shown = ", ".join(claims[:5]) + (f" and {len(claims) - 5} more" if claims[5:] else "")
    known = settings.cluster.uid is not None
    has = "this name, with what users/ here does not have" if known else "this name already"
    why = (
        "the uid in cdktf.json names the cluster and no roster, and a copy of another roster's "
        "cdktf.json has it too. Where users/ is behind that of a colleague: git pull."
        if known
        else "cdktf.json has no context.kuberoster.cluster.uid, which the first bootstrap writes. "
        "Where a colleague has bootstrapped this roster, take the cdktf.json that was committed "
        "then: git pull."
    )
    which = "" if known else " and no such cdktf.json is left"
    return KuberosterError(
        f"roster {settings.roster!r}: the cluster has one of {has}: {shown}.\n"
        f"Whether that is this one can't be seen: {why} Where it is another roster, give this "
        'one another name ("roster" under context.kuberoster) and a state of its own. Where it is '
        f"this one{which}, say so: kuberoster bootstrap --same-roster. A team that left it is "
        "taken away by kuberoster recover --retire TEAM"
    )
