"""An open WebSocket, of the library `websockets` or of the browser: sending and closing."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from ..threads import IN_BROWSER

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection

    from .browser_socket import BrowserSocket

    Connection = ClientConnection | BrowserSocket


async def send_if_open(connection: Connection, message: str | bytes) -> None:
    """Send a message, unless the connection has closed, which the reader reports."""
    if IN_BROWSER:
        await connection.send(message)
        return
    from websockets.exceptions import ConnectionClosed

    with contextlib.suppress(ConnectionClosed):  # the reading side reports it
        await connection.send(message)


def is_open(connection: Connection) -> bool:
    """True if the peer can be sent messages."""
    if IN_BROWSER:
        return bool(getattr(connection, "is_open", False))
    from websockets.protocol import State

    return getattr(connection, "state", None) is State.OPEN


async def arrived(connection: Connection) -> str | bytes | None:
    """Return the next message if it has arrived already; None: there is none, or no connection."""
    reading = asyncio.ensure_future(anext(aiter(connection)))
    await asyncio.sleep(0)  # a message that has arrived is returned at the first step
    if not reading.done():
        reading.cancel()
    await asyncio.wait({reading})
    return None if reading.cancelled() or reading.exception() else reading.result()


async def close(connection: Connection, timeout_s: float) -> None:
    """Close in a separate task: a second cancellation must not leave it half done."""

    async def closing() -> None:
        with contextlib.suppress(Exception):
            await connection.close()

    await asyncio.wait({asyncio.ensure_future(closing())}, timeout=timeout_s)
