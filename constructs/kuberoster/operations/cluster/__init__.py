"""The one way in which kuberoster talks to a Kubernetes API.

`Cluster.connect` finds the kubeconfig and the credential as kubectl does, and refuses to work
anonymously. Importing this package loads no client library; connecting does.
"""

from kuberoster.operations.cluster.client import Cluster
from kuberoster.operations.cluster.errors import (
    ClusterError,
    Conflict,
    Forbidden,
    NotFound,
    Unreachable,
)
from kuberoster.operations.cluster.paths import quote_name

__all__ = [
    "Cluster",
    "ClusterError",
    "Conflict",
    "Forbidden",
    "NotFound",
    "Unreachable",
    "quote_name",
]
