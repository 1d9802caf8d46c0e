"""The objects that a deploy creates, as Kubernetes writes them."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from kuberoster.model.access import Role
from kuberoster.model.addresses import address
from kuberoster.model.fields import annotations
from kuberoster.model.objects import (
    NO_PODS,
    POD_SECURITY,
    QUOTA_NAME,
    SERVICE_ACCOUNT_NAME,
    TOKEN_LABEL,
    TOKEN_SECRET_TYPE,
    Binding,
    Subject,
    team_bindings,
    team_labels,
    user_bindings,
    user_labels,
)
from kuberoster.model.roster import TeamRoster
from kuberoster.model.rule import Rule
from kuberoster.model.team import Team
from kuberoster.model.token import secret_prefix
from kuberoster.model.user import User

Manifest = dict[str, Any]
Texts = Mapping[str, str]

RBAC = "rbac.authorization.k8s.io"


def team_manifests(entry: TeamRoster) -> Iterator[Manifest]:
    """Every object of a team in the order of its creation.

    The `default` ServiceAccount, which a deploy changes and Kubernetes creates, is not among
    them, and neither is a namespace that was there before.
    """
    return (manifest for _, manifest in team_objects(entry))


def team_objects(entry: TeamRoster) -> Iterator[tuple[str, Manifest]]:
    """The same, each with its address among the Terraform resources of its type."""
    team = entry.team
    own, labels = address(team.name), team_labels(team)
    if not team.existing_namespace:
        yield own, namespace(team.namespace, labels, annotations(team) or None)
    yield own, quota(QUOTA_NAME, team.namespace, labels)
    yield from _binding_objects(team_bindings(team), labels)
    for user in entry.users:
        yield from user_objects(user, team)


def user_objects(user: User, team: Team) -> Iterator[tuple[str, Manifest]]:
    """The objects of one user, each with its address."""
    labels, said = user_labels(user, team), annotations(user) or None
    yield address(user.name), service_account(user.name, team.namespace, labels, said)
    for label in user.labels:
        secret = token_secret(
            secret_prefix(user.name, label),
            team.namespace,
            user.name,
            {**labels, TOKEN_LABEL: label},
            said,
        )
        yield address(user.name, label), secret
    yield from _binding_objects(user_bindings(user, team), labels)


def _binding_objects(bindings: Iterable[Binding], labels: Texts) -> Iterator[tuple[str, Manifest]]:
    for each in bindings:
        if isinstance(each.role, Role):
            yield each.address, role(each.role_name, each.namespace, each.role.rules, labels)
        yield (
            each.address,
            role_binding(
                each.name, each.namespace, each.role_kind, each.role_name, [each.subject], labels
            ),
        )


def namespace(name: str, labels: Texts, said: Texts | None = None) -> Manifest:
    """A namespace in which Pod Security lets as little run as it can."""
    return _object("Namespace", _metadata(name, None, {**labels, **POD_SECURITY}, said))


def quota(name: str, namespace: str, labels: Texts) -> Manifest:
    """The ResourceQuota that keeps pods out of a namespace."""
    return _object(
        "ResourceQuota", _metadata(name, namespace, labels), spec={"hard": dict(NO_PODS)}
    )


def service_account(
    name: str, namespace: str, labels: Texts, said: Texts | None = None
) -> Manifest:
    """A ServiceAccount whose token no pod gets by itself."""
    return _object(
        "ServiceAccount",
        _metadata(name, namespace, labels, said),
        automountServiceAccountToken=False,
    )


def default_service_account(namespace: str, labels: Texts | None = None) -> Manifest:
    """The ServiceAccount that Kubernetes makes in each namespace, as it is to be."""
    return service_account("default", namespace, labels or {})


def token_secret(
    prefix: str,
    namespace: str,
    service_account: str,
    labels: Texts,
    said: Texts | None = None,
) -> Manifest:
    """The Secret in which Kubernetes puts a long-lived token, under a name of its own making."""
    annotated = {**(said or {}), SERVICE_ACCOUNT_NAME: service_account}
    metadata = _metadata(prefix, namespace, labels, annotated)
    generated = {"generateName": metadata.pop("name"), **metadata}
    return _object("Secret", generated, type=TOKEN_SECRET_TYPE)


def role(name: str, namespace: str | None, rules: Iterable[Rule], labels: Texts) -> Manifest:
    """A Role, or a ClusterRole where there is no namespace."""
    return _object(
        "Role" if namespace else "ClusterRole",
        _metadata(name, namespace, labels),
        rules=[rule_manifest(rule) for rule in rules],
    )


def role_binding(
    name: str,
    namespace: str | None,
    role_kind: str,
    role_name: str,
    subjects: Iterable[Subject],
    labels: Texts,
) -> Manifest:
    """A RoleBinding, or a ClusterRoleBinding where there is no namespace."""
    return _object(
        "RoleBinding" if namespace else "ClusterRoleBinding",
        _metadata(name, namespace, labels),
        roleRef={"apiGroup": RBAC, "kind": role_kind, "name": role_name},
        subjects=[_subject(each) for each in subjects],
    )


def team_access(team: Team) -> Iterator[str]:
    """What every user of a team may do, a line of JSON for each role and namespace."""
    for each in team_bindings(team):
        rules = each.role.rules if isinstance(each.role, Role) else ()
        granted = {"kind": each.role_kind, "name": each.role.name}
        written: Manifest = {"namespace": each.namespace, "role": granted}
        if rules:
            written["rules"] = [rule_manifest(rule) for rule in rules]
        yield json.dumps(written)


def rule_manifest(rule: Rule) -> Manifest:
    """A rule of a Role or ClusterRole."""
    if rule.non_resource_urls:
        return {"nonResourceURLs": list(rule.non_resource_urls), "verbs": list(rule.verbs)}
    written = {
        "apiGroups": list(rule.api_groups),
        "resources": list(rule.resources),
        "verbs": list(rule.verbs),
    }
    if rule.resource_names:
        written["resourceNames"] = list(rule.resource_names)
    return written


def _subject(subject: Subject) -> Manifest:
    if subject.namespace is not None:
        return {"kind": subject.kind, "name": subject.name, "namespace": subject.namespace}
    return {"apiGroup": RBAC, "kind": subject.kind, "name": subject.name}


def _object(kind: str, metadata: Manifest, **more: Any) -> Manifest:
    version = f"{RBAC}/v1" if kind.endswith(("Role", "RoleBinding")) else "v1"
    return {"apiVersion": version, "kind": kind, "metadata": metadata, **more}


def _metadata(
    name: str, namespace: str | None, labels: Texts, said: Texts | None = None
) -> Manifest:
    return {
        "name": name,
        **({"namespace": namespace} if namespace else {}),
        "labels": dict(labels),
        **({"annotations": dict(said)} if said is not None else {}),
    }
