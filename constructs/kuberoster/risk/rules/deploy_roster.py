"""Being a deployer of the roster."""

from kuberoster.risk.finding import RiskRule
from kuberoster.risk.guarded import deploys

RULE = RiskRule(
    id="deploy-roster",
    severity="critical",
    reason=(
        "is a deployer of the roster: the guard lets the user write tokens, ServiceAccounts and "
        "bindings of all roster users, and Terraform's state, as far as other rights go"
    ),
    source="https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/#authz-checks",
    mend="Give the verb deploy on rosters.kuberoster.io to the credential of the deploy job alone.",
    hits=deploys,
)
