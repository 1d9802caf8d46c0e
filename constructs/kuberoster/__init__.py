"""Who has access to a Kubernetes cluster, as a Python list.

A file in users/ needs only these names:

    from kuberoster import User, edit, view

    USERS = [
        User("ann", email="ann@example.com", access=[edit("web"), view("api")]),
    ]

Importing this package loads neither CDKTF nor a Kubernetes client, and these names when they are
asked for; the constructs are in `kuberoster.constructs`.
"""

import sys

# Before anything that an older Python does not read; written so that it reads this.
if sys.version_info < (3, 11):  # noqa: UP036
    sys.exit(
        "kuberoster needs Python 3.11 or later, and %s is %d.%d."  # noqa: UP031
        % ((sys.executable,) + sys.version_info[:2])  # noqa: RUF005
    )

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kuberoster.model.public import *  # noqa: F403
else:

    def __getattr__(name):
        # Loaded here: before that takes its time, a command is ready for an interrupt.
        from kuberoster.model import public  # noqa: PLC0415

        if name in ("__all__", *public.__all__):
            return getattr(public, name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
