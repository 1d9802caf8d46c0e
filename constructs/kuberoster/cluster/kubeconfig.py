"""Find kubeconfig files, merge them and choose a context, as kubectl does.

The rules are those of https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/
with one difference: where kubectl falls back to localhost:8080, we say what is missing.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from kuberoster.cluster.entry import Entry
from kuberoster.cluster.errors import ClusterError
from kuberoster.model.home import expanded

IN_CLUSTER = Path("/var/run/secrets/kubernetes.io/serviceaccount")
"""Where a pod finds its ServiceAccount: https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/"""


@dataclass(frozen=True, kw_only=True)
class Target:
    """The cluster to talk to, and as whom."""

    context: str
    cluster: Entry
    user: Entry


def find_target(kubeconfig: str | None, context: str | None) -> Target:
    """Find the target that the arguments, the environment or the default file name.

    `kubeconfig` is one file. Without it: KUBE_CONFIG_PATH (one file), KUBE_CONFIG_PATHS (a list),
    both as Terraform's provider reads them, then KUBECONFIG (a list), ~/.kube/config, and a
    pod's own ServiceAccount. Raises ClusterError.
    """
    files = _files(kubeconfig)
    if files is None:
        return _in_cluster(context)
    return _choose(_merge((file, _read(file)) for file in files), context, files)


def target_in(content: bytes, file: Path) -> Target:
    """The target of a kubeconfig that is not written yet, but is to become `file`."""
    return _choose(_merge([(file, _parsed(content, file))]), None, [file])


def _files(kubeconfig: str | None) -> list[Path] | None:
    if kubeconfig is not None:
        return [_must_exist(kubeconfig, "the kubeconfig that was asked for")]
    if one := os.environ.get("KUBE_CONFIG_PATH"):
        return [_must_exist(one, "KUBE_CONFIG_PATH")]
    for variable in ("KUBE_CONFIG_PATHS", "KUBECONFIG"):
        if value := os.environ.get(variable):
            named = [expanded(part) for part in value.split(os.pathsep) if part]
            existing = [path for path in named if path.exists()]
            if not existing:
                raise ClusterError(
                    f"{variable} is '{value}', and no such file exists.\n"
                    f"Correct it, or unset it to use ~/.kube/config."
                )
            return existing
    default = expanded("~/.kube/config")
    return [default] if default.exists() else None


def _must_exist(value: str, origin: str) -> Path:
    path = expanded(value)
    if not value or not path.exists():
        raise ClusterError(f"{origin} is '{value}', and no such file exists.")
    return path


def _merge(documents: Iterable[tuple[Path, Mapping[str, Any]]]) -> dict[str, Any]:
    merged: dict[str, Any] = {"current-context": "", "contexts": {}, "clusters": {}, "users": {}}
    for file, document in documents:
        root = Entry(kind="kubeconfig", name=file.name, file=file.absolute(), settings=document)
        merged["current-context"] = merged["current-context"] or root.text("current-context")
        for plural, kind in (("contexts", "context"), ("clusters", "cluster"), ("users", "user")):
            own: set[str] = set()
            for item in root.mappings(plural):
                name, settings = item.get("name"), item.get(kind)
                if not isinstance(name, str) or not isinstance(settings, dict | None):
                    raise ClusterError(
                        f"{file}: each of '{plural}' needs a text 'name' and a mapping '{kind}'."
                    )
                if name in own:
                    raise ClusterError(f"{file}: {kind} '{name}' is there twice. Remove one.")
                own.add(name)
                entry = Entry(kind=kind, name=name, file=root.file, settings=settings or {})
                merged[plural].setdefault(name, entry)
    return merged


def _read(file: Path) -> Mapping[str, Any]:
    try:
        content = file.read_bytes()
    except OSError as error:
        raise ClusterError(f"{file}: can't be read: {error.strerror}.") from error
    return _parsed(content, file)


def _parsed(content: bytes, file: Path) -> Mapping[str, Any]:
    try:
        # The parser itself removes a byte order mark and knows UTF-16.
        document = yaml.safe_load(content)
    except yaml.MarkedYAMLError as error:
        # The parser's own message quotes the file, which holds keys and tokens.
        mark = error.problem_mark
        place = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise ClusterError(f"{file}{place}: is not YAML.") from None
    except (yaml.YAMLError, ValueError, RecursionError):
        raise ClusterError(f"{file}: is not YAML.") from None
    if document is None:
        return {}
    if not isinstance(document, dict):
        raise ClusterError(f"{file}: is not a kubeconfig; it holds a {type(document).__name__}.")
    if document.get("kind", "Config") != "Config" or document.get("apiVersion", "v1") != "v1":
        raise ClusterError(f"{file}: is not a kubeconfig; those have kind Config, apiVersion v1.")
    return document


def _choose(merged: dict[str, Any], name: str | None, files: list[Path]) -> Target:
    contexts: dict[str, Entry] = merged["contexts"]
    name = name or merged["current-context"]
    where = ", ".join(map(str, files))
    if not name:
        raise ClusterError(
            f"{where}: no current-context, and none was asked for.\n"
            f"Choose one: {', '.join(sorted(contexts)) or 'but it has no contexts at all'}."
        )
    if name not in contexts:
        raise ClusterError(f"{where}: no context '{name}'.{_hint(name, contexts)}")
    context = contexts[name]
    chosen = {}
    for kind, plural in (("cluster", "clusters"), ("user", "users")):
        wanted = context.text(kind)
        if not wanted:
            raise context.wrong(f"names no {kind}. Without one we would work as system:anonymous.")
        if wanted not in merged[plural]:
            hint = _hint(wanted, merged[plural])
            raise context.wrong(f"names {kind} '{wanted}', which is in no file.{hint}")
        chosen[kind] = merged[plural][wanted]
    return Target(context=name, cluster=chosen["cluster"], user=chosen["user"])


def _hint(name: str, known: Iterable[str]) -> str:
    names = sorted(known)
    if close := difflib.get_close_matches(name, names, n=1):
        return f" Did you mean '{close[0]}'?"
    return f" There are: {', '.join(names[:10])}." if names else " There are none."


def _in_cluster(context: str | None) -> Target:
    host, port = (os.environ.get(f"KUBERNETES_SERVICE_{part}") for part in ("HOST", "PORT"))
    if not host or not port or not (IN_CLUSTER / "token").exists():
        raise ClusterError(
            "No kubeconfig: KUBE_CONFIG_PATH, KUBE_CONFIG_PATHS and KUBECONFIG are not set, "
            "~/.kube/config does not exist, and this is no pod.\n"
            "Set KUBE_CONFIG_PATH, or context.kuberoster.cluster.kubeconfig in cdktf.json."
        )
    if context is not None:
        raise ClusterError(f"No context '{context}': there is no kubeconfig, only this pod's own.")
    server = f"https://[{host}]:{port}" if ":" in host else f"https://{host}:{port}"
    place, name = IN_CLUSTER / "in-cluster", "in-cluster"
    cluster = {"server": server, "certificate-authority": "ca.crt"}
    return Target(
        context=name,
        cluster=Entry(kind="cluster", name=name, file=place, settings=cluster),
        user=Entry(kind="user", name=name, file=place, settings={"tokenFile": "token"}),
    )
