"""The API server's dry run, in lines of text."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from kuberoster.operations.dry_run import DryRun

_NAMED = 3
"""Of more objects with the same answer than these only the first are named."""


def dry_run_lines(answers: Sequence[DryRun]) -> Iterator[str]:
    """How many objects passed, and as what; then, of the others, which and why."""
    counts = Counter(_in_short(answer) for answer in answers)
    said = ", ".join(f"{count:,} {result}" for result, count in sorted(counts.items()))
    yield f"dry run by the API server: {said or 'a deploy would send nothing'}"
    alike: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for answer in answers:
        if answer.result != "passed":
            alike[answer.result, answer.why].append(f"{answer.action} {answer.object}")
    for (result, why), named in sorted(alike.items(), reverse=True):
        more = f" and {len(named) - _NAMED:,} more" if len(named) > _NAMED else ""
        yield f"{result}: {', '.join(named[:_NAMED])}{more}: {why}"


def _in_short(answer: DryRun) -> str:
    if answer.result != "passed":
        return answer.result
    return "passed as new" if answer.action == "create" else "passed as a change"
