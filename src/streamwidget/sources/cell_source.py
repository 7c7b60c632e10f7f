"""The code of a notebook cell as a job, beside the cells that run on the kernel's own thread.

Its value is shown; a run continues with a value that is a stream. A stop reaches code that never
calls anything of ours: `StopRequested` is raised in its thread, as an interrupt of the kernel
raises `KeyboardInterrupt`. Must not know IPython.
"""

from __future__ import annotations

import ctypes
import inspect
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, Final

from ..errors import StopRequested
from ..events import Event
from ..io.source import Context, Source
from .functions import AsyncFunctionSource, FunctionSource, Resolve
from .results import is_stream

_PACKAGE: Final = str(Path(__file__).resolve().parents[1])
RETRY_S: Final = 0.001
"""Time between two attempts to stop a thread that is in code of this package."""


def cell_source(
    body: CodeType | None,
    value: CodeType | None,
    names: dict[str, Any],
    *,
    show: Callable[[object], None],
    title: str,
    resolve: Resolve,
) -> Source:
    """Return a source that runs `body` and then shows the value of the expression `value`.

    None: there is no such code. `names` are its global variables. Code with a top-level `await`
    runs on the event loop of jobs.
    """

    def shown(result: object) -> object:
        if is_stream(result):
            return result
        if result is not None:
            show(result)
        return None

    def run() -> object:
        if body is not None:
            exec(body, names)
        return shown(None if value is None else eval(value, names))

    async def run_async() -> object:
        for code in (body, value):
            result = None if code is None else eval(code, names)
            if inspect.iscoroutine(result):
                result = await result
        return shown(result)

    if any(code is not None and code.co_flags & inspect.CO_COROUTINE for code in (body, value)):
        source: _AsyncCell | _Cell = _AsyncCell(run_async, resolve)
    else:
        source = _Cell(run, resolve)
    source.name = title
    return source


class _AsyncCell(AsyncFunctionSource):
    """A cell with `await`, which a stop cancels."""


class _Cell(FunctionSource):
    """A cell on its own thread."""

    def __init__(self, function: Callable[[], object], resolve: Resolve) -> None:
        super().__init__(function, resolve)
        self._ident: int | None = None
        self._code = getattr(function, "__code__", None)

    def stream(self, context: Context, /) -> Iterator[Sequence[Event]]:
        """Run the code; what it prints and displays goes through the capture."""
        self._ident = threading.get_ident()
        if context.capture is not None:
            context.capture.leave_stops_to_others()
        try:
            yield from super().stream(context)
        finally:
            self._ident = None

    def interrupt(self) -> None:
        """Raise `StopRequested` in the thread, once it is not in code of this package: there it
        would leave half of a change."""
        while (ident := self._ident) is not None:
            if self._is_in_user_code(sys._current_frames().get(ident)):
                raise_in = ctypes.pythonapi.PyThreadState_SetAsyncExc
                raise_in(ctypes.c_ulong(ident), ctypes.py_object(StopRequested))
                return
            time.sleep(RETRY_S)

    def _is_in_user_code(self, frame: FrameType | None) -> bool:
        while frame is not None:
            if frame.f_code is self._code:
                return True
            if frame.f_code.co_filename.startswith(_PACKAGE):
                return False
            frame = frame.f_back
        return False
