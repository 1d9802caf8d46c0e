"""What has to be done so that the next deploy converges."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kuberoster.cluster.ending import finalizers_of, kept_by, way_on
from kuberoster.cluster.inventory import Key, Metadata, annotations_in, labels_in, shown
from kuberoster.model.errors import KuberosterError
from kuberoster.model.objects import (
    QUOTA_NAME,
    ROSTER_LABEL,
    SERVICE_ACCOUNT_NAME,
    SERVICE_ACCOUNT_UID,
    TEAM_LABEL,
    TOKEN_LABEL,
    USER_LABEL,
)
from kuberoster.model.team import Team
from kuberoster.model.token import GENERATED
from kuberoster.operations.ownership import is_of_team
from kuberoster.operations.recovery.live import Live
from kuberoster.terraform import Resource, State


@dataclass(frozen=True, slots=True)
class Recovery:
    """The steps for one team, none of them done yet."""

    team: str
    forget: set[str] = field(default_factory=set)
    """Addresses that stand for an object that is gone, or for another one than declared."""
    imports: dict[str, str] = field(default_factory=dict)
    """Addresses with the import ids of objects that no state knows."""
    adopt: list[tuple[Resource, Metadata]] = field(default_factory=list)
    """Token Secrets beyond doubt, which get into the state without being read."""
    delete: dict[Key, Metadata] = field(default_factory=dict)
    """Objects of the team that neither the roster declares nor the state knows."""
    swapped: dict[Key, str] = field(default_factory=dict)
    """Of `delete`, the Secrets that a state does know, and what each is now, in words."""
    losing: list[str] = field(default_factory=list)
    """Users of the roster with a token among `delete` that works today."""

    def __bool__(self) -> bool:
        return bool(self.forget or self.imports or self.adopt or self.delete)


def decide(team: Team, resources: Sequence[Resource], state: State, live: Live) -> Recovery:
    """Compare what a stack declares with its state and the cluster.

    What the state knows is left to the deploy. Raises KuberosterError where an object with a
    declared name is not ours, or the namespace is being deleted.
    """
    _refuse_ending(team, resources, live)
    recovery = Recovery(team.name)
    tracked = dict(state.tracked())
    known_as: defaultdict[Key, set[str]] = defaultdict(set)
    for address, key in tracked.items():
        known_as[key].add(address)
    foreign = []
    for resource in resources:
        if resource.kind == "Secret":
            continue
        key = resource.key
        if key not in live.objects or tracked.get(resource.address) == key:
            continue
        if not is_of_team(live.objects[key], team.name, team.roster):
            foreign.append(key)
        recovery.imports[resource.address] = resource.import_id
        recovery.forget.update(known_as[key], {resource.address} & tracked.keys())
    if foreign:
        raise _not_ours(team, foreign, live)
    claims = _claims(live)
    uids = state.uids()
    for resource in resources:
        if resource.kind != "Secret":
            continue
        known = tracked.get(resource.address)
        if known and known in live.objects:
            if other := _is_now(resource, known, live, uids.get(resource.address)):
                recovery.swapped[known] = other
                recovery.delete[known] = live.objects[known]
                recovery.forget.add(resource.address)
                recovery.losing.extend(_holders(resource, known, live))
        else:
            found = [each for each in claims[_claim(resource.labels)] if _is(resource, each, live)]
            if len(found) == 1:
                recovery.adopt.append((resource, found[0]))
                recovery.forget.update({resource.address} & tracked.keys())
    _delete_the_rest(recovery, team, resources, tracked, live)
    return recovery


def _refuse_ending(team: Team, resources: Sequence[Resource], live: Live) -> None:
    """Raise KuberosterError where the namespace is being deleted, or what a finalizer keeps."""
    if namespace := live.ending.get(("Namespace", "", team.namespace)):
        kept = f", and kept by {kept_by(namespace)}" if finalizers_of(namespace) else ""
        raise KuberosterError(
            f"team {team.name!r}: its namespace {team.namespace} is being deleted{kept}.\n"
            f"Wait until it is gone: kubectl wait --for=delete namespace/{team.namespace}. What it "
            f"waits for is said by kubectl describe namespace {team.namespace}."
        )
    for key in (resource.key for resource in resources if resource.kind != "Secret"):
        metadata = live.ending.get(key)
        if metadata and finalizers_of(metadata):
            raise KuberosterError(
                f"team {team.name!r}: {shown(key)} is being deleted, and kept by "
                f"{kept_by(metadata)}; until it is gone no deploy can make it anew.\n"
                f"{way_on(key[0], metadata)}"
            )


def _claims(live: Live) -> Mapping[tuple[str, ...], list[Metadata]]:
    """The Secrets by the team, user and token that their labels claim."""
    claims = defaultdict(list)
    for key, metadata in live.objects.items():
        if key[0] == "Secret" and key not in live.holders:
            claims[_claim(labels_in(metadata))].append(metadata)
    return claims


def _claim(labels: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(labels.get(label, "") for label in (TEAM_LABEL, USER_LABEL, TOKEN_LABEL))


def _is(resource: Resource, metadata: Metadata, live: Live) -> bool:
    """Whether a Secret is what the resource declares, as far as metadata can tell."""
    user, name = resource.labels[USER_LABEL], metadata["name"]
    annotations = annotations_in(metadata)
    account = live.objects.get(("ServiceAccount", resource.namespace, user))
    return (
        account is not None
        and metadata["namespace"] == resource.namespace
        and name.startswith(resource.prefix)
        and len(name) == len(resource.prefix) + GENERATED
        and _labels_agree(resource.labels, metadata["labels"])
        and annotations.get(SERVICE_ACCOUNT_NAME) == user
        and annotations.get(SERVICE_ACCOUNT_UID) == account["uid"]
    )


def _is_now(resource: Resource, key: Key, live: Live, uid: str | None) -> str | None:
    """What a Secret is that the state tracks, if not the token of its resource; in words.

    Labels are the deploy's to mend. A Secret whose token is not made yet has no UID of a
    ServiceAccount, and one whose ServiceAccount is gone goes by itself. What a state tracks in
    another place, or under a name that no deploy gives, is nothing to delete. `uid` is what the
    state knew of it; None in a state that has none.
    """
    if key[1] != resource.namespace or not key[2].startswith(resource.prefix):
        return None
    user, metadata = resource.labels[USER_LABEL], live.objects[key]
    account = live.objects.get(("ServiceAccount", resource.namespace, user))
    annotations = annotations_in(metadata)
    if key in live.holders:
        return "is of another type than a token's"
    if (holder := annotations.get(SERVICE_ACCOUNT_NAME)) != user:
        whose = f"of {holder!r} and not" if holder else "of nobody, and not one"
        return f"is to hold a token {whose} of {user!r}"
    if account and annotations.get(SERVICE_ACCOUNT_UID) not in (None, account["uid"]):
        return f"is of another ServiceAccount {user} than the one that is there"
    if uid and uid != metadata["uid"]:
        made = metadata.get("creationTimestamp", "a time unknown")
        return (
            f"was made anew under its old name on {made}, not by Terraform, so that a token that "
            "was over may work again"
        )
    return None


def _holders(resource: Resource, key: Key, live: Live) -> list[str]:
    """The users of the roster whose token a Secret was, or is now."""
    users = {resource.labels[USER_LABEL], live.account_of(key)}
    return [user for user in users if user]


def _labels_agree(declared: Mapping[str, str], live: Mapping[str, str]) -> bool:
    """Whether all labels are there; what an earlier version made has no roster's name yet."""
    return all(
        live.get(label, value if label == ROSTER_LABEL else None) == value
        for label, value in declared.items()
    )


def _delete_the_rest(
    recovery: Recovery,
    team: Team,
    resources: Sequence[Resource],
    tracked: dict[str, Key],
    live: Live,
) -> None:
    kept = {resource.key for resource in resources}
    kept |= {key for address, key in tracked.items() if address not in recovery.forget}
    kept |= {("Secret", item["namespace"], item["name"]) for _, item in recovery.adopt}
    users = {resource.name for resource in resources if resource.kind == "ServiceAccount"}
    for key, metadata in live.objects.items():
        if key in kept or key in recovery.delete or not _is_ours_alone(key, live, team, users):
            continue
        recovery.delete[key] = metadata
        user = (live.account_of(key) if key[0] == "Secret" else None) or ""
        account = live.objects.get(("ServiceAccount", team.namespace, user))
        uid = annotations_in(metadata).get(SERVICE_ACCOUNT_UID)
        if account and user in users and (key in live.holders or uid == account["uid"]):
            recovery.losing.append(user)


def _is_ours_alone(key: Key, live: Live, team: Team, users: set[str]) -> bool:
    """Whether an object has our labels and name, or holds a token of one of the users."""
    kind, namespace, name = key
    metadata = live.objects[key]
    if kind == "Secret":
        ours = is_of_team(metadata, team.name, team.roster)
        return namespace == team.namespace and (ours or live.account_of(key) in users)
    if not is_of_team(metadata, team.name, team.roster):
        return False
    if kind == "ServiceAccount":
        return namespace == team.namespace and name != "default"
    if kind == "ResourceQuota":
        return namespace == team.namespace and name == QUOTA_NAME
    # As no namespace's name can; an app without a roster may have a team of this name too.
    ours = labels_in(metadata).get(ROSTER_LABEL, "") == team.roster
    return ours and name.startswith(f"{team.name}:")


def _not_ours(team: Team, keys: Sequence[Key], live: Live) -> KuberosterError:
    theirs = {key: _another(live.objects[key], team) for key in keys}
    listed = "\n".join(
        f"  {shown(key)}{f', of the roster {roster!r}' if roster else ''}"
        for key, roster in theirs.items()
    )
    mends = []
    if any(theirs.values()):
        mends.append(
            "What is of another roster stays: names of bindings are made of the team's, so each "
            f"team of a cluster has a name of its own. Rename users/{team.name}.py; what this "
            f"roster has made of it is taken away by kuberoster recover --retire {team.name}."
        )
    if not all(theirs.values()):
        which = "the others" if mends else "them"
        mends.append(
            f"Whoever made {which} may hold credentials for them. Find out who did, and delete "
            f"{which}."
        )
    return KuberosterError(
        f"team {team.name!r}: the cluster has objects of declared names that this roster did not "
        f"make:\n{listed}\n{' '.join(mends)} Nothing was changed."
    )


def _another(metadata: Metadata, team: Team) -> str | None:
    roster = labels_in(metadata).get(ROSTER_LABEL)
    return roster if roster != team.roster else None
