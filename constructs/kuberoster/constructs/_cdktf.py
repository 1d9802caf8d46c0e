"""The one module that imports CDKTF, constructs and the Kubernetes provider.

Moving to CDK Terrain, the successor of the archived cdktf, is a change of this file and of
requirements.txt: `cdktn` for `cdktf`, `cdktn_provider_kubernetes` for the provider.
"""

import importlib
import importlib.util
import os
import sys
import typing
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from kuberoster.model.errors import KuberosterError
from kuberoster.programs import NODE, check, check_packages

# jsii prints a banner to stderr at each start on a Node past its end of life; the variable
# lists major versions.
os.environ.setdefault("JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION", "18,20,21,22,23,24")

# For Node, what `_load_provider_lazily` is for Python.
_PRELOAD = f'--require "{Path(__file__).with_name("preload.cjs").as_posix()}"'
if _PRELOAD not in os.environ.get("NODE_OPTIONS", ""):
    os.environ["NODE_OPTIONS"] = f"{os.environ.get('NODE_OPTIONS', '')} {_PRELOAD}".strip()

_PROVIDER = "cdktf_cdktf_provider_kubernetes"


def _load_provider_lazily() -> None:
    """Put a module in the provider's place that imports a submodule when it is asked for.

    The package's own `__init__` imports all 222 of them, which takes seconds. What imports the
    package after us finds the same names, each loaded at its first use.
    """
    spec = importlib.util.find_spec(_PROVIDER)
    if _PROVIDER in sys.modules or spec is None:
        return
    package = ModuleType(_PROVIDER)
    package.__spec__ = spec
    package.__file__ = spec.origin
    package.__path__ = list(spec.submodule_search_locations or ())

    def load(name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        try:
            return importlib.import_module(f"{_PROVIDER}.{name}")
        except ModuleNotFoundError:
            raise AttributeError(f"module {_PROVIDER!r} has no attribute {name!r}") from None

    package.__getattr__ = load  # type: ignore[method-assign]  # PEP 562
    sys.modules[_PROVIDER] = package


def _how_to_start() -> str:
    """What mends most of why Node does not start, or can't unpack what it runs."""
    folder = next(filter(None, map(os.environ.get, ("TMPDIR", "TMP", "TEMP"))), "/tmp")  # noqa: S108
    return (
        f"It unpacks itself into {folder} (TMPDIR names another folder) and 200 MB, once, into "
        "~/.cache (JSII_RUNTIME_PACKAGE_CACHE_ROOT): each must be there, writable and not full."
    )


def _start() -> None:
    """Start jsii's Node, or end the program with what is missing.

    Whoever imports this can't go on without; a traceback through jsii would not say why.
    """
    try:
        check_packages("cdktf", _PROVIDER)
        check(NODE)
        importlib.import_module("cdktf")
        importlib.import_module(f"{_PROVIDER}._jsii")
    except KuberosterError as error:
        sys.exit(str(error))
    except Exception as error:  # jsii has errors of many kinds
        sys.unraisablehook = lambda _: None  # of jsii's that has half begun
        wrong = str(error).partition("\n")[0].rstrip(".")
        sys.exit(f"CDKTF does not start: {wrong}.\n{_how_to_start()}")


_load_provider_lazily()
_start()

from cdktf import (  # noqa: E402  # after the environment is set
    App,
    ITerraformDependable,
    Postcondition,
    Precondition,
    TerraformBackend,
    TerraformRemoteState,
    TerraformStack,
)
from cdktf_cdktf_provider_kubernetes.cluster_role_binding_v1 import (  # noqa: E402
    ClusterRoleBindingV1,
    ClusterRoleBindingV1Subject,
)
from cdktf_cdktf_provider_kubernetes.cluster_role_v1 import (  # noqa: E402
    ClusterRoleV1,
    ClusterRoleV1Rule,
)
from cdktf_cdktf_provider_kubernetes.data_kubernetes_config_map_v1 import (  # noqa: E402
    DataKubernetesConfigMapV1,
)
from cdktf_cdktf_provider_kubernetes.data_kubernetes_namespace_v1 import (  # noqa: E402
    DataKubernetesNamespaceV1,
)
from cdktf_cdktf_provider_kubernetes.default_service_account_v1 import (  # noqa: E402
    DefaultServiceAccountV1,
)
from cdktf_cdktf_provider_kubernetes.namespace_v1 import NamespaceV1  # noqa: E402
from cdktf_cdktf_provider_kubernetes.provider import KubernetesProvider  # noqa: E402
from cdktf_cdktf_provider_kubernetes.resource_quota_v1 import ResourceQuotaV1  # noqa: E402
from cdktf_cdktf_provider_kubernetes.role_binding_v1 import (  # noqa: E402
    RoleBindingV1,
    RoleBindingV1Subject,
)
from cdktf_cdktf_provider_kubernetes.role_v1 import RoleV1, RoleV1Rule  # noqa: E402
from cdktf_cdktf_provider_kubernetes.secret_v1 import SecretV1  # noqa: E402
from cdktf_cdktf_provider_kubernetes.service_account_v1 import ServiceAccountV1  # noqa: E402

from constructs import Construct  # noqa: E402

__all__ = [
    "App",
    "ClusterRoleBindingV1",
    "ClusterRoleBindingV1Subject",
    "ClusterRoleV1",
    "ClusterRoleV1Rule",
    "Construct",
    "DataKubernetesConfigMapV1",
    "DataKubernetesNamespaceV1",
    "DefaultServiceAccountV1",
    "ITerraformDependable",
    "KubernetesProvider",
    "NamespaceV1",
    "Postcondition",
    "Precondition",
    "ResourceQuotaV1",
    "RoleBindingV1",
    "RoleBindingV1Subject",
    "RoleV1",
    "RoleV1Rule",
    "SecretV1",
    "ServiceAccountV1",
    "TerraformBackend",
    "TerraformRemoteState",
    "TerraformStack",
    "unchecked_arguments",
]


@contextmanager
def unchecked_arguments() -> Iterator[None]:
    """Leave out the type check that generated code makes of each argument of each call.

    It takes a third of the time of a synthesis. What the roster passes is checked by its model
    and by mypy, and jsii's kernel still refuses a value of a wrong type.
    """
    unchecked = ModuleType("typing")
    vars(unchecked).update(vars(typing), get_type_hints=lambda _: defaultdict(lambda: None))
    quick = {"typing": unchecked, "check_type": lambda *_, **__: None}
    modules = [
        module
        for name, module in list(sys.modules.items())
        if name.partition(".")[0] in {"cdktf", "constructs", _PROVIDER}
        and hasattr(module, "check_type")
    ]
    kept = [{name: vars(module)[name] for name in quick} for module in modules]
    for module in modules:
        vars(module).update(quick)
    try:
        yield
    finally:
        for module, own in zip(modules, kept, strict=True):
            vars(module).update(own)
