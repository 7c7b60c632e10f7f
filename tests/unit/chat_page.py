"""Helpers for tests of a chat: a page by the rules of ARCHITECTURE.md, and a held answer."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator
from typing import Any

from streamwidget import Chat, Turn
from unit.waiting import until


class Held:
    """An answer that waits until the test lets it end; it counts how often it was closed."""

    def __init__(self) -> None:
        self.may_end = threading.Event()
        self.closed = 0

    async def __call__(self, message: str) -> AsyncIterator[str]:
        return self._stream(message)

    async def _stream(self, message: str) -> AsyncIterator[str]:
        try:
            yield f"{message}:"
            while not self.may_end.is_set():
                await asyncio.sleep(0.005)
            yield " done"
        finally:
            self.closed += 1


def streaming(turn: Turn) -> None:
    until(lambda: turn.text, f"{turn!r} has begun")


class Page:
    """A page after the rules of ARCHITECTURE.md: the list of turns, and one document for each."""

    def __init__(self, chat: Chat, *, name: str = "p") -> None:
        self.chat, self.name, self.rev, self.asks = chat, name, 0, 0
        self.leaf: str | None = None
        self.turns: dict[str, dict[str, Any]] = {}
        self.texts: dict[str, str] = {}
        self.outcomes: dict[str, str] = {}
        self.reasons: dict[str, str] = {}
        chat.observe(lambda change: self.take(change["new"]), "patch")
        chat.send = self.on_custom  # type: ignore[method-assign]
        self.take(chat.get_state()["snapshot"])
        self.command("hello", rev=self.rev, page=name, saves="none")

    def on_custom(self, content: dict[str, Any], buffers: object = None) -> None:
        if "asked" in content:
            self.reasons[content["asked"]] = content["reason"]
            self.outcomes[content["asked"]] = content["outcome"]

    def command(self, cmd: str, run: str = "0", **more: object) -> str:
        self.asks += 1
        request_id = f"{self.name}{self.asks}"
        run_id = f"{self.chat._id}.{run}"
        self.chat._port.on_command({"cmd": cmd, "run_id": run_id, "request_id": request_id, **more})
        return request_id

    def take(self, message: dict[str, Any]) -> None:
        message = json.loads(json.dumps(message))
        if not message:
            return
        assert message["from_rev"] <= self.rev, "changes are missing"
        if message["rev"] >= self.rev:
            self.rev, self.leaf = message["rev"], message["leaf"]
        for turn in message["turns"]:
            self.turns[turn["id"]] = turn
        for run in message["runs"]:
            if "parts" in run:
                text = "".join(part.get("text", "") for part in run["parts"])
                self.texts[run["run_id"]] = text
                continue
            for op in (op for patch in run["ops"] for op in patch):
                if op["op"] in ("add", "append"):
                    text = op.get("text") or op.get("part", {}).get("text", "")
                    self.texts[run["run_id"]] = self.texts.get(run["run_id"], "") + text

    def path(self) -> list[str]:
        """Return the IDs of the turns that are shown, from the first to the last."""
        path: list[str] = []
        at = self.leaf
        while at is not None:
            path.append(at)
            at = self.turns[at]["parent"]
        return path[::-1]
