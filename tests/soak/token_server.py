"""A server of numbered tokens at a fixed rate, whose connections can be dropped. Knows HTTP only.

A client that reconnects with `Last-Event-ID` gets the tokens after that one: those that are late at
once, the others in time.
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
from types import TracebackType

WORDS_IN_LINE = 12


def token(number: int) -> str:
    """Return a token; each names its number, so that a lost or doubled one shows."""
    end = "\n" if number % WORDS_IN_LINE == WORDS_IN_LINE - 1 else " "
    return f"t{number}{end}"


def text_of(count: int) -> str:
    """Return the text of the first `count` tokens."""
    return "".join(map(token, range(count)))


class TokenServer:
    """Streams `count` tokens, `rate` a second from the first connection on, as chat completions."""

    def __init__(self, count: int, rate: float) -> None:
        self.port = 0
        self.connections_count = 0
        self.sent_bytes = 0
        self._count, self._rate = count, rate
        self._began: float | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> TokenServer:
        self._thread.start()
        listening = asyncio.start_server(self._serve, "127.0.0.1", 0)
        server = asyncio.run_coroutine_threadsafe(listening, self._loop).result(10)
        self.port = server.sockets[0].getsockname()[1]
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.drop()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    @property
    def url(self) -> str:
        """The address of the stream."""
        return f"http://127.0.0.1:{self.port}/v1/chat/completions"

    def drop(self) -> None:
        """Resets every open connection."""
        self._loop.call_soon_threadsafe(self._reset_all)

    def _reset_all(self) -> None:
        for writer in self._writers:
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            self.connections_count += 1
            await self._stream(writer, _first_number(head))
        except OSError:
            pass  # dropped
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _stream(self, writer: asyncio.StreamWriter, first: int) -> None:
        head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"
        await self._send(writer, f"{head}retry: 100\n\n")
        if self._began is None:
            self._began = time.monotonic()
        for number in range(first, self._count):
            await asyncio.sleep(max(0.0, self._began + number / self._rate - time.monotonic()))
            await self._send(writer, f"id: {number}\ndata: {_chunk(token(number))}\n\n")
        await self._send(writer, f"data: {_chunk('', 'stop')}\n\ndata: [DONE]\n\n")

    async def _send(self, writer: asyncio.StreamWriter, text: str) -> None:
        data = text.encode()
        self.sent_bytes += len(data)
        writer.write(data)
        await writer.drain()


def _first_number(head: str) -> int:
    for line in head.splitlines():
        name, _, value = line.partition(":")
        if name.lower() == "last-event-id":
            return int(value) + 1
    return 0


def _chunk(text: str, finish_reason: str | None = None) -> str:
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": finish_reason}
    facts = {"id": "soak", "object": "chat.completion.chunk", "created": 0, "model": "soak"}
    return json.dumps({**facts, "choices": [choice]})
