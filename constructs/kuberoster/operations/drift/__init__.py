"""What differs between the roster and a cluster, without Terraform."""

from kuberoster.operations.drift.find import Difference, find_drift
from kuberoster.operations.drift.guard import GuardDrift, guard_drift

__all__ = ["Difference", "GuardDrift", "find_drift", "guard_drift"]
