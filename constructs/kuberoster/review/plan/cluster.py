"""What only the cluster can say of a review: who is revoked, and which teams were left behind."""

from collections.abc import Collection, Iterator
from datetime import date

from kuberoster.cluster import Cluster
from kuberoster.model.errors import KuberosterError
from kuberoster.operations.departed import departed_teams
from kuberoster.operations.revocation import read_revocations, revoked_by
from kuberoster.review.change.blocks import Block
from kuberoster.review.plan.blocks import revoked_block
from kuberoster.review.plan.stacks import Project

_REVOKED = "whether a user is revoked in the cluster"
_DEPARTED = "whether a team whose file is gone is still there"
NOT_ASKED = tuple(f"{what}: no cluster was asked" for what in (_REVOKED, _DEPARTED))


def look(
    project: Project, day: date, cluster: Cluster | KuberosterError, known: Collection[str]
) -> tuple[list[Block], list[str]]:
    """What blocks, and in words what could not be checked, or why nothing could.

    `known` names teams of which it is said already that their file is gone.
    """
    if isinstance(cluster, KuberosterError):
        return [], [f"{what}: {_first_line(cluster)}" for what in (_REVOKED, _DEPARTED)]
    return _looked(
        (_REVOKED, _revoked(project, day, cluster)),
        (_DEPARTED, _departed(project, cluster, known)),
    )


def look_without_states(
    project: Project, day: date, cluster: Cluster
) -> tuple[list[Block], list[str]]:
    """The same for a credential that need not reach any state."""
    blocks, unchecked = _looked((_REVOKED, _revoked(project, day, cluster)))
    return blocks, [*unchecked, f"{_DEPARTED}: that needs Terraform's states, and --no-plan none"]


def _looked(*parts: tuple[str, Iterator[Block]]) -> tuple[list[Block], list[str]]:
    blocks: list[Block] = []
    unchecked = []
    for what, found in parts:
        try:
            blocks += found
        except KuberosterError as error:
            unchecked.append(f"{what}: {_first_line(error)}")
    return blocks, unchecked


def _revoked(project: Project, day: date, cluster: Cluster) -> Iterator[Block]:
    marks = read_revocations(cluster, project.settings.state.namespace)
    for entry in project.roster.on(day).teams:
        team = entry.team.name
        for name in sorted({user.name for user in entry.users} & marks.keys()):
            what = f"{revoked_by(marks[name])}, and users/{team}.py gives access still"
            yield revoked_block(team, name, what)


def _departed(project: Project, cluster: Cluster, known: Collection[str]) -> Iterator[Block]:
    for team in departed_teams(cluster, project.roster, project.settings):
        if team.name not in known:
            what, mend = str(team).split("\n")
            yield Block(kind="team-left-behind", about=(team.name,), what=what, mend=mend)


def _first_line(error: KuberosterError) -> str:
    return str(error).splitlines()[0].rstrip(".")
