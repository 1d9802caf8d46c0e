"""ServiceAccounts, and the tokens that the API server makes for them on request."""

from kuberoster.risk.finding import RiskRule
from kuberoster.risk.hits import among_users, away_from_guard, either, meets, naming, unguarded
from kuberoster.risk.right import DELETE, right
from kuberoster.risk.scope import Scope

REQUEST_TOKENS = right(
    "create",
    "serviceaccounts/token",
    does="make tokens of ServiceAccounts",
    makes="tokens of other ServiceAccounts",
)
CREATE_ACCOUNTS = right("create", "serviceaccounts", makes="ServiceAccounts")
CHANGE_ACCOUNTS = right("update patch", "serviceaccounts")
DELETE_ACCOUNTS = right(DELETE, "serviceaccounts")
WRITE_ACCOUNTS = right("create update patch", "serviceaccounts")


def is_user(scope: Scope, name: str) -> bool:
    """Whether a ServiceAccount of this name in a scope is a user of the roster."""
    return scope.surroundings.is_user(scope.namespace, name)


RULES = (
    RiskRule(
        id="request-tokens",
        severity="medium",
        system_severity="critical",
        reason="can request tokens of the ServiceAccounts there, and so act as them",
        source="https://kubernetes.io/docs/concepts/security/rbac-good-practices/#token-request",
        mend="Leave serviceaccounts/token out; resource_names narrow it to some ServiceAccounts.",
        hits=away_from_guard(meets(REQUEST_TOKENS)),
    ),
    RiskRule(
        id="request-users-tokens",
        severity="critical",
        reason="can request a token of the roster's users, and so act as any of them",
        source="https://kubernetes.io/docs/concepts/security/rbac-good-practices/#token-request",
        mend="Grant no serviceaccounts/token in a users' namespace, nor over the whole cluster.",
        hits=unguarded(among_users(naming(meets(REQUEST_TOKENS), is_user))),
    ),
    RiskRule(
        id="write-service-accounts",
        severity="low",
        system_severity="high",
        reason=(
            "can make ServiceAccounts, which are in the groups of their namespace, and set "
            "annotations by which a cloud gives them roles of its own"
        ),
        source="https://kubernetes.io/docs/concepts/security/service-accounts/",
        mend="Let what deploys the application make its ServiceAccounts.",
        hits=away_from_guard(meets(WRITE_ACCOUNTS)),
    ),
    RiskRule(
        id="write-roster-users",
        severity="high",
        reason=(
            "can remove users of the roster or, where no guard stands, change them and add one "
            "that no roster shows, with all that the team may do"
        ),
        source="https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-subjects",
        mend="Grant nothing on ServiceAccounts in a users' namespace, nor over the whole cluster.",
        hits=among_users(
            either(
                unguarded(meets(CREATE_ACCOUNTS)),
                unguarded(naming(meets(CHANGE_ACCOUNTS), is_user)),
                naming(meets(DELETE_ACCOUNTS), is_user),
            )
        ),
    ),
)
