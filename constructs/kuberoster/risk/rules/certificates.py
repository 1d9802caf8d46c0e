"""Certificates: who may approve and sign them, and for whose names."""

from kuberoster.risk.finding import RiskRule
from kuberoster.risk.hits import either, meets
from kuberoster.risk.right import WRITE, right

_GROUP = "certificates.k8s.io"
_CERTIFICATES = "certificates"
_KUBERNETES = "kubernetes.io/"
_CLIENTS = {
    "kubernetes.io/kube-apiserver-client",
    "kubernetes.io/kube-apiserver-client-kubelet",
    "kubernetes.io/kube-apiserver-client-pod",
    "kubernetes.io/*",
}
"""By whose certificates a client is who their common name says.

https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/#kubernetes-signers
"""
_SERVING = {"kubernetes.io/kubelet-serving"}
_SIGNING = "https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/#authorization"
_REASONS = (
    "https://kubernetes.io/docs/concepts/security/rbac-good-practices/#csrs-and-certificate-issuing"
)

REQUEST = right(
    "create",
    f"certificatesigningrequests.{_GROUP}",
    does="ask for certificates",
    makes=_CERTIFICATES,
    clustered=True,
)
APPROVAL = right(
    "update patch",
    f"certificatesigningrequests.{_GROUP}/approval",
    does="approve requests for certificates, where signers are granted too",
    makes=_CERTIFICATES,
    clustered=True,
)
APPROVE = right(
    "approve",
    f"signers.{_GROUP}",
    does="approve certificates of signers, where approval is granted too",
    makes=_CERTIFICATES,
    clustered=True,
)
APPROVE_CLIENTS = right(
    "approve", f"signers.{_GROUP}", clustered=True, names=lambda name: name in _CLIENTS
)
APPROVE_SERVING = right(
    "approve", f"signers.{_GROUP}", clustered=True, names=lambda name: name in _SERVING
)
STATUS = right(
    "update patch",
    f"certificatesigningrequests.{_GROUP}/status",
    does="write certificates into requests, where signers are granted too",
    makes=_CERTIFICATES,
    clustered=True,
)
POD_STATUS = right(
    "update patch",
    f"podcertificaterequests.{_GROUP}/status",
    does="write certificates into requests of pods, where signers are granted too",
)
SIGN = right(
    "sign",
    f"signers.{_GROUP}",
    does="sign in a signer's place, where a request's status is granted too",
    makes=_CERTIFICATES,
    clustered=True,
    names=lambda name: name.startswith(_KUBERNETES),
)
TRUST_BUNDLES = right(
    WRITE,
    f"clustertrustbundles.{_GROUP}",
    does="change which certificates pods trust, where signers are granted too",
    clustered=True,
)
ATTEST = right("attest", f"signers.{_GROUP}", clustered=True)

RULES = (
    RiskRule(
        id="approve-certificates",
        severity="critical",
        reason=(
            "can approve a client certificate for any name, the cluster's administrators among "
            "them; it can't be revoked"
        ),
        source=_REASONS,
        mend=(
            "Leave approval out; resource_names narrow it to some signers, and never to "
            "kubernetes.io/kube-apiserver-client."
        ),
        hits=meets(APPROVAL, APPROVE_CLIENTS),
    ),
    RiskRule(
        id="approve-serving-certificates",
        severity="medium",
        reason="can approve a serving certificate for a kubelet that is none",
        source=_REASONS,
        mend="Let a controller approve them that checks the addresses of nodes.",
        hits=meets(APPROVAL, APPROVE_SERVING),
    ),
    RiskRule(
        id="sign-certificates",
        severity="high",
        reason=(
            "can write the certificate of a request in a signer's place, which whoever asked "
            "takes for the signer's"
        ),
        source=_SIGNING,
        mend="Leave signing to the signer's own ServiceAccount.",
        hits=either(meets(STATUS, SIGN), meets(POD_STATUS, SIGN)),
    ),
    RiskRule(
        id="attest-trust-bundles",
        severity="medium",
        system_severity="high",
        reason="can say which certificates the pods trust that mount a signer's bundle",
        source="https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/#cluster-trust-bundles",
        mend="Leave clustertrustbundles to the signer's own ServiceAccount.",
        hits=meets(TRUST_BUNDLES, ATTEST),
    ),
)
