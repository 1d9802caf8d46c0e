"""Whether a cluster is the one that cdktf.json names, whatever led to it.

A cluster is known by the UID of its namespace `kube-system`, which lives as long as the cluster.
"""

from kuberoster.cluster import Cluster, Forbidden, NotFound
from kuberoster.cluster.kinds import object_path
from kuberoster.model.errors import KuberosterError
from kuberoster.model.objects import CLUSTER_NAMESPACE
from kuberoster.model.settings import ClusterSettings


class AnotherCluster(KuberosterError):
    """The cluster is not the one that was meant."""


class UnknownCluster(KuberosterError):
    """The credential may not look at the namespace by which the cluster is known."""


def read_uid(cluster: Cluster) -> str:
    """The UID of a cluster. Raises UnknownCluster, or another ClusterError."""
    try:
        found = cluster.get(object_path("Namespace", CLUSTER_NAMESPACE))
    except (Forbidden, NotFound) as error:
        why = str(error).splitlines()[0]
        raise UnknownCluster(
            f"context {cluster.context!r} ({cluster.server}): nothing says which cluster it is, "
            f"since its namespace {CLUSTER_NAMESPACE} can't be read: {why.rstrip('.')}.\n"
            f"Give {cluster.whoami()} the right to get that one namespace; "
            "kuberoster job-roles prints it for each job."
        ) from None
    return str(found["metadata"]["uid"])


def check_uid(cluster: Cluster, meant: ClusterSettings) -> None:
    """Raise AnotherCluster, or UnknownCluster, where the settings say a UID; else do nothing."""
    if meant.uid is None:
        return
    uid = read_uid(cluster)
    if uid != meant.uid:
        raise AnotherCluster(
            f"context {cluster.context!r} ({cluster.server}) is another cluster than cdktf.json "
            f"is for: the uid of its namespace {CLUSTER_NAMESPACE} is {uid}, and "
            f"context.kuberoster.cluster.uid is {meant.uid}.\n"
            "Name the right context: context.kuberoster.cluster.context, or KUBE_CTX. Where the "
            "cluster was made anew, remove the uid from cdktf.json and run kuberoster bootstrap."
        )
