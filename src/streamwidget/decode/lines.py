"""Bytes to lines, for JSON Lines and NDJSON: split at LF, one CR before it removed, blanks dropped.

Must not know JSON. Never `str.splitlines`: it splits at U+2028, U+0085 and others, which stand
unescaped in valid JSON. Source: https://github.com/ndjson/ndjson-spec, section 3.
"""

from __future__ import annotations

from .bounded import BoundedDecoder
from .utf8 import BOM


class LineDecoder(BoundedDecoder):
    """A decoder from bytes to lines; the last line may lack its LF (`unterminated`).

    Bounds and invalid bytes as in `BoundedDecoder`.
    """

    noun = "a line"

    @property
    def record_end_bytes(self) -> int:
        """Offset of the first byte after the last LF, from the first byte of the stream."""
        return self._taken_bytes

    def feed(self, piece: bytes, /) -> list[str]:
        """Return the lines that this piece completed, in order, without their line ends."""
        self._check()
        end = piece.rfind(b"\n") + 1
        lines: list[str] = []
        if end:
            self._pieces.append(piece[:end])
            lines = self._read(self._take().split(b"\n")[:-1])
        # A BOM before the first line and a CR at the end are not part of the line.
        self._keep(piece[end:], 1 + (0 if self._taken_bytes else len(BOM)))
        return self._result(lines)

    def flush(self) -> list[str]:
        """Return the line after the last LF, if it is not blank."""
        self._check()
        lines = self._read([self._take()])
        self.unterminated = bool(lines)
        return self._result(lines)

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
            line = self._decode(raw, start, len(lines))
            if line and not line.isspace():
                lines.append(line)
        return lines
