"""Terraform's CLI configuration, where it lets another program do the provider's work.

Where it lies: https://developer.hashicorp.com/terraform/cli/config/config-file; OpenTofu reads its
own names first. A mirror is no other program: the provider's checksums still count.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path

from kuberoster.model.home import expanded
from kuberoster.model.outdir import place_of_stacks

OVERRIDES = "dev_overrides"
"""The block of `provider_installation` that names another program."""

_FILES = (".terraformrc", ".tofurc")
_FOLDERS = (".terraform.d", ".tofu.d")
_VARIABLES = ("TF_CLI_CONFIG_FILE", "TERRAFORM_CONFIG")
_COMMENT = re.compile(r'("(?:\\.|[^"\\])*")|#[^\n]*|//[^\n]*|/\*.*?\*/', re.DOTALL)


def overriding_files() -> list[Path]:
    """The files of it that have overrides; one that can't be read has none."""
    return [file for file in _files() if _overrides(file)]


def _files() -> Iterator[Path]:
    for variable in _VARIABLES:
        if given := os.environ.get(variable):
            # And then no other. Terraform runs in the folder of a stack.
            stack = place_of_stacks() / "stacks" / "team"
            yield Path(os.path.normpath(stack / given))
            return
    home = expanded("~")
    yield from (home / name for name in _FILES)
    for folder in _FOLDERS:
        for form in ("*.tfrc", "*.tfrc.json"):
            yield from sorted((home / folder).glob(form))
    settings = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config")
    yield settings / "opentofu" / "tofurc"


def _overrides(file: Path) -> bool:
    try:
        if not file.is_file():
            return False
        text = file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return OVERRIDES in _COMMENT.sub(lambda found: found[1] or " ", text)
