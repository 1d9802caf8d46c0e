"""Whether Terraform can get the provider, asked before anything is installed or built."""

import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from kuberoster import KuberosterError
from kuberoster.model.settings import PROVIDER_VERSION


def why_no_provider(environment: Mapping[str, str]) -> str | None:
    """What `terraform init` says where it can't get the provider; None where it can.

    Raises KuberosterError where Terraform itself is missing.
    """
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "main.tf").write_text(
            "terraform {\n  required_providers {\n    kubernetes = {\n"
            f'      source  = "hashicorp/kubernetes"\n      version = "{PROVIDER_VERSION}"\n'
            "    }\n  }\n}\n"
        )
        command = ["terraform", f"-chdir={folder}", "init", "-no-color", "-input=false"]
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, check=False, env=environment
            )
        except FileNotFoundError:
            raise KuberosterError(
                "terraform: is not installed.\nInstall Terraform 1.11 or later: "
                "https://developer.hashicorp.com/terraform/install"
            ) from None
    return None if done.returncode == 0 else done.stderr.strip()
