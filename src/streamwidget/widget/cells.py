"""Hand-fed views and the cells that feed them: when such a cell ends, so does what it fed.

Registered once with IPython. A view whose cell was interrupted is stopped, one whose cell raised
has failed, and one whose cell ran to its end is finished. Only views that were fed from the cell's
own thread belong to the cell; one that the user's own threads feed lives on.
"""

from __future__ import annotations

import asyncio
import sys
import threading
from typing import Any
from weakref import WeakSet

from ..errors import StopRequested
from ..run import Run
from ..run.words import source_error

_fed: WeakSet[Run] = WeakSet()
_registered: set[int] = set()


def shell() -> Any:
    """The running IPython shell; None outside of one."""
    module = sys.modules.get("IPython.core.getipython")
    return None if module is None else module.get_ipython()


def number() -> int | None:
    """The number of the running cell; None outside of IPython."""
    ip = shell()
    return None if ip is None else int(ip.execution_count)


def fed_by_cell(run: Run) -> None:
    """Notes that the running cell feeds `run`, if this is the cell's thread."""
    if run in _fed or threading.current_thread() is not threading.main_thread():
        return
    ip = shell()
    if ip is None:
        return
    if id(ip) not in _registered:
        _registered.add(id(ip))
        ip.events.register("post_run_cell", _after_cell)
    _fed.add(run)


def _after_cell(result: Any) -> None:
    runs = list(_fed)
    _fed.clear()
    error = getattr(result, "error_in_exec", None)
    for run in runs:
        end_fed(run, error)


def end_fed(run: Run, error: BaseException | None) -> None:
    """Ends a hand-fed run after the code that fed it has ended, by `error` if it raised."""
    if run.finished.is_set():
        return
    if isinstance(error, (KeyboardInterrupt, asyncio.CancelledError)):
        run.request_stop()
    if error is None or isinstance(error, (StopRequested, KeyboardInterrupt)):
        run.producer_closed()
    else:
        run.producer_closed(source_error(error))
