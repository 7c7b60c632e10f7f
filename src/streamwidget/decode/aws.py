"""Bytes of an `application/vnd.amazon.eventstream` to its frames, with both checksums verified.

Knows the framing only; what a payload means belongs to the formats. A frame is

    total length (4) | length of the headers (4) | CRC32 of these 8 bytes (4)
    headers | payload | CRC32 of everything before it (4)

all big-endian. Source: https://docs.aws.amazon.com/AmazonS3/latest/API/RESTSelectObjectAppendix.html
and the Smithy specification "Amazon Event Stream", sections "Message" and "Headers".
"""

from __future__ import annotations

import base64
import struct
import uuid
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ..errors import DecodeError, LimitError, StreamWidgetError
from ..limits import DEFAULT_LIMITS, Limits

PRELUDE_BYTES: Final = 12
CHECKSUM_BYTES: Final = 4


@dataclass(frozen=True, slots=True)
class EventStreamFrame:
    """One frame."""

    headers: dict[str, str]
    """Header values by name as text: numbers in decimal, `true`, `false`, byte arrays in base64."""
    payload: bytes


class EventStreamDecoder:
    """A decoder from bytes to frames.

    Raises (from `feed` and `flush`), after the frames before it were returned:
        DecodeError: a checksum is wrong or the lengths contradict each other; names the byte offset
            of the frame. Nothing can be read after that: the start of the next frame is unknown.
        LimitError: `record_bytes`, when a frame is longer.
    """

    def __init__(self, *, limits: Limits = DEFAULT_LIMITS) -> None:
        self.unterminated = False
        """True after `flush` if the bytes ended inside a frame."""
        self._limit = limits.record_bytes
        self._error: StreamWidgetError | None = None
        # Removing from the front of a bytearray moves nothing, so pieces of any size cost the same.
        self._held = bytearray()
        self._taken_bytes = 0

    def feed(self, piece: bytes, /) -> list[EventStreamFrame]:
        """Return the frames that this piece completed, in order."""
        if self._error is not None:
            raise self._error
        self._held += piece
        frames: list[EventStreamFrame] = []
        try:
            while (frame := self._next()) is not None:
                frames.append(frame)
        except (DecodeError, LimitError) as error:
            self._error = error
            if not frames:
                raise
        return frames

    def flush(self) -> list[EventStreamFrame]:
        """Return an empty list: an incomplete frame is dropped; see `unterminated`."""
        if self._error is not None:
            raise self._error
        self.unterminated = bool(self._held)
        return []

    def _next(self) -> EventStreamFrame | None:
        """Return the first frame; None while it is incomplete."""
        if len(self._held) < PRELUDE_BYTES:
            return None
        total, header_bytes, checksum = struct.unpack_from(">III", self._held)
        if zlib.crc32(bytes(self._held[:8])) != checksum:
            raise self._broken("the checksum of its lengths is wrong")
        if total < PRELUDE_BYTES + header_bytes + CHECKSUM_BYTES:
            raise self._broken("its headers are longer than the frame")
        if total > self._limit:
            raise LimitError(
                f"The stream sent a frame of {total:,} bytes; the limit is {self._limit:,}. "
                "Raise Limits(record_bytes=...) if that is expected.",
                bound="record_bytes",
                limit=self._limit,
            )
        if len(self._held) < total:
            return None
        return self._take(total, PRELUDE_BYTES + header_bytes)

    def _take(self, total: int, payload_start: int) -> EventStreamFrame:
        raw = bytes(self._held[:total])
        end = total - CHECKSUM_BYTES
        if zlib.crc32(raw[:end]) != int.from_bytes(raw[end:], "big"):
            raise self._broken("its checksum is wrong")
        headers = _headers(raw[PRELUDE_BYTES:payload_start])
        if headers is None:
            raise self._broken("its headers cannot be read")
        del self._held[:total]
        self._taken_bytes += total
        return EventStreamFrame(headers, raw[payload_start:end])

    def _broken(self, what: str) -> DecodeError:
        return DecodeError(
            f"The event stream frame at byte offset {self._taken_bytes:,} is damaged: {what}. "
            "A proxy or the connection changed the bytes. Run it again."
        )


def is_prelude(head: bytes) -> bool:
    """True if the checksum in `head`, `PRELUDE_BYTES` long, shows that it begins a frame."""
    return zlib.crc32(head[:8]) == int.from_bytes(head[8:PRELUDE_BYTES], "big")


def _headers(raw: bytes) -> dict[str, str] | None:
    """Return the header values by name; None if they do not follow the specification."""
    headers: dict[str, str] = {}
    at = 0
    try:
        while at < len(raw):
            name_end = at + 1 + raw[at]
            name = raw[at + 1 : name_end].decode()
            size, start = _value_place(raw, name_end)
            value = raw[start : start + size]
            if len(value) < size:
                return None
            headers[name] = _READERS[raw[name_end]](value)
            at = start + size
    except (IndexError, KeyError, UnicodeDecodeError, struct.error):
        return None
    return headers


def _value_place(raw: bytes, type_at: int) -> tuple[int, int]:
    """Return the length (bytes) and the start of the value whose type byte is at `type_at`."""
    size = _SIZES.get(raw[type_at])
    if size is not None:
        return size, type_at + 1
    return struct.unpack_from(">H", raw, type_at + 1)[0], type_at + 3


def _signed(value: bytes) -> str:
    return str(int.from_bytes(value, "big", signed=True))


_SIZES: Final = {0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16}
"""Length in bytes by type; for other types the length precedes the value."""

_READERS: Final[dict[int, Callable[[bytes], str]]] = {
    0: lambda _: "true",
    1: lambda _: "false",
    2: _signed,
    3: _signed,
    4: _signed,
    5: _signed,
    6: lambda value: base64.b64encode(value).decode(),
    7: lambda value: value.decode(),
    8: _signed,  # milliseconds since 1970
    9: lambda value: str(uuid.UUID(bytes=value)),
}
