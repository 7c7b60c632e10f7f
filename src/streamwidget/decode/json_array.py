"""Bytes of a streamed top-level JSON array to its elements, each as soon as it is closed.

Knows brackets and strings, not values: an element is text that is not validated here. Tolerant,
because what an endpoint sends instead of the array is worth showing: elements outside of the array,
such as a bare error object, are returned too, and so is a line of garbage. Commas are not checked.

No byte is read twice: the pieces of an unfinished element are kept and joined once.
"""

from __future__ import annotations

import re
from typing import Final, Literal

from ..limits import DEFAULT_LIMITS, Limits
from .bounded import BoundedDecoder
from .json_scan import ValueScanner, opens_value

_BLANK: Final = b" \t\r\n,"
_BETWEEN: Final = re.compile(rb"[^ \t\r\n,]")
_WORD_END: Final = {True: re.compile(rb"[\],\[{\r\n]"), False: re.compile(rb"[\[{\r\n]")}
"""End of a number, a `true` or garbage: inside the array, outside of it."""

_OPEN_ARRAY: Final = 0x5B
_CLOSE_ARRAY: Final = 0x5D


class JsonArrayDecoder(BoundedDecoder):
    """A decoder from bytes to the text of array elements; after `flush`, `unterminated` is True if
    the array or an element of it was not closed.

    Bounds and invalid bytes as in `BoundedDecoder`.
    """

    noun = "an array element"

    def __init__(self, *, limits: Limits = DEFAULT_LIMITS) -> None:
        super().__init__(limits=limits)
        self._in_array = False
        # The unfinished element:
        self._start = 0
        self._reading: Literal["value", "word"] | None = None
        self._scanner = ValueScanner()

    def feed(self, piece: bytes, /) -> list[str]:
        """Return the elements that this piece completed, in order."""
        self._check()
        elements: list[str] = []
        at = 0
        while at < len(piece) and self._error is None:
            if self._reading is None:
                at = self._between(piece, at)
            else:
                at = self._continue(piece, at, elements)
        self._taken_bytes += len(piece)
        return self._result(elements)

    def flush(self) -> list[str]:
        """Return the unfinished element, if there is one."""
        self._check()
        elements: list[str] = []
        self.unterminated = self._in_array or self._reading == "value"
        self._finish(elements)
        return self._result(elements)

    # --- scanning

    def _between(self, piece: bytes, at: int) -> int:
        """Skip blanks, commas and the array's brackets up to the next element."""
        match = _BETWEEN.search(piece, at)
        if match is None:
            return len(piece)
        at = match.start()
        first = piece[at]
        if first == _OPEN_ARRAY and not self._in_array:
            self._in_array = True
            return at + 1
        if first == _CLOSE_ARRAY and self._in_array:
            self._in_array = False
            return at + 1
        self._start = self._taken_bytes + at
        self._reading = "value" if opens_value(first) else "word"
        return at

    def _continue(self, piece: bytes, at: int, elements: list[str]) -> int:
        """Read an element up to its end or the end of the piece."""
        value = self._reading == "value"
        end = self._scanner.end(piece, at) if value else self._word_end(piece, at)
        self._keep(piece[at : len(piece) if end is None else end])
        if end is None:
            return len(piece)
        if self._error is None:
            self._finish(elements)
        return end

    def _word_end(self, piece: bytes, at: int) -> int | None:
        match = _WORD_END[self._in_array].search(piece, at)
        return None if match is None else match.start()

    def _finish(self, elements: list[str]) -> None:
        self._reading = None
        self._scanner = ValueScanner()
        text = self._decode(self._take(), self._start, len(elements))
        if self._start == 0:
            text = text.removeprefix("\ufeff")
        text = text.strip(_BLANK.decode())
        if text:
            elements.append(text)
