"""What was there before, taken from the plans themselves."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from itertools import chain
from typing import Any

from kuberoster.cluster.inventory import key_of
from kuberoster.model.attributes import RULE_FIELDS
from kuberoster.model.fields import said_by
from kuberoster.model.guard import as_set
from kuberoster.model.manifests import Manifest, team_manifests
from kuberoster.model.objects import SERVICE_ACCOUNT_NAME, TOKEN_LABEL
from kuberoster.model.roster import Roster, TeamRoster
from kuberoster.model.settings import Settings
from kuberoster.model.user import User
from kuberoster.rbac.source import RBAC, Source, offline_policy
from kuberoster.review.change.live_sides import live_side
from kuberoster.review.change.side import Side, side
from kuberoster.review.plan.document import DEFAULT_SERVICE_ACCOUNT, Plan, Resource
from kuberoster.review.plan.values import Values, first_of, metadata_of
from kuberoster.review.snapshot import LiveSnapshot


def sides(
    settings: Settings,
    roster: Roster,
    day: date,
    plans: Mapping[str, Plan],
    snapshot: LiveSnapshot | None,
) -> tuple[Side, Side]:
    """The two sides of a review without a base: what plans found, and the roster of the day.

    `snapshot` is what the cluster has; without it, what Kubernetes brings stands for it. Of a team
    without a plan nothing is known but the roster, so both sides have it as it is.
    A state has names, tokens, access and annotations alone; whoever starts later has nothing in
    it, and is left out until then.
    """
    before, after = [], []
    for entry in roster.teams:
        plan = plans.get(entry.team.name)
        there = users_of(plan) if plan else {}
        now = tuple(u for u in entry.users if u.name in there or not u.absence(day))
        after.append(TeamRoster(team=entry.team, users=now))
        if plan is None:
            before.append(after[-1])
        elif plan.before:
            team = replace(entry.team, namespace=_namespace(plan) or entry.team.namespace)
            before.append(TeamRoster(team=team, users=tuple(there.values())))
    base = Roster(tuple(before))
    unplanned = Roster(tuple(each for each in before if each.team.name not in plans)).on(day)
    deployed = [*chain(*(rbac_manifests(plan.before) for plan in plans.values()))]
    objects = [*deployed, *chain(*map(team_manifests, unplanned.teams))]
    others = snapshot and snapshot.without(
        [roster], [key_of(each["kind"], each) for each in deployed]
    )
    policy = others.policy(_rbac(objects)) if others else offline_policy(objects)
    guarding = others.guarding(settings, roster) if others else as_set(settings)
    found = Source(
        policy=policy,
        expected=policy,
        day=day,
        absence=lambda _, __: None,
        is_live=False,
        name="what Terraform's plans found",
    ).under(guarding)
    head = Roster(tuple(after))
    return (
        Side(
            settings=settings, roster=base, expected=base, source=found, deployed=frozenset(plans)
        ),
        live_side(others, settings, head, day) if others else side(settings, head, day),
    )


def _rbac(objects: Iterable[Manifest]) -> Iterator[Manifest]:
    return (each for each in objects if each["kind"] in RBAC)


def rbac_manifests(resources: tuple[Resource, ...]) -> Iterator[Manifest]:
    """The roles and bindings among these, as Kubernetes writes them."""
    for resource in resources:
        if resource.kind in RBAC:
            yield _manifest(resource)


def users_of(plan: Plan) -> dict[str, User]:
    """Each user whose ServiceAccount is there, with its tokens and what annotations say."""
    said: dict[str, dict[str, Any]] = {}
    labels: defaultdict[str, list[str]] = defaultdict(list)
    for each in plan.before:
        metadata = metadata_of(each.values)
        annotations = metadata.get("annotations") or {}
        if each.kind == "ServiceAccount" and each.type != DEFAULT_SERVICE_ACCOUNT:
            said[each.name] = said_by(User, annotations)
        elif each.kind == "Secret":
            label = (metadata.get("labels") or {}).get(TOKEN_LABEL, "")
            labels[annotations.get(SERVICE_ACCOUNT_NAME, "")].append(label)
    return {name: User(name, tokens=labels[name], **more) for name, more in said.items()}


def _namespace(plan: Plan) -> str:
    return next((each.namespace for each in plan.before if each.kind == "ServiceAccount"), "")


def _manifest(resource: Resource) -> Manifest:
    values = resource.values
    metadata = {"name": resource.name, "labels": metadata_of(values).get("labels") or {}}
    if resource.namespace:
        metadata["namespace"] = resource.namespace
    if resource.kind in ("Role", "ClusterRole"):
        rules = [_rule(rule) for rule in values.get("rule") or ()]
        return {"kind": resource.kind, "metadata": metadata, "rules": rules}
    role = first_of(values, "role_ref")
    return {
        "kind": resource.kind,
        "metadata": metadata,
        "roleRef": {"kind": role["kind"], "name": role["name"]},
        "subjects": [
            {key: each[key] for key in ("kind", "name", "namespace") if each.get(key)}
            for each in values.get("subject") or ()
        ],
    }


def _rule(rule: Values) -> Manifest:
    return {
        field: list(rule[written]) for field, written in RULE_FIELDS.items() if rule.get(written)
    }
