"""What cdktf.json says of the cluster and of Terraform's state, under `context.kuberoster`."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from kuberoster.model.certificates import authority_fault
from kuberoster.model.errors import KuberosterError
from kuberoster.model.home import expanded
from kuberoster.model.names import namespace_faults, roster_name_faults, shortened
from kuberoster.model.roster import ROSTER, STATE_NAMESPACE
from kuberoster.model.server_url import MEND, server_url_fault
from kuberoster.model.settings_file import SettingsFile
from kuberoster.model.severity import SEVERITIES, Severity

TERRAFORM_VERSION = ">= 1.11.0"
"""Write-only arguments came with Terraform 1.11."""
PROVIDER_VERSION = ">= 2.36.0, < 3.0.0"
"""`data_wo` of kubernetes_secret_v1 came with provider 2.36."""

USERS = "users"
"""The folder of the roster, beside cdktf.json."""
TEAMS = "KUBEROSTER_TEAMS"
"""Environment variable with names of teams: no others get a stack. Empty for all."""

BACKENDS = ("kubernetes", "local", "s3", "pg", "http", "remote")
"""Terraform backends that can hold a team's state."""
TEAM_PLACEHOLDER = "{team}"
"""Replaced by the team's name in a backend's settings, so that each team has its own state."""
LOCAL_STATE = "../../../terraform.{team}.tfstate"
"""Path of the `local` backend when left out: Terraform runs in cdktf.out/stacks/<team>."""

_OWN_STATE = {
    "local": "path",
    "s3": "key",
    "pg": "schema_name",
    "http": "address",
    "remote": "workspaces",
}
_EXAMPLES = {
    "local": "../../../{team}.tfstate",
    "s3": "kuberoster/{team}.tfstate",
    "pg": "kuberoster_{team}",
    "http": "https://state.example.com/{team}",
    "remote": {"name": "access-{team}"},
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
    uid: str | None = None
    """The UID of its namespace `kube-system`, by which a cluster is known.

    `kuberoster bootstrap` writes it; where it is left out, no cluster is refused.
    """


@dataclass(frozen=True, kw_only=True)
class StateSettings:
    """Where Terraform keeps the state of each team."""

    backend: str = "kubernetes"
    namespace: str = STATE_NAMESPACE
    """Of the `kubernetes` backend, made by `kuberoster bootstrap`; revocations lie there too."""
    settings: Mapping[str, object] = field(default_factory=dict)
    """The backend's own settings, passed on as they are but for `{team}`."""


@dataclass(frozen=True, kw_only=True)
class ReviewSettings:
    """What a review lets pass."""

    block_at: Severity | None = "critical"
    """A new finding this bad, or worse, blocks; none does where it is None."""


def state_suffix(team: str) -> str:
    """The `secret_suffix` of a team's state; it must not end in `-<number>`, and a team may."""
    return f"{team}-users"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """All settings, and the folder that relative paths start from."""

    folder: Path
    cluster: ClusterSettings
    state: StateSettings
    review: ReviewSettings = field(default_factory=ReviewSettings)
    roster: str = ROSTER
    """The name of the roster, which each of its objects carries; no other roster of the cluster
    has it."""
    guard: bool = False
    """Whether `kuberoster bootstrap` has made the roster's admission policies in the cluster."""
    app: str = "python3 main.py"
    """The command that synthesises, as `cdktf` runs it."""
    output: str = "cdktf.out"
    """Where that command writes, relative to cdktf.json."""

    @property
    def users(self) -> Path:
        """The folder of the roster."""
        return self.folder / USERS

    def authority(self) -> bytes | None:
        """The certificate authority for users' kubeconfigs, as PEM; None where none is named.

        Raises KuberosterError where its file can't be read, or holds something else.
        """
        name = self.cluster.certificate_authority
        if name is None:
            return None
        path = self.folder / expanded(name)
        try:
            pem = path.read_bytes()
        except (OSError, ValueError) as wrong:
            reason = wrong.strerror if isinstance(wrong, OSError) else wrong
            raise KuberosterError(
                f"cdktf.json: certificate_authority {path} can't be read: {reason}."
            ) from None
        if fault := authority_fault(pem):
            raise KuberosterError(
                f"cdktf.json: certificate_authority {path} {fault}.\n"
                "It is a PEM file with the certificates that sign the API server's, and no more."
            )
        return pem


def load_settings(folder: Path) -> Settings:
    """Read cdktf.json of a folder.

    Raises SettingsError with all that is wrong with it, and KuberosterError where there is none.
    """
    file = SettingsFile(folder / "cdktf.json")
    document = file.document
    if "kuberoster" in document:
        file.report(
            "the file has 'kuberoster', which nothing reads there",
            'Its place is in context: {"context": {"kuberoster": {...}}}.',
        )
    file.none_like(document, ("app", "context", "kuberoster", "output"), "the file")
    context = file.mapping(document.get("context", {}), "context")
    file.none_like(context, ("kuberoster",), "context")
    where = "context.kuberoster"
    own = file.mapping(context.get("kuberoster", {}), where)
    file.only(own, ("cluster", "guard", "review", "roster", "state"), where)
    roster = _roster(file, own)
    settings = Settings(
        folder=folder,
        cluster=_cluster(file, file.mapping(own.get("cluster", {}), f"{where}.cluster")),
        state=_state(file, file.mapping(own.get("state", {}), f"{where}.state"), roster),
        review=_review(file, file.mapping(own.get("review", {}), f"{where}.review")),
        roster=roster,
        guard=file.flag(own, "guard", where),
        app=file.text(document, "app", "the file") or Settings.app,
        output=file.text(document, "output", "the file") or Settings.output,
    )
    file.check()
    return replace(settings, state=_beside_cdktf_json(settings))


def _beside_cdktf_json(settings: Settings) -> StateSettings:
    """Local state lies there, also where stacks are not written one folder below."""
    state = settings.state
    if state.backend != "local" or "path" in state.settings:
        return state
    if Path(settings.output).parent == Path():
        return state
    path = str(settings.folder.absolute() / Path(LOCAL_STATE).name)
    return replace(state, settings={**state.settings, "path": path})


def _roster(file: SettingsFile, values: Mapping[str, object]) -> str:
    given = values.get("roster", ROSTER)
    file.report_all(roster_name_faults("context.kuberoster.roster", given))
    return str(given)


def _cluster(file: SettingsFile, values: Mapping[str, object]) -> ClusterSettings:
    where = "context.kuberoster.cluster"
    known = ("kubeconfig", "context", "server", "certificate_authority", "uid")
    file.only(values, known, where)
    server = file.text(values, "server", where)
    if server is not None and (fault := server_url_fault(server)):
        file.report(f"{where}.server {fault}", MEND)
    kubeconfig = file.text(values, "kubeconfig", where)
    if kubeconfig is not None and not kubeconfig.startswith(("/", "~/")):
        file.report(
            f"{where}.kubeconfig is {shortened(kubeconfig)}",
            "Terraform runs in another folder, so it starts with '/' or '~/'.",
        )
    return ClusterSettings(
        kubeconfig=kubeconfig,
        context=file.text(values, "context", where),
        server=server,
        certificate_authority=file.text(values, "certificate_authority", where),
        uid=file.text(values, "uid", where),
    )


def _state(file: SettingsFile, values: Mapping[str, object], roster: str) -> StateSettings:
    # Revocations lie there with every backend, and those of two rosters don't mix.
    default = STATE_NAMESPACE if roster == ROSTER else f"{STATE_NAMESPACE}-{roster}"
    where = "context.kuberoster.state"
    backend = values.get("backend", "kubernetes")
    if backend not in BACKENDS:
        allowed = f"It is one of {', '.join(BACKENDS)}."
        file.report(f"{where}.backend is {shortened(backend)}", allowed)
        return StateSettings()
    settings = {key: value for key, value in values.items() if key != "backend"}
    if backend == "kubernetes":
        file.only(settings, ("namespace",), where)
        namespace = settings.get("namespace", default)
        if "namespace" in settings:
            file.report_all(namespace_faults(f"{where}.namespace", namespace))
        if str(namespace) == "default" or str(namespace).startswith("kube-"):
            file.report(
                f"{where}.namespace is {namespace!r}",
                "Whoever can write there steers the deployer, so it holds nothing else.",
            )
        return StateSettings(namespace=str(namespace))
    file.takeable(settings, where)
    name = _OWN_STATE[str(backend)]
    if backend != "local" or name in settings:
        value = settings.get(name)
        if backend == "remote":
            own = value.get("name") if isinstance(value, dict) else None
        else:
            own = value
        if not isinstance(own, str) or TEAM_PLACEHOLDER not in own:
            file.report(
                f"{where}.{name} is {shortened(value)}",
                f"Each team has a state of its own, so it has {TEAM_PLACEHOLDER} in it, "
                f"such as {_EXAMPLES[str(backend)]!r}.",
            )
    return StateSettings(backend=str(backend), namespace=default, settings=settings)


def _review(file: SettingsFile, values: Mapping[str, object]) -> ReviewSettings:
    where = "context.kuberoster.review"
    file.only(values, ("block_at",), where)
    given = values.get("block_at", ReviewSettings.block_at)
    if given == "none":
        return ReviewSettings(block_at=None)
    for severity in SEVERITIES:
        if given == severity:
            return ReviewSettings(block_at=severity)
    allowed = ", ".join((*SEVERITIES, "none"))
    file.report(f"{where}.block_at is {shortened(given)}", f"It is one of {allowed}.")
    return ReviewSettings()
