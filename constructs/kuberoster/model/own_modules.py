"""What the files of users/ share: modules beside users/."""

import importlib
import sys
from pathlib import Path


def import_from(project: Path) -> None:
    """Let this process, which reads one project's file, import what lies beside users/.

    The project's folder comes first in `sys.path`, as it does where main.py runs, and the folder
    that the command was started in does not count.
    """
    places = {project.absolute(), project.resolve()}
    # A file may be younger than what Python remembers of its folder.
    importlib.invalidate_caches()
    # Changed twice in a second, a module would be taken for what Python noted of it before.
    sys.dont_write_bytecode = True
    sys.path[:] = [
        str(project.resolve()),
        *(each for each in sys.path if not _is_start(each, places)),
    ]


def _is_start(entry: str, places: set[Path]) -> bool:
    """Whether an entry of `sys.path` is there because the command was started in it."""
    place = Path(entry).resolve()
    # A source root of kuberoster itself may be that folder too, and has to stay.
    return place in {Path.cwd(), *places} and not (place / "kuberoster").is_dir()
