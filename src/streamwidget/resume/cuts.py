"""Finds the ends of records in bytes. Pure.

A piece is split after each blank line (server-sent events) or line end (JSON lines), so that the
position of every record is known to the byte. Chunk boundaries of the transport do not matter.
"""

from __future__ import annotations

import re
from typing import Final

_BLANK: Final = re.compile(rb"(?:\r\n|\n|\r(?!\n))(?:\r\n|\n|\r)")
_CONTINUATION: Final = bytes(range(0x80, 0xC0))
_BELOW_ASTRAL: Final = bytes(range(0xF0))


class BlockCuts:
    """Splits after blank lines; each of CR, LF and CR LF ends a line.

    A blank line's CR counts as its end at once, as in `SSEDecoder`: an LF that follows later
    belongs to the next part, where it is harmless.
    """

    def __init__(self) -> None:
        self._after_cr = False
        self._at_line_start = True

    def cut(self, piece: bytes) -> tuple[list[bytes], bytes]:
        """Return the parts that each end a block, and the rest."""
        parts: list[bytes] = []
        start = 0
        seek = 1 if self._after_cr and piece[:1] == b"\n" else 0
        if self._at_line_start and piece[seek : seek + 1] in (b"\n", b"\r"):
            start = seek + (2 if piece[seek : seek + 2] == b"\r\n" else 1)
            parts.append(piece[:start])
        for blank in _BLANK.finditer(piece, max(start, seek)):
            parts.append(piece[start : blank.end()])
            start = blank.end()
        if piece:
            self._after_cr = piece.endswith(b"\r")
            self._at_line_start = piece.endswith((b"\n", b"\r"))
        return parts, piece[start:]


class LineCuts:
    """Splits after each LF."""

    def cut(self, piece: bytes) -> tuple[list[bytes], bytes]:
        """Return the parts that each end a line, and the rest."""
        *lines, rest = piece.split(b"\n")
        return [line + b"\n" for line in lines], rest


def char_count(data: bytes) -> int:
    """Return the number of characters (code points) that begin in `data`, which is UTF-8."""
    return len(data) if data.isascii() else len(data.translate(None, _CONTINUATION))


def utf16_count(data: bytes) -> int:
    """Return the number of UTF-16 units, as JavaScript counts: two for one beyond U+FFFF."""
    if data.isascii():
        return len(data)
    return char_count(data) + len(data.translate(None, _BELOW_ASTRAL))


def whole_characters(data: bytes) -> int:
    """Return the length in bytes of the whole characters of `data`, which may end inside one."""
    for back in range(1, min(4, len(data) + 1)):
        byte = data[-back]
        if byte < 0x80:
            break
        if byte >= 0xC0:
            needed = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            return len(data) - back if back < needed else len(data)
    return len(data)
