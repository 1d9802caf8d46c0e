"""Run a kubeconfig user's credential plugin.

The contract: https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from datetime import UTC, datetime
from typing import Any

from kuberoster.cluster.credential import Credential, bearer
from kuberoster.cluster.entry import Entry
from kuberoster.cluster.errors import ClusterError, in_one_line
from kuberoster.cluster.kubeconfig import Target

VERSIONS = ("client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1")
PATIENCE = 300
"""Seconds that a plugin may take: a person may have to sign in with a browser."""

_EXTENSION = "client.authentication.k8s.io/exec"


def run(target: Target) -> Credential:
    """Return the credential that the plugin prints.

    The plugin's stderr goes to ours, as kubectl does it: it may ask its user to open a page. Its
    stdout is never quoted. Raises ClusterError when it fails or gives no credential.
    """
    plugin = target.user.part("exec")
    if plugin is None:
        raise target.user.wrong("has no exec section.")
    version, command = plugin.text("apiVersion"), _command(plugin)
    if version not in VERSIONS:
        raise plugin.wrong(
            f"exec: apiVersion is '{version}'. kubectl and we know {' and '.join(VERSIONS)}."
        )
    interactive = _interactive(plugin, version)
    spec: dict[str, Any] = {"interactive": interactive}
    if plugin.flag("provideClusterInfo"):
        spec["cluster"] = _cluster_info(target.cluster)
    question = {"apiVersion": version, "kind": "ExecCredential", "spec": spec}
    environment = dict(os.environ)
    for item in plugin.mappings("env"):
        name, value = item.get("name"), item.get("value")
        if not isinstance(name, str) or not isinstance(value, str) or not name:
            raise plugin.wrong("exec: each 'env' needs a text 'name' and a text 'value'.")
        environment[name] = value
    environment["KUBERNETES_EXEC_INFO"] = json.dumps(question)
    printed = _output([command, *plugin.texts("args")], environment, interactive, plugin)
    return _credential(printed, version, plugin)


def _command(plugin: Entry) -> str:
    command = plugin.text("command")
    if not command:
        raise plugin.wrong("exec: names no command.")
    if os.sep in command:
        return str(plugin.path("command"))
    found = shutil.which(command)
    if found is None:
        hint = in_one_line(plugin.text("installHint"))
        raise plugin.wrong(f"exec: '{command}' is not on PATH. {hint}".rstrip())
    return found


def _interactive(plugin: Entry, version: str) -> bool:
    mode = plugin.text("interactiveMode") or ("IfAvailable" if version != VERSIONS[0] else "")
    if mode not in {"Never", "IfAvailable", "Always"}:
        raise plugin.wrong("exec: interactiveMode must be Never, IfAvailable or Always.")
    try:
        terminal = os.isatty(0)
    except OSError:  # stdin is closed
        terminal = False
    if mode == "Always" and not terminal:
        raise plugin.wrong("exec: the plugin wants to ask its user, but stdin is no terminal.")
    return mode != "Never" and terminal


def _cluster_info(cluster: Entry) -> dict[str, Any]:
    authority = cluster.content("certificate-authority")
    info = {
        "server": cluster.text("server"),
        "tls-server-name": cluster.text("tls-server-name"),
        "insecure-skip-tls-verify": cluster.flag("insecure-skip-tls-verify"),
        "certificate-authority-data": base64.b64encode(authority or b"").decode(),
        "proxy-url": cluster.text("proxy-url"),
        "disable-compression": cluster.flag("disable-compression"),
    }
    info = {key: value for key, value in info.items() if value}
    configs = [
        e.get("extension") for e in cluster.mappings("extensions") if e.get("name") == _EXTENSION
    ]
    return info | {"config": configs[0] if configs else None}


def _output(
    command: list[str], environment: dict[str, str], interactive: bool, plugin: Entry
) -> bytes:
    try:
        done = subprocess.run(
            command,
            env=environment,
            stdin=None if interactive else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            timeout=PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise plugin.wrong(f"exec: {command[0]} gave no answer within {PATIENCE} s.") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "an argument holds a null byte"
        hint = in_one_line(plugin.text("installHint"))
        raise plugin.wrong(f"exec: {command[0]} can't be run: {reason}. {hint}".rstrip()) from error
    if done.returncode != 0:
        raise plugin.wrong(f"exec: {command[0]} failed with exit code {done.returncode}.")
    return done.stdout


def _credential(printed: bytes, version: str, plugin: Entry) -> Credential:
    try:
        answer = json.loads(printed)
    except (ValueError, RecursionError):
        raise _no_credential(plugin, "is not JSON") from None
    if not isinstance(answer, dict) or answer.get("kind") != "ExecCredential":
        raise _no_credential(plugin, "is no ExecCredential")
    if answer.get("apiVersion") != version:
        raise _no_credential(plugin, f"has another apiVersion than {version}")
    status = answer.get("status")
    if not isinstance(status, dict):
        raise _no_credential(plugin, "has no status")
    given = Entry(kind=plugin.kind, name=plugin.name, file=plugin.file, settings=status)
    token = given.text("token")
    certificate, key = given.text("clientCertificateData"), given.text("clientKeyData")
    if bool(certificate) != bool(key):
        raise _no_credential(plugin, "has a certificate without its key, or a key alone")
    if not token and not certificate:
        raise _no_credential(plugin, "holds neither a token nor a certificate")
    return Credential(
        authorization=bearer(token, plugin, "the exec plugin") if token else None,
        certificate=certificate.encode() or None,
        key=key.encode() or None,
        expires=_expires(given.text("expirationTimestamp"), plugin),
    )


def _expires(text: str, plugin: Entry) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise _no_credential(plugin, "has an expirationTimestamp that is no time") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _no_credential(plugin: Entry, problem: str) -> ClusterError:
    return plugin.wrong(
        f"exec: what {plugin.text('command')} printed {problem}.\n"
        "Run it by hand to see why; kuberoster never works anonymously instead."
    )
