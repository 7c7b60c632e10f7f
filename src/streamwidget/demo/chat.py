"""The two-way stream of the demo: a WebSocket that answers messages."""

from __future__ import annotations

import asyncio

from starlette.websockets import WebSocket, WebSocketDisconnect

GREETING = "Ask me about streams, or write *bye* to end.\n\n"
ANSWERS = {
    "stop": "A stop reaches the source: the connection is closed, and the text so far is kept.",
    "buffer": "A buffering proxy turns a stream into a download. Send `X-Accel-Buffering: no`.",
    "cost": "A budget estimates the cost until it is reported, and stops the run at its bound.",
    "drop": "A dropped stream continues where it was if you pass `resume=` and the server can.",
}
OTHERWISE = "I know four words: **stop**, **buffer**, **cost** and **drop**."
BYE = "Bye."
TOKEN_S = 0.02
"""Seconds between two words of an answer."""


async def chat(socket: WebSocket) -> None:
    """Answer each text message word by word, as JSON records, until one contains "bye"."""
    await socket.accept()
    try:
        await _send(socket, GREETING)
        over = False
        while not over:
            question = (await socket.receive_text()).casefold()
            over = "bye" in question
            await _send(socket, BYE if over else _answer(question))
        await socket.close()
    except WebSocketDisconnect:
        pass  # the client has closed the connection


def _answer(question: str) -> str:
    known = [answer for word, answer in ANSWERS.items() if word in question]
    return "\n\n".join(known or [OTHERWISE]) + "\n\n"


async def _send(socket: WebSocket, words: str) -> None:
    for word in words.split(" "):
        await socket.send_json({"type": "response", "content": f"{word} "})
        await asyncio.sleep(TOKEN_S)
