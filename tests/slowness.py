"""How slow this machine is, so that a limit in seconds means the same on each."""

import time

_OBJECTS = 500_000
_SECONDS = 0.3
"""A machine that makes so many in this time, or faster, is held to the limits as they stand.

Chosen and not measured: on a machine where `kuberoster validate` took three times as long as
where the limits were set, this makes them three times as long.
"""


def slowness() -> float:
    """By what to multiply a limit in seconds here and now: 1, or more on a slower machine.

    Making objects is what our commands do most; a bare loop does not show how slow a machine's
    memory is.
    """
    return max(1.0, min(_make() for _ in range(3)) / _SECONDS)


def _make() -> float:
    started = time.process_time()
    made = {str(number): (number, [number]) for number in range(_OBJECTS)}
    took = time.process_time() - started
    assert len(made) == _OBJECTS
    return took
