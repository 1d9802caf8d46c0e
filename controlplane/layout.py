"""What lies where in the directory of a control plane, and what must survive a restart."""

import dataclasses
import json
from pathlib import Path

from controlplane.errors import ControlPlaneError
from controlplane.files import write_private
from controlplane.ports import HOST


@dataclasses.dataclass(frozen=True, kw_only=True)
class Settings:
    """What a control plane was started with. Port 0: not chosen yet."""

    binaries: str
    context: str
    audit: bool
    extra_api_server_args: tuple[str, ...]
    api_server_port: int = 0
    controller_manager_port: int = 0

    @property
    def server(self) -> str:
        """The API server's URL."""
        return f"https://{HOST}:{self.api_server_port}"

    def with_ports(self, api_server: int, controller_manager: int) -> "Settings":
        """Return the same settings with other ports."""
        return dataclasses.replace(
            self, api_server_port=api_server, controller_manager_port=controller_manager
        )


@dataclasses.dataclass(frozen=True)
class Layout:
    """The files of one control plane, all below one directory of mode 0700."""

    directory: Path

    @property
    def settings_file(self) -> Path:
        """The file that marks the directory as a control plane's."""
        return self.directory / "settings.json"

    @property
    def kubeconfig(self) -> Path:
        """The administrator's kubeconfig."""
        return self.directory / "kubeconfig"

    @property
    def certificates(self) -> Path:
        """The folder of keys and certificates."""
        return self.directory / "certificates"

    @property
    def audit_log(self) -> Path:
        """One JSON event per line, when the control plane was started with it."""
        return self.directory / "audit.log"

    @property
    def process_file(self) -> Path:
        """The supervisor's process."""
        return self.directory / "supervisor.json"

    def log(self, program: str) -> Path:
        """Return the log of a program, or of the supervisor."""
        return self.directory / f"{program}.log"

    def lock(self, name: str) -> Path:
        """Return a lock file."""
        return self.directory / f"{name}.lock"

    def exists(self) -> bool:
        """Return whether a control plane was ever started here."""
        return self.settings_file.is_file()

    def settings(self) -> Settings:
        """Return what is stored here; raises ControlPlaneError when nothing is."""
        try:
            stored = json.loads(self.settings_file.read_text())
        except FileNotFoundError:
            raise ControlPlaneError(f"{self.directory}: no control plane here.") from None
        stored["extra_api_server_args"] = tuple(stored["extra_api_server_args"])
        return Settings(**stored)

    def save(self, settings: Settings) -> None:
        """Store what the next start needs to know."""
        text = json.dumps(dataclasses.asdict(settings), indent=2)
        write_private(self.settings_file, text.encode())

    def refuse_foreign(self) -> None:
        """Raise ControlPlaneError when the directory holds files, but no control plane's."""
        if self.exists() or not self.directory.exists():
            return
        # A start that was broken off leaves its locks.
        if any(entry.suffix != ".lock" for entry in self.directory.iterdir()):
            raise ControlPlaneError(
                f"{self.directory}: not empty, and no control plane's. Name a new directory."
            )

    def prepare(self, settings: Settings) -> None:
        """Make the directory, and keep the ports of an earlier start, so kubeconfigs stay valid.

        Raises ControlPlaneError when the directory holds files of somebody else.
        """
        self.refuse_foreign()
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.directory.chmod(0o700)
        if self.exists():
            earlier = self.settings()
            settings = settings.with_ports(earlier.api_server_port, earlier.controller_manager_port)
        self.save(settings)
