"""What Terraform says when a plan fails, as `-json` has it."""

import json
import re
from collections.abc import Iterator
from typing import Any

from kuberoster.model.errors import KuberosterError
from kuberoster.model.objects import REVOKED_IN_CLUSTER, REVOKED_USERS

_GUARD = f"data.kubernetes_config_map_v1.{REVOKED_USERS}.lifecycle.postcondition"
_REVOKED = re.compile(rf"{re.escape(REVOKED_IN_CLUSTER)}(\S+(?:, \S+)*)\. ")


class TerraformError(KuberosterError):
    """A command of Terraform failed; the message holds what it said."""


class RevokedUsers(TerraformError):
    """A plan failed because it would give access to users who are revoked in the cluster."""

    def __init__(self, team: str, users: tuple[str, ...]) -> None:
        super().__init__(
            f"{team}: revoked in the cluster: {', '.join(users)}.\n"
            "Suspend the user in the roster, or lift it: kuberoster revoke USER --lift"
        )
        self.users = users


def failure(team: str, said: str) -> TerraformError | None:
    """The error of a plan that failed; None where Terraform gave no diagnostic.

    It is RevokedUsers when the stack's guard is all that failed (`RevocationGuard`).
    """
    errors = list(_errors(said))
    if not errors:
        return None
    revoked = [_revoked(error) for error in errors]
    if all(revoked):
        return RevokedUsers(team, tuple(sorted({user for users in revoked for user in users})))
    told = "\n".join(f"{each['summary']}: {each.get('detail', '')}".strip(": ") for each in errors)
    return TerraformError(f"{team}: terraform plan failed.\n{told}")


def _errors(said: str) -> Iterator[dict[str, Any]]:
    for line in said.splitlines():
        try:
            diagnostic = json.loads(line).get("diagnostic", {})
        except (ValueError, AttributeError):
            continue
        if diagnostic.get("severity") == "error":
            yield diagnostic


def _revoked(error: dict[str, Any]) -> list[str]:
    where = (error.get("snippet") or {}).get("context") or ""
    found = _REVOKED.match(error.get("detail", ""))
    return found[1].split(", ") if found and where.startswith(_GUARD) else []
