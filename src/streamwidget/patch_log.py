"""Joins ops into patches, numbers them, and keeps the newest for views that have fallen behind.

All ops between two seals become one patch. Ops of one kind on one part (`append`, `set`, `extend`,
`put`) are joined. Edits of different parts commute, so joining across them changes nothing. Knows
ops; must not know the time: the owner of the clock decides when to seal.
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
    """The joined ops of one part in the growing patch; None: no op of that kind yet."""

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
        """True if ops have come since the last seal."""
        return bool(self._ops)

    def add(self, ops: Iterable[Op]) -> None:
        """Join ops into the growing patch."""
        for op in ops:
            if op["op"] == "append":
                growing = self._growing.get(op["id"])
                if growing is not None and growing.pieces is not None:
                    growing.pieces.append(op["text"])  # nearly every op of a text
                else:
                    self._append(op["id"], op["text"])
            elif op["op"] == "extend":
                self._extend(self._of(op["id"]), op["id"], op["items"])
            elif op["op"] == "set":
                self._set(op["id"], op["fields"])
            elif op["op"] == "put":
                self._put(self._of(op["id"]), op["id"], op["items"])
            else:
                if op["op"] == "remove":
                    for part_id in op["ids"]:  # a new part may reuse the id
                        self._growing.pop(part_id, None)
                self._ops.append(op)

    def _of(self, part_id: str) -> _Growing:
        growing = self._growing.get(part_id)
        if growing is None:
            growing = self._growing[part_id] = _Growing()
        return growing

    def _append(self, part_id: str, text: str) -> None:
        """Begin an op for the text of a part."""
        pieces = self._of(part_id).pieces = [text]
        op: AppendOp = {"op": "append", "id": part_id, "text": ""}
        self._appends.append((op, pieces))
        self._ops.append(op)

    def _set(self, part_id: str, fields: Fields) -> None:
        if not _WHOLE.isdisjoint(fields):  # later appends must follow this op
            self._growing.pop(part_id, None)
        growing = self._of(part_id)
        if growing.fields is None:
            growing.fields = {}
            self._ops.append({"op": "set", "id": part_id, "fields": growing.fields})
        growing.fields.update(fields)

    def _extend(self, growing: _Growing, part_id: str, items: list[Json]) -> None:
        """Join with the previous extension, also across later `put` ops: those edit older items."""
        if growing.extend is None:
            growing.extend = {"op": "extend", "id": part_id, "items": []}
            growing.puts = None  # later `put` ops may edit the new items
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
        """Close the growing patch, if it has any op, and return `seq`."""
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

    def restart(self) -> None:
        """Forget all patches, because the document was replaced; everybody needs a snapshot."""
        self._fresh()
        self._sealed.clear()
        self._sealed_chars = 0
        self.seq += 1

    def since(self, seq: int) -> list[Patch] | None:
        """Return the sealed patches after `seq`; None if they are no longer all kept."""
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
    """Return the number of characters in the fields that may be long: texts and items."""
    items = fields.get("items")
    size = sum(len(value) for value in fields.values() if isinstance(value, str))
    return size + (_size_of_items(items) if isinstance(items, list) else 0)


def _size_of_items(items: list[Json]) -> int:
    """Estimate the number of characters of a list as JSON from a sample of its items."""
    sample = items[:: max(1, len(items) // _SAMPLED_COUNT)]
    return len(json.dumps(sample)) * len(items) // max(1, len(sample))


_SIZE_OF: dict[str, Callable[..., int]] = {
    "run": lambda op: _size_of_fields(op["fields"]),
    "add": lambda op: _size_of_fields(op["part"]),
    "append": lambda op: len(op["text"]),
    "set": lambda op: _size_of_fields(op["fields"]),
    "extend": lambda op: _size_of_items(op["items"]),
    "put": lambda op: _size_of_items(op["items"]),
    "remove": lambda op: sum(map(len, op["ids"])),
}
