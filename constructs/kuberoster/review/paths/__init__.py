"""Who can come to act as whom, and by which rights."""

from kuberoster.review.paths.found import Paths, paths
from kuberoster.review.paths.path import Path, Step, name_of
from kuberoster.review.paths.target import Accounts

__all__ = ["Accounts", "Path", "Paths", "Step", "name_of", "paths"]
