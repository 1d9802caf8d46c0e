"""Terraform, run on the stacks that `cdktf deploy` applies, with the same state and lock."""

from kuberoster.operations.terraform.diagnostics import RevokedUsers, TerraformError
from kuberoster.operations.terraform.lock import Lock, terraform_processes
from kuberoster.operations.terraform.run import Terraform
from kuberoster.operations.terraform.stack import KIND_OF, Resource, declared_resources
from kuberoster.operations.terraform.state import State
from kuberoster.operations.terraform.stored import (
    StoredState,
    stored_state,
    unreadable_file,
)
from kuberoster.operations.terraform.synthesis import stack_document, synthesise_stacks

__all__ = [
    "KIND_OF",
    "Lock",
    "Resource",
    "RevokedUsers",
    "State",
    "StoredState",
    "Terraform",
    "TerraformError",
    "declared_resources",
    "stack_document",
    "stored_state",
    "synthesise_stacks",
    "terraform_processes",
    "unreadable_file",
]
