"""A way to the API server on which something is odd."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.operations.direct import Direct
from tests.project import Project

EXPIRED = json.dumps(
    {"kind": "Status", "code": 410, "message": "The provided continue parameter is too old"}
).encode()


@contextmanager
def forwarding(
    project: Project,
    *,
    ahead: timedelta = timedelta(0),
    refuse: Callable[[str], bool] = lambda _: False,
) -> Iterator[Path]:
    """A way to the API server by which the project's commands go; its kubeconfig.

    Its clock is `ahead`, and requests whose path and query are to `refuse` get 410.
    """

    class Forward(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            headers = {
                name: self.headers[name]
                for name in ("Accept", "Content-Type")
                if name in self.headers
            }
            body = self.rfile.read(length) if length else None
            if refuse(self.path):
                status, content = 410, EXPIRED
            else:
                answer = api.ask(self.command, self.path, body, headers)
                status, content = answer.status, answer.data
            self.send_response_only(status)
            self.send_header("Date", format_datetime(datetime.now(UTC) + ahead, usegmt=True))
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_GET

        def log_message(self, *_: object) -> None:
            pass

    way = ThreadingHTTPServer(("127.0.0.1", 0), Forward)
    with Direct(project.control_plane) as api, way as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        cluster = {"server": f"http://127.0.0.1:{server.server_address[1]}"}
        kubeconfig = {
            "current-context": "here",
            "contexts": [{"name": "here", "context": {"cluster": "c", "user": "u"}}],
            "clusters": [{"name": "c", "cluster": cluster}],
            "users": [{"name": "u", "user": {}}],
        }
        file = project.folder / "forwarding"
        file.write_text(json.dumps(kubeconfig))
        before = project.environment
        project.environment = before | {"KUBE_CONFIG_PATH": str(file)}
        try:
            yield file
        finally:
            project.environment = before
            server.shutdown()
