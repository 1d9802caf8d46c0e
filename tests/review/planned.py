"""Plans as Terraform's JSON has them, for what no provider at hand can be made to plan."""

from typing import Any

from kuberoster.model.roster import TeamRoster
from kuberoster.model.team import Team
from kuberoster.model.user import User
from kuberoster.review.plan.document import Plan
from kuberoster.review.plan.reading import read_plan

Values = dict[str, Any]
TEAM = "ops"
TYPES = {
    "Namespace": "kubernetes_namespace_v1",
    "ResourceQuota": "kubernetes_resource_quota_v1",
    "ServiceAccount": "kubernetes_service_account_v1",
    "Secret": "kubernetes_secret_v1",
    "RoleBinding": "kubernetes_role_binding_v1",
}


def values(name: str = "x", namespace: str = "users-ops", **more: Any) -> Values:
    """The attributes of an object with the team's label."""
    labels = {"kuberoster.io/team": TEAM, **more.pop("labels", {})}
    return {"metadata": [{"name": name, "namespace": namespace, "labels": labels}], **more}


def change(
    kind: str,
    actions: str,
    before: Values | None,
    after: Values | None,
    *,
    name: str = "x",
    **more: Any,
) -> Values:
    """One entry; `more` is of the entry, such as action_reason, or of its change."""
    own: Values = {key: more.pop(key) for key in ("action_reason", "deposed") if key in more}
    return {
        "address": f"{TYPES[kind]}.{name}",
        "mode": "managed",
        "type": TYPES[kind],
        "name": name,
        **own,
        "change": {"actions": actions.split(), "before": before, "after": after, **more},
    }


def document(*changes: Values, drift: tuple[Values, ...] = (), **more: Any) -> Values:
    """A whole plan; of the quota, which is in each stack, it has at least the label."""
    quota = values("no-pods", spec=[{"hard": {"pods": "0"}}])
    resources = [change("ResourceQuota", "no-op", quota, quota, name="q"), *changes]
    return {
        "format_version": "1.2",
        "resource_changes": resources,
        "resource_drift": list(drift),
        "planned_values": {"root_module": {}},
        **more,
    }


def plan(*changes: Values, **more: Any) -> Plan:
    """The same, read."""
    return read_plan(document(*changes, **more), "a test")


def team(*users: User) -> TeamRoster:
    return TeamRoster(team=Team(name=TEAM, roster="main"), users=users)
