"""What the API server's dry run adds to a review."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from kuberoster.cluster.inventory import Key
from kuberoster.model.counted import counted
from kuberoster.model.roster import Roster
from kuberoster.operations.dry_run import Action, DryRun, Planned
from kuberoster.review.change.blocks import Block
from kuberoster.review.change.review import Review
from kuberoster.review.output.groups import shortlist
from kuberoster.review.plan.document import DEFAULT_SERVICE_ACCOUNT, Resource
from kuberoster.review.plan.entry import TeamPlan

_ACTIONS: dict[str, Action] = {
    "create": "create",
    "change": "change",
    "replace": "replace",
    "destroy": "delete",
}
"""What a deploy does to an object, by the word for a plan's entry."""


def planned_by(plans: Sequence[TeamPlan]) -> Planned:
    """What Terraform's plans do to each object; none for a team whose users are revoked."""
    return {plan.team: dict(_done_by(plan)) for plan in plans if not plan.refused}


def _done_by(plan: TeamPlan) -> Iterator[tuple[Key, Action]]:
    for entry in plan.entries:
        change, action = entry.change, _ACTIONS.get(entry.action)
        if action is None or change.type == DEFAULT_SERVICE_ACCOUNT:
            continue
        before, after = _key(change.before), _key(change.after)
        if action == "replace" and before != after:
            # One address, and two objects: the new one meets nothing of its name.
            if before:
                yield before, "delete"
            if after:
                yield after, "create"
        elif key := after or before:
            yield key, action


def _key(resource: Resource | None) -> Key | None:
    if resource is None:
        return None
    return resource.kind, resource.namespace, resource.name or resource.prefix


def with_dry_run(
    found: Review, roster: Roster, planned: Planned, answers: Sequence[DryRun]
) -> Review:
    """The review with what the API server says, which blocks where it refuses something.

    `roster` has everyone, and those who are not active yet were not tried.
    """
    return replace(
        found,
        dry_run=tuple(answers),
        blocks=(*found.blocks, *_blocks(answers)),
        not_checked=(*found.not_checked, *_not_tried(found.day, roster, planned)),
    )


def _not_tried(day: date, roster: Roster, planned: Planned) -> Iterator[str]:
    guessed = [entry.team.name for entry in roster.teams if entry.team.name not in planned]
    if guessed:
        yield (
            f"what Terraform tracks of {shortlist(guessed)}, since there is no plan: the dry run "
            "took what has the roster's labels for it, and all else for new"
        )
    later = [
        user.name
        for entry in roster.from_day(day).teams
        for user in entry.users
        if user.absence(day)
    ]
    if later:
        yield f"by the dry run, what a deploy sends for who starts later: {shortlist(later)}"


def _blocks(answers: Sequence[DryRun]) -> Iterator[Block]:
    """One block for all objects that are refused for the same reason."""
    alike: defaultdict[str, list[DryRun]] = defaultdict(list)
    for answer in answers:
        if answer.result == "refused":
            alike[answer.why].append(answer)
    for why, each in alike.items():
        others = f" and {counted(len(each) - 1, 'more object')}" if len(each) > 1 else ""
        yield Block(
            kind="dry-run-refused",
            what=f"the API server refuses to {each[0].action} {each[0].object}{others}: {why}",
            mend="A deploy with this credential would stop there half-way. Change the roster, "
            "or ask whoever set the quota, the policy or the right.",
        )
