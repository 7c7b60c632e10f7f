"""Calls the user's `on_end` function once for each run that has ended.

It runs on a new thread, because it may block, and neither the kernel's messages nor other runs must
wait for it. Python waits for such a thread when a script ends.
"""

from __future__ import annotations

import contextvars
import logging
from collections.abc import Callable

from ..run import Result, Run
from ..threads import in_background

_log = logging.getLogger("streamwidget")

OnEnd = Callable[[Result], object]
"""Takes the result of a run that has just ended; its return value is ignored."""


def calling(on_end: OnEnd | None, run: Run, also: Callable[[], None]) -> Callable[[], None]:
    """Return the function for `run` to call at its end: it calls `also`, then `on_end`.

    An exception of `on_end` is logged and does not change the run. `on_end` has the context
    variables of the caller of this function.
    """
    if on_end is None:
        return also
    context = contextvars.copy_context()

    def call() -> None:
        run.finished.wait()
        try:
            context.run(on_end, run.result())
        except Exception:
            _log.exception("on_end of the run %r failed", run.title)

    def ended() -> None:
        also()
        # not a daemon thread: an exit of the process would cut the call
        run.end_call = in_background(call, name="streamwidget-on-end", daemon=False)

    return ended
