"""Terraform, run on the stacks that `cdktf deploy` applies, with the same state and lock."""

from kuberoster.operations.terraform.diagnostics import RevokedUsers, TerraformError
from kuberoster.operations.terraform.lock import Lock, terraform_processes
from kuberoster.operations.terraform.run import Terraform
from kuberoster.operations.terraform.seen import SeenState, see_state
from kuberoster.operations.terraform.stack import KIND_OF, Resource, declared_resources
from kuberoster.operations.terraform.state import State
from kuberoster.operations.terraform.stored import (
    StoredState,
    cut_file,
    state_file,
    stored_state,
    why_unreadable,
)
from kuberoster.operations.terraform.synthesis import stack_document, synthesise_stacks

__all__ = [
    "KIND_OF",
    "Lock",
    "Resource",
    "RevokedUsers",
    "SeenState",
    "State",
    "StoredState",
    "Terraform",
    "TerraformError",
    "cut_file",
    "declared_resources",
    "see_state",
    "stack_document",
    "state_file",
    "stored_state",
    "synthesise_stacks",
    "terraform_processes",
    "why_unreadable",
]
