"""Messages in Shiny: they wait in the session until something flushes it.

Shiny flushes after each message of a page. A stream has to ask for it.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from typing import Any


def _nothing() -> None:
    pass


def flusher() -> Callable[[], None]:
    """Return what sends the waiting messages of Shiny, from any thread; elsewhere it does nothing.

    Call it in the session's code, on the thread of Shiny's event loop.
    """
    session: Any = sys.modules.get("shiny.session")
    reactive: Any = sys.modules.get("shiny.reactive")
    if session is None or reactive is None or session.get_current_session() is None:
        return _nothing
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        return _nothing

    async def flush() -> None:
        async with reactive.lock():
            await reactive.flush()

    return lambda: _start(flush, loop)


def _start(flush: Callable[[], Any], loop: asyncio.AbstractEventLoop) -> None:
    if not loop.is_closed():
        asyncio.run_coroutine_threadsafe(flush(), loop)
