"""Kubeconfigs, and all that they may name."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from kuberoster.cluster import Cluster
from kuberoster.model.errors import KuberosterError
from tests.cluster.api_server import Seen, Server
from tests.cluster.certificates import Pki

V1, V1BETA1 = "client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"
PLUGIN = """#!/bin/sh
printf '%s' "$KUBERNETES_EXEC_INFO" > "$0.asked"
echo run >> "$0.runs"
printf '%s' "$PRINT"
exit "${EXIT:-0}"
"""


@dataclass
class Home:
    """A folder with everything that a kubeconfig may name, and an environment that names it."""

    folder: Path
    server: Server
    pki: Pki

    def write(
        self,
        user: Mapping[str, Any] | None,
        cluster: Mapping[str, Any] | None = None,
        *,
        name: str = "config",
        **top: Any,
    ) -> str:
        place = {"server": self.server.url, "certificate-authority": "ca.crt", **(cluster or {})}
        place = {key: value for key, value in place.items() if value is not None}
        document = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "here",
            "contexts": [{"name": "here", "context": {"cluster": "c", "user": "u"}}],
            "clusters": [{"name": "c", "cluster": place}],
            "users": [{"name": "u", "user": dict(user or {})}],
            **top,
        }
        file = self.folder / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(yaml.safe_dump(document))
        return str(file)

    def plugin_runs(self) -> int:
        file = self.folder / "bin/plugin.runs"
        return len(file.read_text().splitlines()) if file.exists() else 0


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def jwt(expires: float) -> str:
    def part(value: Any) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    return f"{part({'alg': 'none'})}.{part({'exp': int(expires)})}.c2ln"


def exec_credential(version: str = V1, **status: Any) -> str:
    return json.dumps({"apiVersion": version, "kind": "ExecCredential", "status": status})


def exec_user(printed: str, version: str = V1, **settings: Any) -> dict[str, Any]:
    env = [{"name": "PRINT", "value": printed}, *settings.pop("env", [])]
    plugin = {"apiVersion": version, "command": "./bin/plugin", "env": env}
    if version == V1:
        plugin["interactiveMode"] = "Never"
    return {"exec": {**plugin, **settings}}


def oidc_user(token: str | None) -> dict[str, Any]:
    config = {"idp-issuer-url": "https://127.0.0.1:1", "client-id": "x"}
    return {
        "auth-provider": {
            "name": "oidc",
            "config": {**config, **({"id-token": token} if token else {})},
        }
    }


Settings = Mapping[str, Any]
TOKEN = {"token": "plain"}
BY_TOKEN = Seen(authorization="Bearer plain")
GOOD = exec_credential(token="from-plugin")


def connect_error(kubeconfig: str | None = None, context: str | None = None) -> str:
    with pytest.raises(KuberosterError) as caught:
        Cluster.connect(kubeconfig, context)
    return str(caught.value)
