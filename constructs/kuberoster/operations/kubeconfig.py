"""A kubeconfig for one user, and the only file that ever holds a token."""

import base64
import ipaddress
import os
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from kuberoster.cluster import Cluster, Untrusted
from kuberoster.model.errors import KuberosterError
from kuberoster.model.settings import Settings
from kuberoster.model.team import Team
from kuberoster.model.user import User
from kuberoster.operations.kubeconfig_trial import Trial
from kuberoster.operations.private_file import Taken, is_there, taken_by_git, write_private
from kuberoster.operations.token import Token
from kuberoster.operations.yaml_text import to_yaml


def means_elsewhere(host: str, *, resolve: bool) -> str | None:
    """What an address is where it does not lead to the same machine from everywhere.

    None where it does, or where that is not known. A name is looked up where `resolve` is true;
    `localhost` is known without.
    """
    if host.lower().rstrip(".").split(".")[-1] == "localhost":
        return "this machine alone"
    if host == os.environ.get("KUBERNETES_SERVICE_HOST"):
        return "the address inside the cluster, for pods"
    meanings = {_meaning(address) for address in _addresses(host, resolve=resolve)}
    return meanings.pop() if len(meanings) == 1 else None


def _meaning(text: str) -> str | None:
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    if address.is_loopback or address.is_unspecified:
        return "this machine alone"
    return "link-local, for one network alone" if address.is_link_local else None


def _addresses(host: str, *, resolve: bool) -> list[str]:
    try:
        # The resolver also knows forms such as 127.1 and 0x7f000001.
        flags = 0 if resolve else socket.AI_NUMERICHOST
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=flags)
    except (OSError, UnicodeError):
        return []
    return [str(each[4][0]) for each in found]


_EXTENSION = "kuberoster.io"
"""Marks our files; kubectl keeps `extensions` that it does not know."""
_PLAIN = re.compile(r"[\w.-]+", re.ASCII)
"""A file's name that is itself as a pattern of git."""


def default_namespace(user: User, team: Team) -> str | None:
    """The kubeconfig's namespace: what the user says, else the first one granted."""
    if user.namespace:
        return user.namespace
    for grant in (*user.access, *team.access):
        for namespace in grant.namespaces or ():
            return namespace
    return None


def write_kubeconfig(
    file: Path,
    user: User,
    team: Team,
    token: Token,
    cluster: Cluster,
    settings: Settings,
    *,
    untried: bool = False,
) -> list[str]:
    """Write the user's kubeconfig, 0600 from its first byte, whole or not at all.

    Before that the API server is asked with it, unless it stays `untried`; KuberosterError says
    why it would not work. A file is replaced only when it is this user's kubeconfig already; call
    `check_target` first to say so before anything is read from the cluster. Returns what whoever
    hands it over should know.
    """
    document = _document(user, team, token, cluster, settings)
    entry = document["clusters"][0]["cluster"]
    told = []
    if not untried:
        trial = Trial(file=file, user=user, team=team, token=token, cluster=cluster)
        try:
            trial.run(_content(document))
        except Untrusted:
            # What the administrator trusts is not in a file, or nothing was verified at all.
            if "certificate-authority-data" in entry or not token.authority:
                raise
            _put_authority(entry, token.authority)
            trial.run(_content(document))
            told.append(
                f"the certificate authority is that of Secret {team.namespace}/{token.secret}, "
                "since the administrator's kubeconfig has none that works for others"
            )
    told += _only_here(entry, resolve=not untried)
    check_target(file, user)
    write_private(file, _content(document))
    return told


def _content(document: dict[str, Any]) -> bytes:
    return to_yaml(document).encode()


def _put_authority(entry: dict[str, str], authority: bytes) -> None:
    entry["certificate-authority-data"] = base64.b64encode(authority).decode()


def _only_here(entry: dict[str, str], *, resolve: bool) -> Iterator[str]:
    """What of a kubeconfig works only from here; a server behind a proxy is the proxy's matter."""
    key = "proxy-url" if "proxy-url" in entry else "server"
    host = urlsplit(entry[key]).hostname or ""
    if meaning := means_elsewhere(host, resolve=resolve):
        yield (
            f"its {key} is {entry[key]}, and {host} is {meaning}.\n"
            "Name the address by which people reach the API server: "
            "context.kuberoster.cluster.server in cdktf.json"
        )


def check_target(file: Path, user: User) -> None:
    """Raise KuberosterError unless the file is absent or a kubeconfig of this user."""
    why = (
        "A kubeconfig is a credential: it goes into a file of its own, with mode 0600, and "
        "never to a terminal or pipe. Name a file: -o FILE."
    )
    if not is_there(file, why):
        return
    holder = _holder(file)
    if holder != user.name:
        whose = f"is the kubeconfig of {holder!r}" if holder else "is not a kubeconfig of ours"
        raise KuberosterError(
            f"{file}: {whose}, and is not overwritten.\nRemove it, or name another: -o FILE."
        )


def check_place(file: Path) -> None:
    """Raise KuberosterError where git would take a file, which is no place for a token."""
    elsewhere = "name a file elsewhere: -o FILE. --force writes it all the same."
    try:
        taken = taken_by_git(file)
    except KuberosterError as unknown:
        raise KuberosterError(
            f"{file}: whether git would take it is not known, and it would hold a token.\n"
            f"{unknown}\nMend that, or {elsewhere}"
        ) from None
    if taken:
        mend = f"{_out_of_git(file, taken)}{elsewhere}"
        raise KuberosterError(
            f"{file}: git would take it into the repository, and it would hold a token.\n"
            f"{mend[0].upper()}{mend[1:]}"
        )


def _out_of_git(file: Path, taken: Taken) -> str:
    """What keeps a file out of the repository, before another way; empty where no line is sure."""
    if taken.tracked:
        return (
            "It is tracked: take it out with `git rm --cached`, commit, and end each token that it "
            "held, since history keeps it: `kuberoster revoke USER --token LABEL`. Or "
        )
    if taken.wanted_back:
        return f"{taken.wanted_back}, which takes it back: leave that out, or "
    if file.suffix == ".kubeconfig":
        return "Add `*.kubeconfig` to .gitignore, or "
    if _PLAIN.fullmatch(file.name):
        return f"Add `{file.name}` to .gitignore, or "
    return ""


def _document(
    user: User, team: Team, token: Token, cluster: Cluster, settings: Settings
) -> dict[str, Any]:
    name = f"{user.name}@{cluster.context}"
    context = {"cluster": cluster.context, "user": name}
    if namespace := default_namespace(user, team):
        context["namespace"] = namespace
    mark = {"user": user.name, "team": team.name, "secret": token.secret}
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "extensions": [{"name": _EXTENSION, "extension": mark}],
        "clusters": [{"name": cluster.context, "cluster": _cluster_entry(cluster, settings)}],
        "users": [{"name": name, "user": {"token": token.value}}],
        "contexts": [{"name": name, "context": context}],
        "current-context": name,
    }


def _cluster_entry(cluster: Cluster, settings: Settings) -> dict[str, str]:
    """How to reach the API server; verification of its certificate is never switched off."""
    entry = {"server": settings.cluster.server or cluster.server}
    authority = settings.authority() or cluster.certificate_authority
    if authority:
        _put_authority(entry, authority)
    if not settings.cluster.server:
        if cluster.tls_server_name:
            entry["tls-server-name"] = cluster.tls_server_name
        if cluster.proxy_url:
            entry["proxy-url"] = cluster.proxy_url
    return entry


def _holder(file: Path) -> str | None:
    """Whose kubeconfig a file is, if it is one of ours."""
    try:
        document = yaml.safe_load(file.read_bytes())
        for extension in document["extensions"]:
            if extension["name"] == _EXTENSION:
                return str(extension["extension"]["user"])
    except (OSError, yaml.YAMLError, KeyError, TypeError, UnicodeDecodeError):
        return None
    return None
