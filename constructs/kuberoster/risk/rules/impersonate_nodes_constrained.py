"""Impersonating nodes for some requests."""

from kuberoster.risk.finding import RiskRule
from kuberoster.risk.impersonation import constrained
from kuberoster.risk.needs import asks

_WHO = asks(
    "impersonate:arbitrary-node impersonate:associated-node",
    "nodes.authentication.k8s.io",
    clustered=True,
)

RULE = RiskRule(
    id="impersonate-nodes-constrained",
    severity="high",
    reason=(
        "can act as a node, which may read the Secrets of its pods, for the requests that the "
        "impersonate-on verbs name"
    ),
    source="https://kubernetes.io/docs/reference/access-authn-authz/user-impersonation/",
    mend="Leave nodes to what runs on them, which needs associated-node alone.",
    hits=constrained(_WHO, "arbitrary-node", "associated-node"),
)
