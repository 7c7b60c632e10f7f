"""Bytes to lines, for JSON Lines and NDJSON: split at LF, one CR before it removed, blanks dropped.

Must not know JSON. Never `str.splitlines`: it splits at U+2028, U+0085 and others, which stand
unescaped in valid JSON. Source: https://github.com/ndjson/ndjson-spec, section 3.
"""

from __future__ import annotations

from ..errors import LimitError
from ..framing.utf8 import BOM, Replaced, count_replaced, decode_line
from ..limits import DEFAULT_LIMITS, Limits


class LineDecoder:
    """A decoder from bytes to lines; the last line may lack its LF (`unterminated`).

    Invalid UTF-8 becomes U+FFFD, counted in `replaced_count` and located by `first_replaced`.

    Raises (from `feed` and `flush`): LimitError for `record_bytes`, when a line is longer. Lines
    completed before it are returned first, and the next call raises.
    """

    def __init__(self, *, limits: Limits = DEFAULT_LIMITS) -> None:
        self.unterminated = False
        """True if the last line came from `flush`, so it may be incomplete."""
        self.replaced_count = 0
        self.first_replaced: Replaced | None = None
        """None while all bytes were valid UTF-8."""
        self._limit = limits.record_bytes
        self._error: LimitError | None = None
        self._line_count = 0
        self._rest: list[bytes] = []
        self._rest_bytes = 0
        self._taken_bytes = 0

    @property
    def record_end_bytes(self) -> int:
        """Offset of the first byte after the last LF, from the first byte of the stream."""
        return self._taken_bytes

    def feed(self, piece: bytes, /) -> list[str]:
        """Return the lines that this piece completed, in order, without their line ends."""
        if self._error is not None:
            raise self._error
        end = piece.rfind(b"\n") + 1
        if not end:
            self._keep(piece)
            return self._result([])
        self._rest.append(piece[:end])
        whole = self._take_rest()
        lines = self._read(whole.split(b"\n")[:-1])
        self._keep(piece[end:])
        return self._result(lines)

    def flush(self) -> list[str]:
        """Return the line after the last LF, if it is not blank."""
        if self._error is not None:
            raise self._error
        lines = self._read([self._take_rest()])
        self.unterminated = bool(lines)
        return self._result(lines)

    def _keep(self, tail: bytes) -> None:
        if not tail:
            return
        self._rest.append(tail)
        self._rest_bytes += len(tail)
        # A BOM before the first line and a CR at the end are not part of the line.
        if self._rest_bytes > self._limit + 1 + (0 if self._taken_bytes else len(BOM)):
            self._fail()

    def _take_rest(self) -> bytes:
        whole = b"".join(self._rest)
        self._rest.clear()
        self._rest_bytes = 0
        return whole

    def _result(self, lines: list[str]) -> list[str]:
        if self._error is not None and not lines:
            raise self._error
        self._line_count += len(lines)
        return lines

    def _fail(self) -> None:
        self._error = self._error or LimitError(
            f"The stream sent a line of more than {self._limit:,} bytes. "
            "Raise Limits(record_bytes=...) if that is expected.",
            bound="record_bytes",
            limit=self._limit,
        )

    def _read(self, raws: list[bytes]) -> list[str]:
        lines: list[str] = []
        for raw in raws:
            start = self._taken_bytes
            self._taken_bytes += len(raw) + 1
            if start == 0 and raw.startswith(BOM):
                raw = raw[len(BOM) :]
                start = len(BOM)
            if raw.endswith(b"\r"):
                raw = raw[:-1]
            if len(raw) > self._limit:
                self._fail()
                break
            line, at = decode_line(raw)
            if at is not None:
                self._note_replaced(raw, line, start + at, len(lines))
            if line and not line.isspace():
                lines.append(line)
        return lines

    def _note_replaced(self, raw: bytes, line: str, at_bytes: int, before: int) -> None:
        self.replaced_count += count_replaced(raw, line)
        if self.first_replaced is None:
            self.first_replaced = Replaced(at_bytes, self._line_count + before)
