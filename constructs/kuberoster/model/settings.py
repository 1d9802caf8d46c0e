"""What cdktf.json says of the cluster and of Terraform's state, under `context.kuberoster`."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from kuberoster.model.errors import KuberosterError
from kuberoster.model.names import did_you_mean, namespace_faults, shortened
from kuberoster.model.roster import STATE_NAMESPACE

TERRAFORM_VERSION = ">= 1.11.0"
"""Write-only arguments came with Terraform 1.11."""
PROVIDER_VERSION = ">= 2.36.0, < 3.0.0"
"""`data_wo` of kubernetes_secret_v1 came with provider 2.36."""

BACKENDS = ("kubernetes", "local", "s3", "pg", "http")
"""Terraform backends that can hold a team's state."""
TEAM_PLACEHOLDER = "{team}"
"""Replaced by the team's name in a backend's settings, so that each team has its own state."""
LOCAL_STATE = "../../../terraform.{team}.tfstate"
"""Path of the `local` backend when left out: Terraform runs in cdktf.out/stacks/<team>."""

_OWN_STATE = {"local": "path", "s3": "key", "pg": "schema_name", "http": "address"}
_EXAMPLES = {
    "local": "../../../{team}.tfstate",
    "s3": "kuberoster/{team}.tfstate",
    "pg": "kuberoster_{team}",
    "http": "https://state.example.com/{team}",
}


@dataclass(frozen=True, kw_only=True)
class ClusterSettings:
    """Which cluster, and how people reach it; all of it may be left out."""

    kubeconfig: str | None = None
    """The administrator's kubeconfig; else KUBE_CONFIG_PATH, as Terraform's provider reads it."""
    context: str | None = None
    """A context of that kubeconfig; else its current one."""
    server: str | None = None
    """The URL written into users' kubeconfigs; else the administrator's."""
    certificate_authority: str | None = None
    """A PEM file for users' kubeconfigs, relative to cdktf.json; else the administrator's."""


@dataclass(frozen=True, kw_only=True)
class StateSettings:
    """Where Terraform keeps the state of each team."""

    backend: str = "kubernetes"
    namespace: str = STATE_NAMESPACE
    """Of the `kubernetes` backend; made by `kuberoster bootstrap`."""
    settings: Mapping[str, object] = field(default_factory=dict)
    """The backend's own settings, passed on as they are but for `{team}`."""


def state_suffix(team: str) -> str:
    """The `secret_suffix` of a team's state; it must not end in `-<number>`, and a team may."""
    return f"{team}-users"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """All settings, and the folder that relative paths start from."""

    folder: Path
    cluster: ClusterSettings
    state: StateSettings
    app: str = "python3 main.py"
    """The command that synthesises, as `cdktf` runs it."""
    output: str = "cdktf.out"
    """Where that command writes, relative to cdktf.json."""

    @property
    def users(self) -> Path:
        """The folder of the roster."""
        return self.folder / "users"


def load_settings(folder: Path) -> Settings:
    """Read cdktf.json of a folder; KuberosterError says what is wrong with it."""
    path = folder / "cdktf.json"
    try:
        document = json.loads(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        raise KuberosterError(
            f"{path}: no such file.\nRun this where cdktf.json and users/ are, or name the "
            "folder with --directory."
        ) from None
    except (OSError, ValueError, RecursionError) as error:
        raise KuberosterError(f"{path}: can't be read as JSON: {error}.") from None
    document = _mapping(document, "the file")
    context = document.get("context", {})
    own = _mapping(_mapping(context, "context").get("kuberoster", {}), "context.kuberoster")
    _only(own, ("cluster", "state"), "context.kuberoster")
    return Settings(
        folder=folder,
        cluster=_cluster(_mapping(own.get("cluster", {}), "context.kuberoster.cluster")),
        state=_state(_mapping(own.get("state", {}), "context.kuberoster.state")),
        app=_text(document, "app", "cdktf.json") or Settings.app,
        output=_text(document, "output", "cdktf.json") or Settings.output,
    )


def _cluster(values: Mapping[str, object]) -> ClusterSettings:
    where = "context.kuberoster.cluster"
    known = ("kubeconfig", "context", "server", "certificate_authority")
    _only(values, known, where)
    server = _text(values, "server", where)
    if server is not None and not server.startswith("https://"):
        raise _error(f"{where}.server is {shortened(server)}", "It is a URL with https://.")
    kubeconfig = _text(values, "kubeconfig", where)
    if kubeconfig is not None and not kubeconfig.startswith(("/", "~/")):
        raise _error(
            f"{where}.kubeconfig is {shortened(kubeconfig)}",
            "Terraform runs in another folder, so it starts with '/' or '~/'.",
        )
    return ClusterSettings(
        kubeconfig=kubeconfig,
        context=_text(values, "context", where),
        server=server,
        certificate_authority=_text(values, "certificate_authority", where),
    )


def _state(values: Mapping[str, object]) -> StateSettings:
    where = "context.kuberoster.state"
    backend = values.get("backend", "kubernetes")
    if backend not in BACKENDS:
        raise _error(
            f"{where}.backend is {shortened(backend)}", f"It is one of {', '.join(BACKENDS)}."
        )
    settings = {key: value for key, value in values.items() if key != "backend"}
    if backend == "kubernetes":
        _only(settings, ("namespace",), where)
        namespace = settings.get("namespace", STATE_NAMESPACE)
        for wrong, mend in namespace_faults(f"{where}.namespace", namespace):
            raise _error(wrong, mend)
        if str(namespace) == "default" or str(namespace).startswith("kube-"):
            raise _error(
                f"{where}.namespace is {namespace!r}",
                "Whoever can write there steers the deployer, so it holds nothing else.",
            )
        return StateSettings(namespace=str(namespace))
    name = _OWN_STATE[str(backend)]
    if backend != "local" or name in settings:
        value = settings.get(name)
        if not isinstance(value, str) or TEAM_PLACEHOLDER not in value:
            raise _error(
                f"{where}.{name} is {shortened(value)}",
                f"Each team has a state of its own, so it has {TEAM_PLACEHOLDER} in it, "
                f"such as {_EXAMPLES[str(backend)]!r}.",
            )
    return StateSettings(backend=str(backend), settings=settings)


def _mapping(value: object, where: str) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise _error(f"{where} is {shortened(value)}", "It is a JSON object.")
    return value


def _text(values: Mapping[str, object], key: str, where: str) -> str | None:
    value = values.get(key)
    if value is not None and (not isinstance(value, str) or not value):
        raise _error(f"{where}.{key} is {shortened(value)}", "It is text; or leave it out.")
    return value


def _only(values: Mapping[str, object], known: tuple[str, ...], where: str) -> None:
    for key in values:
        if key not in known:
            raise _error(
                f"{where} has no setting {key!r}",
                f"It has {', '.join(known)}.{did_you_mean(key, known)}",
            )


def _error(wrong: str, mend: str) -> KuberosterError:
    return KuberosterError(f"cdktf.json: {wrong}.\n{mend}")
