"""Changing the cluster's storage."""

from kuberoster.risk.finding import RiskRule
from kuberoster.risk.needs import CHANGE, DELETE, asks, either, meets

_GROUP = "storage.k8s.io"
_NAMES = "storageclasses csidrivers csinodes volumeattachments volumeattributesclasses"
_SHARED = asks(CHANGE, " ".join(f"{name}.{_GROUP}" for name in _NAMES.split()), clustered=True)
_VOLUMES = asks(DELETE, "persistentvolumes", clustered=True)
_CAPACITIES = asks(CHANGE, f"csistoragecapacities.{_GROUP}")

RULE = RiskRule(
    id="change-storage",
    severity="medium",
    reason="can change how volumes are made, attached and removed for all namespaces",
    source="https://kubernetes.io/docs/concepts/storage/storage-classes/",
    mend="Leave storage to the cluster's administrators.",
    hits=either(meets(_SHARED), meets(_VOLUMES), meets(_CAPACITIES)),
)
