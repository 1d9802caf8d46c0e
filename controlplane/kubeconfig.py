"""Kubeconfigs that need no other file."""

import base64
from pathlib import Path

import yaml

from controlplane.files import write_private


def write(path: Path, *, context: str, server: str, certificates: Path, user: str) -> None:
    """Write the kubeconfig of the client certificate `user`.crt, readable by its owner only."""

    def embedded(name: str) -> str:
        return base64.b64encode((certificates / name).read_bytes()).decode()

    cluster = {"server": server, "certificate-authority-data": embedded("ca.crt")}
    credential = {
        "client-certificate-data": embedded(f"{user}.crt"),
        "client-key-data": embedded(f"{user}.key"),
    }
    name = f"{context}-{user}"
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": context, "cluster": cluster}],
        "users": [{"name": name, "user": credential}],
        "contexts": [{"name": context, "context": {"cluster": context, "user": name}}],
        "current-context": context,
    }
    write_private(path, yaml.safe_dump(config, sort_keys=False).encode())
