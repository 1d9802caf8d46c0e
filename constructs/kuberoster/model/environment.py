"""What Terraform, its provider and its backends read from the environment, beside the settings.

The provider takes a variable where the stack says nothing, and some beside what it says: with
KUBE_CTX_CLUSTER it goes to another cluster than that of the context which cdktf.json names. So
each variable is honoured by Terraform and by our commands alike, or refused by both. KUBE_CTX,
KUBE_CONFIG_PATH and KUBE_CONFIG_PATHS are honoured where the settings say nothing, and
TERRAFORM_BINARY_NAME always. KUBE_NAMESPACE, KUBE_LOAD_CONFIG_FILE and TF_VAR_* change nothing.
What is named here are the variables of hashicorp/kubernetes 2.38, of the backend `kubernetes` of
Terraform 1.11 and of Terraform itself. Those of the provider and the backend, TF_WORKSPACE and
TF_DATA_DIR were tried with a real one; TF_REATTACH_PROVIDERS and the logs follow documentation.
"""

import os
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from kuberoster.model.errors import Fault, KuberosterError
from kuberoster.model.home import expanded
from kuberoster.model.outdir import place_of_stacks
from kuberoster.model.printable import printable
from kuberoster.model.settings import ClusterSettings

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


_KINDS = {"contexts": "context", "clusters": "cluster", "users": "user"}
_PATHS = ("certificate-authority", "client-certificate", "client-key", "tokenFile")


def said_differently(files: Sequence[Path]) -> Iterator[tuple[str, Path, Path]]:
    """Each entry, such as `user 'ann'`, that one file has and a later one has otherwise.

    With the two files. What is no kubeconfig is passed over: whoever reads it next says so.
    """
    first: dict[str, tuple[Path, Mapping[str, Any]]] = {}
    for file in files:
        for entry, settings in _entries(file):
            earlier, known = first.setdefault(entry, (file, settings))
            if _meaning(known, earlier) != _meaning(settings, file):
                yield entry, earlier, file


def _entries(file: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    import yaml  # noqa: PLC0415  # slow to load, and a list of several files is seldom

    if not file.is_file():
        return  # a pipe can be read but once
    try:
        document = yaml.safe_load(file.read_bytes())
    except (OSError, yaml.YAMLError, ValueError, RecursionError):
        return
    for plural, kind in _KINDS.items():
        listed = document.get(plural) if isinstance(document, dict) else None
        for item in listed if isinstance(listed, list) else ():
            settings = item.get(kind) if isinstance(item, dict) else None
            if isinstance(settings, dict | None) and isinstance(item, dict):
                yield f"{kind} {item.get('name')!r}", settings or {}


def _meaning(settings: Mapping[str, Any], file: Path) -> Mapping[str, Any]:
    """The settings with the files that they name: a relative path starts at the kubeconfig."""
    meant = {key: value for key, value in settings.items() if key not in ("extensions", "exec")}
    for key in _PATHS:
        if isinstance(named := meant.get(key), str):
            meant[key] = file.parent.absolute() / named
    if isinstance(plugin := settings.get("exec"), dict):
        command = plugin.get("command")
        if isinstance(command, str) and os.sep in command:
            plugin = plugin | {"command": file.parent.absolute() / command}
        meant["exec"] = plugin
    return meant


KUBECONFIGS = ("KUBE_CONFIG_PATH", "KUBE_CONFIG_PATHS")
"""The variables by which Terraform finds a kubeconfig."""
_OTHER_CLUSTER = (
    "KUBE_HOST",
    "KUBE_CTX_CLUSTER",
    "KUBE_CTX_AUTH_INFO",
    "KUBE_USER",
    "KUBE_PASSWORD",
    "KUBE_TOKEN",
    "KUBE_CLIENT_CERT_DATA",
    "KUBE_CLIENT_KEY_DATA",
    "KUBE_CLUSTER_CA_CERT_DATA",
    "KUBE_INSECURE",
    "KUBE_TLS_SERVER_NAME",
    "KUBE_PROXY_URL",
    "KUBE_IN_CLUSTER_CONFIG",
)
"""Each changes the cluster, the credential or the trust of Terraform alone."""
_OTHER_TERRAFORM = {
    "TF_WORKSPACE": "another workspace has states of its own, in which none of the users is",
    "TF_DATA_DIR": "all stacks would share one folder, and so one state",
    "TF_REATTACH_PROVIDERS": "another program than the provider would do the work",
    "TF_LOG_SDK_PROTO_DATA_DIR": "it writes down what the provider reads",
}
_LOGS = ("TF_LOG", "TF_LOG_PROVIDER", "TF_LOG_PROVIDER_KUBERNETES")
_SHOWING_TOKENS = ("TRACE", "DEBUG", "JSON")
_ARGUMENTS = "TF_CLI_ARGS"
_HARMLESS_ARGUMENTS = (
    "-compact-warnings",
    "-input=false",
    "-lock-timeout",
    "-no-color",
    "-parallelism",
    "-plugin-dir",
    "-refresh=false",
    "-upgrade",
)


def chosen_context(cluster: ClusterSettings) -> str | None:
    """The context that Terraform takes; None for the kubeconfig's current one."""
    return cluster.context or os.environ.get("KUBE_CTX") or None


def refuse_other_cluster(cluster: ClusterSettings) -> None:
    """Raise KuberosterError where Terraform would go to another cluster than our commands do."""
    _refuse(_cluster_faults(cluster))


def refuse_other_terraform(cluster: ClusterSettings) -> None:
    """The same, and where it would do something else than its stacks say, or log tokens."""
    _refuse([*_cluster_faults(cluster), *_terraform_faults()])


def _refuse(faults: Iterable[Fault]) -> None:
    if found := [f"environment: {wrong}.\n{mend}" for wrong, mend in faults]:
        raise KuberosterError("\n\n".join(found))


def _cluster_faults(cluster: ClusterSettings) -> Iterator[Fault]:
    # Only names: a value may be a credential.
    if names := [name for name in _OTHER_CLUSTER if os.environ.get(name)]:
        yield Fault(
            f"{', '.join(names)} is set, which Terraform's provider or backend takes beside the "
            "kubeconfig; nothing else does, so a deploy could go to another cluster than "
            "every other command",
            f"Unset {', '.join(names)}; a kubeconfig can say the same for all: "
            "context.kuberoster.cluster in cdktf.json, or KUBE_CONFIG_PATH.",
        )
    if cluster.kubeconfig is not None:
        yield from _kubeconfig_faults(cluster.kubeconfig)
        return
    for name in KUBECONFIGS:
        given = os.environ.get(name, "")
        for path in given.split(os.pathsep) if name.endswith("S") else [given]:
            if path and not Path(path).is_absolute() and path != "~" and path[:2] != "~/":
                yield Fault(
                    f"{name} is {given!r}, which Terraform looks for in another folder",
                    "It starts with '/' or '~/'.",
                )
    yield from _list_faults()
    if os.environ.get("KUBERNETES_SERVICE_HOST") and not any(map(os.environ.get, KUBECONFIGS)):
        yield from _pod_faults(cluster)


def _kubeconfig_faults(kubeconfig: str) -> Iterator[Fault]:
    """A part of the provider takes KUBE_CONFIG_PATH, and with it the context of the settings."""
    given = os.environ.get("KUBE_CONFIG_PATH")
    if given and expanded(given) != expanded(kubeconfig):
        yield Fault(
            f"KUBE_CONFIG_PATH is {given!r}, and context.kuberoster.cluster.kubeconfig in "
            f"cdktf.json {kubeconfig!r}; Terraform's provider would read both",
            "Unset KUBE_CONFIG_PATH, or leave the setting out.",
        )


def _list_faults() -> Iterator[Fault]:
    """Of two files with one name Terraform takes the last, and everybody else the first."""
    if os.environ.get("KUBE_CONFIG_PATH"):
        return  # which both take before the list
    named = filter(None, os.environ.get("KUBE_CONFIG_PATHS", "").split(os.pathsep))
    for entry, first, later in said_differently([expanded(each) for each in named]):
        yield Fault(
            f"KUBE_CONFIG_PATHS has {printable(entry)} in {first} and another one in {later}: "
            "Terraform would take the last, and every other command the first",
            f"Rename one of them, or name one file alone: KUBE_CONFIG_PATH={first}",
        )


def _pod_faults(cluster: ClusterSettings) -> Iterator[Fault]:
    """In a pod without a kubeconfig that it reads, Terraform takes the pod's own cluster."""
    if unseen := _unseen():
        what, given = unseen
        mend = "unset KUBECONFIG" if os.environ.get("KUBECONFIG") else f"remove {given}"
    elif context := chosen_context(cluster):
        what, mend = f"the context {context!r} is asked for", "ask for no context"
        given = "the file that has it"
    else:
        return
    yield Fault(
        f"{what}, which Terraform does not look at: this is a pod, and it would take the pod's "
        "own cluster",
        f"Say it to Terraform too: {_said_to_terraform(given)}. Where the pod's own cluster is "
        f"meant, {mend}.",
    )


def unseen_kubeconfig(cluster: ClusterSettings) -> str | None:
    """In words, with the mend, that our commands have a kubeconfig and Terraform has none.

    None where it has one, where nobody has, and in a pod, where that is refused.
    """
    seen = (*KUBECONFIGS, "KUBERNETES_SERVICE_HOST")
    if cluster.kubeconfig is not None or any(map(os.environ.get, seen)):
        return None
    if unseen := _unseen():
        what, given = unseen
        shell = '"$KUBECONFIG"' if os.environ.get("KUBECONFIG") else given
        return (
            f"{what}, which Terraform does not look at by itself, so a deploy would find no "
            f"cluster. Before you deploy: export {_said_to_terraform(given, shell)}"
        )
    return None


def _unseen() -> tuple[str, str] | None:
    """The kubeconfig that our commands alone find: in words, and as it was given."""
    default = "~/.kube/config"
    if given := os.environ.get("KUBECONFIG"):
        return f"KUBECONFIG is {given!r}", given
    return (f"{default} is there", default) if expanded(default).exists() else None


def _said_to_terraform(kubeconfig: str, shell: str = "") -> str:
    """The ways to say a kubeconfig to Terraform; `shell` is its value in words of a shell."""
    variable = "KUBE_CONFIG_PATHS" if os.pathsep in kubeconfig else "KUBE_CONFIG_PATH"
    setting = "context.kuberoster.cluster.kubeconfig in cdktf.json"
    return f"{variable}={shell or kubeconfig}, or set {setting}"


def _terraform_faults() -> Iterator[Fault]:
    for name, why in _OTHER_TERRAFORM.items():
        given = os.environ.get(name)
        if given and (name, given) != ("TF_WORKSPACE", "default"):
            yield Fault(f"{name} is set: {why}", f"Unset {name}.")
    for file in overriding_files():
        yield Fault(
            f"{file} has {OVERRIDES}: {_OTHER_TERRAFORM['TF_REATTACH_PROVIDERS']}",
            "Take it out, or name another file: TF_CLI_CONFIG_FILE. A mirror may stay.",
        )
    for name in _LOGS:
        if os.environ.get(name, "").upper() in _SHOWING_TOKENS:
            yield Fault(
                f"{name} is {os.environ[name]!r}, and such a log shows tokens",
                f"Unset {name}, or set it to INFO.",
            )
    for name, given in os.environ.items():
        if name == _ARGUMENTS or name.startswith(f"{_ARGUMENTS}_"):
            odd = [each for each in _words(given) if not _is_harmless(each)]
            if odd:
                yield Fault(
                    f"{name} has {' '.join(odd)}, and a deploy would do something else than its "
                    "stacks say",
                    f"Leave it out. {name} may have {', '.join(_HARMLESS_ARGUMENTS)}.",
                )


def _words(given: str) -> list[str]:
    try:
        return shlex.split(given)
    except ValueError:
        return [given]


def _is_harmless(argument: str) -> bool:
    # Terraform takes two dashes as well.
    plain = f"-{argument.lstrip('-')}"
    return plain in _HARMLESS_ARGUMENTS or plain.partition("=")[0] in _HARMLESS_ARGUMENTS
