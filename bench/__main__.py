"""`make bench`: kuberoster, kubectl and plain Terraform on the same objects, side by side."""

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.contenders import CONTENDERS, Contender
from bench.ground import ROOT, own_environment, provider_mirror
from bench.picture import as_svg
from bench.result import Result, read, these_versions, this_machine, write
from bench.run import Show, measure_rounds
from bench.table import as_ratios, as_table
from controlplane.errors import ControlPlaneError
from kuberoster import KuberosterError
from kuberoster.cli.progress import steps

OUT = ROOT / "docs" / "bench"
QUICK_USERS = 10
QUICK_CONTENDERS = CONTENDERS[:2]


def bench(
    sizes: Sequence[int],
    rounds: int,
    contenders: Sequence[Contender],
    out: Path,
    *,
    append: bool = False,
) -> None:
    """Measure, and write the result after each round, so that a long run loses little.

    With `append` the rounds come on top of those that are there. Raises KuberosterError where
    these were measured on another machine or with other versions.
    """
    out.mkdir(parents=True, exist_ok=True)
    file = out / "result.json"
    result = _nothing()
    if append:
        earlier = read(file)
        if (earlier.machine, earlier.versions) != (result.machine, result.versions):
            raise KuberosterError(
                f"{file}: was measured on another machine or with other versions.\n"
                "Leave --append out, or give another folder with --out."
            )
        result = earlier
    numbers = {}
    for users in sizes:
        first = result.rounds(users)
        numbers[users] = range(first, first + rounds)
    with steps() as show:
        for grown in _results(result, numbers, contenders, show):
            write(grown, file)
    draw(out)


def draw(out: Path) -> None:
    """Write the table and the picture of a result that is there, and print the table."""
    result = read(out / "result.json")
    table = as_table(result)
    (out / "result.md").write_text(f"# What was measured\n\nMade by `make bench`. {table}")
    (out / "growth.svg").write_text(as_svg(result))
    print(table, end="")


def quick() -> None:
    """Print ratios of one round; no file is written."""
    with steps() as show:
        (last,) = _results(_nothing(), {QUICK_USERS: range(1)}, QUICK_CONTENDERS, show)
    print(f"kuberoster's time as a ratio to kubectl's, {QUICK_USERS} users, one round:")
    print(as_ratios(last), end="")


def _nothing() -> Result:
    return Result(machine=this_machine(), versions=these_versions(own_environment()), samples=())


def _results(
    result: Result, rounds: Mapping[int, range], contenders: Sequence[Contender], show: Show
) -> Iterator[Result]:
    with TemporaryDirectory(prefix="kuberoster-bench-") as folder:
        mirror = provider_mirror(Path(folder))
        for samples in measure_rounds(rounds, contenders, mirror, show):
            result = result.plus(samples)
            yield result


def _number(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 100_000:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 to 100000")
    return int(text)


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
    run.add_argument("--sizes", type=_number, nargs="+", default=[10, 100, 1000], metavar="USERS")
    run.add_argument("--rounds", type=_number, default=3, metavar="N")
    run.add_argument("--contender", action="append", metavar="NAME", help="this one and kubectl")
    run.add_argument("--out", type=Path, default=OUT, metavar="DIR")
    run.add_argument("--append", action="store_true", help="keep the rounds that are in DIR")
    actions.add_parser("quick", help="print ratios for 10 users, and write no file")
    drawn = actions.add_parser("draw", help="make table and picture anew from result.json")
    drawn.add_argument("--out", type=Path, default=OUT, metavar="DIR")
    options = parser.parse_args(arguments)
    try:
        match options.action:
            case "run":
                contenders = _chosen(options.contender)
                sizes, out = sorted(set(options.sizes)), options.out
                bench(sizes, options.rounds, contenders, out, append=options.append)
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
