"""Ending a user's access now, in the cluster, and keeping it ended."""

from kuberoster.operations.revocation.find_user import Account, Places, find_accounts
from kuberoster.operations.revocation.marks import (
    Revocation,
    lift,
    read_revocations,
    refuse_revoked,
    revoked_and_active,
    revoked_by,
)
from kuberoster.operations.revocation.revoke import Revoked, revoke_user
from kuberoster.operations.revocation.revoke_token import revoke_token

__all__ = [
    "Account",
    "Places",
    "Revocation",
    "Revoked",
    "find_accounts",
    "lift",
    "read_revocations",
    "refuse_revoked",
    "revoke_token",
    "revoke_user",
    "revoked_and_active",
    "revoked_by",
]
