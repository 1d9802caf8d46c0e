"""Changes whose answer was lost: they are looked at before anything is said about them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from kuberoster.cluster.answers import Object
from kuberoster.cluster.errors import ClusterError, Conflict, NotFound

_TRIES = 3
_SECONDS = 0.2


def made_sure(send: Callable[[], Object], look: Callable[[], Object | None]) -> Object:
    """The answer to a change, or what `look` found of it where no answer came that counts.

    `look` returns None where the change was not made; then it is sent again. It raises Conflict
    or NotFound where it can't be made any more.
    """
    for tries in range(1, _TRIES + 1):
        try:
            return send()
        except ClusterError as error:
            late = tries > 1 and isinstance(error, Conflict)  # with what was sent before
            if not (error.unsure or late):
                raise
            lost = error
        found = _looked(look, lost)
        if found is not None:
            return found
        time.sleep(_SECONDS * tries)
    lost.args = (f"{lost}\nIt was looked at again, and is not done.",)
    raise lost


def holds(found: object, wanted: object) -> bool:
    """Whether an object has all that a change was to write; None stands for what is to go.

    What Kubernetes adds by itself does not count, nor does a resourceVersion, which it changes.
    """
    if isinstance(wanted, Mapping):
        found = found or {}
        return isinstance(found, Mapping) and all(
            holds(found.get(key), value)
            for key, value in wanted.items()
            if key != "resourceVersion"
        )
    if isinstance(wanted, list):
        found = found or []
        return (
            isinstance(found, list) and len(found) == len(wanted) and all(map(holds, found, wanted))
        )
    return found == wanted


def _looked(look: Callable[[], Object | None], lost: ClusterError) -> Object | None:
    try:
        return look()
    except (Conflict, NotFound):
        raise
    except ClusterError:
        # What is told is why it had to be looked at.
        lost.args = (f"{lost}\nWhether it was done is not known; look before you try again.",)
        raise lost from None
