"""What the files of users/ share: modules beside users/, for the time of one reading alone."""

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType


@contextmanager
def own_modules(project: Path) -> Iterator[None]:
    """Let a project's files import what lies beside users/, and forget it afterwards.

    The project's folder comes first in `sys.path`, as it does where main.py runs, and the folder
    that the command was started in does not count. What is imported from the project's folder
    is dropped again: another revision of the project has modules of the same names.
    """
    path, known = sys.path[:], dict(sys.modules)
    places = {project.absolute(), project.resolve()}
    # A file may be younger than what Python remembers of its folder.
    importlib.invalidate_caches()
    sys.path[:] = [str(project.resolve()), *(each for each in path if not _is_start(each, places))]
    try:
        yield
    finally:
        sys.path[:] = path
        for name, module in list(sys.modules.items()):
            if known.get(name) is not module and _is_own(name, module, places):
                del sys.modules[name]


def _is_start(entry: str, places: set[Path]) -> bool:
    """Whether an entry of `sys.path` is there because the command was started in it."""
    place = Path(entry).resolve()
    # A source root of kuberoster itself may be that folder too, and has to stay.
    return place in {Path.cwd(), *places} and not (place / "kuberoster").is_dir()


def _is_own(name: str, module: ModuleType, places: set[Path]) -> bool:
    """Whether a module lies in the project's folder, and in no environment within it."""
    if name.partition(".")[0] == "kuberoster":
        return False
    found = [getattr(module, "__file__", None), *getattr(module, "__path__", ())]
    return any(
        Path(each).is_relative_to(place) and "site-packages" not in Path(each).parts
        for each in found
        if isinstance(each, str)
        for place in places
    )
