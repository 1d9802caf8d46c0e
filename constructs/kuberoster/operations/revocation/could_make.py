"""What a user's rights could have been used to make: other ways in, which outlive the user."""

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kuberoster.cluster import Cluster, ClusterError, NotFound
from kuberoster.cluster.kinds import collection, object_path
from kuberoster.cluster.reach import own_subjects, reaches_users
from kuberoster.model.identity import groups, username
from kuberoster.rbac.authorizer import ResourceAttributes
from kuberoster.risk.rules import load_rights

_REVIEWS = "/apis/authorization.k8s.io/v1/subjectaccessreviews"


@dataclass(frozen=True, slots=True)
class _Allowed:
    asked: ResourceAttributes
    name: str | None
    """The one object that the right is for; None for all."""

    def __str__(self) -> str:
        right = f"{self.asked.verb} {self.asked.path}"
        return f"{right} {self.name}" if self.name else right


@dataclass(frozen=True, kw_only=True, slots=True)
class Made:
    """The ways in that a user's rights gave in one scope."""

    namespace: str | None
    """None for the whole cluster."""
    made: tuple[str, ...]
    """What could be made, each with a right that suffices: `token Secrets (create secrets)`."""


def could_make(cluster: Cluster, namespace: str, user: str) -> list[Made] | None:
    """What the API server would let this ServiceAccount make: cluster-wide, then by namespace.

    Asked in the words of the API server (SubjectAccessReview), so that every authorizer counts,
    in each namespace with a binding that reaches the user, and for each object that a role of
    such a binding names. It may be asked after the ServiceAccount is gone, and not after its
    bindings are: None where nothing is allowed and no binding is of this user, since those that
    were there once may have allowed anything. Raises ClusterError.
    """
    who = {"user": username(namespace, user), "groups": groups(namespace)}
    bindings: dict[str | None, list[Mapping[str, Any]]] = {None: []}
    for kind in ("ClusterRoleBinding", "RoleBinding"):
        for binding in cluster.list(collection(kind)):
            if reaches(binding, namespace, user):
                bindings.setdefault(binding["metadata"].get("namespace"), []).append(binding)
    found: list[Made] = []
    served = {"", *(each["name"] for each in cluster.get("/apis")["groups"])}
    everywhere: dict[str, _Allowed] = {}
    for scope in sorted(bindings, key=lambda place: place or ""):
        names = _named(cluster, [*bindings[None], *bindings[scope]])
        made = {
            what: allowed
            for what, rights in _suffices(served, everywhere=scope is None).items()
            if what not in everywhere
            and (allowed := _first_allowed(cluster, who, scope, rights, names))
        }
        if scope is None:
            everywhere = {what: allowed for what, allowed in made.items() if not allowed.name}
        if made:
            shown = sorted((f"{what} ({how})" for what, how in made.items()), key=str.casefold)
            found.append(Made(namespace=scope, made=tuple(shown)))
    own = own_subjects(namespace, user)
    reached = (s for each in bindings.values() for b in each for s in reaches_users(b, {namespace}))
    return found if found or any(subject in own for subject in reached) else None


def reaches(binding: Mapping[str, Any], namespace: str, user: str) -> bool:
    """Whether a binding reaches this user: as ServiceAccount, as User, or in a group."""
    own = own_subjects(namespace, user)
    reached = reaches_users(binding, {namespace})
    return any(subject in own or subject.startswith("Group ") for subject in reached)


def _suffices(served: Container[str], *, everywhere: bool) -> dict[str, list[ResourceAttributes]]:
    """What could be made that outlives a user, and each right that suffices for it.

    A right to what the cluster does not have made nothing, so its groups alone are asked about.
    """
    found: dict[str, list[ResourceAttributes]] = {}
    for right in load_rights():
        if right.makes and (everywhere or not right.clustered):
            asked = [each for each in right.asked if each.group in served]
            found.setdefault(right.makes, []).extend(asked)
    return found


def _first_allowed(
    cluster: Cluster,
    who: Mapping[str, object],
    namespace: str | None,
    rights: Iterable[ResourceAttributes],
    names: Mapping[tuple[str, str], set[str]],
) -> _Allowed | None:
    tries = [_Allowed(asked, None) for asked in rights]
    for asked in rights:
        keys = [(g, r) for g in (asked.group, "*") for r in (asked.path, "*")]
        tries += [_Allowed(asked, name) for key in keys for name in sorted(names.get(key, ()))]
    return next((each for each in tries if _is_allowed(cluster, who, namespace, each)), None)


def _is_allowed(
    cluster: Cluster,
    who: Mapping[str, object],
    namespace: str | None,
    allowed: _Allowed,
) -> bool:
    right = allowed.asked
    asked = {
        "verb": right.verb,
        "group": right.group,
        "resource": right.resource,
        "subresource": right.subresource,
        "namespace": namespace,
        "name": allowed.name,
    }
    attributes = {key: value for key, value in asked.items() if value}
    body = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SubjectAccessReview",
        "spec": {**who, "resourceAttributes": attributes},
    }
    status = cluster.create(_REVIEWS, body)["status"]
    # An authorizer that failed, such as a webhook, might have allowed it.
    if not status["allowed"] and (failed := status.get("evaluationError")):
        raise ClusterError(f"{cluster.server} can't say whether {allowed} is allowed: {failed}")
    return status["allowed"] is True


def _named(
    cluster: Cluster, bindings: Iterable[Mapping[str, Any]]
) -> dict[tuple[str, str], set[str]]:
    """The objects that the roles of these bindings allow by name alone, by group and resource."""
    found: dict[tuple[str, str], set[str]] = {}
    for rule in _rules(cluster, bindings):
        for group in rule.get("apiGroups") or ():
            for resource in rule.get("resources") or ():
                names = rule.get("resourceNames") or ()
                found.setdefault((group, resource), set()).update(names)
    return found


def _rules(cluster: Cluster, bindings: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    seen = set()
    for binding in bindings:
        kind, name = binding["roleRef"]["kind"], binding["roleRef"]["name"]
        home = binding["metadata"].get("namespace") if kind == "Role" else None
        if (home, name) in seen:
            continue
        seen.add((home, name))
        try:
            yield from cluster.get(object_path(kind, name, home)).get("rules") or ()
        except NotFound:  # the role is gone, and the binding gives nothing
            continue
