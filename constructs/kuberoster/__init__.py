"""Who has access to a Kubernetes cluster, as a Python list.

A file in users/ needs only these names:

    from kuberoster import User, edit, view

    USERS = [
        User("ann", email="ann@example.com", access=[edit("web"), view("api")]),
    ]

Importing this package loads neither CDKTF nor a Kubernetes client; the constructs are in
`kuberoster.constructs`.
"""

import sys

# Before anything that an older Python does not read; written so that it reads this.
if sys.version_info < (3, 11):  # noqa: UP036
    sys.exit(
        "kuberoster needs Python 3.11 or later, and %s is %d.%d."  # noqa: UP031
        % ((sys.executable,) + sys.version_info[:2])  # noqa: RUF005
    )

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
