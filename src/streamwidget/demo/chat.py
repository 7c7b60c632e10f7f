"""A WebSocket that talks back: the demo's two-way stream."""

from __future__ import annotations

import asyncio

from starlette.websockets import WebSocket, WebSocketDisconnect

GREETING = "Ask me about streams; say *bye* to end.\n\n"
ANSWERS = {
    "stop": "A stop reaches the producer: the connection is closed, and what had arrived stays.",
    "buffer": "A proxy that buffers turns a stream into a download: send `X-Accel-Buffering: no`.",
    "cost": "Nobody knows the cost before the end; a budget counts along and stops at its bound.",
    "drop": "A dropped stream goes on where it was, if the source can continue and you said how.",
}
OTHERWISE = "I know four words: **stop**, **buffer**, **cost** and **drop**."
BYE = "Bye."
TOKEN_S = 0.02
"""Seconds between two words of an answer."""


async def chat(socket: WebSocket) -> None:
    """Answers each text message word by word, as JSON records, until one says bye."""
    await socket.accept()
    try:
        await _say(socket, GREETING)
        over = False
        while not over:
            asked = (await socket.receive_text()).casefold()
            over = "bye" in asked
            await _say(socket, BYE if over else _answer(asked))
        await socket.close()
    except WebSocketDisconnect:
        pass  # whoever listened has seen enough


def _answer(asked: str) -> str:
    known = [answer for word, answer in ANSWERS.items() if word in asked]
    return "\n\n".join(known or [OTHERWISE]) + "\n\n"


async def _say(socket: WebSocket, words: str) -> None:
    for word in words.split(" "):
        await socket.send_json({"type": "response", "content": f"{word} "})
        await asyncio.sleep(TOKEN_S)
