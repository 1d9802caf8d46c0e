"""What the API server says of a deploy before it is done."""

from kuberoster.operations.dry_run.send import DryRun, dry_run

__all__ = ["DryRun", "dry_run"]
