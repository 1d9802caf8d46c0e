"""What a bench measured, as it lies in docs/bench/result.json."""

import json
import os
import platform
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

from bench.work import REFERENCE, Work
from kuberoster import KuberosterError

REFERENCE_CONTENDER = "kubectl"
_FORMAT = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Sample:
    """One work of one contender in one round."""

    users: int
    round: int
    contender: str
    work: Work
    seconds: float
    cpu_seconds: float
    peak_mib: float
    stopped: bool = False
    """Whether it was stopped at the limit of the bench, and would have taken longer."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Spread:
    """Several measurements of one thing."""

    median: float
    least: float
    most: float
    stopped: bool = False
    """Whether one was stopped at the limit of the bench, so that each figure is a least one."""

    @classmethod
    def of(cls, values: Iterable[float], *, stopped: bool) -> "Spread | None":
        """The spread of values; None where there is none."""
        found = sorted(values)
        if not found:
            return None
        return cls(median=median(found), least=found[0], most=found[-1], stopped=stopped)


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """All samples of one machine."""

    machine: Mapping[str, int]
    """`cores` and `memory_gib`, and nothing else that would tell machines apart."""
    versions: Mapping[str, str]
    samples: tuple[Sample, ...]

    @property
    def sizes(self) -> list[int]:
        """The numbers of users, ascending."""
        return sorted({sample.users for sample in self.samples})

    @property
    def contenders(self) -> list[str]:
        """Who was measured, the reference first."""
        names = {sample.contender: None for sample in self.samples}
        return sorted(names, key=lambda name: name != REFERENCE_CONTENDER)

    def rounds(self, users: int) -> int:
        """The rounds of a size; each has its own control planes."""
        return len({sample.round for sample in self.samples if sample.users == users})

    def plus(self, samples: Iterable[Sample]) -> "Result":
        """The same with more samples, of the same machine and versions."""
        return replace(self, samples=(*self.samples, *samples))

    def seconds(self, users: int, contender: str, work: Work) -> Spread | None:
        """The seconds over the rounds; None where it was not measured."""
        samples = self._of(users, contender, work).values()
        return Spread.of((each.seconds for each in samples), stopped=_any_stopped(samples))

    def peak_mib(self, users: int, contender: str, work: Work) -> Spread | None:
        """The same of the memory."""
        samples = self._of(users, contender, work).values()
        return Spread.of((each.peak_mib for each in samples), stopped=_any_stopped(samples))

    def ratio(
        self, users: int, contender: str, work: Work, *, to: str = REFERENCE_CONTENDER
    ) -> Spread | None:
        """The seconds as a ratio to another contender's in the same round.

        A round in which the other one was stopped has none.
        """
        own = self._of(users, contender, work)
        compared = REFERENCE.get(work, work) if to == REFERENCE_CONTENDER else work
        pairs = [
            (own[number], other)
            for number, other in self._of(users, to, compared).items()
            if number in own and not other.stopped
        ]
        values = (one.seconds / other.seconds for one, other in pairs)
        return Spread.of(values, stopped=_any_stopped(one for one, _ in pairs))

    def _of(self, users: int, contender: str, work: Work) -> dict[int, Sample]:
        return {
            sample.round: sample
            for sample in self.samples
            if (sample.users, sample.contender, sample.work) == (users, contender, work)
        }


def _any_stopped(samples: Iterable[Sample]) -> bool:
    return any(sample.stopped for sample in samples)


def this_machine() -> dict[str, int]:
    """The cores that this process may use, and the memory in GiB, rounded."""
    pages, size = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    return {"cores": len(os.sched_getaffinity(0)), "memory_gib": round(pages * size / 2**30)}


def these_versions(environment: Mapping[str, str]) -> dict[str, str]:
    """The versions of what is measured. Raises KuberosterError where one does not tell it."""

    def said(*command: str) -> Any:
        try:
            return json.loads(subprocess.check_output(command, env=environment, text=True))
        except (OSError, ValueError, subprocess.CalledProcessError) as error:
            raise KuberosterError(
                f"bench: `{' '.join(command)}` failed: {error}.\n"
                "make bench needs kubectl, Terraform 1.11 or later, and what make install brings."
            ) from None

    kubectl = said("kubectl", "version", "--client", "-o", "json")["clientVersion"]
    return {
        "kubectl": kubectl["gitVersion"],
        "terraform": said("terraform", "version", "-json")["terraform_version"],
        "python": platform.python_version(),
    }


def write(result: Result, file: Path) -> None:
    """Write a result as JSON."""
    document = {"format": _FORMAT, **asdict(result)}
    file.write_text(json.dumps(document, indent=1) + "\n")


def read(file: Path) -> Result:
    """Read what `write` wrote. Raises KuberosterError for anything else."""
    try:
        document = json.loads(file.read_text())
        if document.pop("format") != _FORMAT:
            raise ValueError("another format")
        samples = (
            Sample(**{**sample, "work": Work(sample["work"])}) for sample in document.pop("samples")
        )
        return Result(**document, samples=tuple(samples))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise KuberosterError(
            f"{file}: is no result of a bench ({error}).\nmake bench writes one."
        ) from None


def read_more(file: Path, now: Result) -> Result:
    """Read what was measured before, to add to it.

    Raises KuberosterError where the machine or a version was another one than now.
    """
    earlier = read(file)
    if (earlier.machine, earlier.versions) != (now.machine, now.versions):
        raise KuberosterError(
            f"{file}: was measured on another machine or with other versions.\n"
            "Begin anew without --append, or give another folder with --out."
        )
    return earlier
