"""Whom somebody can come to act as."""

from typing import NamedTuple

from kuberoster.rbac.policy import Identity


class Accounts(NamedTuple):
    """ServiceAccounts: one, all of a namespace, or all that there are.

    Most rights reach a whole namespace, so a thousand victims are one value and not a thousand.
    """

    namespace: str = ""
    """Empty for all namespaces."""
    name: str = ""
    """Empty for all of the namespace."""

    def covers(self, namespace: str, name: str) -> bool:
        """Whether one ServiceAccount is among these."""
        return self.namespace in ("", namespace) and self.name in ("", name)


Target = Accounts | Identity
"""Roster users are ServiceAccounts; another user or group is a step on the way to them."""


def wider(accounts: Accounts) -> tuple[Accounts, Accounts, Accounts]:
    """All that include these accounts, themselves last."""
    return Accounts(), Accounts(accounts.namespace), accounts
