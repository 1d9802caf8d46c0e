"""The stacks of today's roster, made as `cdktf synth` makes them."""

import json
import os
import subprocess
from collections.abc import Collection
from datetime import date
from pathlib import Path
from typing import Any

from kuberoster.child import run_to_end
from kuberoster.model.days import TODAY
from kuberoster.model.errors import KuberosterError
from kuberoster.model.outdir import MANIFEST, forget_stacks
from kuberoster.model.settings import TEAMS, Settings
from kuberoster.model.useless import PAST
from kuberoster.programs import NODE, TERRAFORM, check


def synthesise_stacks(
    settings: Settings,
    teams: Collection[str] = (),
    *,
    output: str | None = None,
    day: date | None = None,
    past: bool = False,
) -> Path:
    """Run the app of cdktf.json; the folder that has a folder for each stack.

    `teams` limits which teams get a stack; all do where it is empty. `output` is where it
    writes, relative to cdktf.json, when not where `cdktf` does, and `day` the one to act as of.
    Of a `past` revision rules that allow nothing are taken.
    Raises KuberosterError with what the app said when it fails, or what it needs and is not here.
    """
    check(NODE, TERRAFORM)  # A stack is made for Terraform, so nothing is begun without.
    output = output or settings.output
    limits = {TEAMS: " ".join(sorted(teams))} | ({TODAY: day.isoformat()} if day else {})
    limits |= {PAST: "1"} if past else {}
    outdir = settings.folder / output
    forget_stacks(outdir)  # here too: the app may be another than ours
    done = run_to_end(  # noqa: S604  # the line of cdktf.json, as cdktf runs it
        settings.app,
        shell=True,
        cwd=settings.folder,
        env=os.environ | limits | {"CDKTF_OUTDIR": output},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    if done.returncode:
        raise KuberosterError(f"`{settings.app}` failed.\n{done.stdout.strip()}")
    if not (outdir / MANIFEST).exists():
        raise KuberosterError(
            f"`{settings.app}` ended with status 0 and synthesised nothing.\n"
            "It writes a stack for each team, as the main.py that comes with kuberoster does."
        )
    return outdir / "stacks"


def stack_document(stacks: Path, team: str) -> dict[str, Any]:
    """What was synthesised for a team; KuberosterError where nothing was."""
    try:
        document: dict[str, Any] = json.loads((stacks / team / "cdk.tf.json").read_bytes())
    except FileNotFoundError:
        raise KuberosterError(
            f"team {team!r}: the app of cdktf.json made no stack of this name.\n"
            "It makes one for each team, as the main.py that comes with kuberoster does."
        ) from None
    return document
