"""Builds the three programs from the sources that go.mod and go.sum pin, once."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

from controlplane.errors import ControlPlaneError
from controlplane.files import locked

_HERE = Path(__file__).parent
_PACKAGES = {
    "etcd": "go.etcd.io/etcd/server/v3",
    "kube-apiserver": "k8s.io/kubernetes/cmd/kube-apiserver",
    "kube-controller-manager": "k8s.io/kubernetes/cmd/kube-controller-manager",
}
# A caller's vendor mode or workspace would replace the versions pinned here. GOFLAGS isn't just
# emptied, because Go then reads it from the file that `go env -w` writes.
_SETTINGS = {"CGO_ENABLED": "0", "GOFLAGS": "-mod=readonly", "GOWORK": "off"}


def build() -> Path:
    """Return the folder with etcd, kube-apiserver and kube-controller-manager, built if need be.

    The first build takes minutes and a few GB in Go's caches; the programs take 220 MB below
    `$XDG_CACHE_HOME` (or ~/.cache). Two builds at once do it once. Progress goes to stderr.

    Raises ControlPlaneError when Go is missing, too old, or the build fails.
    """
    module = (_HERE / "go.mod").read_text()
    flags = ["-trimpath", "-ldflags", _link_flags(module)]
    toolchain = _toolchain(module)
    key = hashlib.sha256()
    for part in (module, (_HERE / "go.sum").read_text(), *flags, toolchain):
        key.update(part.encode() + b"\0")
    folder = _cache() / f"controlplane-{key.hexdigest()[:12]}"
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with locked(folder.with_suffix(".lock")) as lock:
        if not folder.is_dir():
            _build_into(folder, flags, lock)
    return folder


def _build_into(folder: Path, flags: list[str], lock: int) -> None:
    partial = folder.with_suffix(".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir()
    started = time.monotonic()
    _say("Building etcd, kube-apiserver and kube-controller-manager (once, takes minutes) ...")
    try:
        for number, (name, package) in enumerate(_PACKAGES.items(), start=1):
            if sys.stderr.isatty() and not os.environ.get("CI"):
                _say(f"  {name} ({number} of {len(_PACKAGES)})")
            # The compiler holds the lock too: killing only this process mustn't let a second
            # build start beside one that still runs.
            _go(["build", *flags, "-o", str(partial / name), package], hold=lock)
        partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    _say(f"Built in {time.monotonic() - started:.0f} s: {folder}")


def _toolchain(module: str) -> str:
    toolchain = _go(["env", "GOVERSION", "GOOS", "GOARCH"])
    needed = re.search(r"^go (\d+)\.(\d+)", module, re.MULTILINE)
    present = re.match(r"go(\d+)\.(\d+)", toolchain)
    # A version without a number ('devel ...') is a developer's own, and newer than any release.
    if needed and present and tuple(map(int, present.groups())) < tuple(map(int, needed.groups())):
        raise ControlPlaneError(
            f"Go is {present[0]}, and controlplane/go.mod needs {needed[0]}.\n"
            "Install a newer one from https://go.dev/dl/."
        )
    return toolchain


def _link_flags(module: str) -> str:
    found = re.search(r"^\s*k8s\.io/kubernetes (v(\d+)\.(\d+)\.\d+)", module, re.MULTILINE)
    if not found:
        raise ControlPlaneError(f"{_HERE / 'go.mod'}: no version of k8s.io/kubernetes.")
    # Without these the programs call themselves v0.0.0-master.
    target = "k8s.io/component-base/version"
    version, major, minor = found.groups()
    names = {"gitVersion": version, "gitMajor": major, "gitMinor": minor}
    return " ".join(["-s", "-w", *(f"-X {target}.{name}={of}" for name, of in names.items())])


def _go(arguments: list[str], *, hold: int | None = None) -> str:
    try:
        done = subprocess.run(
            ["go", *arguments],
            cwd=_HERE,
            env=os.environ | _SETTINGS,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            pass_fds=() if hold is None else (hold,),
        )
    except FileNotFoundError:
        raise ControlPlaneError(
            "Go isn't installed, and the control plane is built with it.\n"
            "Install it from https://go.dev/dl/, or with your system's package manager."
        ) from None
    if done.returncode:
        # The reason stands at the end of a long list of downloads.
        reason = "\n".join(done.stderr.strip().splitlines()[-15:])
        raise ControlPlaneError(f"'go {arguments[0]}' failed in {_HERE}:\n{reason}")
    return done.stdout


def _cache() -> Path:
    configured = Path(os.environ.get("XDG_CACHE_HOME", ""))
    # The XDG specification: a relative path there is to be ignored.
    return (configured if configured.is_absolute() else Path.home() / ".cache") / "kuberoster"


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
