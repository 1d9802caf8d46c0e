"""One long-lived token of a user."""

from collections.abc import Mapping, Sequence

from kuberoster.constructs._cdktf import Construct, ITerraformDependable, SecretV1
from kuberoster.model.attributes import attributes
from kuberoster.model.manifests import token_secret


class TokenSecret(SecretV1):
    """A Secret in which Kubernetes puts a token for a ServiceAccount.

    A legacy token's claims hold the Secret's name and no time, so a Secret that comes back
    under an old name brings its old token back. Here each creation has a new, generated name,
    and replacing the ServiceAccount replaces the Secret in the same apply.

    The token never reaches Terraform: write-only data keeps the provider from reading `data`
    into state. Never change `data_wo_revision`, and never import such a Secret.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        prefix: str,
        namespace: str,
        service_account: str,
        service_account_address: str,
        address: str,
        labels: Mapping[str, str],
        annotations: Mapping[str, str] | None = None,
        depends_on: Sequence[ITerraformDependable] = (),
    ) -> None:
        """Declare the Secret; `service_account_address` is that of the ServiceAccount construct.

        `prefix` has at most 58 characters and no dots; the API server appends five.
        """
        super().__init__(
            scope,
            id,
            **attributes(token_secret(prefix, namespace, service_account, labels, annotations)),
            data_wo={},
            data_wo_revision=1,
            # The token controller makes ten tokens a second; a deploy does not queue for it.
            wait_for_service_account_token=False,
            lifecycle={
                "replace_triggered_by": [
                    f"kubernetes_service_account_v1.{service_account_address}.metadata[0].uid"
                ]
            },
            depends_on=list(depends_on),
        )
        self.override_logical_id(address)
