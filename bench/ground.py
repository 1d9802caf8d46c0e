"""Where one contender is measured: an empty cluster and a folder, both of its own."""

import json
import os
import shlex
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.objects import manifests
from bench.process import measure
from bench.roster import NAMESPACES, Roster, write_users
from controlplane import ControlPlane
from kuberoster.cluster import Cluster
from kuberoster.cluster.kinds import collection
from kuberoster.model.manifests import Manifest
from kuberoster.model.settings import PROVIDER_VERSION

ROOT = Path(__file__).resolve().parents[1]
PYTHON = shlex.quote(sys.executable)
KUBEROSTER = f"{PYTHON} -m kuberoster.cli"
CDKTF = shlex.quote(str(ROOT / "node_modules" / ".bin" / "cdktf"))

REQUIRED_PROVIDER = (
    'kubernetes = { source = "hashicorp/kubernetes", version = "' + PROVIDER_VERSION + '" }'
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Ground:
    """A folder with main.py, cdktf.json and users/, and the cluster that its commands reach."""

    folder: Path
    environment: dict[str, str]
    control_plane: ControlPlane
    cluster: Cluster
    users: int

    def write_users(self, roster: Roster) -> None:
        """Bring users/ to this roster."""
        write_users(self.folder / "users", self.users, roster)

    def expected(self, roster: Roster) -> list[Manifest]:
        """The objects of this roster; users/ is brought to it."""
        self.write_users(roster)
        return manifests(self.folder / "users")

    def prepare(self, script: str) -> None:
        """Run what is not measured."""
        measure(script, self.folder, self.environment)


@contextmanager
def new_ground(users: int, mirror: Path) -> Iterator[Ground]:
    """A control plane that runs alone and has only what a first deploy needs.

    These are the namespaces that users have access to, and what `kuberoster bootstrap` makes.
    """
    with TemporaryDirectory(prefix="kuberoster-bench-") as temporary:
        folder = Path(temporary) / "project"
        with ControlPlane(Path(temporary) / "cluster") as own:
            cluster = Cluster.connect(kubeconfig=str(own.kubeconfig))
            for name in NAMESPACES:
                cluster.create(collection("Namespace"), {"metadata": {"name": name}})
            _write_project(folder)
            environment = _environment(own.kubeconfig, mirror)
            ground = Ground(
                folder=folder,
                environment=environment,
                control_plane=own,
                cluster=cluster,
                users=users,
            )
            ground.write_users(Roster.WITHOUT_JOINER)
            ground.prepare(f"{KUBEROSTER} bootstrap")
            try:
                yield ground
            finally:
                cluster.close()


def provider_mirror(folder: Path) -> Path:
    """Get the provider once; a CLI configuration by which each `terraform init` finds it there.

    So no network and no cache is measured. Raises KuberosterError where Terraform can't get it.
    """
    (folder / "main.tf").write_text(
        f"terraform {{\n  required_providers {{\n    {REQUIRED_PROVIDER}\n  }}\n}}\n"
    )
    measure("terraform init -no-color -input=false", folder, own_environment())
    mirror = json.dumps(str(folder / ".terraform" / "providers"))
    configuration = folder / "terraformrc"
    configuration.write_text(
        f"provider_installation {{\n  filesystem_mirror {{\n    path = {mirror}\n  }}\n}}\n"
    )
    return configuration


def own_environment() -> dict[str, str]:
    """The environment without what leads to another cluster, and without telemetry.

    Every contender is a program in Go, or runs one; GOGC is what docs/scale.md advises.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KUBE")}
    if not Path(kept.get("TF_CLI_CONFIG_FILE", "/")).exists():
        del kept["TF_CLI_CONFIG_FILE"]  # each command would print a warning
    return kept | {
        "GOGC": "400",
        "PYTHONPATH": str(ROOT / "constructs"),
        "CHECKPOINT_DISABLE": "1",
        "DISABLE_VERSION_CHECK": "1",
        "CI": "true",
    }


def _environment(kubeconfig: Path, mirror: Path) -> dict[str, str]:
    return own_environment() | {
        "KUBECONFIG": str(kubeconfig),
        "KUBE_CONFIG_PATH": str(kubeconfig),
        "TF_CLI_CONFIG_FILE": str(mirror),
    }


def _write_project(folder: Path) -> None:
    folder.mkdir()
    shutil.copy(ROOT / "main.py", folder)
    (folder / "constructs").symlink_to(ROOT / "constructs")
    document = json.loads((ROOT / "cdktf.json").read_text())
    settings = {"app": f"{PYTHON} main.py", "context": {"kuberoster": {}}}
    (folder / "cdktf.json").write_text(json.dumps(document | settings))
