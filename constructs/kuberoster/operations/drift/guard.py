"""Whether the guard in the cluster is what cdktf.json says of it."""

from dataclasses import dataclass, field

from kuberoster.cluster import Cluster
from kuberoster.model.settings import Settings
from kuberoster.operations.drift.find import Difference
from kuberoster.operations.guard import read_guard


@dataclass(frozen=True, kw_only=True, slots=True)
class GuardDrift:
    """What of the guard is not as it should be, or could not be looked at."""

    differences: list[Difference] = field(default_factory=list)
    unseen: str | None = None
    """Why it was not looked at, although cdktf.json says that it stands."""
    beside: str | None = None
    """What to say where more stands than cdktf.json says."""


def guard_drift(cluster: Cluster, settings: Settings) -> GuardDrift:
    """Compare the guard with `settings.guard`, which says whether it stands."""
    found = read_guard(cluster, settings.roster, settings.state.namespace)
    left = [Difference(each.object, each.state, each.what) for each in found.left]
    if not settings.guard:
        if found.state in ("absent", "unseen", "unsupported"):
            return GuardDrift(differences=left)
        return GuardDrift(
            differences=left,
            beside=f"the admission policies of the roster {settings.roster!r} are in the cluster, "
            "and cdktf.json says that there is no guard. Run `kuberoster bootstrap`, and commit "
            "cdktf.json.",
        )
    match found.state:
        case "unseen":
            return GuardDrift(
                unseen=f"the guard was not looked at: {found.why_not}, and cdktf.json says that it "
                "stands.\n"
                "Give it what `kuberoster job-roles drift` prints."
            )
        case "unsupported":
            what = f"cdktf.json says that it stands, and {found.why_not}"
            return GuardDrift(
                differences=[Difference(f"Guard of {settings.roster}", "missing", what)]
            )
    return GuardDrift(
        differences=[
            Difference(fault.object, fault.state, f"{fault.what}: run kuberoster bootstrap")
            for fault in found.faults
        ]
        + left
    )
