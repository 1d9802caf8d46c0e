"""Creating PersistentVolumes."""

from kuberoster.risk.finding import RiskRule
from kuberoster.risk.needs import WRITE, asks, meets

RULE = RiskRule(
    id="write-persistent-volumes",
    severity="high",
    reason=(
        "can make a volume of any directory of a node (hostPath), whatever Pod Security says, "
        "and read or write it from a pod"
    ),
    source="https://kubernetes.io/docs/concepts/security/rbac-good-practices/#persistent-volume-creation",
    mend="Let a provisioner make volumes of PersistentVolumeClaims.",
    hits=meets(asks(WRITE, "persistentvolumes", clustered=True)),
)
