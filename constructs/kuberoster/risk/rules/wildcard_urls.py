"""URLs by a wildcard."""

from dataclasses import replace

from kuberoster.rbac.authorizer import ALL, PolicyRule
from kuberoster.risk.finding import RiskRule
from kuberoster.risk.needs import meets
from kuberoster.risk.scope import Need

_DISCOVERY = ("/api/", "/apis/", "/openapi/", "/version/", "/healthz", "/livez", "/readyz")
"""What every authenticated user may request by default."""


def _part(rule: PolicyRule) -> PolicyRule | None:
    urls = tuple(
        url
        for url in rule.non_resource_urls
        if url.endswith(ALL) and not url.startswith(_DISCOVERY)
    )
    return replace(rule, non_resource_urls=urls) if urls else None


RULE = RiskRule(
    id="wildcard-urls",
    severity="medium",
    reason=(
        "may request every URL, or all that begin alike: metrics, logs, profiling and debug "
        "flags of the API server"
    ),
    source="https://kubernetes.io/docs/reference/access-authn-authz/rbac/#role-examples",
    mend="Write out the URLs.",
    hits=meets(Need(_part, clustered=True)),
)
