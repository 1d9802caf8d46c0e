"""The one way in which kuberoster talks to a Kubernetes API.

`Cluster.connect` finds the kubeconfig and the credential as kubectl does, and refuses to work
anonymously. Importing this package loads no client library; connecting does.
"""

from kuberoster.cluster.client import Cluster
from kuberoster.cluster.errors import (
    ClusterError,
    Conflict,
    Expired,
    Forbidden,
    NotFound,
    Unauthorized,
    Unreachable,
    Untrusted,
    in_one_line,
)
from kuberoster.cluster.lists import from_one_moment
from kuberoster.cluster.paths import quote_name

__all__ = [
    "Cluster",
    "ClusterError",
    "Conflict",
    "Expired",
    "Forbidden",
    "NotFound",
    "Unauthorized",
    "Unreachable",
    "Untrusted",
    "from_one_moment",
    "in_one_line",
    "quote_name",
]
