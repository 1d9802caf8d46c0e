"""What goes wrong here is told in one exception."""


class ControlPlaneError(Exception):
    """A control plane can't be built, started or reached; the message says why and what to do."""
