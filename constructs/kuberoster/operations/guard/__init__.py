"""The admission policies by which the API server itself keeps a roster's users safe."""

from kuberoster.operations.guard.make import make_guard
from kuberoster.operations.guard.policies import deployer_rule, guard_manifests
from kuberoster.operations.guard.read import (
    PLURALS,
    Guard,
    GuardFault,
    as_found,
    guarded_states,
    of_no_roster,
    outside_guard,
    read_guard,
)
from kuberoster.operations.guard.trial import DOES_NOT_SEE, refuses_marked

__all__ = [
    "DOES_NOT_SEE",
    "PLURALS",
    "Guard",
    "GuardFault",
    "as_found",
    "deployer_rule",
    "guard_manifests",
    "guarded_states",
    "make_guard",
    "of_no_roster",
    "outside_guard",
    "read_guard",
    "refuses_marked",
]
