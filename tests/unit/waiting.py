"""How the tests wait and measure, so that a busy machine does not decide whether they pass."""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Callable

from streamwidget.widget import answers

WAIT_S = 120.0
"""The longest wait for an event that comes within a second on an idle machine. Only a fault waits
that long."""
TRIES_COUNT = 3


def until(condition: Callable[[], object], what: str | Callable[[], object] = "") -> None:
    """Return as soon as the condition holds; fail after `WAIT_S`, with what was waited for."""
    end = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < end, what() if callable(what) else what
        time.sleep(0.005)


def measured_again(test: Callable[..., None]) -> Callable[..., None]:
    """Let a test of speed measure up to three times.

    Noise only ever adds time, so one good measurement shows what the work costs; what is slow is
    slow each time. For tests that fail by the clock alone.
    """

    @functools.wraps(test)
    def measured(*arguments: object, **named: object) -> None:
        for _ in range(TRIES_COUNT - 1):
            try:
                return test(*arguments, **named)
            except AssertionError:
                pass
        return test(*arguments, **named)

    return measured


def wait_records() -> None:
    """Wait until all records that were requested are made."""
    made = threading.Event()
    answers.FILES.put(made.set)
    assert made.wait(WAIT_S)
