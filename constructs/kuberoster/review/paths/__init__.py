"""Who can come to act as whom, and by which rights."""

from kuberoster.review.paths.found import Paths, paths
from kuberoster.review.paths.path import Path, Step, in_words
from kuberoster.review.paths.target import Accounts

__all__ = ["Accounts", "Path", "Paths", "Step", "in_words", "paths"]
