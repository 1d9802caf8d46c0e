"""The identity of a user."""

from collections.abc import Mapping, Sequence

from kuberoster.constructs._cdktf import Construct, ITerraformDependable, ServiceAccountV1
from kuberoster.model.attributes import attributes
from kuberoster.model.manifests import service_account


class ServiceAccount(ServiceAccountV1):
    """A ServiceAccount for somebody outside the cluster: no pod gets its token by default.

    Its Terraform address is `kubernetes_service_account_v1.<address>`. It has no `secret`
    block: a token Secret names its ServiceAccount, never the other way round.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # the name that every construct has for it
        *,
        name: str,
        namespace: str,
        address: str,
        labels: Mapping[str, str],
        annotations: Mapping[str, str] | None = None,
        depends_on: Sequence[ITerraformDependable] = (),
    ) -> None:
        super().__init__(
            scope,
            id,
            **attributes(service_account(name, namespace, labels, annotations or {})),
            depends_on=list(depends_on),
        )
        self.override_logical_id(address)
