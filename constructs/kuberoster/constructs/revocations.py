"""What keeps a deploy from giving access back to a user whom `kuberoster revoke` stopped."""

import json
from collections.abc import Sequence

from kuberoster.constructs._cdktf import (
    Construct,
    DataKubernetesConfigMapV1,
    Postcondition,
)
from kuberoster.model.attributes import literal
from kuberoster.model.objects import REVOKED_IN_CLUSTER, REVOKED_USERS


class RevocationGuard(DataKubernetesConfigMapV1):
    """Fails each plan in which one of these users is marked as revoked in the cluster.

    The mark is a key of the ConfigMap `revoked-users`; where that or its namespace is not
    there, nobody is revoked. What gives the users access depends on this. Its Terraform
    address is `data.kubernetes_config_map_v1.<address>`.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        namespace: str,
        users: Sequence[str],
        address: str,
    ) -> None:
        """Declare the guard; `namespace` holds the ConfigMap, `users` are names of active users."""
        names = json.dumps([literal(user) for user in sorted(users)])
        # `data` is null where the ConfigMap is not there.
        revoked = f"setintersection(keys(coalesce(self.data, {{}})), {names})"
        super().__init__(
            scope,
            id,
            metadata={"name": REVOKED_USERS, "namespace": namespace},
            lifecycle={
                "postcondition": [
                    Postcondition(
                        condition=f"${{length({revoked}) == 0}}",
                        error_message=f'{REVOKED_IN_CLUSTER}${{join(", ", {revoked})}}. '
                        "This deploy would give access again. Suspend the user in the roster "
                        '(suspended="why"), or remove the user from it. Only where access is '
                        "meant to come back, lift it first: kuberoster revoke USER --lift",
                    )
                ]
            },
        )
        self.override_logical_id(address)
