"""Bytes to text without delay: only a character that is cut between two pieces is held back.

Must not know lines or records.
"""

from __future__ import annotations

import codecs

from .utf8 import BOM, REPLACEMENT, Replaced, count_replaced


class TextDecoder:
    """Returns at most one text for each piece. Invalid bytes become U+FFFD and never raise.

    `charset` is the name from the content type; an unknown one is read as UTF-8, as browsers do.
    A BOM at the start of UTF-8 is removed.
    """

    def __init__(self, charset: str = "utf-8") -> None:
        self.replaced_count = 0
        self.first_replaced: Replaced | None = None
        """None while all bytes were valid; `results_before` counts characters."""
        self._char_count = 0
        self._taken_bytes = 0
        self._held = b""
        self._charset = charset
        self._other = _other_decoder(charset)

    def feed(self, piece: bytes, /) -> list[str]:
        """Return the characters that this piece completed, as one text; nothing if none were."""
        return self._decode(piece, final=False)

    def flush(self) -> list[str]:
        """Return U+FFFD for a character that the end of the bytes cut in two."""
        return self._decode(b"", final=True)

    def _decode(self, piece: bytes, *, final: bool) -> list[str]:
        if self._other is None:
            text = self._decode_utf8(piece, final)
        else:
            text = self._decode_other(self._other, piece, final)
            # Stateful codecs do not report positions, and U+FFFD may have been sent as such.
            self._note(text.count(REPLACEMENT), None, text.find(REPLACEMENT))
        self._char_count += len(text)
        return [text] if text else []

    def _decode_utf8(self, piece: bytes, final: bool) -> str:
        data = self._held + piece if self._held else piece
        start = self._taken_bytes
        if start == 0:
            if not final and len(data) < len(BOM) and BOM.startswith(data):
                self._held = data
                return ""
            if data.startswith(BOM):
                start = len(BOM)
                data = data[start:]
        try:
            text, used = codecs.utf_8_decode(data, "strict", final)
        except UnicodeDecodeError as error:
            text, used = codecs.utf_8_decode(data, "replace", final)
            before = len(data[: error.start].decode())
            self._note(count_replaced(data[:used], text), start + error.start, before)
        self._taken_bytes = start + used
        self._held = data[used:]
        return text

    def _decode_other(self, decoder: codecs.IncrementalDecoder, piece: bytes, final: bool) -> str:
        try:
            return decoder.decode(piece, final)
        except UnicodeError:  # UTF-16 and UTF-32 without a BOM: little-endian, as browsers do
            held = decoder.getstate()[0]
            name = "utf-16-le" if "16" in self._charset else "utf-32-le"
            self._other = codecs.getincrementaldecoder(name)(errors="replace")
            return self._other.decode(held + piece, final)

    def _note(self, count: int, at_bytes: int | None, chars_before: int) -> None:
        if count and self.first_replaced is None:
            self.first_replaced = Replaced(at_bytes, self._char_count + chars_before)
        self.replaced_count += count


def _other_decoder(charset: str) -> codecs.IncrementalDecoder | None:
    """Return a decoder; None for UTF-8 and for names that are not character encodings."""
    try:
        info = codecs.lookup(charset)
    except (LookupError, ValueError):
        return None
    if info.name in {"utf-8", "ascii"} or not getattr(info, "_is_text_encoding", True):
        return None
    return info.incrementaldecoder(errors="replace") if info.incrementaldecoder else None
