"""What differs between the roster and a cluster, without Terraform."""

from kuberoster.operations.drift.find import NOT_COMPARED, Difference, find_drift
from kuberoster.operations.drift.guard import guard_drift

__all__ = ["NOT_COMPARED", "Difference", "find_drift", "guard_drift"]
