"""What keeps a deploy from another cluster than the one that was meant."""

import json

from kuberoster.constructs._cdktf import (
    Construct,
    DataKubernetesNamespaceV1,
    Postcondition,
)
from kuberoster.model.addresses import CLUSTER
from kuberoster.model.attributes import literal
from kuberoster.model.objects import CLUSTER_NAMESPACE
from kuberoster.model.settings import ClusterSettings


class ClusterUid(DataKubernetesNamespaceV1):
    """Fails each plan for a cluster whose namespace `kube-system` has another UID.

    Whatever led Terraform there: a kubeconfig that was changed, or a variable of the
    environment. What a stack makes first depends on this. Its Terraform address is
    `data.kubernetes_namespace_v1.CLUSTER`.
    """

    def __init__(self, scope: Construct, id: str, *, uid: str, cluster: ClusterSettings) -> None:
        """Declare the check; `cluster` is what the error says of how Terraform came there."""
        file = cluster.kubeconfig or "that the environment names"
        context = f"context {cluster.context!r}" if cluster.context else "KUBE_CTX, or the current"
        where = literal(f"{context} of the kubeconfig {file}")
        super().__init__(
            scope,
            id,
            metadata={"name": CLUSTER_NAMESPACE},
            lifecycle={
                "postcondition": [
                    Postcondition(
                        condition=f"${{self.metadata[0].uid == {json.dumps(literal(uid))}}}",
                        error_message="This is another cluster than cdktf.json is for: the uid of "
                        f"its namespace {CLUSTER_NAMESPACE} is ${{self.metadata[0].uid}}, and "
                        f"context.kuberoster.cluster.uid is {literal(uid)}. Terraform went to "
                        f"{where}. Name the right one. Where the cluster was made anew, remove "
                        "the uid from cdktf.json and run kuberoster bootstrap.",
                    )
                ]
            },
        )
        self.override_logical_id(CLUSTER)
