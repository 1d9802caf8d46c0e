"""`make demo`: users/ on a local cluster, and what each user can do there.

Everything lies in .demo/, the administrator's kubeconfig included; no other cluster and no
other kubeconfig is touched.
"""

import argparse
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from demo.creating import create, create_from_manifests, namespaces
from demo.provider import why_no_provider
from demo.tries import show_what_users_can_do
from kuberoster import KuberosterError
from kuberoster.cluster import Cluster
from kuberoster.model.days import today
from kuberoster.model.folder import load_folder
from kuberoster.model.settings import ClusterSettings, Settings

ROOT = Path(__file__).resolve().parents[1]
DEMO = ROOT / ".demo"
CLUSTER = DEMO / "cluster"
ADMIN = CLUSTER / "kubeconfig"
NO_PROVIDER = 3
"""Exit status of `check` where the demo goes on without Terraform."""


def check() -> int:
    """Say so, and return NO_PROVIDER, where Terraform can't get its provider.

    Runs before anything is installed or built, so it needs the standard library only.
    """
    reason = why_no_provider(_environment())
    if not reason:
        return 0
    print(
        "Terraform can't get the provider hashicorp/kubernetes, so nothing is deployed here: "
        "the same objects are created from `kuberoster manifests`.\n"
        "To mend it, give this machine access to registry.terraform.io, or a mirror: "
        "https://developer.hashicorp.com/terraform/cli/config/config-file"
        "#provider-installation\n" + _indented(reason)
    )
    return NO_PROVIDER


def up(*, deploy: bool) -> int:
    """Start the cluster, deploy users/ to it (or create the objects), and try each token."""
    settings, everyone = load_folder(ROOT)
    _refuse_another_cluster(settings)
    roster = everyone.on(today())
    _run("python", "-m", "controlplane", "up", str(CLUSTER))
    cluster = Cluster.connect(kubeconfig=str(ADMIN))
    places = namespaces(roster)
    for namespace in places:
        create(cluster, {"kind": "Namespace", "metadata": {"name": namespace}})
    _bootstrap()
    if deploy:
        # The lock file covers other platforms only with a registry at hand, so it is left out.
        _run("cdktf", "deploy", "*", "--auto-approve", "--skip-provider-lock")
    else:
        create_from_manifests(cluster, roster)
    kubeconfigs = {user.name: DEMO / f"{user.name}.kubeconfig" for user in roster.users}
    for name, file in kubeconfigs.items():
        _run("kuberoster", "kubeconfig", name, "-o", str(file))
    show_what_users_can_do(kubeconfigs, sorted({*places, "default"}))
    print(
        "\nGo on with:\n"
        f"  export KUBECONFIG={shlex.quote(str(ADMIN))}; export KUBE_CONFIG_PATH=$KUBECONFIG\n"
        '  export PATH="$PWD/.venv/bin:$PWD/node_modules/.bin:$PATH" CHECKPOINT_DISABLE=1\n'
        + (
            "  edit users/web.py, then: cdktf diff, cdktf deploy, kuberoster kubeconfig USER\n"
            if deploy
            else "  make demo-down, then see the first line to mend Terraform, and make demo\n"
        )
        + "  make demo-down"
    )
    return 0


def _bootstrap() -> None:
    """Prepare the cluster, without a word of it in cdktf.json: that is for yours.

    The cluster is the demo's own, and may be there from the last time.
    """
    copy = DEMO / "bootstrap"
    # A team whose file went since the last time is not in it.
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(ROOT / "users", copy / "users")
    shutil.copy(ROOT / "cdktf.json", copy)
    _run("kuberoster", "-C", str(copy), "bootstrap", "--same-roster", "--no-guard")


def down() -> int:
    """Stop the cluster and delete .demo/; may be run again."""
    # Imported here: `check` needs the standard library only.
    from controlplane.layout import Layout  # noqa: PLC0415

    # An `up` that ended early, in the first build or by Ctrl-C, leaves no cluster but .demo/.
    if Layout(CLUSTER).exists():
        _run("python", "-m", "controlplane", "down", str(CLUSTER), "--delete")
    if DEMO.is_dir():
        shutil.rmtree(DEMO)
    return 0


def _refuse_another_cluster(settings: Settings) -> None:
    if settings.cluster != ClusterSettings() or settings.state.backend != "kubernetes":
        raise KuberosterError(
            "cdktf.json: names a cluster or a state of yours, and the demo keeps to its own.\n"
            'Run it in a checkout where context.kuberoster has "cluster": {} and the backend '
            '"kubernetes".'
        )


def _run(*command: str) -> None:
    print(f"\n$ {shlex.join(command)}", flush=True)
    if command[0] == "python":
        command = (sys.executable, *command[1:])
    done = subprocess.run(command, cwd=ROOT, env=_environment(), check=False)
    if done.returncode:
        raise KuberosterError(f"demo: {command[0]} failed, as it says above.")


def _environment() -> dict[str, str]:
    """The environment without anything that leads to another cluster, and without telemetry."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("KUBE")}
    # The provider is downloaded once, not once for each check and each team.
    cache = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser()
    plugins = cache / "kuberoster" / "terraform-plugins"
    plugins.mkdir(parents=True, exist_ok=True)
    return own | {
        "KUBECONFIG": str(ADMIN),
        "KUBE_CONFIG_PATH": str(ADMIN),
        "CHECKPOINT_DISABLE": "1",
        "DISABLE_VERSION_CHECK": "1",
        "TF_PLUGIN_CACHE_DIR": str(plugins),
    }


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines() if line.strip())


def main() -> int:
    """Run one action; the exit status."""
    parser = argparse.ArgumentParser(prog="demo", description=__doc__)
    parser.add_argument("action", choices=["check", "up", "down"])
    parser.add_argument("--without-terraform", action="store_true", help="when `check` said so")
    options = parser.parse_args()
    try:
        if options.action == "check":
            return check()
        return down() if options.action == "down" else up(deploy=not options.without_terraform)
    except KuberosterError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
