"""Signing certificate requests."""

from kuberoster.risk.finding import RiskRule
from kuberoster.risk.needs import asks, meets

_GROUP = "certificates.k8s.io"
_STATUS = asks("update patch", f"certificatesigningrequests.{_GROUP}/status", clustered=True)
_SIGN = asks("sign", f"signers.{_GROUP}", clustered=True)

RULE = RiskRule(
    id="sign-certificates",
    severity="high",
    reason=(
        "can write the certificate of a request in a signer's place, which whoever asked "
        "takes for the signer's"
    ),
    source="https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/#authorization",
    mend="Leave signing to the signer's own ServiceAccount.",
    hits=meets(_STATUS, _SIGN),
)
