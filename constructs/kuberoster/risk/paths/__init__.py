"""Who can come to act as whom, and by which rights."""

from kuberoster.risk.paths.edge import Accounts, Path, Step, in_words
from kuberoster.risk.paths.found import Paths, paths

__all__ = ["Accounts", "Path", "Paths", "Step", "in_words", "paths"]
