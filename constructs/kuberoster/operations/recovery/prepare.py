"""Everything that a recovery needs to know, gathered without changing anything."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from kuberoster.cluster import Cluster
from kuberoster.model.errors import KuberosterError
from kuberoster.model.roster import TeamRoster
from kuberoster.model.settings import Settings
from kuberoster.operations.recovery.decide import Recovery, decide
from kuberoster.operations.recovery.live import look
from kuberoster.terraform import (
    Lock,
    State,
    Terraform,
    TerraformError,
    cut_file,
    declared_resources,
    synthesise_stacks,
    terraform_processes,
    why_unreadable,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Prepared:
    """A team that needs something done."""

    terraform: Terraform
    lock: Lock | None
    """To be released first."""
    recovery: Recovery
    planned: list[str] = field(default_factory=list)
    """What Terraform's plan of the imports does; empty while it can't be made yet."""
    state: State
    """The state that it was decided by."""
    cut: Path | None = None
    """A state file that breaks off in the middle, to be put aside first."""


def prepare(
    settings: Settings,
    entries: Sequence[TeamRoster],
    cluster: Cluster,
    *,
    force: bool,
    step: Callable[[str], None],
) -> list[Prepared]:
    """What is to be done for these teams, without those that need nothing.

    `step` is called with what is being done. Raises KuberosterError where somebody may still
    be at work (unless `force`), or where an object of a declared name is somebody else's.
    """
    step("synthesising")
    stacks = synthesise_stacks(settings)
    declared = {
        entry.team.name: list(declared_resources(stacks / entry.team.name)) for entry in entries
    }
    step("looking into the cluster")
    live = look(
        cluster,
        {entry.team.namespace for entry in entries},
        {resource.key for resources in declared.values() for resource in resources},
    )
    found = []
    for entry in entries:
        name = entry.team.name
        terraform = Terraform(stacks / name, out=stacks.parent, purpose="recover")
        step(f"reading the state of {name}")
        cut = cut_file(settings, name)
        lock, state = None, State({})
        if cut is None:  # no command of Terraform gets past a broken file
            with _reason_of(cluster, settings, name):
                terraform.init()
                lock = terraform.lock()
                if lock is not None and not force:
                    _refuse_living(lock, name)
                # After the look into the cluster: what a deploy has made since is not lost.
                state = terraform.pull()
        recovery = decide(entry.team, declared[name], state, live)
        planned = []
        if recovery.imports and not recovery.forget and not cut:
            # An import to an address that stands for something else would do nothing.
            step(f"planning the imports of {name}")
            planned = terraform.plan_imports(recovery.imports)
        if recovery or lock or cut:
            found.append(
                Prepared(
                    terraform=terraform,
                    lock=lock,
                    recovery=recovery,
                    planned=planned,
                    state=state,
                    cut=cut,
                )
            )
    return found


@contextmanager
def _reason_of(cluster: Cluster, settings: Settings, team: str) -> Iterator[None]:
    """Say with an error of Terraform what is seen of a state that can't be read."""
    try:
        yield
    except TerraformError as error:
        why = why_unreadable(cluster, settings, team)
        if why is None:
            raise
        raise TerraformError(
            f"{error}\n{why}\nA state that can't be read is no lost one: nothing was changed, and "
            "nothing is put aside. Let the program that wrote it read it (OpenTofu as `terraform` "
            "on PATH, with its keys; or a newer Terraform), or put a backup back. Where it is "
            "lost for certain, take it away by hand, and recover again."
        ) from None


def _refuse_living(lock: Lock, team: str) -> None:
    processes = terraform_processes(team)
    if lock.is_of_this_host() and not processes:
        return
    reason = (
        f"Terraform is at work on this machine (process {', '.join(map(str, processes))})"
        if lock.is_of_this_host()
        else "whether that Terraform still works can't be seen from this machine"
    )
    raise KuberosterError(
        f"team {team!r}: the lock of its state is {lock}, and {reason}.\n"
        "Wait until that deploy has ended. If you know that it died, add --force. "
        "Nothing was changed."
    )
