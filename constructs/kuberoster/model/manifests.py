"""The objects that a deploy creates, as Kubernetes writes them."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from kuberoster.model.access import Role
from kuberoster.model.fields import annotations
from kuberoster.model.objects import (
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

RBAC = "rbac.authorization.k8s.io"


def team_manifests(entry: TeamRoster) -> Iterator[Manifest]:
    """Every object of a team in the order of its creation.

    The `default` ServiceAccount, which a deploy changes and Kubernetes creates, is not among
    them, and neither is a namespace that was there before.
    """
    team = entry.team
    labels = team_labels(team)
    if not team.existing_namespace:
        metadata = {"name": team.namespace, "labels": {**labels, **POD_SECURITY}}
        yield {
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": _annotated(metadata, annotations(team)),
        }
    yield quota(QUOTA_NAME, team.namespace, labels)
    for binding in team_bindings(team):
        yield from _binding_manifests(binding, labels)
    for user in entry.users:
        yield from _user_manifests(user, entry)


def quota(name: str, namespace: str, labels: Mapping[str, str]) -> Manifest:
    """The ResourceQuota that keeps pods out of a namespace."""
    return {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": name, "namespace": namespace, "labels": dict(labels)},
        "spec": {"hard": {"pods": "0"}},
    }


def team_access(team: Team) -> Iterator[str]:
    """What every user of a team may do, a line of JSON for each role and namespace."""
    for binding in team_bindings(team):
        rules = binding.role.rules if isinstance(binding.role, Role) else ()
        role = {"kind": binding.role_kind, "name": binding.role.name}
        written: Manifest = {"namespace": binding.namespace, "role": role}
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


def _user_manifests(user: User, entry: TeamRoster) -> Iterator[Manifest]:
    team = entry.team
    labels, said = user_labels(user, team), annotations(user)
    metadata = {"name": user.name, "namespace": team.namespace, "labels": labels}
    yield {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": _annotated(metadata, said),
        "automountServiceAccountToken": False,
    }
    for label in user.labels:
        yield {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {
                "generateName": secret_prefix(user.name, label),
                "namespace": team.namespace,
                "labels": {**labels, TOKEN_LABEL: label},
                "annotations": {**said, SERVICE_ACCOUNT_NAME: user.name},
            },
            "type": TOKEN_SECRET_TYPE,
        }
    for binding in user_bindings(user, team):
        yield from _binding_manifests(binding, labels)


def _binding_manifests(binding: Binding, labels: Mapping[str, str]) -> Iterator[Manifest]:
    cluster = "" if binding.namespace else "Cluster"
    place = {"namespace": binding.namespace} if binding.namespace else {}
    metadata = {"name": binding.name, **place, "labels": dict(labels)}
    if isinstance(binding.role, Role):
        yield {
            "apiVersion": f"{RBAC}/v1",
            "kind": f"{cluster}Role",
            "metadata": metadata,
            "rules": [rule_manifest(rule) for rule in binding.role.rules],
        }
    yield {
        "apiVersion": f"{RBAC}/v1",
        "kind": f"{cluster}RoleBinding",
        "metadata": metadata,
        "roleRef": {"apiGroup": RBAC, "kind": binding.role_kind, "name": binding.role_name},
        "subjects": [_subject(binding.subject)],
    }


def _subject(subject: Subject) -> Manifest:
    if subject.namespace is not None:
        return {"kind": subject.kind, "name": subject.name, "namespace": subject.namespace}
    return {"apiGroup": RBAC, "kind": subject.kind, "name": subject.name}


def _annotated(metadata: Manifest, said: Mapping[str, str]) -> Manifest:
    return {**metadata, "annotations": dict(said)} if said else metadata
