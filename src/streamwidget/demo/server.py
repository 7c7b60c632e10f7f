"""The endpoints of the demo server: streams that finish, streams that fail, and other responses.

| path | what it streams |
|---|---|
| `/research`, `/research.ndjson`, `/research.txt` | a research job; the text only as `.txt` |
| `/tokens?n=100` | `tok1 tok2 ...` between a start and an end |
| `/resume?n=100&drop_after=` | the same with ids; continues after `Last-Event-ID` |
| `/fail` | an error inside the stream, then its end |
| `/drop` | the connection is broken inside the body |
| `/cut` | the body ends cleanly, without the end marker |
| `/clumped?every_s=1` | `/tokens`, held back as by a buffering proxy |
| `/silent` | headers, then nothing |
| `/empty`, `/html`, `/missing` | no bytes; a web page; 404 as JSON |
| `/invalid-utf8`, `/long-line?bytes=1000000` | invalid UTF-8; one line of that length |
| `/chat` (WebSocket) | answers each message, until one contains "bye" |
| `/connections` | `{"open", "total", "left"}`: streams open now, ever, and closed by their client |

`rate` is in tokens per second (0: as fast as possible; default 60, or the environment variable
`STREAMWIDGET_DEMO_RATE`). `sections` is the number of sections of the review in `/research`
(default: all). `/resume` drops every connection after `drop_after` tokens (default: none), and
requests a wait of `retry` milliseconds (default: 200).
"""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute

from ..demo import job
from .chat import chat
from .stream import FOREVER_S, NDJSON, TEXT, Connections, Pieces, Stream

DEFAULT_RATE = 60.0
"""Default tokens per second: about the speed of reading."""
RATE_VARIABLE = "STREAMWIDGET_DEMO_RATE"
"""Environment variable that changes the default, for fast runs of the notebooks."""

RETRY_MS = 200
"""Wait that `/resume` requests before a client reconnects."""

Encode = Callable[[job.Record], bytes]


def create_app() -> Starlette:
    """Return a new application with new counters."""
    connections = Connections()

    def streams(make: Callable[[Request, Connections], Response]) -> Endpoint:
        async def endpoint(request: Request) -> Response:
            return make(request, connections)

        return endpoint

    def count(_request: Request, counted: Connections) -> Response:
        counts = {"open": counted.open, "total": counted.total, "left": counted.left}
        return JSONResponse(counts, headers={"Cache-Control": "no-store"})

    paths = {**_STREAMS, "/connections": count}
    methods = ["GET", "POST"]
    routes = [Route(path, streams(make), methods=methods) for path, make in paths.items()]
    return Starlette(routes=[*routes, WebSocketRoute("/chat", chat)])


Endpoint = Callable[[Request], Awaitable[Response]]


# --- encodings of records


def sse(record: job.Record) -> bytes:
    """Return a record as a server-sent event."""
    return b"data: " + _json(record) + b"\n\n"


def line(record: job.Record) -> bytes:
    """Return a record as a line of JSON."""
    return _json(record) + b"\n"


def text(record: job.Record) -> bytes:
    """Return only the text of a record."""
    return str(record["content"]).encode()


def _json(record: job.Record) -> bytes:
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode()


def paced(script: job.Script, encode: Encode, rate: float) -> Pieces:
    """Yield records as bytes, and pauses in seconds at `rate` tokens per second; 0: no pauses."""
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
    last_id = request.headers.get("last-event-id", "")
    is_number = last_id.isascii() and last_id.isdigit() and len(last_id) < 10
    seen = int(last_id) if is_number else 0
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
    """Return a start, counted tokens, and `last` unless it is None."""
    requested = _number(request, "n")
    script = job.counted(count if requested is None else requested)
    tokens = paced(script, sse, _rate(request))
    end = [] if last is None else [sse(last)]
    return itertools.chain([sse({"type": "start"})], tokens, end)


def _held_back(pieces: Pieces, every_s: float) -> Pieces:
    """Yield the same bytes in the same time, but only every `every_s` seconds."""
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
    """Yield tokens `seen + 1` to `count` and the end, number `count + 1`; the numbers are the
    ids."""
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
    """Return the value of a query parameter; None if it is missing.

    Raises:
        HTTPException: 400, the value is not a number from 0 to 1e9.
    """
    raw = request.query_params.get(name)
    if not raw:
        return None
    try:
        value = parse(raw)
    except ValueError:
        value = -1
    if not 0 <= value < 1e9:
        raise HTTPException(400, f"{name} must be a number >= 0, got {raw[:20]!r}")
    return value
