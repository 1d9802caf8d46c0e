"""Synthesis, and Terraform's commands on one stack."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from kuberoster.child import run_to_end
from kuberoster.model.days import TODAY
from kuberoster.model.errors import KuberosterError
from kuberoster.model.outdir import MANIFEST, forget_stacks
from kuberoster.model.settings import TEAMS, Settings
from kuberoster.model.useless import PAST
from kuberoster.model.whole_file import write_whole
from kuberoster.programs import NODE, TERRAFORM, check
from kuberoster.terraform.diagnostics import TerraformError, failure
from kuberoster.terraform.lock import Lock
from kuberoster.terraform.state import Document, State

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_STACK = "cdk.tf.json"
_PROVIDERS = ".terraform.lock.hcl"
_PLAN = "plan"
_IMPORTS = "imports.tf.json"
_OWN_ALONE = 0o077
_ROOM = 1 << 20
"""Bytes that Terraform writes at least before it is done."""
_GOGC = "400"
"""How much garbage Go lets come together: a fifth less time for 100 MB more (docs/scale.md)."""
# Allowed to be missing, so nothing happens but that the lock is taken and given back.
_LOCK_PROBE = ["untaint", "-no-color", "-allow-missing", "-lock-timeout=0s", "terraform_data.probe"]


class Terraform:
    """Terraform on a team's stack, in a folder beside the one in which `cdktf` runs it.

    It has the stack's own backend and providers. What it adds to the configuration is gone
    with the next `init`, and never in the way of a deploy.
    """

    def __init__(self, stack: Path, *, out: Path, purpose: str) -> None:
        """Run what `stack` has, the folder of a team's synthesised stack.

        `out` is the folder that `cdktf` works in, and `purpose` names the one in it to run in:
        cdktf.out/<purpose>/<team>.
        """
        self.team = stack.name
        self._stack = stack
        self._deployed_from = out / "stacks" / stack.name
        # As deep as the stack's folder, for a relative path in the backend's settings.
        self._folder = out / purpose / stack.name

    def init(self) -> None:
        """Prepare the folder; downloads the provider where it is not there yet."""
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True)
        write_whole(self._folder / _STACK, (self._stack / _STACK).read_bytes())
        providers = self._deployed_from / _PROVIDERS
        if providers.exists():
            write_whole(self._folder / _PROVIDERS, providers.read_bytes())
        self._run("init", "-no-color", "-input=false", "-reconfigure")

    def pull(self) -> State:
        """The state; an empty one where there is none."""
        said = self._run("state", "pull")
        return State(json.loads(said) if said.strip() else {})

    def push(self, state: State) -> None:
        """Put a changed state in the place of the one that it was made from.

        Terraform refuses it when that one has changed meanwhile, by the state's serial number.
        """
        document: Document = {**state.document, "serial": state.document["serial"] + 1}
        self._run("state", "push", "-lock-timeout=0s", "-", given=json.dumps(document))

    def lock(self) -> Lock | None:
        """The lock that somebody holds; None when it is free."""
        done = self._start(_LOCK_PROBE)
        if done.returncode == 0:
            return None
        lock = Lock.parse(done.stderr)
        if lock is None:
            raise self._error(_LOCK_PROBE, done)
        return lock

    def release(self, lock: Lock) -> None:
        """Take a lock away from whoever holds it; no other one, if it has changed hands."""
        self._run("force-unlock", "-force", lock.id)

    def plan(self, *options: str) -> Document:
        """Plan the whole stack: what `terraform show -json` says of it.

        It takes no lock, since it changes nothing and no deploy has to wait for it. The plan
        file is this account's alone, and gone afterwards. Raises RevokedUsers, or
        TerraformError with what Terraform said.
        """
        arguments = ["plan", "-json", "-input=false", "-lock=false", f"-out={_PLAN}", *options]
        try:
            done = self._start(arguments, umask=_OWN_ALONE)
            if done.returncode:
                raise failure(self.team, done.stdout) or self._error(arguments, done)
            shown: Document = json.loads(self._run("show", "-json", _PLAN))
        finally:
            (self._folder / _PLAN).unlink(missing_ok=True)
        return shown

    def plan_imports(self, imports: Mapping[str, str]) -> list[str]:
        """Plan to import objects by address and id; what that would do, in a line for each.

        Only these resources, and what they depend on, are in the plan. It takes no lock;
        `apply_plan` refuses the plan when the state has changed meanwhile.
        """
        blocks = [{"to": address, "id": id} for address, id in imports.items()]
        write_whole(self._folder / _IMPORTS, json.dumps({"import": blocks}, indent=2).encode())
        targets = [f"-target={address}" for address in imports]
        self._run("plan", "-no-color", "-input=false", "-lock=false", f"-out={_PLAN}", *targets)
        plan = json.loads(self._run("show", "-json", _PLAN))
        return [line for line in map(_shown, plan["resource_changes"]) if line]

    def apply_plan(self) -> None:
        """Do what `plan_imports` has planned."""
        self._run("apply", "-no-color", "-input=false", "-lock-timeout=0s", _PLAN)

    def _run(self, *arguments: str, given: str | None = None) -> str:
        done = self._start(arguments, given)
        if done.returncode:
            raise self._error(arguments, done)
        return done.stdout

    def _start(
        self, arguments: Sequence[str], given: str | None = None, *, umask: int = -1
    ) -> "subprocess.CompletedProcess[str]":
        # A debug log would show what the provider reads, tokens included.
        environment = {key: value for key, value in os.environ.items() if key[:6] != "TF_LOG"}
        environment["TF_DATA_DIR"] = str((self._deployed_from / ".terraform").resolve())
        environment["TF_IN_AUTOMATION"] = "1"
        environment.setdefault("GOGC", _GOGC)
        try:
            return run_to_end(
                [TERRAFORM.path, *arguments],
                given=given or "",
                ask=os.kill,  # its provider must not end before it
                cwd=self._folder,
                env=environment,
                umask=umask,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
        except FileNotFoundError:
            raise TerraformError(TERRAFORM.absence) from None

    def _error(
        self, arguments: Sequence[str], done: "subprocess.CompletedProcess[str]"
    ) -> TerraformError:
        plain = _COLOUR.sub("", done.stderr)  # not each command knows -no-color
        said = "\n".join(line.strip("╷│╵ ") for line in plain.splitlines()).strip()
        # A plan that has no room is cut without a word, and is only then no plan.
        if (left := shutil.disk_usage(self._folder).free) < _ROOM:
            said += f"\nThe disk of {self._folder} is full ({left:,} bytes left): make room there."
        return TerraformError(f"{self.team}: terraform {' '.join(arguments[:2])} failed.\n{said}")


def _shown(change: Document) -> str | None:
    actions = [action for action in change["change"]["actions"] if action not in {"no-op", "read"}]
    doing = " and ".join(actions)
    if importing := change["change"].get("importing"):
        then = f", and {doing} it" if doing else ""
        return f"import {importing['id']} as {change['address']}{then}"
    return f"{doing} {change['address']}" if doing else None


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
