"""The programs below kuberoster: which are needed for what, and whether they are there.

`python -m kuberoster.programs install` asks for what `make install` needs, with nothing but
Python's standard library; so do main.py and the commands that run Terraform, before they begin.
"""

import importlib.util
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from kuberoster.model.errors import KuberosterError

_SECONDS = 60


@dataclass(frozen=True, kw_only=True)
class Program:
    """A program, the oldest version that will do, and where to get it."""

    name: str
    version: str
    """Such as 1.11; empty where each will do."""
    asked: tuple[str, ...]
    """The arguments with which it says its version."""
    source: str
    variable: str = ""
    """An environment variable that names another path of it."""

    @property
    def path(self) -> str:
        """What is run: a name on PATH, or what the variable says."""
        return os.environ.get(self.variable) or self.name

    @property
    def absence(self) -> str:
        """That it is not there, and the mend."""
        return f"{self.path}: no such program on PATH.\n{self._mend}"

    @property
    def _mend(self) -> str:
        needed = f"{self.name} {self.version} or later" if self.version else self.name
        return f"Install {needed}: {self.source}"

    def problem(self) -> str | None:
        """What is wrong with it here, and the mend; None where nothing is."""
        path, mend = self.path, self._mend
        # Terraform asks its maker for news otherwise.
        quiet = os.environ | {"CHECKPOINT_DISABLE": "1"}
        try:
            said = subprocess.run(
                [path, *self.asked],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=True,
                env=quiet,
                timeout=_SECONDS,
            ).stdout
        except FileNotFoundError:
            return self.absence
        except (OSError, ValueError, subprocess.SubprocessError):
            return f"{path}: does not run (`{' '.join([path, *self.asked])}` fails).\n{mend}"
        if not self.version:
            return None
        found = re.search(r"(\d+)\.(\d+)[.\w-]*", said)
        if found is None:
            return f"{path}: does not say its version.\n{mend}"
        if tuple(map(int, found.groups())) < tuple(map(int, self.version.split("."))):
            return f"{path}: is version {found[0]}, which is too old.\n{mend}"
        return None


NODE = Program(
    name="node",
    version="20.0",
    asked=("--version",),
    source="https://nodejs.org/en/download",
    variable="JSII_NODE",
)
NPM = Program(name="npm", version="", asked=("--version",), source="it comes with Node")
TERRAFORM = Program(
    name="terraform",
    version="1.11",
    asked=("version", "-json"),
    source="https://developer.hashicorp.com/terraform/install",
    variable="TERRAFORM_BINARY_NAME",
)
"""By the variable `cdktf` knows it too."""
GO = Program(name="go", version="1.21", asked=("version",), source="https://go.dev/dl/")
"""From 1.21 on it gets the version itself that controlplane/go.mod names, or says why not."""


def check(*programs: Program) -> None:
    """Raise KuberosterError with all that is missing or too old."""
    _raise([problem for program in programs if (problem := program.problem())])


def _raise(problems: Sequence[str]) -> None:
    if problems:
        raise KuberosterError("\n\n".join(problems))


def check_packages(*names: str) -> None:
    """Raise KuberosterError where this Python has no packages of these names."""
    missing = [name for name in names if importlib.util.find_spec(name) is None]
    if missing:
        raise KuberosterError(
            f"{sys.executable} has no package {', '.join(missing)}.\n"
            'Run `make install`, and put its Python first: export PATH="$PWD/.venv/bin:$PATH". '
            "It is the `python` of cdktf.json's app that counts."
        )


def _check_venv() -> None:
    """Debian has Python without the part that makes environments."""
    if not Path(".venv/bin/python").exists() and not importlib.util.find_spec("ensurepip"):
        raise KuberosterError(
            f"{sys.executable}: can't make a virtual environment, since ensurepip is missing.\n"
            "On Debian and Ubuntu: apt install python3-venv"
        )


_FOR = {"install": (NODE, NPM), "demo": (NODE, NPM, TERRAFORM, GO), "test": (NODE, NPM, GO)}


def main(arguments: Sequence[str]) -> int:
    """Check what a target of the Makefile needs; the exit status."""
    problems = []
    for each in (_check_venv, lambda: check(*_FOR[arguments[0]])):
        try:
            each()
        except KuberosterError as error:
            problems.append(str(error))
    if problems:
        print("\n\n".join(problems), file=sys.stderr)
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
