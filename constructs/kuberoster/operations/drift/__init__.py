"""What differs between the roster and a cluster, without Terraform."""

from kuberoster.operations.drift.find import Difference, find_drift

__all__ = ["Difference", "find_drift"]
