"""AWS event stream frames: bytes in, headers and payloads out, damage reported."""

from __future__ import annotations

import struct
import uuid
import zlib

import pytest
from feeding import drain, every_way, partitions
from hypothesis import given, settings
from hypothesis import strategies as st

from streamwidget.decode.aws import EventStreamDecoder, EventStreamFrame
from streamwidget.errors import DecodeError, LimitError
from streamwidget.limits import Limits


def header(name: str, type_: int, value: bytes) -> bytes:
    return bytes([len(name)]) + name.encode() + bytes([type_]) + value


def sized(value: bytes) -> bytes:
    return struct.pack(">H", len(value)) + value


def packed(headers: bytes, payload: bytes, header_bytes: int | None = None) -> bytes:
    """One frame; `header_bytes` lies about the length of its headers."""
    declared_bytes = len(headers) if header_bytes is None else header_bytes
    prelude = struct.pack(">II", 16 + len(headers) + len(payload), declared_bytes)
    body = prelude + struct.pack(">I", zlib.crc32(prelude)) + headers + payload
    return body + struct.pack(">I", zlib.crc32(body))


EVENT = header(":event-type", 7, sized(b"chunk"))
TEXT = packed(EVENT, b'{"a": 1}')
TEXT_FRAME = EventStreamFrame({":event-type": "chunk"}, b'{"a": 1}')
UUID = uuid.UUID(int=5)

ROWS: dict[str, tuple[bytes, list[EventStreamFrame]]] = {
    "one": (TEXT, [TEXT_FRAME]),
    "two": (TEXT + TEXT, [TEXT_FRAME, TEXT_FRAME]),
    "without headers and payload": (packed(b"", b""), [EventStreamFrame({}, b"")]),
    "payload of any bytes": (packed(b"", b"\0\xff\n"), [EventStreamFrame({}, b"\0\xff\n")]),
    "headers of all types": (
        packed(
            header("t", 0, b"")
            + header("f", 1, b"")
            + header("byte", 2, b"\xff")
            + header("short", 3, struct.pack(">h", -2))
            + header("int", 4, struct.pack(">i", 3))
            + header("long", 5, struct.pack(">q", -4))
            + header("bytes", 6, sized(b"\0\1"))
            + header("text", 7, sized("é".encode()))
            + header("time", 8, struct.pack(">q", 1_700_000_000_000))
            + header("uuid", 9, UUID.bytes),
            b"x",
        ),
        [
            EventStreamFrame(
                {
                    "t": "true",
                    "f": "false",
                    "byte": "-1",
                    "short": "-2",
                    "int": "3",
                    "long": "-4",
                    "bytes": "AAE=",
                    "text": "é",
                    "time": "1700000000000",
                    "uuid": str(UUID),
                },
                b"x",
            )
        ],
    ),
    "nothing": (b"", []),
    "half a frame": (TEXT + TEXT[:-1], [TEXT_FRAME]),
    "half a prelude": (TEXT + TEXT[:7], [TEXT_FRAME]),
}


@pytest.mark.parametrize(("data", "frames"), ROWS.values(), ids=ROWS)
def test_bytes_give_their_frames_however_cut(data: bytes, frames: list[EventStreamFrame]) -> None:
    assert every_way(EventStreamDecoder, data) == frames


def test_end_inside_a_frame_is_marked() -> None:
    for size in range(len(TEXT) + 1):
        decoder = EventStreamDecoder()
        drain(decoder, [TEXT, TEXT[:size]])
        assert decoder.unterminated is (0 < size < len(TEXT))


def test_frame_is_given_when_its_last_byte_arrives() -> None:
    decoder = EventStreamDecoder()
    assert decoder.feed(TEXT[:-1]) == []
    assert decoder.feed(TEXT[-1:]) == [TEXT_FRAME]


@pytest.mark.parametrize("place", range(len(TEXT)))
def test_any_changed_byte_is_found_and_located(place: int) -> None:
    broken = bytes([*TEXT[:place], TEXT[place] ^ 0x20, *TEXT[place + 1 :]])
    for pieces in partitions(TEXT + broken):
        results, error = drain(EventStreamDecoder(), pieces)
        assert results == [TEXT_FRAME]
        assert isinstance(error, DecodeError)
        assert f"at byte offset {len(TEXT)} " in error.message


@pytest.mark.parametrize(
    ("frame", "what"),
    [
        (packed(b"", b"", header_bytes=1), "headers are longer"),
        (packed(b"\x05a", b""), "headers cannot be read"),
        (packed(header("a", 7, sized(b"text")[:-1]), b""), "headers cannot be read"),
        (packed(header("a", 7, b"\0"), b""), "headers cannot be read"),
        (packed(header("a", 10, b""), b""), "headers cannot be read"),
        (packed(header("a", 7, sized(b"\xff")), b""), "headers cannot be read"),
    ],
)
def test_frames_against_the_specification_are_refused(frame: bytes, what: str) -> None:
    with pytest.raises(DecodeError, match=what):
        every_way(EventStreamDecoder, frame)


def test_longer_frame_raises_after_those_before_it() -> None:
    longer = packed(EVENT, b"x" * 9)
    limits = Limits(record_bytes=len(TEXT))
    for pieces in partitions(TEXT + longer):
        results, error = drain(EventStreamDecoder(limits=limits), pieces)
        assert results == [TEXT_FRAME]
        assert isinstance(error, LimitError)
        assert (error.bound, error.limit) == ("record_bytes", len(TEXT))


def test_error_is_raised_again() -> None:
    decoder = EventStreamDecoder()
    for _ in range(2):
        with pytest.raises(DecodeError):
            decoder.feed(b"x" * 12)
    with pytest.raises(DecodeError):
        decoder.flush()


@given(st.lists(st.binary(max_size=30), max_size=5), st.integers(1, 50))
@settings(max_examples=100, deadline=None)
def test_any_payloads_come_back(payloads: list[bytes], size: int) -> None:
    data = b"".join(packed(EVENT, payload) for payload in payloads)
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    frames, error = drain(EventStreamDecoder(), pieces)
    assert error is None
    assert [frame.payload for frame in frames] == payloads


@given(st.binary(max_size=60))
@settings(max_examples=100, deadline=None)
def test_any_bytes_give_frames_or_a_stated_error(data: bytes) -> None:
    drain(EventStreamDecoder(), [data])
