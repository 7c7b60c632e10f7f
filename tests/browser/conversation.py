"""The conversation that is interrupted in the middle, over three transports."""

from __future__ import annotations

import json
import urllib.request

FIRST, SECOND = "Explain quantum computing", "Wait, go deeper on qubits"
TRANSPORTS = {
    "a Python generator": """
async def answer(message, history):
    count = 0
    try:
        for count in range(60_000):
            yield f"word{count} "
            await asyncio.sleep(0.01)
    finally:
        closed.append((str(message), count, time.time()))
chat = Chat(answer, title="Physics", when_busy="interrupt")
""",
    "SSE for each question": """
chat = Chat(lambda message, history: http(f"{url}/ask", json={"question": message}),
            title="Physics", when_busy="interrupt")
""",
    "a WebSocket with JSON": """
def decode(record):
    return RunEnd("complete") if record["type"] == "done" else record["content"]
chat = Chat(websocket(f"ws{url[4:]}/socket"), encode=lambda message: {"question": message},
            decode=decode, title="Physics", when_busy="interrupt")
""",
}
REPORT = """turns = [[turn.question, turn.status, turn.text] for turn in chat.turns]
print(json.dumps([closed, turns]))"""


def cell(transport: str, url: str) -> str:
    """The cell that makes the chat, whose answers last for ten minutes."""
    return f"""import asyncio, json, time
from streamwidget import Chat, http, websocket
from streamwidget.events import RunEnd
closed, url = [], {url!r}
{TRANSPORTS[transport]}
chat"""


def ended_at(url: str) -> list[tuple[str, int, float]]:
    """The answers that the server has ended: question, words sent, seconds since the epoch."""
    with urllib.request.urlopen(f"{url}/closed", timeout=10) as answer:
        return [tuple(one) for one in json.load(answer)]


def is_whole(text: str, least: int) -> bool:
    """True if the text has every word from the first one on, `least` at least."""
    words = text.split()
    return len(words) >= least and words == [f"word{n}" for n in range(len(words))]
