"""Custom resources by which controllers act for whoever writes them."""

from kuberoster.risk.finding import RiskRule
from kuberoster.risk.hits import one_of
from kuberoster.risk.right import CHANGE, right

POLICY_ENGINES = right(
    CHANGE,
    "constrainttemplates.templates.gatekeeper.sh assign.mutations.gatekeeper.sh "
    "assignmetadata.mutations.gatekeeper.sh assignimage.mutations.gatekeeper.sh "
    "modifyset.mutations.gatekeeper.sh clusterpolicies.kyverno.io",
    does="change what a policy engine forbids and changes",
    clustered=True,
)
POLICIES = right(
    CHANGE,
    "configs.config.gatekeeper.sh policies.kyverno.io policyexceptions.kyverno.io",
    does="change what a policy engine forbids and changes",
)

RULES = (
    RiskRule(
        id="change-policy-engines",
        severity="high",
        reason=(
            "can switch off or change the rules by which a policy engine forbids and changes "
            "objects"
        ),
        source="https://open-policy-agent.github.io/gatekeeper/website/docs/",
        mend="Leave policy engines to the cluster's administrators.",
        hits=one_of(POLICY_ENGINES, POLICIES),
    ),
)
