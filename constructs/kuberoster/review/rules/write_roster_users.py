"""Writing the ServiceAccounts of the roster's users."""

from kuberoster.review.needs import CHANGE, among_users, asks, meets
from kuberoster.review.risk import RiskRule

RULE = RiskRule(
    id="write-roster-users",
    severity="high",
    reason=(
        "can add a user that no roster shows, with all that the team may do, or remove and "
        "change those that are there"
    ),
    source="https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-subjects",
    mend="Grant nothing on ServiceAccounts in a users' namespace, nor over the whole cluster.",
    hits=among_users(meets(asks(CHANGE, "serviceaccounts"))),
)
