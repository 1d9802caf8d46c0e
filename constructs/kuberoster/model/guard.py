"""What the guard goes by, and whether it is taken to stand."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kuberoster.model.settings import Settings

ADMISSION = "admissionregistration.k8s.io"
POLICY, BINDING = "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"

RIGHTS_GROUP, RIGHTS_RESOURCE = "kuberoster.io", "rosters"
"""The API group and resource on which RBAC gives the rights that the guard asks for.

No such resource has to exist: CEL's authorizer asks RBAC, which compares names.
"""
DEPLOY, REVOKE = "deploy", "revoke"
"""The verbs: who may make credentials of the roster's users, and who may mark and lift."""

RESOURCES = {
    POLICY: "validatingadmissionpolicies",
    BINDING: "validatingadmissionpolicybindings",
}
"""What the API calls them in its paths, and RBAC in its rules."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Guarding:
    """Whether the guard stands, and what is to be said of that."""

    stands: bool
    words: str = ""
    """Goes on from what a review stands on; empty where there is nothing to say."""


def as_set(settings: "Settings") -> Guarding:
    """What cdktf.json says, where no cluster is asked."""
    if not settings.guard:
        return Guarding(stands=False)
    return Guarding(stands=True, words="; the guard is taken to stand, as cdktf.json says")
