"""Ends the hand-fed views of a cell when the cell ends, then calls those waiting for its end.

Registered once with IPython. A view is stopped if its cell was interrupted, failed if the cell
raised, and finished if the cell ran to its end. Only views that were fed from the cell's own thread
belong to the cell; one that the user's own threads feed continues.
"""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Callable
from typing import Any
from weakref import WeakSet

from ..errors import StopRequested
from ..run import Run
from ..run.words import source_error
from .hosts import refuses_input

_fed: WeakSet[Run] = WeakSet()
_registered: set[tuple[int, str]] = set()
"""Pairs of a shell's `id` and an event that we have registered for."""
_before: list[Callable[[str], None]] = []
_after: list[Callable[[], None]] = []
_calls: list[Callable[[BaseException | None], None]] = []


def shell() -> Any:
    """Return the running IPython shell; None outside of one."""
    module = sys.modules.get("IPython.core.getipython")
    return None if module is None else module.get_ipython()


def number() -> int | None:
    """Return the number of the running cell; None outside of IPython."""
    ip = shell()
    return None if ip is None else int(ip.execution_count)


def fed_by_cell(run: Run) -> None:
    """Record that the running cell feeds `run`, if this is the cell's thread."""
    if run in _fed or threading.current_thread() is not threading.main_thread():
        return
    if _listen():
        _fed.add(run)


def at_end_of_cell(call: Callable[[BaseException | None], None]) -> None:
    """Call `call` when the running cell has ended, or the next cell if none is running.

    Its argument is the exception that ended the cell, or that an earlier call raised; None:
    there was none.
    """
    if _listen():
        _calls.append(call)


def _listen() -> bool:
    """Register for the ends of cells; return False outside of IPython."""
    ip = shell()
    if ip is None:
        return False
    _register(ip, "post_run_cell", _after_cell)
    return True


def cell_id() -> str | None:
    """Return the ID of the running cell, or its code if the front end sends no ID.

    None: no cell is running, or a program without a page executes it.
    """
    running = shell()
    # ipykernel's shell has the request; in JupyterLite its kernel has it
    owner = running if hasattr(running, "get_parent") else getattr(running, "kernel", None)
    get_parent = getattr(owner, "get_parent", None)
    parent = get_parent() if callable(get_parent) else None
    if not isinstance(parent, dict):
        return None
    metadata, content = parent.get("metadata"), parent.get("content")
    cell = metadata.get("cellId") if isinstance(metadata, dict) else None
    if isinstance(cell, str):
        return cell
    if not isinstance(content, dict) or refuses_input(parent):
        return None  # a message of a widget has no code, and a program runs each cell once
    code = content.get("code")
    return f"code:{code}" if isinstance(code, str) else None


def before_each_cell(call: Callable[[str], None]) -> None:
    """Call `call` with the ID of each cell that is about to run."""
    if call not in _before:
        _before.append(call)
    ip = shell()
    if ip is not None:
        _register(ip, "pre_run_cell", _before_cell)


def after_each_cell(call: Callable[[], None]) -> None:
    """Call `call` at the end of this cell and of each later one."""
    if call not in _after:
        _after.append(call)
    _listen()


def names() -> dict[str, object]:
    """Return the names of the notebook without those that IPython sets; empty outside of one."""
    ip = shell()
    return (
        {}
        if ip is None
        else {
            name: value
            for name, value in dict(ip.user_ns).items()
            if not name.startswith("_") and name not in ("In", "Out")
        }
    )


def _register(ip: Any, event: str, function: Callable[[Any], None]) -> None:
    if (id(ip), event) not in _registered:
        _registered.add((id(ip), event))
        ip.events.register(event, function)


def _before_cell(info: Any) -> None:
    cell = getattr(info, "cell_id", None) or cell_id()
    if cell is not None:
        for call in _before:
            call(cell)


def _after_cell(result: Any) -> None:
    runs = list(_fed)
    _fed.clear()
    error = getattr(result, "error_before_exec", None) or getattr(result, "error_in_exec", None)
    for run in runs:
        end_fed(run, error)
    for look in _after:
        look()
    calls = list(_calls)
    _calls.clear()
    for call in calls:
        try:
            call(error)
        except KeyboardInterrupt as interrupt:
            error = interrupt


def end_fed(run: Run, error: BaseException | None) -> None:
    """End a hand-fed run after the code that fed it has ended; `error` is what that code raised."""
    if run.finished.is_set():
        return
    if isinstance(error, (KeyboardInterrupt, asyncio.CancelledError)):
        run.request_stop()
    if error is None or isinstance(error, (StopRequested, KeyboardInterrupt)):
        run.producer_closed()
    else:
        run.producer_closed(source_error(error))
