"""Acting as another user of the roster."""

from kuberoster.risk.finding import RiskRule
from kuberoster.risk.scope import UserScope

RULE = RiskRule(
    id="act-as-user",
    severity="critical",
    reason=(
        "can come to act as another user of the roster, at once or by way of others, and the "
        "audit log names that one"
    ),
    source="https://kubernetes.io/docs/concepts/security/rbac-good-practices/#kubernetes-rbac-privilege-escalation-risks",
    mend=(
        "Take away the first step of the path that the review shows, or the right further on "
        "that makes it worth taking."
    ),
    hits_of_user=UserScope.first_steps,
)
