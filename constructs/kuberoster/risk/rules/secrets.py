"""Secrets: reading them, and writing them."""

from kuberoster.risk.finding import RiskRule
from kuberoster.risk.hits import among_users, away_from_guard, either, meets, naming, unguarded
from kuberoster.risk.right import DELETE, READ, SHOWN, right
from kuberoster.risk.scope import Form, Scope

_TOKENS = "token Secrets"
_COPIES = "copies of tokens in Secrets"

READ_SECRETS = right(READ, "secrets", makes=_COPIES)
DELETE_SECRETS = right(DELETE, "secrets", makes=_COPIES)
"""The API server answers with the object, also where nothing is deleted (dry run)."""
CREATE_SECRETS = right("create", "secrets", makes=_TOKENS)
CHANGE_SECRETS = right("update patch", "secrets", makes=_TOKENS)
PATCH_SECRETS = right("patch", "secrets")
SHOW_SECRETS = right(SHOWN, "secrets", does="read Secrets")
SHOW_SECRETS_UNWRITTEN = right(f"{READ} {DELETE}", "secrets")
"""What still shows one where the guard refuses writes; a patch is one, even as a dry run."""
SHOW_ALL_SECRETS = right(SHOWN, "secrets", unnamed=True)
SHOW_NAMED_SECRETS = Form(
    find=lambda rule: SHOW_SECRETS.part(rule) if rule.resource_names else None
)
WRITE_SECRETS = right("create update patch", "secrets")


def is_users_token(scope: Scope, name: str) -> bool:
    """Whether a Secret of this name in a scope can hold a token of a roster's user."""
    return bool(scope.surroundings.owners(scope.namespace, name))


RULES = (
    RiskRule(
        id="read-secrets",
        severity="medium",
        system_severity="critical",
        reason=(
            "can read every Secret: passwords and keys of applications, and the long-lived "
            "tokens of ServiceAccounts; list and watch show the contents as get does, and so do "
            "the answers to patch and delete, even as a dry run"
        ),
        source="https://kubernetes.io/docs/concepts/security/rbac-good-practices/#listing-secrets",
        mend=(
            "Leave Secrets out, as `view` does, or name the few that are needed in "
            "resource_names, with get alone."
        ),
        hits=meets(SHOW_ALL_SECRETS),
    ),
    RiskRule(
        id="read-named-secrets",
        severity="low",
        system_severity="medium",
        reason="can read the Secrets that are named, and whatever is put into them later",
        source="https://kubernetes.io/docs/concepts/security/rbac-good-practices/#listing-secrets",
        mend=(
            "Keep it to Secrets that the user needs, and rotate what is in them when the user "
            "leaves."
        ),
        hits=meets(SHOW_NAMED_SECRETS),
    ),
    RiskRule(
        id="write-secrets",
        severity="medium",
        system_severity="critical",
        reason=(
            "can create a Secret that Kubernetes fills with a lasting token for a "
            "ServiceAccount, and change the credentials that applications work with"
        ),
        source="https://kubernetes.io/docs/concepts/security/secrets-good-practices/",
        mend="Leave writing Secrets to whatever deploys the application.",
        hits=away_from_guard(meets(WRITE_SECRETS)),
    ),
    RiskRule(
        id="read-users-tokens",
        severity="critical",
        reason="can read the tokens of the roster's users, and so act as any of them",
        source="https://kubernetes.io/docs/concepts/security/rbac-good-practices/#listing-secrets",
        mend=(
            "Grant nothing on Secrets in a users' namespace, and Secrets nowhere over the whole "
            "cluster."
        ),
        # A patch shows them too, and is a write, which the guard refuses.
        hits=among_users(
            naming(
                either(meets(SHOW_SECRETS_UNWRITTEN), unguarded(meets(PATCH_SECRETS))),
                is_users_token,
            )
        ),
    ),
    RiskRule(
        id="delete-users-tokens",
        severity="medium",
        reason="can lock out the roster's users by deleting their token Secrets",
        source="https://kubernetes.io/docs/concepts/configuration/secret/#serviceaccount-token-secrets",
        mend=(
            "Grant nothing on Secrets in a users' namespace, and Secrets nowhere over the whole "
            "cluster."
        ),
        hits=among_users(naming(meets(DELETE_SECRETS), is_users_token)),
    ),
    RiskRule(
        id="write-users-secrets",
        severity="critical",
        reason=(
            "can create a token Secret for any of the roster's users, or put a removed one "
            "back, so that a token works again that was revoked"
        ),
        source="https://kubernetes.io/docs/concepts/configuration/secret/#serviceaccount-token-secrets",
        mend=(
            "Grant nothing on Secrets in a users' namespace, and Secrets nowhere over the whole "
            "cluster."
        ),
        hits=unguarded(among_users(naming(meets(WRITE_SECRETS), is_users_token))),
    ),
)
