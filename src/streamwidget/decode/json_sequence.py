"""Bytes of a JSON text sequence to its texts: each begins with RS (0x1E) and ends with a line end.

Knows brackets and strings, not values. An array, an object or a string is returned when it is
closed, a number or a word when its line ends, because half of one looks complete. A text that an RS
cuts short is returned as it is, and fails to parse later. Source: RFC 7464, sections 2.1 to 2.4.
"""

from __future__ import annotations

from typing import Final

from ..limits import DEFAULT_LIMITS, Limits
from .bounded import BoundedDecoder
from .json_scan import ValueScanner, opens_value

RS: Final = b"\x1e"
_BLANK: Final = b" \t\r\n"


class JsonSequenceDecoder(BoundedDecoder):
    """A decoder from bytes to JSON texts. Bytes before the first RS are ignored.

    After `flush`, `unterminated` is True if the last text was not closed, or had no line end.
    Bounds and invalid bytes as in `BoundedDecoder`.
    """

    noun = "a JSON text"

    def __init__(self, *, limits: Limits = DEFAULT_LIMITS) -> None:
        super().__init__(limits=limits)
        self._begun = False  # True after the first RS
        self._scanner: ValueScanner | None = None
        self._word = False
        self._start = 0

    def feed(self, piece: bytes, /) -> list[str]:
        """Return the texts that this piece completed, in order."""
        self._check()
        texts: list[str] = []
        for number, part in enumerate(piece.split(RS)):
            if number:
                self._finish(texts)
                self._begun = True
                self._taken_bytes += 1
            if self._begun and self._error is None:
                self._read(part, texts)
            self._taken_bytes += len(part)
        return self._result(texts)

    def flush(self) -> list[str]:
        """Return the unfinished text, if there is one."""
        self._check()
        self.unterminated = bool(self._pieces)
        texts: list[str] = []
        self._finish(texts)
        return self._result(texts)

    def _read(self, part: bytes, texts: list[str]) -> None:
        """Read bytes without RS."""
        at = 0
        while at < len(part) and self._error is None:
            if not self._word and self._scanner is None:
                at = len(part) - len(part[at:].lstrip(_BLANK))
                if at == len(part):
                    return
                self._start = self._taken_bytes + at
                self._scanner = ValueScanner() if opens_value(part[at]) else None
                self._word = self._scanner is None
            end = self._end(part, at)
            self._keep(part[at:end])
            if end is None:
                return
            self._finish(texts)
            at = end

    def _end(self, part: bytes, at: int) -> int | None:
        if self._scanner is not None:
            return self._scanner.end(part, at)
        line_end = part.find(b"\n", at)
        return None if line_end < 0 else line_end + 1

    def _finish(self, texts: list[str]) -> None:
        self._scanner = None
        self._word = False
        if self._pieces and self._error is None:
            text = self._decode(self._take(), self._start, len(texts))
            texts.append(text.strip(_BLANK.decode()))
