"""Storage: volumes, and the claims that hold applications' data."""

from kuberoster.risk.finding import RiskRule
from kuberoster.risk.hits import meets, one_of
from kuberoster.risk.right import CHANGE, DELETE, of_groups, right

_GROUP = "storage.k8s.io"
_SNAPSHOTS = "snapshot.storage.k8s.io"
_SHARED = "storageclasses csidrivers csinodes volumeattachments volumeattributesclasses"

CREATE_VOLUMES = right(
    "create", "persistentvolumes", does="make volumes of directories of nodes", clustered=True
)
"""What a volume is made of stays as it is (the API server refuses to change its source)."""
CHANGE_VOLUMES = right(f"update patch {DELETE}", "persistentvolumes", clustered=True)
SHARED = right(
    CHANGE,
    of_groups({_GROUP: _SHARED, _SNAPSHOTS: "volumesnapshotcontents volumesnapshotclasses"}),
    clustered=True,
)
BACKENDS = right(
    CHANGE,
    of_groups({_GROUP: "csistoragecapacities", "longhorn.io": "*", "ceph.rook.io": "*"}),
)
SNAPSHOTS = right(
    "create",
    f"volumesnapshots.{_SNAPSHOTS} volumegroupsnapshots.group{_SNAPSHOTS}",
    does="copy the data of volumes",
)
CLAIMS = right(CHANGE, "persistentvolumeclaims")

RULES = (
    RiskRule(
        id="write-persistent-volumes",
        severity="high",
        reason=(
            "can make a volume of any directory of a node (hostPath), whatever Pod Security "
            "says, and read or write it from a pod"
        ),
        source="https://kubernetes.io/docs/concepts/security/rbac-good-practices/#persistent-volume-creation",
        mend="Let a provisioner make volumes of PersistentVolumeClaims.",
        hits=meets(CREATE_VOLUMES),
    ),
    RiskRule(
        id="change-storage",
        severity="medium",
        reason="can change how volumes are made, attached and removed for all namespaces",
        source="https://kubernetes.io/docs/concepts/storage/storage-classes/",
        mend="Leave storage to the cluster's administrators.",
        hits=one_of(SHARED, CHANGE_VOLUMES, BACKENDS),
    ),
    RiskRule(
        id="change-volume-claims",
        severity="low",
        system_severity="medium",
        reason="can remove the claims that hold an application's data, and take up volumes",
        source="https://kubernetes.io/docs/concepts/storage/persistent-volumes/#reclaiming",
        mend=("Leave persistentvolumeclaims out, and let what deploys the application make them."),
        hits=meets(CLAIMS),
    ),
    RiskRule(
        id="copy-volumes",
        severity="low",
        reason="can copy an application's data by a snapshot, of which a pod can have a volume",
        source="https://kubernetes.io/docs/concepts/storage/volume-snapshots/",
        mend="Leave volumesnapshots to what backs up the application.",
        hits=meets(SNAPSHOTS),
    ),
)
