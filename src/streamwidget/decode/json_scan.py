"""Find the end of a JSON value by its brackets and strings alone. No byte is read twice.

For the framings whose records are JSON values that no line end separates.
"""

from __future__ import annotations

import re
from typing import Final

_BRACKET: Final = re.compile(rb'[\[\]{}"]')
_IN_STRING: Final = re.compile(rb'["\\]')
_QUOTE: Final = 0x22
OPENERS: Final = b"[{"


def opens_value(byte: int) -> bool:
    """True if `byte` begins an array, an object or a string, which mark their own end."""
    return byte in OPENERS or byte == _QUOTE


class ValueScanner:
    """Scans one array, object or string in pieces, from its first byte."""

    __slots__ = ("_depth", "_escaped", "_in_string")

    def __init__(self) -> None:
        self._depth = 0
        self._in_string = False
        self._escaped = False

    def end(self, piece: bytes, at: int) -> int | None:
        """Return where the value ends in `piece`, scanned from `at`; None: not in this piece."""
        while at < len(piece):
            if self._escaped:
                self._escaped = False
                at += 1
                continue
            match = (_IN_STRING if self._in_string else _BRACKET).search(piece, at)
            if match is None:
                return None
            at = match.end()
            self._step(match.group()[0])
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
