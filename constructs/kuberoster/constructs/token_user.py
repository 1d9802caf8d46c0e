"""A user, whole."""

import os
from collections.abc import Sequence

from kuberoster.constructs._cdktf import Construct, ITerraformDependable, TerraformStack
from kuberoster.constructs.bindings import bind
from kuberoster.constructs.service_account import ServiceAccount
from kuberoster.constructs.token_secret import TokenSecret
from kuberoster.model.addresses import address
from kuberoster.model.errors import KuberosterError
from kuberoster.model.fields import annotations
from kuberoster.model.objects import TOKEN_LABEL, user_bindings, user_labels
from kuberoster.model.team import Team
from kuberoster.model.token import secret_prefix
from kuberoster.model.useless import PAST, useless_faults
from kuberoster.model.user import User


class TokenUser(Construct):
    """A person or machine with its ServiceAccount, a Secret for each token, and bindings.

    `depends_on` is what has to be there first: the guards of the namespace. A name is used
    once in a stack. Raises KuberosterError with every fault of the user and team.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        user: User,
        team: Team,
        depends_on: Sequence[ITerraformDependable] = (),
    ) -> None:
        _check(user, team)
        super().__init__(scope, id)
        own = address(user.name)
        _claim(scope, own, user.name)
        labels = user_labels(user, team)
        said = annotations(user)

        service_account = ServiceAccount(
            self,
            "service-account",
            name=user.name,
            namespace=team.namespace,
            address=own,
            labels=labels,
            annotations=said,
            depends_on=depends_on,
        )
        for label in user.labels:
            TokenSecret(
                self,
                f"token-{label}",
                prefix=secret_prefix(user.name, label),
                namespace=team.namespace,
                service_account=user.name,
                service_account_address=own,
                address=address(user.name, label),
                labels={**labels, TOKEN_LABEL: label},
                annotations=said,
                depends_on=[service_account],
            )
        for binding in user_bindings(user, team):
            bind(self, binding, labels=labels, depends_on=[service_account])


def _check(user: User, team: Team) -> None:
    faults = [(f"team {team.name!r}", fault) for fault in team.faults()]
    faults += [(f"user {user.name!r}", fault) for fault in user.faults()]
    if PAST not in os.environ:
        faults += [(f"team {team.name!r}", fault) for fault in useless_faults(team.access)]
        faults += [(f"user {user.name!r}", fault) for fault in useless_faults(user.access)]
    if faults:
        raise KuberosterError(
            "\n\n".join(f"{who}: {wrong}.\n{mend}" for who, (wrong, mend) in faults)
        )


def _claim(scope: Construct, own: str, name: str) -> None:
    # CDKTF merges two resources of one address without a word, and a user would be lost.
    stack = scope if isinstance(scope, TerraformStack) else TerraformStack.of(scope)
    users: set[str] = stack.__dict__.setdefault("_kuberoster_users", set())
    if own in users:
        raise KuberosterError(
            f"user {name!r}: is in this stack already.\n"
            "A name is used once; give the other user another one."
        )
    users.add(own)
