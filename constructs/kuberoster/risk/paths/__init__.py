"""Who can come to act as whom, and by which rights."""

from kuberoster.risk.paths.found import Paths, paths
from kuberoster.risk.paths.path import Path, Step, in_words
from kuberoster.risk.paths.target import Accounts

__all__ = ["Accounts", "Path", "Paths", "Step", "in_words", "paths"]
