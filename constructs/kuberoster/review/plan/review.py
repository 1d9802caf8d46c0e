"""A review with Terraform's plans."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path

from kuberoster.cluster import Cluster
from kuberoster.model.due import upcoming
from kuberoster.model.errors import KuberosterError
from kuberoster.model.guard import as_set
from kuberoster.review.change.blocks import Block
from kuberoster.review.change.live_sides import live_sides
from kuberoster.review.change.missing import refuse_missing
from kuberoster.review.change.review import DUE_WITHIN, Review, review
from kuberoster.review.change.side import side
from kuberoster.review.plan.before import sides
from kuberoster.review.plan.blocks import plan_blocks, revoked_block
from kuberoster.review.plan.cluster import NOT_ASKED, look
from kuberoster.review.plan.document import Plan
from kuberoster.review.plan.entry import NotPlanned, TeamPlan
from kuberoster.review.plan.explain import Revisions, entries
from kuberoster.review.plan.run import load_plans, run_plans
from kuberoster.review.plan.stacks import Base, Project, compare_stacks, synthesise
from kuberoster.review.snapshot import LiveSnapshot
from kuberoster.terraform import RevokedUsers

Plans = Mapping[str, Plan | RevokedUsers]


def review_by_planning(
    head: Project,
    base: Base | None,
    day: date,
    *,
    options: Sequence[str],
    snapshot: LiveSnapshot | None,
    cluster: Cluster | KuberosterError,
    step: Callable[[str], None],
) -> Review:
    """Plan what changes, or every stack where there is no base, and review it.

    `options` are those of `terraform plan`; `snapshot` is what the cluster has, where it was read;
    in the place of a cluster that is not reached stands why;
    `step` is called with what is being done. Raises RosterError with all that the head speaks
    of and the cluster does not have.
    """
    with ThreadPoolExecutor(1) as pool:
        # With 10,000 users Terraform takes as long as comparing them does.
        planning = pool.submit(_plan, head, base, day, options, step)
        found = review_revisions(head, base, day, snapshot) if base else None
        plans, revisions = planning.result()
    step("comparing")
    found = _with_plans(found or _of_state(head, day, plans, snapshot), head, day, plans, revisions)
    was = {entry.team.name for entry in base.project.roster.teams} if base else set()
    step("looking into the cluster")
    blocks, unchecked = look(head, day, cluster, was)
    known = {(block.kind, block.about) for block in found.blocks}
    fresh = [each for each in blocks if (each.kind, each.about) not in known]
    return replace(
        found,
        blocks=(*found.blocks, *fresh),
        not_checked=(*found.not_checked, *unchecked),
    )


def review_revisions(head: Project, base: Base, day: date, snapshot: LiveSnapshot | None) -> Review:
    """Compare two revisions without plans, on what the cluster has, or on users/ alone.

    Raises RosterError with all that the head speaks of and the snapshot does not have.
    """
    old, new = base.project, head
    if snapshot:
        before, after = live_sides(
            snapshot, (old.settings, old.roster), (new.settings, new.roster), day
        )
        refuse_missing(before, after, snapshot)
    else:
        # A change that only says that the guard stands does not let itself pass by it.
        guarding = as_set(old.settings if new.settings.guard else new.settings)
        before = side(old.settings, old.roster, day, guarding)
        after = side(new.settings, new.roster, day, guarding)
    return review(before, after, day, after.source.name)


def review_plans(
    head: Project,
    base: Base | None,
    day: date,
    *,
    files: Sequence[Path],
    step: Callable[[str], None],
) -> Review:
    """Review plans that were made elsewhere; no Terraform runs, and no cluster is asked."""
    plans = load_plans(files, head.roster, day)
    step("synthesising" if base else "comparing")
    revisions = compare_stacks(base, head, day, also=plans.keys()) if base else None
    found = review_revisions(head, base, day, None) if base else _of_state(head, day, plans, None)
    return replace(
        _with_plans(found, head, day, plans, revisions),
        not_checked=(*found.not_checked, *NOT_ASKED),
    )


def _plan(
    head: Project,
    base: Base | None,
    day: date,
    options: Sequence[str],
    step: Callable[[str], None],
) -> tuple[Plans, Mapping[str, Revisions] | None]:
    """The plans, and what differs of the stacks where there is a base."""
    step("synthesising")
    if base:
        revisions = compare_stacks(base, head, day)
        return run_plans(head, revisions, options, step), revisions
    teams = [entry.team.name for entry in head.roster.teams]
    synthesise(head, teams, day)
    return run_plans(head, teams, options, step), None


def _of_state(head: Project, day: date, plans: Plans, snapshot: LiveSnapshot | None) -> Review:
    """What the state has beside the head, where there is no other revision; else the same."""
    before, after = sides(head.settings, head.roster, day, _made(plans), snapshot)
    if snapshot:
        refuse_missing(before, after, snapshot)
    return review(before, after, day, after.source.name)


def _made(plans: Plans) -> dict[str, Plan]:
    return {team: plan for team, plan in plans.items() if isinstance(plan, Plan)}


def _with_plans(
    found: Review,
    head: Project,
    day: date,
    plans: Plans,
    revisions: Mapping[str, Revisions] | None,
) -> Review:
    due = upcoming(head.roster, day, DUE_WITHIN)
    planned = tuple(_team_plan(head, day, team, plans[team], revisions) for team in sorted(plans))
    return replace(
        found,
        due=tuple(due),
        plans=planned,
        not_planned=tuple(
            NotPlanned(
                team=entry.team.name,
                changed=None if revisions is None else entry.team.name in revisions,
                due=[f"{each.day}: {each}" for each in due if each.team == entry.team.name],
            )
            for entry in head.roster.teams
            if entry.team.name not in plans
        ),
        blocks=(
            *found.blocks,
            *_blocks(planned, _made(plans), has_base=revisions is not None),
        ),
    )


def _team_plan(
    head: Project,
    day: date,
    team: str,
    plan: Plan | RevokedUsers,
    revisions: Mapping[str, Revisions] | None,
) -> TeamPlan:
    if isinstance(plan, RevokedUsers):
        return TeamPlan(team=team, entries=(), refused=plan.users)
    entry = head.roster.find_team(team)
    found = entries(plan, entry, day, revisions[team] if revisions else None)
    return TeamPlan(team=team, entries=found)


def _blocks(
    planned: Sequence[TeamPlan], made: Mapping[str, Plan], *, has_base: bool
) -> Iterator[Block]:
    for each in planned:
        for user in each.refused:
            what = "is revoked in the cluster, and this would give access again"
            yield revoked_block(each.team, user, what)
        if each.team in made:
            yield from plan_blocks(made[each.team], each.entries, has_base=has_base)
