"""What two revisions synthesise, without synthesising what can't differ."""

import shutil
from collections.abc import Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from kuberoster.model.errors import KuberosterError
from kuberoster.model.roster import Roster
from kuberoster.model.settings import Settings
from kuberoster.review.plan.explain import Blocks, Revisions
from kuberoster.terraform import stack_document, synthesise_stacks

STACKS = "review-stacks"
"""Where reviews synthesise, in the folder that `cdktf` works in; what lies there is not touched."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Project:
    """cdktf.json and users/ of one revision, and where it lies."""

    settings: Settings
    roster: Roster

    @property
    def stacks(self) -> Path:
        """Where a review of this revision has synthesised."""
        return self.settings.folder / self.settings.output / STACKS / "stacks"


@dataclass(frozen=True, kw_only=True, slots=True)
class Base:
    """The revision to compare with, checked out into a folder of its own."""

    project: Project
    name: str
    """As it was given: `origin/main`."""
    changed_files: Collection[str]
    """What differs in the repository, relative to the project's folder."""


def synthesise(project: Project, teams: Collection[str], day: date, *, past: bool = False) -> None:
    """Synthesise these teams' stacks, by the revision's own code; KuberosterError if it fails."""
    if teams:
        shutil.rmtree(project.stacks.parent, ignore_errors=True)
        project.stacks.parent.mkdir(parents=True)
        output = f"{project.settings.output}/{STACKS}"
        synthesise_stacks(project.settings, teams, output=output, day=day, past=past)


def compare_stacks(
    base: Base, head: Project, day: date, *, also: Collection[str] = ()
) -> dict[str, Revisions]:
    """Each team of the head whose stack differs, with both; `also` names more teams to have.

    A stack is made of its team as of the day, of the settings and of code. Where nothing but
    users/ differs between the revisions, only teams that differ are synthesised, so that the
    cost is that of the change. Else all are, each revision by its own code.
    """
    old, new = _teams(base.project.roster, day), _teams(head.roster, day)
    wanted = set(new)
    if _is_roster_alone(base.changed_files):
        wanted = {name for name in new if old.get(name) != new[name]} | set(also)
    with ThreadPoolExecutor(2) as pool:
        before = pool.submit(_synthesise_base, base, wanted & old.keys(), day)
        after = pool.submit(synthesise, head, wanted, day)
        before.result()
        after.result()
    found = {}
    for name in sorted(wanted):
        there = stack_document(base.project.stacks, name) if name in old else {}
        then = stack_document(head.stacks, name)
        if there != then or name in also:
            found[name] = Revisions(base=_blocks(there), head=_blocks(then))
    return found


def _synthesise_base(base: Base, teams: Collection[str], day: date) -> None:
    try:
        synthesise(base.project, teams, day, past=True)
    except KuberosterError as error:
        raise KuberosterError(f"at {base.name}: {error}") from None


def _is_roster_alone(files: Iterable[str]) -> bool:
    """Whether all that differs is users/, or prose."""
    return all(file.startswith("users/") or file.endswith(".md") for file in files)


def _teams(roster: Roster, day: date) -> dict[str, object]:
    return {entry.team.name: entry for entry in roster.on(day).teams}


def _blocks(document: Mapping[str, Any]) -> Blocks:
    return {
        f"{type_}.{name}": {key: value for key, value in block.items() if key != "//"}
        for type_, blocks in document.get("resource", {}).items()
        for name, block in blocks.items()
    }
