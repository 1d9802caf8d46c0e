"""What the API server's dry run adds to a review."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from kuberoster.model.counted import counted
from kuberoster.operations.dry_run import DryRun
from kuberoster.review.change.blocks import Block
from kuberoster.review.change.review import Review


def with_dry_run(found: Review, answers: Sequence[DryRun]) -> Review:
    """The review with what the API server says, which blocks where it refuses something."""
    return replace(
        found,
        dry_run=tuple(answers),
        blocks=(*found.blocks, *_blocks(answers)),
    )


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
