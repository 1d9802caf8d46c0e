"""A namespace that holds users, and in which nothing can run."""

from collections.abc import Mapping, Sequence

from kuberoster.constructs._cdktf import (
    Construct,
    DataKubernetesNamespaceV1,
    DefaultServiceAccountV1,
    ITerraformDependable,
    NamespaceV1,
    Postcondition,
    Precondition,
    ResourceQuotaV1,
)
from kuberoster.model.attributes import attributes
from kuberoster.model.manifests import default_service_account, namespace, quota
from kuberoster.model.objects import POD_SECURITY, QUOTA_NAME, ROSTER_LABEL, TEAM_LABEL


class GuardedNamespace(Construct):
    """A namespace of ServiceAccounts for people, closed to pods.

    A pod there could use any user's identity, so a ResourceQuota allows none, Pod Security
    `restricted` stands behind it, and the `default` ServiceAccount mounts no token. Whatever
    is put into the namespace depends on `guards`.
    """

    guards: Sequence[ITerraformDependable]
    """The guards; each depends on the namespace."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        name: str,
        address: str,
        labels: Mapping[str, str],
        annotations: Mapping[str, str] | None = None,
        depends_on: Sequence[ITerraformDependable] = (),
        preconditions: Sequence[Precondition] = (),
    ) -> None:
        super().__init__(scope, id)
        made = NamespaceV1(
            self,
            "namespace",
            **attributes(namespace(name, labels, annotations or {})),
            # Its default ServiceAccount is patched below, so it has to be there.
            wait_for_default_service_account=True,
            depends_on=list(depends_on) or None,
            lifecycle=_lifecycle(preconditions),
        )
        made.override_logical_id(address)
        self.guards = _guards(self, name, address, labels, made)


class ExistingNamespace(Construct):
    """A namespace that was there before, taken only when `kuberoster bootstrap` prepared it.

    Bootstrap closes it to pods first and then looks for pods, ServiceAccounts, Secrets and
    bindings of others; only where there are none does it leave the label that is asked for
    here. A plan fails when the label or Pod Security is missing.
    """

    guards: Sequence[ITerraformDependable]
    """The guards; each depends on the namespace."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        name: str,
        address: str,
        team: str,
        labels: Mapping[str, str],
        depends_on: Sequence[ITerraformDependable] = (),
        preconditions: Sequence[Precondition] = (),
    ) -> None:
        super().__init__(scope, id)
        expected = {TEAM_LABEL: team, **POD_SECURITY}
        # Bootstrap of an earlier version left no roster's name, and that is fine.
        absent = {ROSTER_LABEL: labels[ROSTER_LABEL]} if ROSTER_LABEL in labels else {}
        namespace = DataKubernetesNamespaceV1(
            self,
            "namespace",
            metadata={"name": name},
            lifecycle={
                "postcondition": [
                    Postcondition(
                        condition=f'${{lookup(self.metadata[0].labels, "{key}", '
                        f'"{absent.get(key, "")}") == "{value}"}}',
                        error_message=f"Namespace {name} has no label {key}={value}. "
                        "Run kuberoster bootstrap: it takes the namespace when it is empty.",
                    )
                    for key, value in {**expected, **absent}.items()
                ]
            },
            depends_on=list(depends_on) or None,
        )
        namespace.override_logical_id(address)
        self.guards = _guards(self, name, address, labels, namespace, preconditions)


def _guards(
    scope: Construct,
    name: str,
    address: str,
    labels: Mapping[str, str],
    namespace: ITerraformDependable,
    preconditions: Sequence[Precondition] = (),
) -> Sequence[ITerraformDependable]:
    no_pods = ResourceQuotaV1(
        scope,
        "quota",
        **attributes(quota(QUOTA_NAME, name, labels)),
        depends_on=[namespace],
        lifecycle=_lifecycle(preconditions),
    )
    no_pods.override_logical_id(address)
    account = attributes(default_service_account(name, labels))
    del account["metadata"]["name"]  # the resource knows it
    default = DefaultServiceAccountV1(
        scope,
        "default-service-account",
        **account,
        depends_on=[namespace],
    )
    default.override_logical_id(address)
    return [no_pods, default]


def _lifecycle(preconditions: Sequence[Precondition]) -> dict[str, list[Precondition]] | None:
    return {"precondition": list(preconditions)} if preconditions else None
