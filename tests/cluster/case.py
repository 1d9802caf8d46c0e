"""What a case of a kubeconfig is: see test_as_kubectl.py."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tests.cluster.api_server import Seen
from tests.cluster.certificates import Pki
from tests.cluster.kubeconfigs import Home, Settings

REFUSES = "refuses"
"""kubectl ends with an error too, and no request reaches the server."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """One kubeconfig, what we do with it, and what kubectl does (None: the same)."""

    name: str
    user: Settings | Callable[[Pki], Settings]
    ours: Seen | str
    cluster: Settings | Callable[[Home], Settings] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=dict)
    kubectl: Seen | str | None = None


CERT = Seen(certificate="cert-user")
