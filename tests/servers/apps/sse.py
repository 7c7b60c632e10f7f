"""sse-starlette: pings, ids, a retry time, names, many lines, and a connection that breaks."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

from sse_starlette import EventSourceResponse, JSONServerSentEvent, ServerSentEvent
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route

from servers.apps.serve import serve

WORDS = ["The ", "quick ", "brown ", "fox\n", "jumps\r\n", "– 日本 ", "👩‍🚀"]
PING_S = 0.02


async def typed() -> AsyncIterator[JSONServerSentEvent]:
    yield JSONServerSentEvent({"type": "start"}, retry=1500)
    yield JSONServerSentEvent({"type": "thinking", "content": "Let me see."})
    for i in range(4):
        await asyncio.sleep(2 * PING_S)
        yield JSONServerSentEvent({"progress": 25 * (i + 1), "status": f"Part {i + 1}"}, id=str(i))
    for word in WORDS:
        yield JSONServerSentEvent({"type": "response", "content": word})
    yield JSONServerSentEvent({"type": "end", "finish_reason": "stop"})


async def named() -> AsyncIterator[ServerSentEvent]:
    for number, word in enumerate(WORDS):
        yield ServerSentEvent(word, event="token", id=str(number), sep="\n")
    yield ServerSentEvent("{}", event="done", sep="\n")


async def failing() -> AsyncIterator[dict[str, Any]]:
    yield {"data": json.dumps({"text": "So far so "})}
    yield {"event": "error", "data": json.dumps({"message": "The model is gone", "code": "gone"})}


async def breaking() -> AsyncIterator[dict[str, Any]]:
    yield {"data": json.dumps({"type": "start"})}
    yield {"data": json.dumps({"type": "response", "content": "half"})}
    raise RuntimeError("the application broke")


async def endless() -> AsyncIterator[dict[str, Any]]:
    while True:
        yield {"data": "word "}
        await asyncio.sleep(PING_S)


def stream(make: Any) -> Any:
    async def endpoint(_request: Request) -> EventSourceResponse:
        return EventSourceResponse(make(), ping=PING_S)

    return endpoint


MAKERS = {
    "typed": typed,
    "named": named,
    "failing": failing,
    "breaking": breaking,
    "endless": endless,
}

if __name__ == "__main__":
    serve(Starlette(routes=[Route(f"/{name}", stream(make)) for name, make in MAKERS.items()]))
