"""Joins ops into patches, numbers them, and keeps the newest for views that fell behind.

All ops between two seals become one patch: appends to one part are joined, and so are settings of
its fields. Edits of different parts commute, so joining across them changes nothing. Knows ops;
must not know the time: whoever owns the clock says when to seal.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from .limits import DEFAULT_PACE, Pace
from .ops import AppendOp, Fields, Op, Patch


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
        self._appends: dict[str, list[str]] = {}
        self._joins: list[tuple[AppendOp, list[str]]] = []
        self._fields: dict[str, Fields] = {}

    @property
    def pending(self) -> bool:
        """Whether ops have come since the last seal."""
        return bool(self._ops)

    def add(self, ops: Iterable[Op]) -> None:
        """Joins ops into the growing patch."""
        for op in ops:
            if op["op"] == "append":
                self._add_append(op["id"], op["text"])
            elif op["op"] == "set":
                self._add_fields(op["id"], op["fields"])
            else:
                if op["op"] == "remove":
                    for part_id in op["ids"]:  # a part of that id may come again
                        self._appends.pop(part_id, None)
                        self._fields.pop(part_id, None)
                self._ops.append(op)

    def _add_append(self, part_id: str, text: str) -> None:
        pieces = self._appends.get(part_id)
        if pieces is None:
            pieces = self._appends[part_id] = []
            op: AppendOp = {"op": "append", "id": part_id, "text": ""}
            self._joins.append((op, pieces))
            self._ops.append(op)
        pieces.append(text)

    def _add_fields(self, part_id: str, fields: Fields) -> None:
        if "text" in fields:  # what is appended from here on comes after it
            self._appends.pop(part_id, None)
            self._fields.pop(part_id, None)
        known = self._fields.get(part_id)
        if known is None:
            known = self._fields[part_id] = {}
            self._ops.append({"op": "set", "id": part_id, "fields": known})
        known.update(fields)

    def seal(self) -> int:
        """Closes the growing patch, if it has anything; gives `seq`."""
        if not self._ops:
            return self.seq
        chars = 0
        for op, pieces in self._joins:
            op["text"] = "".join(pieces)
            chars += len(op["text"])
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
