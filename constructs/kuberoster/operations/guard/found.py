"""What is to be said of a cluster's guard, where risks and paths are judged by it."""

from collections.abc import Iterable

from kuberoster.cluster.inventory import Object
from kuberoster.model.guard import Guarding
from kuberoster.model.roster import Roster
from kuberoster.model.settings import Settings
from kuberoster.operations.guard.read import Guard, outside_guard


def as_found(
    guard: Guard, settings: Settings, roster: Roster, namespaces: Iterable[Object]
) -> Guarding:
    """What a cluster has; of these namespaces, those of the roster have to carry its label."""
    homes = {entry.team.namespace for entry in roster.teams}
    bare = outside_guard((each["metadata"] for each in namespaces), homes, settings.roster)
    if guard.stands and not bare:
        return Guarding(stands=True, words="; the guard's policies stand")
    if guard.state in ("absent", "unsupported") and not settings.guard:
        return Guarding(stands=False)
    bare_ones = f"namespaces without the roster's label: {', '.join(bare)}"
    why = bare_ones if guard.stands else guard.why_not
    if guard.state == "unseen":
        said = "whether the guard stands is not known"
    elif settings.guard:
        said = "cdktf.json says that the guard stands, and it does not"
    else:
        said = "the guard does not stand whole"
    return Guarding(stands=False, words=f"; {said} ({why}), so all is judged without it")
