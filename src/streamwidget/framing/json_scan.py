"""Where a JSON value ends, told by its brackets and strings alone: no byte is looked at twice.

Shared by the framings whose records are JSON values without a line end to tell them apart.
"""

from __future__ import annotations

import re
from typing import Final

_BRACKET: Final = re.compile(rb'[\[\]{}"]')
_IN_STRING: Final = re.compile(rb'["\\]')
_QUOTE: Final = 0x22
OPENERS: Final = b"[{"


def opens_value(byte: int) -> bool:
    """Whether `byte` begins an array, an object or a string, whose end can be seen."""
    return byte in OPENERS or byte == _QUOTE


class ValueScanner:
    """Reads one array, object or string, from its first byte on, in pieces."""

    __slots__ = ("_depth", "_escaped", "_in_string")

    def __init__(self) -> None:
        self._depth = 0
        self._in_string = False
        self._escaped = False

    def end(self, piece: bytes, at: int) -> int | None:
        """Where in `piece`, read from `at` on, the value ends; None: not in this piece."""
        while at < len(piece):
            if self._escaped:
                self._escaped = False
                at += 1
                continue
            found = (_IN_STRING if self._in_string else _BRACKET).search(piece, at)
            if found is None:
                return None
            at = found.end()
            self._step(found.group()[0])
            if not self._depth and not self._in_string:
                return at
        return None

    def _step(self, byte: int) -> None:
        if byte == _QUOTE:
            self._in_string = not self._in_string
        elif self._in_string:
            self._escaped = True
        else:
            self._depth += 1 if byte in OPENERS else -1
