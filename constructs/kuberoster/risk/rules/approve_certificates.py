"""Approving certificate requests."""

from kuberoster.risk.finding import RiskRule
from kuberoster.risk.needs import asks, meets

_GROUP = "certificates.k8s.io"
_APPROVAL = asks("update patch", f"certificatesigningrequests.{_GROUP}/approval", clustered=True)
_APPROVE = asks("approve", f"signers.{_GROUP}", clustered=True)

RULE = RiskRule(
    id="approve-certificates",
    severity="critical",
    reason=(
        "can approve a client certificate for any name, the cluster's administrators among "
        "them; it can't be revoked"
    ),
    source="https://kubernetes.io/docs/concepts/security/rbac-good-practices/#csrs-and-certificate-issuing",
    mend=(
        "Leave approval out; resource_names narrow it to some signers, and never to "
        "kubernetes.io/kube-apiserver-client."
    ),
    hits=meets(_APPROVAL, _APPROVE),
)
