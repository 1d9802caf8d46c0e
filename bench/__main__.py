"""`make bench`: kuberoster, kubectl and plain Terraform on the same objects, side by side."""

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.company import WORKING_DAYS
from bench.contenders import CONTENDERS, Contender
from bench.ground import ROOT, own_environment, provider_mirror
from bench.picture import as_svg
from bench.result import Result, read, read_more, these_versions, this_machine, write
from bench.run import Show, measure_rounds
from bench.table import as_ratios, as_table, on_machine
from bench.targets import as_targets
from bench.year import as_markdown, measure_year
from controlplane.errors import ControlPlaneError
from kuberoster import KuberosterError
from kuberoster.cli.progress import steps

OUT = ROOT / "docs" / "bench"
QUICK_USERS = 10
MOST_USERS = 100_000
LIMIT = 900
"""Seconds; plain Terraform with a thousand users in one state takes many times that."""
QUICK_CONTENDERS = CONTENDERS[:2]


def bench(
    sizes: Sequence[int],
    rounds: int,
    contenders: Sequence[Contender],
    out: Path,
    *,
    limit: float,
    append: bool = False,
) -> None:
    """Measure, and write the result after each contender, so that a long run loses little.

    With `append` the rounds come on top of those that are there. Raises KuberosterError where
    these were measured on another machine or with other versions.
    """
    out.mkdir(parents=True, exist_ok=True)
    file = out / "result.json"
    result = _nothing()
    if append:
        result = read_more(file, result)
    numbers = {}
    for users in sizes:
        first = result.rounds(users)
        numbers[users] = range(first, first + rounds)
    with steps() as show:
        for grown in _results(result, numbers, contenders, show, limit):
            write(grown, file)
    draw(out)


def draw(out: Path) -> None:
    """Write the table and the picture of a result that is there, and print the table."""
    result = read(out / "result.json")
    table = as_table(result)
    (out / "result.md").write_text(
        f"# What was measured\n\nMade by `make bench`. {table}\n"
        f"## What was to be reached\n\n{as_targets(result)}"
    )
    (out / "growth.svg").write_text(as_svg(result))
    print(table, end="")


def year(users: int, days: int, out: Path) -> None:
    """Carry out working days of a year, and write what each step of it cost.

    The works of the whole roster are a round of the result, too, where there is one.
    """
    out.mkdir(parents=True, exist_ok=True)
    result = _nothing()
    file = out / "result.json"
    earlier = read_more(file, result) if file.exists() else result
    number = earlier.rounds(users)
    with steps() as show, TemporaryDirectory(prefix="kuberoster-bench-") as folder:
        works, measured = measure_year(users, days, number, provider_mirror(Path(folder)), show)
    write(earlier.plus(works), file)
    text = f"{on_machine(result.machine, result.versions)}\n\n{as_markdown(measured)}"
    document = {"machine": result.machine, "versions": result.versions, **asdict(measured)}
    (out / "year.json").write_text(json.dumps(document, indent=1) + "\n")
    (out / "year.md").write_text(f"# A year of changes\n\nMade by `python -m bench year`. {text}")
    draw(out)
    print(text, end="")


def quick() -> None:
    """Print ratios of one round; no file is written."""
    with steps() as show:
        rounds = {QUICK_USERS: range(1)}
        *_, last = _results(_nothing(), rounds, QUICK_CONTENDERS, show, LIMIT)
    print(f"kuberoster's time as a ratio to kubectl's, {QUICK_USERS} users, one round:")
    print(as_ratios(last), end="")


def _nothing() -> Result:
    return Result(machine=this_machine(), versions=these_versions(own_environment()), samples=())


def _results(
    result: Result,
    rounds: Mapping[int, range],
    contenders: Sequence[Contender],
    show: Show,
    limit: float,
) -> Iterator[Result]:
    with TemporaryDirectory(prefix="kuberoster-bench-") as folder:
        mirror = provider_mirror(Path(folder))
        for samples in measure_rounds(rounds, contenders, mirror, show, limit=limit):
            result = result.plus(samples)
            yield result


def _number(least: int, most: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if not text.isdecimal() or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"{text!r} is no number from {least} to {most}")
        return int(text)

    return number


def _chosen(names: Sequence[str] | None) -> list[Contender]:
    """The contenders of these names, with kubectl; all of them without names."""
    known = {contender.name: contender for contender in CONTENDERS}
    if unknown := [name for name in names or () if name not in known]:
        raise KuberosterError(
            f"bench: there is no contender {unknown[0]!r}.\nThere are {'; '.join(known)}."
        )
    return [known[name] for name in known if not names or name in names or name == "kubectl"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one action; the exit status."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    actions = parser.add_subparsers(dest="action", required=True)
    run = actions.add_parser("run", help="measure, and write docs/bench/")
    users, rounds = _number(1, MOST_USERS), _number(1, 100)
    run.add_argument("--sizes", type=users, nargs="+", default=[10, 100, 1000], metavar="USERS")
    run.add_argument("--rounds", type=rounds, default=3, metavar="N")
    run.add_argument("--contender", action="append", metavar="NAME", help="this one and kubectl")
    run.add_argument("--out", type=Path, default=OUT, metavar="DIR")
    run.add_argument(
        "--limit",
        type=_number(1, 86_400),
        default=LIMIT,
        metavar="SECONDS",
        help="stop what takes longer (%(default)s when left out)",
    )
    run.add_argument("--append", action="store_true", help="keep the rounds that are in DIR")
    whole_year = actions.add_parser("year", help="working days of a year, into docs/bench/")
    # With fewer users there are days on which nothing changes.
    many, days = _number(WORKING_DAYS, MOST_USERS), _number(1, WORKING_DAYS)
    whole_year.add_argument("--users", type=many, default=10_000, metavar="N")
    whole_year.add_argument("--days", type=days, default=25, metavar="N")
    whole_year.add_argument("--out", type=Path, default=OUT, metavar="DIR")
    actions.add_parser("quick", help="print ratios for 10 users, and write no file")
    drawn = actions.add_parser("draw", help="make table and picture anew from result.json")
    drawn.add_argument("--out", type=Path, default=OUT, metavar="DIR")
    options = parser.parse_args(arguments)
    try:
        match options.action:
            case "run":
                contenders = _chosen(options.contender)
                sizes, out = sorted(set(options.sizes)), options.out
                bench(
                    sizes,
                    options.rounds,
                    contenders,
                    out,
                    limit=options.limit,
                    append=options.append,
                )
            case "year":
                year(options.users, options.days, options.out)
            case "quick":
                quick()
            case "draw":
                draw(options.out)
    except (KuberosterError, ControlPlaneError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
