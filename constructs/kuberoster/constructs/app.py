"""The whole roster as a CDKTF app: what main.py runs."""

import json
import os
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from kuberoster.constructs._cdktf import App, unchecked_arguments
from kuberoster.constructs.approval import refuse_unasked
from kuberoster.constructs.processes import in_parts, other_processes
from kuberoster.constructs.team_stack import TeamStack
from kuberoster.model.days import acting_day, asked_day, clock_day
from kuberoster.model.environment import refuse_other_terraform, unseen_kubeconfig
from kuberoster.model.errors import KuberosterError
from kuberoster.model.folder import load_folder
from kuberoster.model.outdir import all_or_none, forget_stacks, place_of_stacks
from kuberoster.model.roster import TeamRoster
from kuberoster.model.settings import TEAMS, Settings
from kuberoster.model.stopping import say_notes, stopped_status, tidily_stopped
from kuberoster.model.useless import PAST
from kuberoster.model.whole_file import write_whole

_PATH = re.compile(
    r'^        "//": \{\n'
    r'          "metadata": \{\n'
    r'            "path": ".*",\n'
    r'            "uniqueId": ".*"\n'
    r"          \}\n"
    r"        \},\n",
    re.MULTILINE,
)
"""Where CDKTF says in a stack's JSON which construct a resource comes from."""
_OF_SYSTEM = re.compile(r"Error: E[A-Z0-9]+: ([^,\n]+)")


def synthesise(folder: Path, *, outdir: str | None = None) -> int:
    """Write one stack for each team of `folder`/users; the exit status.

    Who is active today gets resources, and nobody else. Contacts no cluster. A roster or
    cdktf.json with a problem, or an environment in which Terraform would not do what the
    stacks say, synthesises nothing: all problems go to stderr, and the status is 1. `outdir`
    is CDKTF's own setting when left out. The environment variable KUBEROSTER_TEAMS names the
    teams to synthesise, with blanks between, where not all are. Many teams are shared out
    among several processes, at most KUBEROSTER_PROCESSES.
    """
    forget_stacks(place_of_stacks(outdir))
    try:
        with tidily_stopped():
            _synthesise(folder, outdir)
    except KuberosterError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt as interrupt:
        say_notes(interrupt)
        return stopped_status(interrupt)
    return 0


def _synthesise(folder: Path, outdir: str | None) -> None:
    settings, whole = load_folder(folder, past=PAST in os.environ)
    refuse_other_terraform(settings.cluster)
    refuse_unasked()
    day = acting_day()
    roster = whole.on(day)
    chosen = roster.chosen(os.environ.get(TEAMS, "").split())
    own, others = in_parts(chosen)
    place = place_of_stacks(outdir)
    with (
        all_or_none(place, [entry.team.name for entry in chosen]),
        _said_where_written(place),
        other_processes(folder, others, day) as processes,
    ):
        made = _write(own, settings, outdir)
        for process in processes:
            process.collect(made)
    for note in _not_prepared(settings):
        print(f"warning: {note}", file=sys.stderr)


def _not_prepared(settings: Settings) -> Iterator[str]:
    """At what a deploy would stop, as far as that can be seen without a cluster."""
    if unseen := unseen_kubeconfig(settings.cluster):
        yield unseen
    state = settings.state
    if settings.cluster.uid is None and state.backend == "kubernetes":
        yield (
            "cdktf.json has no uid of the cluster, which `kuberoster bootstrap` writes. Where it "
            f"has not run, there is no namespace {state.namespace} for states, and a deploy stops"
        )


def _write(entries: Sequence[TeamRoster], settings: Settings, outdir: str | None) -> Path:
    """Write the stacks of these teams; CDKTF's outdir."""
    _make_place(place_of_stacks(outdir), entries)
    with unchecked_arguments():
        app = App(outdir=outdir)
        for entry in entries:
            TeamStack(
                app,
                entry.team.name,
                team=entry.team,
                users=entry.users,
                cluster=settings.cluster,
                state=settings.state,
                synthesised=clock_day(),
                asked_day=asked_day(),
            )
        made = Path(app.outdir)
        app.synth()
        for entry in entries:
            _leave_paths_out(made / "stacks" / entry.team.name / "cdk.tf.json")
    return made


@contextmanager
def _said_where_written(outdir: Path) -> Iterator[None]:
    """Raise KuberosterError where the system refuses a write, such as on a full disk."""
    try:
        yield
    except (BrokenPipeError, json.JSONDecodeError):
        sys.unraisablehook = lambda _: None  # jsii's own words about it, at the end
        refused = "Node, which writes them, has ended, as where memory is short"
    except OSError as error:
        refused = error.strerror or str(error)
    except RuntimeError as error:  # how jsii hands on what Node says: "Error: ENOSPC: no space"
        of_system = _OF_SYSTEM.match(str(error))
        if of_system is None:
            raise
        refused = of_system[1]
    else:
        return
    raise KuberosterError(
        f"{outdir}: the stacks can't be written: {refused}.\n"
        "Nothing is left there to be deployed. Make room, or remove the folder, and run it again."
    )


def _make_place(outdir: Path, entries: Sequence[TeamRoster]) -> None:
    """Make the folders that CDKTF writes to; it makes no folder above its own.

    Raises KuberosterError where it could not write there.
    """
    for entry in entries:
        stack = outdir / "stacks" / entry.team.name
        try:
            stack.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=stack):
                pass
        except OSError as error:
            raise KuberosterError(
                f"{stack}: can't be written to: {error.strerror}.\n"
                "Stacks are written there: correct `output` in cdktf.json, or move away what is "
                "in its place."
            ) from None


def _leave_paths_out(stack: Path) -> None:
    """Leave out the path of the construct of each resource.

    The `cdktf` command looks for each resource of a stack in each line that Terraform prints,
    to put the path behind the address. That is quadratic, took a third of a first deploy of 100
    users (docs/adr/0003), and our addresses say what a resource is.
    """
    write_whole(stack, _PATH.sub("", stack.read_text(encoding="utf-8")).encode())
