"""Constrained impersonation: the right to an identity, and the right to use it for something.

https://kubernetes.io/docs/reference/access-authn-authz/user-impersonation/
"""

from dataclasses import replace

from kuberoster.rbac.authorizer import ALL, PolicyRule
from kuberoster.risk.needs import Hits
from kuberoster.risk.scope import Evidence, Need, Scope


def acting(*modes: str) -> Need:
    """The right to use for anything an identity that one of these modes lets take."""
    actions = tuple(f"impersonate-on:{mode}:" for mode in modes)

    def part(rule: PolicyRule) -> PolicyRule | None:
        verbs = tuple(verb for verb in rule.verbs if verb == ALL or verb.startswith(actions))
        return replace(rule, verbs=verbs) if verbs else None

    return Need(part)


def constrained(identity: Need, *modes: str) -> Hits:
    """A hit where an identity may be taken here, and used for anything in any namespace."""
    use = acting(*modes)

    def hits(scope: Scope) -> list[Evidence]:
        who, what = scope.evidence(identity), scope.evidence_anywhere(use)
        return [*who, *what] if who and what else []

    return hits
