"""HTTP/1.1, as far as passing it on needs it."""

import re
from io import BufferedReader

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)


def read_message(stream: BufferedReader) -> bytes:
    """One request or answer, as it came; empty at the end of the connection."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        line = stream.readline()
        if not line:
            return b""
        head += line
    if length := _LENGTH.search(head):
        return head + stream.read(int(length[1]))
    if not _CHUNKED.search(head):
        return head
    parts = [head]
    while True:
        size = stream.readline()
        chunk = stream.read(int(size, 16) + 2)
        parts += [size, chunk]
        if chunk == b"\r\n":
            return b"".join(parts)
