"""Terraform, run on the stacks that `cdktf deploy` applies, with the same state and lock."""

from kuberoster.terraform.diagnostics import RevokedUsers, TerraformError
from kuberoster.terraform.lock import Lock, terraform_processes
from kuberoster.terraform.run import Terraform, stack_document, synthesise_stacks
from kuberoster.terraform.seen import SeenState, see_state
from kuberoster.terraform.stack import KIND_OF, Resource, declared_resources
from kuberoster.terraform.state import State
from kuberoster.terraform.stored import (
    StoredState,
    cut_file,
    state_file,
    stored_state,
    why_unreadable,
)

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
