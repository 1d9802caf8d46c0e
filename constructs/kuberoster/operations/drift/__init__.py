"""What differs between the roster and a cluster, without Terraform."""

from kuberoster.operations.drift.find import Difference, find_drift
from kuberoster.operations.drift.guard import guard_drift

__all__ = ["Difference", "find_drift", "guard_drift"]
