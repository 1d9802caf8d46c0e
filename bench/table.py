"""The result as a table, in Markdown."""

from collections.abc import Iterator, Mapping

from bench.result import REFERENCE_CONTENDER, Result, Spread
from bench.work import REFERENCE, Work


def as_table(result: Result) -> str:
    """All of it: seconds, ratios to kubectl and memory, one table for each size."""
    return "\n".join(_lines(result)) + "\n"


def _lines(result: Result) -> Iterator[str]:
    yield on_machine(result.machine, result.versions)
    for users in result.sizes:
        rounds = result.rounds(users)
        shown = f"{rounds} rounds" if rounds > 1 else "1 round"
        yield from ("", f"## {users:,} users, {shown}", "")
        yield "| work | by | seconds | times kubectl | memory, MiB |"
        yield "|---|---|---:|---:|---:|"
        for work in Work:
            for contender in result.contenders:
                if seconds := result.seconds(users, contender, work):
                    peak = result.peak_mib(users, contender, work)
                    yield (
                        f"| {work} | {contender} | {_median(seconds)} "
                        f"| {_ratio(result, users, contender, work)} "
                        f"| {peak.most if peak else 0:.0f} |"
                    )


def on_machine(machine: Mapping[str, int], versions: Mapping[str, str]) -> str:
    """Where something was measured, and with what."""
    named = ", ".join(f"{name} {version}" for name, version in sorted(versions.items()))
    return f"{machine['cores']} cores, {machine['memory_gib']} GiB; {named}."


def as_ratios(result: Result) -> str:
    """The ratios alone, which mean the same on a faster machine."""
    rows = [
        (f"{users:,} users", str(work), contender, _ratio(result, users, contender, work))
        for users in result.sizes
        for work in Work
        for contender in result.contenders
        if contender != REFERENCE_CONTENDER and result.ratio(users, contender, work)
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(3)] if rows else []
    lines = (
        "  ".join(cell.ljust(w) for cell, w in zip(row, [*widths, 0], strict=True)) for row in rows
    )
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _ratio(result: Result, users: int, contender: str, work: Work) -> str:
    ratio = result.ratio(users, contender, work)
    if ratio is None:
        return "not measured"
    if contender == REFERENCE_CONTENDER:
        return "1"
    to = f" of {REFERENCE[work]}" if work in REFERENCE else ""
    return f"{_median(ratio)}{_range(ratio)}{to}"


def _median(spread: Spread) -> str:
    return f"{'> ' * spread.stopped}{_figure(spread.median)}"


def _range(spread: Spread) -> str:
    least, most = _figure(spread.least), _figure(spread.most)
    return "" if spread.least == spread.most else f" ({least} to {most})"


def _figure(value: float) -> str:
    """Two digits that count, and no more than were measured."""
    return f"{value:.2f}" if value < 1 else f"{value:.1f}" if value < 10 else f"{value:.0f}"
