"""A control plane that outlives the command that started it."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from controlplane import health, launch, process
from controlplane.errors import ControlPlaneError
from controlplane.files import locked
from controlplane.layout import Layout


def up(directory: Path, *, context: str = "kuberoster-demo", audit: bool = False) -> bool:
    """Start the control plane of `directory`; False when a healthy one runs already, and is kept.

    One that is dead or ill is started again with the same data, ports and certificates.
    Raises ControlPlaneError when it doesn't start.
    """
    layout = Layout(directory.absolute())
    layout.refuse_foreign()
    layout.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    with locked(layout.lock("command")):
        if is_up(directory):
            return False
        _stop(layout)
        launch.prepare(layout, context=context, audit=audit, extra_api_server_args=())
        with launch.supervisor(layout, "run-detached") as starter:
            try:
                launch.expect_answer(layout, starter.stdout)
            except BaseException:
                launch.wait_for_end(starter)
                raise
    return True


def down(directory: Path) -> bool:
    """Stop the control plane of `directory` and wait for its end; False when none runs."""
    with _existing(directory) as layout:
        return _stop(layout)


def delete(directory: Path) -> bool:
    """Stop as `down` does, and remove the directory with all data and keys.

    Raises ControlPlaneError, and removes nothing, when it is no control plane's.
    """
    with _existing(directory) as layout:
        stopped = _stop(layout)
        shutil.rmtree(layout.directory)
    return stopped


def is_up(directory: Path) -> bool:
    """Return whether the control plane of `directory` runs and works."""
    layout = Layout(directory.absolute())
    return bool(process.running(layout.process_file)) and health.ready(layout)


@contextmanager
def _existing(directory: Path) -> Iterator[Layout]:
    layout = Layout(directory.absolute())
    if not layout.exists():
        raise ControlPlaneError(f"{directory}: no control plane here.")
    with locked(layout.lock("command")):
        yield layout


def _stop(layout: Layout) -> bool:
    supervisor = process.running(layout.process_file)
    if supervisor:
        supervisor.stop(patience=20)
    return bool(supervisor)
