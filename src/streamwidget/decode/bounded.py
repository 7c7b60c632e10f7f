"""The base of decoders from bytes to texts: the bound of a text, and invalid UTF-8. Pure.

A decoder keeps the pieces of an unfinished text, which are joined once, and reads a finished one.
"""

from __future__ import annotations

from typing import ClassVar

from ..errors import LimitError
from ..limits import DEFAULT_LIMITS, Limits
from .utf8 import Replaced, count_replaced, decode_line


class BoundedDecoder:
    """A decoder from bytes to texts; the classes of framings derive from it.

    Invalid UTF-8 becomes U+FFFD, counted in `replaced_count` and located by `first_replaced`.

    Raises (from `feed` and `flush`): LimitError for `record_bytes`, when a text is longer. Texts
    completed before it are returned first, and the next call raises.
    """

    noun: ClassVar[str]
    """Noun for a text, with its article, for the message."""

    def __init__(self, *, limits: Limits = DEFAULT_LIMITS) -> None:
        self.unterminated = False
        """True after `flush` if the last text may be incomplete."""
        self.replaced_count = 0
        self.first_replaced: Replaced | None = None
        """None while all bytes were valid UTF-8."""
        self._limit = limits.record_bytes
        self._error: LimitError | None = None
        self._text_count = 0
        """Texts returned by the calls before."""
        self._taken_bytes = 0
        """Bytes that were read."""
        self._pieces: list[bytes] = []
        self._piece_bytes = 0

    def _check(self) -> None:
        """Raise the error that the last call held back."""
        if self._error is not None:
            raise self._error

    def _keep(self, piece: bytes, extra_bytes: int = 0) -> None:
        """Keep a piece of an unfinished text; `extra_bytes` are not part of the text."""
        if not piece:
            return
        self._pieces.append(piece)
        self._piece_bytes += len(piece)
        if self._piece_bytes > self._limit + extra_bytes:
            self._fail()

    def _take(self) -> bytes:
        """Return the pieces, joined, and begin the next text."""
        raw = b"".join(self._pieces)
        self._pieces.clear()
        self._piece_bytes = 0
        return raw

    def _decode(self, raw: bytes, offset_bytes: int, texts_before: int) -> str:
        """Return a text that begins at `offset_bytes` of the stream, after the texts before it in
        this call."""
        text, at = decode_line(raw)
        if at is not None:
            self.replaced_count += count_replaced(raw, text)
            if self.first_replaced is None:
                place = offset_bytes + at
                self.first_replaced = Replaced(place, self._text_count + texts_before)
        return text

    def _fail(self) -> None:
        self._error = self._error or record_too_long(self.noun, self._limit)

    def _result(self, texts: list[str]) -> list[str]:
        if not texts:
            self._check()
        self._text_count += len(texts)
        return texts


def record_too_long(noun: str, limit_bytes: int) -> LimitError:
    """Return the error for a record that is longer than `Limits.record_bytes`."""
    return LimitError(
        f"The stream sent {noun} of more than {limit_bytes:,} bytes. "
        "Raise Limits(record_bytes=...) if that is expected.",
        bound="record_bytes",
        limit=limit_bytes,
    )
