"""A server that answers questions word by word, over HTTP and over a WebSocket, and notes when each
answer ended. Run as a program, it says its address.

| path | |
|---|---|
| `POST /ask` with `{"question": ...}` | server-sent events `{"type": "response", "content": ...}` |
| `/socket` (WebSocket) | the same question and records, each answer with `{"type": "done"}` |
| `/closed` | `[[question, words sent, time of its end in seconds since the epoch], ...]` |

An answer has `WORDS_COUNT` words: it ends because its reader has gone, or after ten minutes.
"""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

WORDS_COUNT = 60_000
WORD_S = 0.01
closed: list[tuple[str, int, float]] = []


async def words(question: str) -> AsyncIterator[dict[str, str]]:
    count = 0
    try:
        for count in range(WORDS_COUNT):
            yield {"type": "response", "content": f"word{count} "}
            await asyncio.sleep(WORD_S)
    finally:
        closed.append((question, count, time.time()))


async def ask(request: Request) -> Response:
    question = (await request.json())["question"]

    async def events() -> AsyncIterator[str]:
        async for record in words(question):
            yield f"data: {json.dumps(record)}\n\n"

    return StreamingResponse(events(), media_type="text/event-stream")


async def converse(connection: WebSocket) -> None:
    await connection.accept()
    try:
        while True:
            answer = asyncio.create_task(_answer(connection, (await connection.receive_json())))
            gone = asyncio.create_task(connection.receive())
            await asyncio.wait({answer, gone}, return_when=asyncio.FIRST_COMPLETED)
            for task in (answer, gone):
                task.cancel()
            await asyncio.gather(answer, gone, return_exceptions=True)
            if gone.done() and not gone.cancelled():
                return
    except WebSocketDisconnect:
        pass  # the reader has gone


async def _answer(connection: WebSocket, message: dict[str, str]) -> None:
    async for record in words(message["question"]):
        await connection.send_json(record)
    await connection.send_json({"type": "done"})


async def report(_: Request) -> Response:
    return JSONResponse(closed)


def main() -> None:
    routes = [
        Route("/ask", ask, methods=["POST"]),
        Route("/closed", report),
        WebSocketRoute("/socket", converse),
    ]
    listening = socket.create_server(("127.0.0.1", 0))
    print(f"http://127.0.0.1:{listening.getsockname()[1]}", flush=True)
    config = uvicorn.Config(
        Starlette(routes=routes), log_level="critical", access_log=False, ws="websockets-sansio"
    )
    uvicorn.Server(config).run([listening])


if __name__ == "__main__":
    main()
