"""Shared by the tests of HTTP sources: servers, clients, and reading a source to its end."""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import threading
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import httpx
import pytest

from streamwidget.demo.serve import DemoServer, start_in_thread
from streamwidget.errors import StreamWidgetError
from streamwidget.events import Event, TextDelta
from streamwidget.io.source import AsyncSource, Context, Source
from unit.feeding import ids
from unit.waiting import WAIT_S

LIBRARIES: list[ModuleType] = [httpx]
with contextlib.suppress(ImportError):  # httpx2 needs Python 3.11
    import httpx2

    LIBRARIES.append(httpx2)

SECRET = "sk-very-secret"


def demo_server() -> Iterator[DemoServer]:
    server = start_in_thread()
    yield server
    server.stop()


def context(stopped: threading.Event | None = None, **options: Any) -> Context:
    return Context(
        new_id=ids(),
        stop_requested=stopped.is_set if stopped else lambda: False,
        push=lambda _: None,
        continue_with=lambda _: None,
        **options,
    )


async def read(source: Source, run_context: Context | None = None) -> list[Event]:
    """All events of a source, whichever kind it is."""
    run_context = run_context or context()
    if isinstance(source, AsyncSource):
        return [event async for batch in source.stream(run_context) for event in batch]
    return [event for batch in source.stream(run_context) for event in batch]


def collect(source: Source, run_context: Context | None = None) -> list[Event]:
    return asyncio.run(read(source, run_context))


def text_of(events: list[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


def failure_of(source: Source, run_context: Context | None = None) -> StreamWidgetError:
    """The error that the source raises; it must not show a secret."""
    with pytest.raises(StreamWidgetError) as raised:
        collect(source, run_context)
    assert SECRET not in str(raised.value)
    assert SECRET not in source.name
    return raised.value


class Peer:
    """A server of one connection after the other that answers with the bytes it was given."""

    def __init__(self, answer: bytes, *, reset: bool = False) -> None:
        self.requests: list[bytes] = []
        self._answer = answer
        self._reset = reset
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def __enter__(self) -> Peer:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join(WAIT_S)

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                with connection:
                    self.requests.append(_request(connection))
                    connection.sendall(self._answer)
                    if self._reset:
                        linger = b"\1\0\0\0\0\0\0\0"  # close by RST
                        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)


def _request(connection: socket.socket) -> bytes:
    """One whole request: closing with unread bytes would reset the connection."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += connection.recv(65536) or b"\r\n\r\n"
    head, _, body = received.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)content-length: (\d+)", head)
    while length and len(body) < int(length[1]):
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def answer(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    lines = "\r\n".join([f"HTTP/1.1 {status}", *headers, "", ""])
    return lines.encode() + body


@contextlib.contextmanager
def refusing_port() -> Iterator[int]:
    """A port that refuses connections: it is taken, so that nobody else can listen on it."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield int(taken.getsockname()[1])


def connections(server: DemoServer) -> dict[str, int]:
    return dict(httpx.get(f"{server.address}/connections").json())
