"""A real Kubernetes control plane on this machine, for the demo and the tests.

etcd, kube-apiserver and a kube-controller-manager with the few controllers that
ServiceAccounts, namespaces and quotas need, at the versions that go.mod pins.
No kubelet, so no pod ever runs. Linux only.
"""

from controlplane.build import build
from controlplane.cluster import ControlPlane
from controlplane.errors import ControlPlaneError

__all__ = ["ControlPlane", "ControlPlaneError", "build"]
