"""What the framings share about invalid UTF-8: it is replaced, counted and located, never raised.

Whole lines can be decoded one by one, because a line end is never inside a character.
"""

from __future__ import annotations

from dataclasses import dataclass

BOM = b"\xef\xbb\xbf"
REPLACEMENT = "\ufffd"


@dataclass(frozen=True, slots=True)
class Replaced:
    """Where the first invalid bytes stood that were replaced by U+FFFD."""

    offset_bytes: int | None
    """From the first byte of the stream; None where the encoding does not let us tell."""
    results_before: int
    """How many records, or characters of a text, come before the one it is in."""


def decode_line(raw: bytes) -> tuple[str, int | None]:
    """`raw` as text, and the offset in it of the first invalid byte; None if there is none."""
    try:
        return raw.decode(), None
    except UnicodeDecodeError as error:
        return raw.decode(errors="replace"), error.start


def count_replaced(raw: bytes, text: str) -> int:
    """How many U+FFFD of `text` stand for invalid bytes and are not the peer's own."""
    return text.count(REPLACEMENT) - raw.count(REPLACEMENT.encode())
