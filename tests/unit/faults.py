"""An HTTP server on 127.0.0.1 that breaks its answers wherever a test wants. Knows HTTP/1.1 only.

Raw sockets of asyncio, so that a connection can end in any way at any byte: by RST, by FIN inside a
chunked body, cleanly, or before the response has begun.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import struct
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Literal
from urllib.parse import parse_qsl, urlsplit

End = Literal["clean", "fin", "rst", "silent"]
"""How a connection ends: cleanly, without the end of the body, by a reset, or in silence."""
RESET = struct.pack("ii", 1, 0)


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    """By their names in lower case."""
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Answer:
    """An answer, and how it breaks: after `cut` bytes of its body (None: after all of them)."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "text/event-stream"
    end: End = "clean"
    cut: int | None = None
    piece_bytes: int = 0
    """Size of the chunks; 0: one chunk."""


NO_ANSWER = Answer(end="rst", cut=-1)
"""The connection is reset before the answer begins."""


class FaultyServer:
    """Answers every request with what `answer` says; one request a connection."""

    def __init__(self, answer: Callable[[Request], Answer]) -> None:
        self.requests: list[Request] = []
        self.port = 0
        self._answer = answer
        self._server: asyncio.Server | None = None
        self._writers: list[asyncio.StreamWriter] = []
        self._error: Exception | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def __aenter__(self) -> FaultyServer:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=1024)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()
        if self._error is not None:
            raise self._error

    async def abort(self) -> None:
        """End every connection at once, also one whose answer the client has not read."""
        for writer in self._writers:
            writer.transport.abort()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        try:
            request = await _read(reader)
            self.requests.append(request)
            answer = self._answer(request)
            if answer.cut is None or answer.cut >= 0:
                writer.write(_head(answer))
                _write_body(writer, answer)
            if answer.end == "silent":
                await reader.read()
            await _end(writer, answer.end)
        except (OSError, asyncio.IncompleteReadError):
            writer.transport.abort()
        except Exception as error:  # a mistake in the test, raised when the server is closed
            self._error = self._error or error
            writer.transport.abort()


class ThreadedServer:
    """The same on a separate thread, for clients that block."""

    def __init__(self, answer: Callable[[Request], Answer]) -> None:
        self._server = FaultyServer(answer)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    @property
    def url(self) -> str:
        return self._server.url

    @property
    def requests(self) -> list[Request]:
        return self._server.requests

    def __enter__(self) -> ThreadedServer:
        self._thread.start()
        self._run(self._server.__aenter__())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._run(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    async def _close(self) -> None:
        await self._server.__aexit__(None, None, None)
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await self._server.abort()

    def _run(self, coroutine: Any) -> None:
        asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(10)


async def _read(reader: asyncio.StreamReader) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.rstrip().split("\r\n")
    method, target, _ = first.split(" ")
    headers = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    parts = urlsplit(target)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    return Request(method, parts.path, query, headers, body)


def _head(answer: Answer) -> bytes:
    lines = [f"HTTP/1.1 {answer.status} X", "Connection: close"]
    if answer.status != 204:
        lines += ["Transfer-Encoding: chunked"]
        lines += [f"Content-Type: {answer.content_type}"] if answer.content_type else []
    lines += [f"{name}: {value}" for name, value in answer.headers.items()]
    return "\r\n".join([*lines, "", ""]).encode()


def _write_body(writer: asyncio.StreamWriter, answer: Answer) -> None:
    if answer.status == 204:
        return
    body = answer.body if answer.cut is None else answer.body[: answer.cut]
    size = answer.piece_bytes or len(body) or 1
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    ended = [b"0\r\n\r\n"] if answer.end == "clean" else []
    writer.write(b"".join([b"%x\r\n%b\r\n" % (len(p), p) for p in pieces] + ended))


async def _end(writer: asyncio.StreamWriter, end: End) -> None:
    if end == "rst":
        # A reset throws away what the other side has not read yet: let it be sent first.
        await writer.drain()
        await asyncio.sleep(0)
        connection = writer.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    writer.close()
