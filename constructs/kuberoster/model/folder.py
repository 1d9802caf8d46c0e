"""A folder with cdktf.json and users/, read as a whole."""

from pathlib import Path

from kuberoster.model.errors import Problem, ProblemsError, RosterError, SettingsError
from kuberoster.model.roster import Roster, load_roster
from kuberoster.model.settings import USERS, Settings, load_settings


def load_folder(folder: Path, *, past: bool = False) -> tuple[Settings, Roster]:
    """The settings and the roster; `past` as `load_roster` has it.

    Raises ProblemsError with all that is wrong with either: neither hides the other's.
    """
    problems: list[Problem] = []
    settings = roster = None
    try:
        settings = load_settings(folder)
    except SettingsError as wrong:
        problems += wrong.problems
    try:
        roster = load_roster(
            folder / USERS,
            state_namespace=settings.state.namespace if settings else "",
            name=settings.roster if settings else "",
            past=past,
        )
    except RosterError as wrong:
        problems += wrong.problems
    if not settings or not roster:
        raise ProblemsError(problems)
    return settings, roster
