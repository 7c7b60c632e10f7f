"""Bytes of a JSON text sequence to its texts: each begins with RS (0x1E) and ends with a line end.

Knows brackets and strings, not values. An array, an object or a string is returned when it is
closed, a number or a word when its line ends, because half of one looks complete. A text that an RS
cuts short is returned as it is, and fails to parse later. Source: RFC 7464, sections 2.1 to 2.4.
"""

from __future__ import annotations

from typing import Final

from ..errors import LimitError
from ..framing.utf8 import Replaced, count_replaced, decode_line
from ..limits import DEFAULT_LIMITS, Limits
from .json_scan import ValueScanner, opens_value

RS: Final = b"\x1e"
_BLANK: Final = b" \t\r\n"


class JsonSequenceDecoder:
    """A decoder from bytes to JSON texts. Bytes before the first RS are ignored.

    Invalid UTF-8 becomes U+FFFD, counted in `replaced_count` and located by `first_replaced`.

    Raises (from `feed` and `flush`): LimitError for `record_bytes`, when a text is longer. Texts
    completed before it are returned first, and the next call raises.
    """

    def __init__(self, *, limits: Limits = DEFAULT_LIMITS) -> None:
        self.unterminated = False
        """True after `flush` if the last text was not closed, or had no line end."""
        self.replaced_count = 0
        self.first_replaced: Replaced | None = None
        """None while all bytes were valid UTF-8."""
        self._limit = limits.record_bytes
        self._error: LimitError | None = None
        self._text_count = 0
        self._taken_bytes = 0
        self._begun = False  # True after the first RS
        self._scanner: ValueScanner | None = None
        self._word = False
        self._pieces: list[bytes] = []
        self._piece_bytes = 0
        self._start = 0

    def feed(self, piece: bytes, /) -> list[str]:
        """Return the texts that this piece completed, in order."""
        if self._error is not None:
            raise self._error
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
        if self._error is not None:
            raise self._error
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

    def _keep(self, raw: bytes) -> None:
        self._pieces.append(raw)
        self._piece_bytes += len(raw)
        if self._piece_bytes > self._limit:
            self._error = LimitError(
                f"The stream sent a JSON text of more than {self._limit:,} bytes. "
                "Raise Limits(record_bytes=...) if that is expected.",
                bound="record_bytes",
                limit=self._limit,
            )

    def _finish(self, texts: list[str]) -> None:
        self._scanner = None
        self._word = False
        if not self._pieces or self._error is not None:
            return
        raw = b"".join(self._pieces)
        self._pieces.clear()
        self._piece_bytes = 0
        text, at = decode_line(raw)
        if at is not None:
            self.replaced_count += count_replaced(raw, text)
            if self.first_replaced is None:
                before = self._text_count + len(texts)
                self.first_replaced = Replaced(self._start + at, before)
        texts.append(text.strip(_BLANK.decode()))

    def _result(self, texts: list[str]) -> list[str]:
        if self._error is not None and not texts:
            raise self._error
        self._text_count += len(texts)
        return texts
