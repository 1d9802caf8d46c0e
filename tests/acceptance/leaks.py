"""Looking for tokens where none may be."""

import base64
import gzip
import zipfile
from collections.abc import Iterator

from tests.project import Project

_GZIP = b"\x1f\x8b"


def leaks(project: Project, token: str) -> list[str]:
    """Where in state, files and output the beginning of a token is, plain or in base64.

    All tokens of one control plane begin like this one, since the header names its key.
    """
    header = token.partition(".")[0]
    # Base64 in each of the three alignments that it may have in a larger text.
    needles = [
        header.encode(),
        *(base64.b64encode(b"x" * pad + header.encode())[4:-4] for pad in range(3)),
    ]
    texts = list(texts_of(project))
    assert any(b"generate_name" in text for _, text in texts), "nothing to look through"
    return [where for where, text in texts if any(needle in text for needle in needles)]


def texts_of(project: Project) -> Iterator[tuple[str, bytes]]:
    """Where and what was written: all output, files, plans, and Secrets beside the states."""
    yield from (("output", output.encode()) for output in project.outputs)
    for file in project.folder.rglob("*"):
        if not file.is_file() or ".terraform" in file.parts:
            continue
        yield str(file), file.read_bytes()
        if zipfile.is_zipfile(file):
            with zipfile.ZipFile(file) as plan:
                yield from ((f"{file}: {name}", plan.read(name)) for name in plan.namelist())
    for secret in project.objects("secrets", "-n", "kuberoster-state"):
        for key, encoded in secret.get("data", {}).items():
            where, stored = f"{secret['metadata']['name']}: {key}", base64.b64decode(encoded)
            yield where, stored
            if stored.startswith(_GZIP):
                yield where, gzip.decompress(stored)
