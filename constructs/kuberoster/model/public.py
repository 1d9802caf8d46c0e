"""What `kuberoster` has for files of users/."""

from kuberoster.model.access import ClusterRole, Grant, Role, admin, edit, view
from kuberoster.model.errors import KuberosterError
from kuberoster.model.rule import Rule
from kuberoster.model.team import Team
from kuberoster.model.token import Token
from kuberoster.model.user import User
from kuberoster.model.waiver import Waiver

__all__ = [
    "ClusterRole",
    "Grant",
    "KuberosterError",
    "Role",
    "Rule",
    "Team",
    "Token",
    "User",
    "Waiver",
    "admin",
    "edit",
    "view",
]
