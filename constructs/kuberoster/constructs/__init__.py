"""Constructs for CDKTF: users of a Kubernetes cluster, and what they are made of.

`TeamStack` and `TokenUser` are the roster's; the others are their parts, and each works alone
in any CDKTF app that has a Kubernetes provider.
"""

from kuberoster.constructs.app import synthesise
from kuberoster.constructs.bindings import ClusterBinding, NamespaceBinding
from kuberoster.constructs.cluster_uid import ClusterUid
from kuberoster.constructs.namespaces import ExistingNamespace, GuardedNamespace
from kuberoster.constructs.revocations import RevocationGuard
from kuberoster.constructs.roles import CustomClusterRole, CustomRole
from kuberoster.constructs.service_account import ServiceAccount
from kuberoster.constructs.state_backend import StateBackend
from kuberoster.constructs.team_stack import TeamStack
from kuberoster.constructs.token_secret import TokenSecret
from kuberoster.constructs.token_user import TokenUser

__all__ = [
    "ClusterBinding",
    "ClusterUid",
    "CustomClusterRole",
    "CustomRole",
    "ExistingNamespace",
    "GuardedNamespace",
    "NamespaceBinding",
    "RevocationGuard",
    "ServiceAccount",
    "StateBackend",
    "TeamStack",
    "TokenSecret",
    "TokenUser",
    "synthesise",
]
