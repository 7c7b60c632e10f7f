"""Compressed answers: decoded in slices, bounded by ratio and size, never holding other views."""

from __future__ import annotations

import asyncio
import functools
import gzip
import threading
import time
import zlib
from collections.abc import Callable
from typing import Any

import brotli
import pytest
import zstandard
from faults import Answer, ThreadedServer

from streamwidget import Limits, StreamView, acollect, collect, http
from streamwidget.errors import LimitError
from streamwidget.io.decompress import SLICE_BYTES, BodyDecoder, CodingError
from streamwidget.limits import DEFAULT_LIMITS
from unit.waiting import WAIT_S, measured_again

TEXT = b"".join(b'data: {"content": "token %d"}\n\n' % number for number in range(40_000))


def raw_deflate(data: bytes) -> bytes:
    coder = zlib.compressobj(wbits=-15)
    return coder.compress(data) + coder.flush()


def fast_brotli(data: bytes) -> bytes:
    return brotli.compress(data, quality=4)  # the default takes seconds


CODINGS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": ("gzip", gzip.compress),
    "x-gzip": ("x-gzip", gzip.compress),
    "two members": ("gzip", lambda d: gzip.compress(d[:1000]) + gzip.compress(d[1000:])),
    "deflate": ("deflate", zlib.compress),
    "raw deflate": ("deflate", raw_deflate),
    "zstd": ("zstd", zstandard.compress),
    "two frames": ("zstd", lambda d: zstandard.compress(d[:99]) + zstandard.compress(d[99:])),
    "br": ("br", fast_brotli),
    "twice": ("gzip, deflate", lambda d: zlib.compress(gzip.compress(d))),
    "identity": ("identity", lambda d: d),
    "none": ("", lambda d: d),
}


@pytest.mark.parametrize(("name", "encode"), CODINGS.values(), ids=CODINGS.keys())
@pytest.mark.parametrize("cut", [1, 7, 1000, 10**9])
def test_any_cut_of_any_coding_gives_the_same_bytes_in_slices(
    name: str, encode: Callable[[bytes], bytes], cut: int
) -> None:
    text = TEXT[: 30_000 if cut < 100 else None]
    data = encode(text)
    decoder = BodyDecoder(name, DEFAULT_LIMITS)
    pieces = [p for at in range(0, len(data), cut) for p in decoder.feed(data[at : at + cut])]
    assert b"".join(pieces) == text
    assert max(map(len, pieces)) <= SLICE_BYTES


@pytest.mark.parametrize(("name", "encode"), CODINGS.values(), ids=CODINGS.keys())
def test_an_end_at_any_place_of_a_slice_loses_nothing(
    name: str, encode: Callable[[bytes], bytes]
) -> None:
    """A coder may have read all its input while the last of its output waits for room."""
    for size in range(SLICE_BYTES - 4, SLICE_BYTES + 300):
        decoder = BodyDecoder(name, DEFAULT_LIMITS)
        assert sum(map(len, decoder.feed(encode(b"a" * size)))) == size


@pytest.mark.parametrize("name", ["gzip", "deflate", "br", "zstd", "unknown"])
def test_bytes_that_break_the_coding_are_an_error(name: str) -> None:
    with pytest.raises(CodingError):
        list(BodyDecoder(name, DEFAULT_LIMITS).feed(b"\xff\xff is not compressed"))


BOMB = 64 * 1024 * 1024


BOMB_CODERS = {"gzip": gzip.compress, "zstd": zstandard.compress, "br": fast_brotli}


@functools.cache
def bomb(name: str) -> bytes:
    comments = b":\n" * (BOMB // 2)
    return BOMB_CODERS[name](comments)


@pytest.mark.parametrize("name", BOMB_CODERS)
def test_a_bomb_is_bounded_by_its_ratio(name: str) -> None:
    limits = Limits(expansion_floor_bytes=1_000_000)
    decoder = BodyDecoder(name, limits)
    size = 0
    with pytest.raises(LimitError, match="expansion_ratio = 100 times") as raised:
        for piece in decoder.feed(bomb(name)):
            size += len(piece)
    assert raised.value.bound == "expansion_ratio"
    assert 1_000_000 - SLICE_BYTES <= size <= 16_000_000


def test_a_body_is_bounded_by_its_size() -> None:
    decoder = BodyDecoder("gzip", Limits(expanded_bytes=10_000, expansion_floor_bytes=10))
    with pytest.raises(LimitError, match="expanded_bytes = 10,000 bytes") as raised:
        list(decoder.feed(gzip.compress(TEXT)))
    assert raised.value.bound == "expanded_bytes"


def test_a_short_stream_may_compress_as_well_as_it_likes() -> None:
    text = b": keep-alive\n\n" * 50_000
    decoder = BodyDecoder("gzip", DEFAULT_LIMITS)
    assert len(b"".join(decoder.feed(gzip.compress(text)))) == len(text)


@pytest.mark.parametrize("name", BOMB_CODERS)
@pytest.mark.parametrize("blocking", [False, True])
@measured_again
def test_a_hostile_answer_neither_holds_other_views_nor_its_own_stop(
    name: str, blocking: bool, library: Any
) -> None:
    limits = Limits(expansion_ratio=10**9)  # the bound must not be what helps
    hostile = Answer(bomb(name), headers={"Content-Encoding": name})
    good = Answer(b'data: {"content": "word"}\n\n' * 100, piece_bytes=20, end="silent")
    with (
        ThreadedServer(lambda _: hostile) as bad,
        ThreadedServer(lambda _: good) as server,
        library.Client() as client,
    ):
        source = http(bad.url, client=client if blocking else None)
        view = StreamView(source, limits=limits)
        time.sleep(0.3)
        other = StreamView(server.url)
        began = time.monotonic()
        while len(other.text) < 100:
            assert time.monotonic() < began + 2, "the other view got nothing"
            time.sleep(0.01)
        stopped = threading.Event()
        threading.Thread(target=lambda: (view.wait(WAIT_S), stopped.set())).start()
        view.stop()
        assert stopped.wait(1.5)  # some milliseconds, on an idle machine
        other.stop()
        other.wait(WAIT_S)


def test_the_error_of_a_bomb_names_the_bound() -> None:
    with ThreadedServer(
        lambda _: Answer(bomb("gzip"), headers={"Content-Encoding": "gzip"})
    ) as server:
        error = collect(server.url).error
    assert isinstance(error, LimitError)
    assert error.bound == "expansion_ratio"


@measured_again
def test_a_huge_chunk_of_an_iterator_does_not_hold_other_views() -> None:
    async def chunks() -> Any:
        yield b":\n" * (BOMB // 2)
        yield b"data: a\n\n"

    async def main() -> None:
        task = asyncio.ensure_future(acollect(chunks()))
        await asyncio.sleep(0.1)
        began = time.monotonic()
        result = await acollect([b"data: x\n\n"], content_type="text/event-stream")
        assert result.text == "x"
        assert time.monotonic() - began < 1
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(main())
