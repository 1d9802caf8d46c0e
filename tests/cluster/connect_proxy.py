"""A proxy that notes whom it leads where."""

import contextlib
import http.client
import io
import socket
import ssl
import threading

from tests.cluster.api_server import Server


class Proxy:
    """A CONNECT proxy that leads everything to one server and notes for whom."""

    def __init__(self, server: Server, tls: ssl.SSLContext | None = None) -> None:
        self.asked: list[tuple[str, str | None]] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        if tls is not None:
            self.listener = tls.wrap_socket(self.listener, server_side=True)
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{self.listener.getsockname()[1]}"
        self.server = server
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                threading.Thread(target=self._tunnel, args=(client,), daemon=True).start()

    def _tunnel(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError), client:
            head = b""
            while b"\r\n\r\n" not in head:
                head += client.recv(4096)
            first, _, rest = head.partition(b"\r\n")
            headers = http.client.parse_headers(io.BytesIO(rest))
            target = first.split()[1].decode()
            self.asked.append((target, headers.get("Proxy-Authorization")))
            with socket.create_connection(("127.0.0.1", self.server.port)) as upstream:
                self.server.proxied[upstream.getsockname()[1]] = target
                client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
                back = threading.Thread(target=_pipe, args=(upstream, client), daemon=True)
                back.start()
                _pipe(client, upstream)
                back.join()

    def stop(self) -> None:
        self.listener.close()


def _pipe(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)
