"""Rights that are written so widely that nobody can say what they will come to."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from kuberoster.model.served import ALL
from kuberoster.model.severity import Severity
from kuberoster.rbac.authorizer import PolicyRule
from kuberoster.risk.finding import RiskRule
from kuberoster.risk.hits import meets
from kuberoster.risk.right import right
from kuberoster.risk.scope import Evidence, Form, Scope

_LEAST = "https://kubernetes.io/docs/concepts/security/rbac-good-practices/#least-privilege"
_DISCOVERY = ("/api/", "/apis/", "/openapi/", "/version/", "/healthz", "/livez", "/readyz")
_READS = {"get", "list", "watch"}
_HAS_VERBS = {
    ALL,
    "clusterroles",
    "groups",
    "roles",
    "rosters",
    "securitycontextconstraints",
    "serviceaccounts",
    "signers",
    "uids",
    "users",
}
"""Resources with verbs of their own, such as `bind`, `impersonate` and `approve`."""
_WEIGHTY = {
    "",
    ALL,
    "admissionregistration.k8s.io",
    "apiextensions.k8s.io",
    "apiregistration.k8s.io",
    "apps",
    "authentication.k8s.io",
    "batch",
    "certificates.k8s.io",
    "rbac.authorization.k8s.io",
    "security.openshift.io",
}
"""Groups in which a wildcard takes in a right that this table calls bad."""

EVERYTHING = right("*", "*.*", does="do anything")


def _resources(rule: PolicyRule) -> PolicyRule | None:
    return rule if any(each.startswith(ALL) for each in rule.resources) else None


def _groups(rule: PolicyRule) -> PolicyRule | None:
    return rule if ALL in rule.api_groups and rule.resources else None


def _verbs(rule: PolicyRule) -> PolicyRule | None:
    return rule if ALL in rule.verbs and rule.resources else None


def _urls(rule: PolicyRule) -> PolicyRule | None:
    urls = tuple(
        url
        for url in rule.non_resource_urls
        if url.endswith(ALL) and not url.startswith(_DISCOVERY)
    )
    return replace(rule, non_resource_urls=urls) if urls else None


_URLS = Form(find=_urls, clustered=True)


def _everything(scope: Scope) -> list[Evidence]:
    """With the URLs, where the same binding gives all of these too: the whole role, then."""
    found = scope.evidence(EVERYTHING)
    bindings = [each.binding for each in found]
    return [*found, *(each for each in scope.evidence(_URLS) if each.binding in bindings)]


def _weigh(
    weighty: Callable[[PolicyRule], bool],
) -> Callable[[Scope, Sequence[Evidence]], Severity]:
    """Less where no rule is weighty, by which it lets do what no other rule speaks of."""

    def weigh(scope: Scope, evidence: Sequence[Evidence]) -> Severity:
        if not any(each.rule and weighty(each.rule) for each in evidence):
            return "low"
        return "high" if scope.is_system else "medium"

    return weigh


def _changes_all(rule: PolicyRule) -> bool:
    """More than reading, of more than a subresource or a group of an application's own."""
    return (
        not _READS.issuperset(rule.verbs)
        and bool(_WEIGHTY & {*rule.api_groups})
        and ALL in rule.resources
    )


def _has_verbs(rule: PolicyRule) -> bool:
    return bool(_WEIGHTY & {*rule.api_groups} and _HAS_VERBS & {*rule.resources})


def _unknown(scope: Scope) -> list[Evidence]:
    roles = scope.surroundings.policy.roles
    return [Evidence(binding, None) for binding in scope.bindings if binding.role not in roles]


RULES = (
    RiskRule(
        id="cluster-admin",
        severity="critical",
        reason="may do anything there, now and with whatever is installed later",
        source=_LEAST,
        mend="Grant what is needed: `admin` in the namespaces, and single rules for the cluster.",
        hits=_everything,
    ),
    RiskRule(
        id="wildcard-resources",
        severity="medium",
        system_severity="high",
        reason=(
            "may act on every resource and subresource of the group, those that later versions "
            "add included"
        ),
        source=_LEAST,
        mend="Write out the resources.",
        hits=meets(Form(find=_resources)),
        weigh=_weigh(_changes_all),
    ),
    RiskRule(
        id="wildcard-groups",
        severity="low",
        system_severity="medium",
        reason=(
            "may act on a resource of this name in every API group, those that are installed "
            "later included"
        ),
        source=_LEAST,
        mend="Write out the API groups.",
        hits=meets(Form(find=_groups)),
    ),
    RiskRule(
        id="wildcard-verbs",
        severity="medium",
        system_severity="high",
        reason=(
            "may use every verb, those with a meaning of their own included: escalate, bind, "
            "impersonate, and those that later versions add"
        ),
        source=_LEAST,
        mend="Write out the verbs.",
        hits=meets(Form(find=_verbs)),
        weigh=_weigh(_has_verbs),
    ),
    RiskRule(
        id="wildcard-urls",
        severity="medium",
        reason=(
            "may request every URL, or all that begin alike: metrics, logs, profiling and debug "
            "flags of the API server"
        ),
        source="https://kubernetes.io/docs/reference/access-authn-authz/rbac/#role-examples",
        mend="Write out the URLs.",
        hits=meets(_URLS),
    ),
    RiskRule(
        id="unknown-role",
        severity="low",
        reason=(
            "is bound to a role that is not there or not known offline; what it allows is "
            "decided by whoever writes it"
        ),
        source="https://github.com/appvia/krane/blob/master/config/rules.yaml",
        mend="Ask the live cluster, correct the name, or declare a Role in the roster.",
        hits=_unknown,
    ),
)
