"""What the API server was asked, by its audit log."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

from controlplane import ControlPlane
from tests.project import until

Asked = list[tuple[str, str]]
"""The verb and the URI of each request."""


@contextmanager
def asked(control_plane: ControlPlane, *, agent: str) -> Iterator[Asked]:
    """The requests within the block by clients whose User-Agent starts so; filled at its end."""
    before = control_plane.audit_log.stat().st_size
    found: Asked = []
    yield found
    # The log is written in the order of the answers, a moment after them.
    for _ in until(1):
        pass
    with control_plane.audit_log.open() as log:
        log.seek(before)
        events = [json.loads(line) for line in log]
    found += [
        (event["verb"], event["requestURI"])
        for event in events
        if event["stage"] == "ResponseComplete" and event.get("userAgent", "").startswith(agent)
    ]
