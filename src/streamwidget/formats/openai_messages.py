"""Messages of chat completions: which completion a chunk belongs to, by its `id`.

Nearly every stream is one completion, whose chunks have one id. A gateway may interleave several,
and then each id is a message. Other servers give every chunk another id, which means nothing:

| ids so far | meaning |
|---|---|
| one, or none | one message |
| several, and one of them came again | each is a message |
| several, none of them twice | unknown: chunks after the first wait for the next one |
| more than `WAITING` with fewer than two chunks each, or the stream ends | one message |
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Final

from .fields import JsonObject, integer, objects, text

WAITING: Final = 8
"""Ids that may wait for a second chunk: more completions are not interleaved, and what waits is not
shown."""


class Messages:
    """Sorts chunks into messages; chunks without an id or without choices belong to the last."""

    def __init__(self) -> None:
        self.is_one = False
        """True if ids mean nothing."""
        self.id = ""
        """The id of the message that is read."""
        self.waiting: list[JsonObject] = []
        """Chunks that cannot be read yet."""
        self._counts: dict[str, int] = {}
        """Chunks by id."""
        self._indexes: set[int | None] = set()
        """Indexes of the first choices."""
        self._first_flow: Hashable = None
        self._chunk_count = 0
        self._has_repeated = False

    def feed(self, chunk: JsonObject) -> list[JsonObject]:
        """Return the chunks that can be read now, in order."""
        id_ = text(chunk, "id")
        if self.is_one or not id_ or not chunk.get("choices"):
            return [chunk]
        count = self._counts[id_] = self._counts.get(id_, 0) + 1
        self._chunk_count += 1
        self._indexes.add(next((integer(c, "index") for c in objects(chunk, "choices")), None))
        self._has_repeated |= count > 1
        if len(self._counts) > WAITING and self._chunk_count < 2 * len(self._counts):
            self.is_one = True
        elif len(self._counts) > 1 and not self._has_repeated:
            self.waiting.append(chunk)
            return []
        return [*self._take(), chunk]

    def flush(self) -> list[JsonObject]:
        """Return the chunks that wait at the end of the stream."""
        self.is_one |= bool(self.waiting)
        return self._take()

    def _take(self) -> list[JsonObject]:
        waiting, self.waiting = self.waiting, []
        return waiting

    def read(self, chunk: JsonObject) -> None:
        """Note the message of a chunk that is read now."""
        if not self.is_one:
            self.id = text(chunk, "id") or self.id

    def flow(self, choice: int | None) -> Hashable:
        """Return the flow of a choice of the message; None for the first one of the first."""
        if self.is_one and len(self._indexes) == self._chunk_count > 2:
            return self._first_flow  # Foundry Local numbers the chunks there
        is_first = self.id == next(iter(self._counts), self.id)
        flow = (choice or None) if is_first else (self.id, choice)
        if self._chunk_count == 1:
            self._first_flow = flow
        return flow
