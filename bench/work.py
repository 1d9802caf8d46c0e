"""What is measured, and by which command of a contender."""

from dataclasses import dataclass
from enum import StrEnum

from bench.roster import Roster


class Work(StrEnum):
    """One thing that people do; the order is that of a run."""

    VALIDATE = "validate"
    SYNTH = "synth"
    FIRST = "first deploy"
    UNCHANGED = "nothing changed"
    CHECKED = "the same, after drift"
    DRIFT = "drift"
    KUBECONFIG = "kubeconfig"
    REPORT = "report"
    REVIEW = "review of one user"
    OFFLINE = "the same, offline"
    ADD = "one user added"
    ROTATE = "one user rotated"
    REMOVE = "one user removed"


REFERENCE = {
    Work.VALIDATE: Work.UNCHANGED,
    Work.SYNTH: Work.UNCHANGED,
    Work.REPORT: Work.UNCHANGED,
    Work.CHECKED: Work.UNCHANGED,
    Work.OFFLINE: Work.REVIEW,
}
"""kubectl's work that a ratio is formed with, where it has none of the same name."""

ROSTERS = {
    Work.REVIEW: Roster.JOINED,
    Work.OFFLINE: Roster.JOINED,
    Work.ADD: Roster.JOINED,
    Work.ROTATE: Roster.ROTATED,
}
"""What the roster says when a work starts; else nobody has joined."""

AFTERWARDS = {Work.ADD: Roster.JOINED, Work.ROTATE: Roster.ROTATED}
"""What the cluster has when a work is over; else nobody has joined."""

CHANGES = (Work.FIRST, Work.ADD, Work.ROTATE, Work.REMOVE)
"""The works after which the cluster is looked at."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One work of one contender: a shell script in the ground's folder."""

    work: Work
    script: str
    status: int = 0
    """The exit status of a run that did what it should."""
