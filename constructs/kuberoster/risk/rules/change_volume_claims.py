"""Changing claims on volumes."""

from kuberoster.risk.finding import RiskRule
from kuberoster.risk.needs import CHANGE, asks, meets

RULE = RiskRule(
    id="change-volume-claims",
    severity="low",
    system_severity="medium",
    reason="can remove the claims that hold an application's data, and take up volumes",
    source="https://kubernetes.io/docs/concepts/storage/persistent-volumes/#reclaiming",
    mend="Leave persistentvolumeclaims out, and let what deploys the application make them.",
    hits=meets(asks(CHANGE, "persistentvolumeclaims")),
)
