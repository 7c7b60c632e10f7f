"""A WebSocket where Python runs in a browser: the browser's own.

It sends no headers, tells nothing of why it could not connect, and cannot be slowed down: what
arrives while nobody reads waits in memory.
"""

from __future__ import annotations

import asyncio
import importlib
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ..errors import LimitError, TransportError
from ..limits import Limits
from .http_errors import connect_timeout_error
from .websocket_errors import TOO_BIG, closed

CLEAN: Final = frozenset({1000, 1001, 1005})
"""Close codes of an end without a failure; 1005: the server gave none."""
NO_CLOSE: Final = 1006
"""The browser's code for a connection that was lost, or never made."""


@dataclass(frozen=True, slots=True)
class _Close:
    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class _Closing:
    """How a connection was closed, as the library `websockets` reports it."""

    rcvd: _Close | None
    sent: _Close | None
    rcvd_then_sent: bool | None = None


class BrowserSocket:
    """One connection: iterate over its messages, `send`, and `close`."""

    def __init__(self, name: str, limits: Limits, alive: Callable[[], object]) -> None:
        """`alive` is called for each message; `name` is shown in errors."""
        self._name, self._limits, self._alive = name, limits, alive
        self._messages: deque[str | bytes] = deque()
        self._waiting_chars = 0
        self._count = 0
        self._closing: _Closing | None = None
        self._is_open = self._overflows = False
        self._news = asyncio.Event()
        self._socket: Any = None
        self._listeners: list[tuple[str, Any]] = []

    async def open(self, url: str, subprotocols: Sequence[str] | None) -> None:
        """Connect.

        Raises:
            TransportError: there is no connection within `limits.connect_timeout_s`.
        """
        js, ffi = importlib.import_module("js"), importlib.import_module("pyodide.ffi")
        try:
            self._socket = js.WebSocket.new(url, ffi.to_js([*(subprotocols or ())]))
        except Exception:  # an error of JavaScript: ws:// on a page of https://
            raise self._refused() from None
        self._socket.binaryType = "arraybuffer"
        for name in ("open", "message", "close"):
            listener = ffi.create_proxy(getattr(self, f"_on_{name}"))
            self._listeners.append((name, listener))
            self._socket.addEventListener(name, listener)
        try:
            await asyncio.wait_for(self._news.wait(), self._limits.connect_timeout_s)
        except asyncio.TimeoutError:
            raise connect_timeout_error(self._name) from None
        finally:
            if not self._is_open:  # nobody else will close it
                self._socket.close()
                self._forget()
        if not self._is_open:
            raise self._refused()

    async def send(self, message: str | bytes) -> None:
        """Send a message; do nothing if the connection is closed, which the reader reports."""
        if self._closing is not None:
            return
        if isinstance(message, bytes):
            ffi = importlib.import_module("pyodide.ffi")
            self._socket.send(ffi.to_js(message))
        else:
            self._socket.send(message)

    @property
    def is_open(self) -> bool:
        """True if messages can be sent."""
        return self._is_open and self._closing is None

    async def close(self) -> None:
        """Close the connection, and wait until the server has agreed."""
        if self._socket is not None and self._closing is None:
            self._socket.close(1000)
            while self._closing is None:
                self._news.clear()
                await self._news.wait()
        self._forget()

    def _forget(self) -> None:
        for name, listener in self._listeners:
            self._socket.removeEventListener(name, listener)
            listener.destroy()
        self._listeners.clear()

    async def __aiter__(self) -> AsyncIterator[str | bytes]:
        while True:
            while self._messages:
                message = self._messages.popleft()
                self._waiting_chars -= len(message)
                self._count += 1
                yield message
            if self._closing is not None:
                break
            self._news.clear()
            await self._news.wait()
        if self._overflows:
            limit = self._limits.document_chars
            raise LimitError(
                f"The server sent more than {limit:,} characters (Limits.document_chars) while the "
                "run did not read.",
                bound="document_chars",
                limit=limit,
            )
        came = self._closing.rcvd
        if came is None or came.code not in CLEAN:
            raise closed(self._closing, self._name, self._limits, self._count)

    # --- called by the browser

    def _on_open(self, _: Any) -> None:
        self._is_open = True
        self._news.set()

    def _on_message(self, event: Any) -> None:
        if self._closing is not None:
            return
        self._alive()
        data = event.data
        message = data if isinstance(data, str) else data.to_bytes()
        if len(message) > self._limits.record_bytes:
            self._give_up(_Closing(None, _Close(TOO_BIG, "")))
            return
        self._messages.append(message)
        self._waiting_chars += len(message)
        if self._waiting_chars > self._limits.document_chars:
            self._overflows = True
            self._give_up(_Closing(None, None))
        self._news.set()

    def _on_close(self, event: Any) -> None:
        if self._closing is None:
            code = int(event.code)
            came = None if code == NO_CLOSE else _Close(code, str(event.reason))
            self._closing = _Closing(came, None)
        self._news.set()

    def _give_up(self, closing: _Closing) -> None:
        self._closing = closing
        self._socket.close(1000)
        self._news.set()

    def _refused(self) -> TransportError:
        return TransportError(
            f"The browser could not connect to {self._name} and gives no reason. Check that the "
            "server is running and accepts WebSockets at this URL; a page of https:// can only "
            "use wss://."
        )
