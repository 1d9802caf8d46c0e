"""Writing the ServiceAccounts of the roster's users."""

from kuberoster.risk.finding import RiskRule
from kuberoster.risk.guarded import unguarded
from kuberoster.risk.needs import DELETE, WRITE, among_users, asks, either, meets

RULE = RiskRule(
    id="write-roster-users",
    severity="high",
    reason=(
        "can remove users of the roster or, where no guard stands, change them and add one that "
        "no roster shows, with all that the team may do"
    ),
    source="https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-subjects",
    mend="Grant nothing on ServiceAccounts in a users' namespace, nor over the whole cluster.",
    hits=among_users(
        either(
            unguarded(meets(asks(WRITE, "serviceaccounts"))),
            meets(asks(DELETE, "serviceaccounts")),
        )
    ),
)
