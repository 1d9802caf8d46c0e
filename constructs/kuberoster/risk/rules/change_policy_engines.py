"""Rules of Gatekeeper and Kyverno."""

from kuberoster.risk.finding import RiskRule
from kuberoster.risk.needs import CHANGE, asks, either, meets

_EVERYWHERE = (
    "constrainttemplates.templates.gatekeeper.sh assign.mutations.gatekeeper.sh "
    "assignmetadata.mutations.gatekeeper.sh assignimage.mutations.gatekeeper.sh "
    "modifyset.mutations.gatekeeper.sh clusterpolicies.kyverno.io"
)
_NAMESPACED = "configs.config.gatekeeper.sh policies.kyverno.io policyexceptions.kyverno.io"

RULE = RiskRule(
    id="change-policy-engines",
    severity="high",
    reason=(
        "can switch off or change the rules by which a policy engine forbids and changes objects"
    ),
    source="https://open-policy-agent.github.io/gatekeeper/website/docs/",
    mend="Leave policy engines to the cluster's administrators.",
    hits=either(meets(asks(CHANGE, _EVERYWHERE, clustered=True)), meets(asks(CHANGE, _NAMESPACED))),
)
