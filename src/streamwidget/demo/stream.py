"""Streaming responses: pieces of bytes, each at its time, until the end or a disconnect."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

KEEP_ALIVE_S = 15.0
"""Silence after which a comment is sent, so that no proxy closes the connection."""

SSE = "text/event-stream; charset=utf-8"
NDJSON = "application/x-ndjson; charset=utf-8"
TEXT = "text/plain; charset=utf-8"

FOREVER_S = float("inf")
BURST = 64
"""Most pieces sent in a row before other connections get their turn."""

Pieces = Iterator["bytes | float"]


@dataclass
class Connections:
    """Counts of streams: open now, ever opened, and closed by their client before the end."""

    open: int = 0
    total: int = 0
    left: int = 0


class Stream(Response):
    """A response of pieces and pauses (in seconds), until the end or a disconnect.

    With `drop` the connection is closed at the end without ending the body.
    """

    def __init__(
        self,
        pieces: Pieces,
        connections: Connections,
        *,
        media_type: str = SSE,
        keep_alive: bytes = b": keep-alive\n\n",
        drop: bool = False,
    ) -> None:
        self.status_code = 200
        self.background = None
        self.init_headers(
            {
                "Content-Type": media_type,
                "Cache-Control": "no-cache",
                "X-Accel-Buffering": "no",
            }
        )
        self._pieces = pieces
        self._connections = connections
        self._keep_alive = keep_alive if media_type == SSE else b""
        self._drop = drop

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        disconnect = asyncio.ensure_future(_disconnected(receive))
        self._connections.open += 1
        self._connections.total += 1
        try:
            await send(
                {
                    "type": "http.response.start",
                    "status": self.status_code,
                    "headers": self.raw_headers,
                }
            )
            if await self._send_pieces(send, disconnect):
                if not self._drop:
                    await send({"type": "http.response.body", "body": b"", "more_body": False})
            else:
                self._connections.left += 1
        except OSError:  # newer ASGI servers raise when the client has disconnected
            self._connections.left += 1
        finally:
            self._connections.open -= 1
            disconnect.cancel()

    async def _send_pieces(self, send: Send, disconnect: asyncio.Future[None]) -> bool:
        """Send all pieces at their times; False if the client disconnected before the end."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        for n, piece in enumerate(self._pieces):
            if isinstance(piece, bytes):
                await send({"type": "http.response.body", "body": piece, "more_body": True})
                if n % BURST == 0:
                    await asyncio.sleep(0)
            elif piece:
                due = max(due + piece, loop.time() - 1)  # catch up by at most one second
                await self._pause(due, send, disconnect)
            if disconnect.done():
                return False
        return True

    async def _pause(self, until: float, send: Send, disconnect: asyncio.Future[None]) -> None:
        loop = asyncio.get_running_loop()
        while (left_s := until - loop.time()) > 0 and not disconnect.done():
            await asyncio.wait({disconnect}, timeout=min(left_s, KEEP_ALIVE_S))
            if self._keep_alive and left_s > KEEP_ALIVE_S and not disconnect.done():
                body = self._keep_alive
                await send({"type": "http.response.body", "body": body, "more_body": True})


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
