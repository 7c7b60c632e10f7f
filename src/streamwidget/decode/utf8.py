"""Invalid UTF-8, for all framings: it is replaced, counted and located, and never raises.

Whole lines can be decoded one by one, because a line end is never inside a character.
"""

from __future__ import annotations

from dataclasses import dataclass

BOM = b"\xef\xbb\xbf"
REPLACEMENT = "\ufffd"


@dataclass(frozen=True, slots=True)
class Replaced:
    """Position of the first invalid bytes that were replaced by U+FFFD."""

    offset_bytes: int | None
    """Offset from the first byte of the stream; None: the encoding does not reveal it."""
    results_before: int
    """Number of records, or of characters of a text, before the invalid one."""


def decode_line(raw: bytes) -> tuple[str, int | None]:
    """Return `raw` as text, and the offset of its first invalid byte; None if all are valid."""
    try:
        return raw.decode(), None
    except UnicodeDecodeError as error:
        return raw.decode(errors="replace"), error.start


def count_replaced(raw: bytes, text: str) -> int:
    """Return how many U+FFFD in `text` replace invalid bytes and were not sent as such."""
    return text.count(REPLACEMENT) - raw.count(REPLACEMENT.encode())
