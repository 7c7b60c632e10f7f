"""Joins ops into patches, numbers them, and keeps the newest for views that fell behind.

All ops between two seals become one patch: what was appended to one part is joined, and so are the
settings of its fields, the extensions of its items, and what is put in their place. Edits of
different parts commute, so joining across them changes nothing. Knows ops; must not know the time:
whoever owns the clock says when to seal.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterable

from .limits import DEFAULT_PACE, Pace
from .ops import AppendOp, ExtendOp, Fields, Json, Op, Patch, PutOp

_WHOLE = frozenset({"text", "items", "keep"})
"""Fields whose setting must stay before what is appended after it."""
_SAMPLED_COUNT = 8
"""Items whose JSON is measured to estimate the size of a list of them."""


class _Growing:
    """What of one part is joined in the growing patch."""

    __slots__ = ("extend", "fields", "pieces", "puts")

    def __init__(self) -> None:
        self.pieces: list[str] | None = None
        self.fields: Fields | None = None
        self.extend: ExtendOp | None = None
        self.puts: dict[int, Json] | None = None


class PatchLog:
    """Numbered patches of one run: one growing, the newest sealed ones kept.

    `seq` is the number of the last sealed patch; an empty document has `seq` 0.
    """

    def __init__(self, pace: Pace = DEFAULT_PACE) -> None:
        self.seq = 0
        self._pace = pace
        self._sealed: deque[tuple[Patch, int]] = deque()
        self._sealed_chars = 0
        self._fresh()

    def _fresh(self) -> None:
        self._ops: list[Op] = []
        self._growing: dict[str, _Growing] = {}
        self._appends: list[tuple[AppendOp, list[str]]] = []
        self._put_ops: list[tuple[PutOp, dict[int, Json]]] = []

    @property
    def pending(self) -> bool:
        """Whether ops have come since the last seal."""
        return bool(self._ops)

    def add(self, ops: Iterable[Op]) -> None:
        """Joins ops into the growing patch."""
        for op in ops:
            if op["op"] == "append":
                self._append(self._of(op["id"]), op["id"], op["text"])
            elif op["op"] == "extend":
                self._extend(self._of(op["id"]), op["id"], op["items"])
            elif op["op"] == "set":
                self._set(op["id"], op["fields"])
            elif op["op"] == "put":
                self._put(self._of(op["id"]), op["id"], op["items"])
            else:
                if op["op"] == "remove":
                    for part_id in op["ids"]:  # a part of that id may come again
                        self._growing.pop(part_id, None)
                self._ops.append(op)

    def _of(self, part_id: str) -> _Growing:
        growing = self._growing.get(part_id)
        if growing is None:
            growing = self._growing[part_id] = _Growing()
        return growing

    def _append(self, growing: _Growing, part_id: str, text: str) -> None:
        if growing.pieces is None:
            growing.pieces = []
            op: AppendOp = {"op": "append", "id": part_id, "text": ""}
            self._appends.append((op, growing.pieces))
            self._ops.append(op)
        growing.pieces.append(text)

    def _set(self, part_id: str, fields: Fields) -> None:
        if not _WHOLE.isdisjoint(fields):  # what is appended from here on comes after it
            self._growing.pop(part_id, None)
        growing = self._of(part_id)
        if growing.fields is None:
            growing.fields = {}
            self._ops.append({"op": "set", "id": part_id, "fields": growing.fields})
        growing.fields.update(fields)

    def _extend(self, growing: _Growing, part_id: str, items: list[Json]) -> None:
        """Joins with the extension before, if there is one, also across what was put since then:
        that stands in places which were there already."""
        if growing.extend is None:
            growing.extend = {"op": "extend", "id": part_id, "items": []}
            growing.puts = None  # what is put from here on may be in the new places
            self._ops.append(growing.extend)
        growing.extend["items"].extend(items)

    def _put(self, growing: _Growing, part_id: str, items: list[tuple[int, Json]]) -> None:
        if growing.puts is None:
            growing.puts = {}
            op: PutOp = {"op": "put", "id": part_id, "items": []}
            self._put_ops.append((op, growing.puts))
            self._ops.append(op)
        growing.puts.update(items)

    def seal(self) -> int:
        """Closes the growing patch, if it has anything; gives `seq`."""
        if not self._ops:
            return self.seq
        for append, pieces in self._appends:
            append["text"] = "".join(pieces)
        for put, puts in self._put_ops:
            put["items"] = list(puts.items())
        chars = sum(_SIZE_OF[op["op"]](op) for op in self._ops)
        self._sealed.append((self._ops, chars))
        self._sealed_chars += chars
        self.seq += 1
        self._fresh()
        self._forget()
        return self.seq

    def since(self, seq: int) -> list[Patch] | None:
        """The sealed patches after `seq`, one list each; None if they are no longer all kept."""
        missing = self.seq - seq
        if missing < 0 or missing > len(self._sealed):
            return None
        start = len(self._sealed) - missing
        return [self._sealed[i][0] for i in range(start, len(self._sealed))]

    def _forget(self) -> None:
        pace = self._pace
        while len(self._sealed) > 1 and (
            len(self._sealed) > pace.log_patches_count or self._sealed_chars > pace.log_chars
        ):
            self._sealed_chars -= self._sealed.popleft()[1]


def _size_of_fields(fields: Fields) -> int:
    """Characters of what may be long among fields: their texts, and a list of items."""
    items = fields.get("items")
    size = sum(len(value) for value in fields.values() if isinstance(value, str))
    return size + (_size_of_items(items) if isinstance(items, list) else 0)


def _size_of_items(items: list[Json]) -> int:
    """About how many characters a list of items has as JSON, measured at a few of them."""
    some = items[:: max(1, len(items) // _SAMPLED_COUNT)]
    return len(json.dumps(some)) * len(items) // max(1, len(some))


_SIZE_OF: dict[str, Callable[..., int]] = {
    "run": lambda op: _size_of_fields(op["fields"]),
    "add": lambda op: _size_of_fields(op["part"]),
    "append": lambda op: len(op["text"]),
    "set": lambda op: _size_of_fields(op["fields"]),
    "extend": lambda op: _size_of_items(op["items"]),
    "put": lambda op: _size_of_items(op["items"]),
    "remove": lambda op: sum(map(len, op["ids"])),
}
