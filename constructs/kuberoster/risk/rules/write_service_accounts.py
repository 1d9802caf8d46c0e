"""Writing ServiceAccounts."""

from kuberoster.risk.finding import RiskRule
from kuberoster.risk.guarded import away_from_guard
from kuberoster.risk.needs import WRITE, asks, meets

RULE = RiskRule(
    id="write-service-accounts",
    severity="low",
    system_severity="high",
    reason=(
        "can make ServiceAccounts, which are in the groups of their namespace, and set "
        "annotations by which a cloud gives them roles of its own"
    ),
    source="https://kubernetes.io/docs/concepts/security/service-accounts/",
    mend="Let what deploys the application make its ServiceAccounts.",
    hits=away_from_guard(meets(asks(WRITE, "serviceaccounts"))),
)
