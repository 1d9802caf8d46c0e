"""Who is measured: kuberoster, and what people would take instead."""

from bench.contenders.contender import Contender
from bench.contenders.for_each import ForEach
from bench.contenders.kubectl import Kubectl
from bench.contenders.kuberoster_cdktf import KuberosterCdktf
from bench.contenders.kuberoster_terraform import KuberosterTerraform

__all__ = ["CONTENDERS", "Contender"]

CONTENDERS: tuple[Contender, ...] = (
    Kubectl(),
    KuberosterTerraform(),
    KuberosterCdktf(),
    ForEach("for_each", backend="kubernetes", wait=True),
    ForEach("for_each, no waiting", backend="kubernetes", wait=False),
    ForEach("for_each, local state", backend="local", wait=True),
)
"""kubectl first: the others' ratios are to it."""
