"""What the API server says of a deploy before it is done."""

from kuberoster.operations.dry_run.deploy import Action, Planned
from kuberoster.operations.dry_run.send import DryRun, dry_run

__all__ = ["Action", "DryRun", "Planned", "dry_run"]
