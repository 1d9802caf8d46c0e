"""Is a control plane ready?"""

import http.client
import ssl

from controlplane.layout import Layout
from controlplane.ports import HOST

_DEFAULT_SERVICE_ACCOUNT = "/api/v1/namespaces/default/serviceaccounts/default"


def answers(layout: Layout, port: int, path: str) -> bool:
    """Return whether GET `path` as the administrator gives 200 within 2 s."""
    return _status(layout, port, path) == http.client.OK


def listens(layout: Layout, port: int) -> bool:
    """Return whether there is any answer, an error included."""
    return _status(layout, port, "/livez") is not None


def ready(layout: Layout) -> bool:
    """Return whether API server and controllers work.

    The default ServiceAccount is made by a controller, so where it exists all the parts work
    together.
    """
    settings = layout.settings()
    return (
        answers(layout, settings.api_server_port, "/readyz")
        and answers(layout, settings.controller_manager_port, "/healthz")
        and answers(layout, settings.api_server_port, _DEFAULT_SERVICE_ACCOUNT)
    )


def _status(layout: Layout, port: int, path: str) -> int | None:
    folder = layout.certificates
    connection: http.client.HTTPSConnection | None = None
    try:
        trust = ssl.create_default_context(cafile=str(folder / "ca.crt"))
        trust.load_cert_chain(folder / "admin.crt", folder / "admin.key")
        connection = http.client.HTTPSConnection(HOST, port, timeout=2, context=trust)
        connection.request("GET", path)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        if connection:
            connection.close()
