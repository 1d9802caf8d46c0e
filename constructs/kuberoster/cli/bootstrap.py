"""`kuberoster bootstrap`."""

import argparse
import os
import sys

from kuberoster.cli.command import Commands, add_command, connect, read_roster
from kuberoster.model.objects import ROSTER_LABEL
from kuberoster.model.settings import Settings


def add(commands: "Commands[argparse.ArgumentParser]") -> None:
    """Add the command to the parser."""
    parser = add_command(
        commands,
        "bootstrap",
        _run,
        summary="prepare a cluster for the first deploy",
        description="Make the namespace of Terraform's state, closed to pods, and take the\n"
        "existing namespaces that teams name, when they are empty. May be run again.",
        example="kuberoster bootstrap && cdktf deploy",
    )
    parser.add_argument(
        "--same-roster",
        action="store_true",
        help="the roster that the cluster knows by this name is the one of this folder",
    )


def _run(options: argparse.Namespace) -> int:
    # Imported here: see connect.
    from kuberoster.operations.bootstrap import bootstrap  # noqa: PLC0415
    from kuberoster.operations.claim import check_claim  # noqa: PLC0415

    settings, roster = read_roster(options)
    cluster = connect(settings)
    print(f"cluster {cluster.context} at {cluster.server}")
    older = check_claim(cluster, roster, settings, same=options.same_roster)
    bootstrap(cluster, roster, settings.state, print)
    if older:
        print(
            f"roster {settings.roster}: takes over what an earlier version deployed; the next "
            f"deploy adds the label {ROSTER_LABEL}={settings.roster} to each object, in place"
        )
    _mention_terraform(settings)
    return 0


def _mention_terraform(settings: Settings) -> None:
    """Say so when Terraform would not find the cluster that was just prepared."""
    # In a pod it takes the pod's own, and `connect` refuses what would lead to another.
    seen = ("KUBE_CONFIG_PATH", "KUBE_CONFIG_PATHS", "KUBERNETES_SERVICE_HOST")
    if settings.cluster.kubeconfig is None and not any(map(os.environ.get, seen)):
        print(
            "Terraform reads neither KUBECONFIG nor ~/.kube/config by itself. Before you deploy: "
            "export KUBE_CONFIG_PATH=~/.kube/config, or set context.kuberoster.cluster.kubeconfig "
            "in cdktf.json.",
            file=sys.stderr,
        )
