"""The demo server's endpoints: streams that end well, that do not, and answers that are none.

| path | what it streams |
|---|---|
| `/research`, `/research.ndjson`, `/research.txt` | a research job; the text only as `.txt` |
| `/tokens?n=100` | `tok1 tok2 ...` between a start and an end |
| `/resume?n=100&drop_after=` | the same with ids; goes on after `Last-Event-ID` |
| `/fail` | an error inside the stream, then its end |
| `/drop` | the connection is broken inside the body |
| `/cut` | the body ends in good order, without the end marker |
| `/clumped?every_s=1` | `/tokens`, held back as a proxy that buffers does |
| `/silent` | headers, then nothing |
| `/empty`, `/html`, `/missing` | no bytes; a web page; 404 as JSON |
| `/invalid-utf8`, `/long-line?bytes=1000000` | bytes that are no UTF-8; one line of that length |
| `/chat` (WebSocket) | answers each message, until one says bye |
| `/connections` | `{"open", "total", "left"}`: streams open now, ever, and left by their client |

`rate` is tokens a second wherever there are tokens (0: as fast as possible; default 60, or what the
environment variable `STREAMWIDGET_DEMO_RATE` says), `sections` how much of the review `/research`
writes (default: all of it). `/resume` drops every connection after `drop_after` tokens (default:
none), and asks to wait `retry` milliseconds then (default: 200).
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import Receive, Scope, Send

from . import job
from .chat import chat

DEFAULT_RATE = 60.0
"""Tokens a second of a request that does not say: about as fast as one reads along."""
RATE_VARIABLE = "STREAMWIDGET_DEMO_RATE"
"""An environment variable that changes the default, to run notebooks through quickly."""

KEEP_ALIVE_S = 15.0
"""Silence after which a comment is sent, so that nothing on the way closes the connection."""

RETRY_MS = 200
"""What `/resume` asks a client to wait before it connects again."""

SSE = "text/event-stream; charset=utf-8"
NDJSON = "application/x-ndjson; charset=utf-8"
TEXT = "text/plain; charset=utf-8"

FOREVER_S = float("inf")
BURST = 64
"""Pieces sent in a row at most before other connections get their turn."""

Encode = Callable[[job.Record], bytes]
Pieces = Iterator["bytes | float"]


@dataclass
class Connections:
    """Streams of this server: open now, ever opened, and left by their client before the end."""

    open: int = 0
    total: int = 0
    left: int = 0


class Stream(Response):
    """Sends pieces and pauses (in seconds) until they are over or the client is gone.

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
        gone = asyncio.ensure_future(_disconnected(receive))
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
            if await self._send_pieces(send, gone):
                if not self._drop:
                    await send({"type": "http.response.body", "body": b"", "more_body": False})
            else:
                self._connections.left += 1
        except OSError:  # newer ASGI servers raise when the client is gone
            self._connections.left += 1
        finally:
            self._connections.open -= 1
            gone.cancel()

    async def _send_pieces(self, send: Send, gone: asyncio.Future[None]) -> bool:
        """Sends everything in its time; False if the client left before the end."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        for n, piece in enumerate(self._pieces):
            if isinstance(piece, bytes):
                await send({"type": "http.response.body", "body": piece, "more_body": True})
                if n % BURST == 0:
                    await asyncio.sleep(0)
            elif piece:
                due = max(due + piece, loop.time() - 1)  # late by a second: do not run after it
                await self._pause(due, send, gone)
            if gone.done():
                return False
        return True

    async def _pause(self, until: float, send: Send, gone: asyncio.Future[None]) -> None:
        loop = asyncio.get_running_loop()
        while (left_s := until - loop.time()) > 0 and not gone.done():
            await asyncio.wait({gone}, timeout=min(left_s, KEEP_ALIVE_S))
            if self._keep_alive and left_s > KEEP_ALIVE_S and not gone.done():
                body = self._keep_alive
                await send({"type": "http.response.body", "body": body, "more_body": True})


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def create_app() -> Starlette:
    """A fresh application with counters of its own."""
    connections = Connections()

    def streams(make: Callable[[Request, Connections], Response]) -> Endpoint:
        async def endpoint(request: Request) -> Response:
            return make(request, connections)

        return endpoint

    def told(_request: Request, counted: Connections) -> Response:
        counts = {"open": counted.open, "total": counted.total, "left": counted.left}
        return JSONResponse(counts, headers={"Cache-Control": "no-store"})

    paths = {**_STREAMS, "/connections": told}
    methods = ["GET", "POST"]
    routes = [Route(path, streams(make), methods=methods) for path, make in paths.items()]
    return Starlette(routes=[*routes, WebSocketRoute("/chat", chat)])


Endpoint = Callable[[Request], Awaitable[Response]]


# --- encodings of records


def sse(record: job.Record) -> bytes:
    return b"data: " + _json(record) + b"\n\n"


def line(record: job.Record) -> bytes:
    return _json(record) + b"\n"


def text(record: job.Record) -> bytes:
    return str(record["content"]).encode()


def _json(record: job.Record) -> bytes:
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode()


def paced(script: job.Script, encode: Encode, rate: float) -> Pieces:
    """The script's records as bytes, its pauses in seconds at `rate` tokens a second."""
    for item in script:
        if isinstance(item, dict):
            yield encode(item)
        elif rate:
            yield item / rate


# --- endpoints


def _research(request: Request, connections: Connections) -> Response:
    script = job.research(_number(request, "sections"))
    return Stream(paced(script, sse, _rate(request)), connections)


def _research_lines(request: Request, connections: Connections) -> Response:
    script = job.research(_number(request, "sections"))
    return Stream(paced(script, line, _rate(request)), connections, media_type=NDJSON)


def _research_text(request: Request, connections: Connections) -> Response:
    script = job.report_text(_number(request, "sections"))
    return Stream(paced(script, text, _rate(request)), connections, media_type=TEXT)


def _tokens(request: Request, connections: Connections) -> Response:
    return Stream(_with_ends(request, {"type": "end", "finish_reason": "stop"}), connections)


def _fail(request: Request, connections: Connections) -> Response:
    last: job.Record = {
        "type": "error",
        "message": "The library closed for the night while the review was being written.",
        "code": "library_closed",
    }
    return Stream(_with_ends(request, last, count=20), connections)


def _drop(request: Request, connections: Connections) -> Response:
    return Stream(_with_ends(request, None, count=20), connections, drop=True)


def _cut(request: Request, connections: Connections) -> Response:
    return Stream(_with_ends(request, None, count=20), connections)


def _resume(request: Request, connections: Connections) -> Response:
    count = _number(request, "n") or 100
    drop_after = _number(request, "drop_after")
    told = request.headers.get("last-event-id", "")
    seen = int(told) if told.isascii() and told.isdigit() and len(told) < 10 else 0
    if seen > count:
        return Response(status_code=204)
    retry_ms = _number(request, "retry")
    pieces = _resumable(
        seen, count, _rate(request), drop_after, 200 if retry_ms is None else retry_ms
    )
    dropped = drop_after is not None and seen + drop_after <= count
    return Stream(pieces, connections, drop=dropped)


def _clumped(request: Request, connections: Connections) -> Response:
    every_s = _parsed(request, "every_s", float) or 1.0
    pieces = _with_ends(request, {"type": "end", "finish_reason": "stop"})
    return Stream(_held_back(pieces, every_s), connections)


def _silent(_request: Request, connections: Connections) -> Response:
    return Stream(iter([FOREVER_S]), connections, keep_alive=b"")


def _empty(_request: Request, connections: Connections) -> Response:
    return Stream(iter(()), connections)


def _invalid(_request: Request, connections: Connections) -> Response:
    return Stream(iter([b"data: caf\xe9 or caf\xc3\xa9\n\n", b"data:  au lait\n\n"]), connections)


def _long_line(request: Request, connections: Connections) -> Response:
    return Stream(_one_line(_number(request, "bytes") or 1_000_000), connections)


def _html(_request: Request, _connections: Connections) -> Response:
    return HTMLResponse("<!doctype html><title>Sign in · Demo library</title><p>Please sign in.")


def _missing(_request: Request, _connections: Connections) -> Response:
    error = {"message": "There is no such stream.", "code": "not_found"}
    return JSONResponse({"error": error}, status_code=404)


def _about(_request: Request, _connections: Connections) -> Response:
    return PlainTextResponse(str(__doc__))


_STREAMS: dict[str, Callable[[Request, Connections], Response]] = {
    "/": _about,
    "/research": _research,
    "/research.ndjson": _research_lines,
    "/research.txt": _research_text,
    "/tokens": _tokens,
    "/resume": _resume,
    "/fail": _fail,
    "/drop": _drop,
    "/cut": _cut,
    "/clumped": _clumped,
    "/silent": _silent,
    "/empty": _empty,
    "/html": _html,
    "/missing": _missing,
    "/invalid-utf8": _invalid,
    "/long-line": _long_line,
}


def _with_ends(request: Request, last: job.Record | None, count: int = 100) -> Pieces:
    """A start, counted tokens, and `last` if there is one."""
    told = _number(request, "n")
    tokens = paced(job.counted(count if told is None else told), sse, _rate(request))
    end = [] if last is None else [sse(last)]
    return itertools.chain([sse({"type": "start"})], tokens, end)


def _held_back(pieces: Pieces, every_s: float) -> Pieces:
    """The same bytes in the same time, but sent only every `every_s` seconds."""
    held: list[bytes] = []
    waited_s = 0.0
    for piece in pieces:
        if isinstance(piece, bytes):
            held.append(piece)
            continue
        waited_s += piece
        if waited_s >= every_s:
            yield waited_s
            yield b"".join(held)
            held.clear()
            waited_s = 0.0
    yield waited_s
    yield b"".join(held)


def _resumable(seen: int, count: int, rate: float, drop_after: int | None, retry_ms: int) -> Pieces:
    """Tokens `seen + 1` to `count` and the end, number `count + 1`; ids are those numbers."""
    yield b"retry: %d\n\n" % retry_ms
    if not seen:
        yield sse({"type": "start"})
    last = count + 1 if drop_after is None else min(count + 1, seen + drop_after)
    for n in range(seen + 1, last + 1):
        record: job.Record = {"type": "response", "content": f"tok{n} "}
        if n > count:
            record = {"type": "end", "finish_reason": "stop"}
        yield b"id: %d\n" % n + sse(record)
        if rate:
            yield 1 / rate


def _one_line(byte_count: int) -> Pieces:
    piece = b"x" * 65536
    yield b"data: "
    left = byte_count - len(b"data: ")
    while left > 0:
        yield piece[:left]
        left -= len(piece)
    yield b"\n\n"


def _rate(request: Request) -> float:
    rate = _parsed(request, "rate", float)
    return float(os.environ.get(RATE_VARIABLE, DEFAULT_RATE)) if rate is None else rate


def _number(request: Request, name: str) -> int | None:
    number = _parsed(request, name, int)
    return None if number is None else int(number)


def _parsed(request: Request, name: str, parse: Callable[[str], float]) -> float | None:
    """The parameter's value; None if it is not given; an answer 400 if it makes no sense."""
    told = request.query_params.get(name)
    if not told:
        return None
    try:
        value = parse(told)
    except ValueError:
        value = -1
    if not 0 <= value < 1e9:
        raise HTTPException(400, f"{name} is a number from 0 on, not {told[:20]!r}")
    return value
