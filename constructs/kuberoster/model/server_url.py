"""The address of an API server: which one a kubeconfig may hold."""

from urllib.parse import urlsplit

from kuberoster.model.names import shortened

MEND = "Write it as https://host:port."


def server_url_fault(server: str, schemes: tuple[str, ...] = ("https",)) -> str | None:
    """What is wrong with an API server's address, as the end of a sentence; None where nothing is.

    Taken apart as a client does it, since `https://` and `https://[::1` begin like an address.
    A password in it is not repeated.
    """
    try:
        url = urlsplit(server)
        port = url.port
    except ValueError:
        return "is no URL" if "@" in server else f"is {shortened(server)}, which is no URL"
    if url.username is not None or url.query or url.fragment:
        return "must hold no user, '?' or '#'"
    if not server.isprintable() or " " in server:
        return f"is {shortened(server)}, with a blank or what does not show"
    if url.scheme not in schemes or not url.hostname or port == 0:
        return f"is {shortened(server)}"
    return None
