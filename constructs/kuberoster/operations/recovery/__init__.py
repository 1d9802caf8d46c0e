"""Bringing roster, state and cluster together again."""

from kuberoster.operations.recovery.carry_out import carry_out
from kuberoster.operations.recovery.prepare import Prepared, prepare
from kuberoster.operations.recovery.retire import Retirement, find_left_behind, retire

__all__ = ["Prepared", "Retirement", "carry_out", "find_left_behind", "prepare", "retire"]
