"""Undoes a Content-Encoding in small slices, so that no response can block a thread by expanding.

No I/O. Every result is at most `SLICE_BYTES` long; between two of them the caller can check for a
stop and yield to other streams.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from typing import Any, Final, Protocol

from ..errors import LimitError
from ..limits import Limits

SLICE_BYTES: Final = 4 * 1024
"""In the worst case this is 2,048 comments of server-sent events, which take 10 ms to decode."""

STEP_BYTES: Final = 64
"""Compressed bytes per call if a library cannot limit its output: for zstd at most 16 blocks of
128 KiB."""


class CodingError(Exception):
    """The body does not follow its Content-Encoding, or no installed library decodes it."""


class Decompressor(Protocol):
    """Undoes one coding."""

    def feed(self, chunk: bytes, /) -> Iterator[bytes]: ...


def slices(chunk: bytes) -> Iterator[bytes]:
    """Yield `chunk` in pieces of at most `SLICE_BYTES`."""
    if len(chunk) <= SLICE_BYTES:
        if chunk:
            yield chunk
        return
    for start in range(0, len(chunk), SLICE_BYTES):
        yield chunk[start : start + SLICE_BYTES]


class BodyDecoder:
    """Decodes the body of one response.

    Raises (from `feed`):
        CodingError: the body does not follow its Content-Encoding.
        LimitError: the body expands more than `Limits` allows; the error names the bound.
    """

    def __init__(self, content_encoding: str | None, limits: Limits) -> None:
        names = [name.strip().lower() for name in (content_encoding or "").split(",")]
        self._stages = [_decompressor(name) for name in reversed(names) if name not in _PLAIN]
        self._limits = limits
        self._in_bytes = 0
        self._out_bytes = 0

    @property
    def is_identity(self) -> bool:
        """True if the body is not encoded."""
        return not self._stages

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Yield the decoded bytes of `chunk`, in slices."""
        if not self._stages:
            yield from slices(chunk)
            return
        self._in_bytes += len(chunk)
        for piece in self._through(chunk, self._stages):
            self._out_bytes += len(piece)
            self._check()
            yield from slices(piece)

    def _through(self, chunk: bytes, stages: list[Decompressor]) -> Iterator[bytes]:
        first, *others = stages
        for piece in first.feed(chunk):
            if others:
                yield from self._through(piece, others)
            else:
                yield piece

    def _check(self) -> None:
        limits = self._limits
        if self._out_bytes <= limits.expansion_floor_bytes:
            return
        if self._out_bytes > limits.expansion_ratio * self._in_bytes:
            raise LimitError(
                f"The body expands to more than expansion_ratio = {limits.expansion_ratio:g} times "
                f"its {self._in_bytes:,} bytes, as a decompression bomb does. Raise "
                "Limits(expansion_ratio=...) if that is expected.",
                bound="expansion_ratio",
                limit=limits.expansion_ratio,
            )
        if self._out_bytes > limits.expanded_bytes:
            raise LimitError(
                f"The compressed body expands to more than expanded_bytes = "
                f"{limits.expanded_bytes:,} bytes. Raise Limits(expanded_bytes=...) if that is "
                "expected.",
                bound="expanded_bytes",
                limit=limits.expanded_bytes,
            )


_PLAIN: Final = frozenset({"", "identity"})


def _decompressor(name: str) -> Decompressor:
    make = _CODINGS.get(name)
    if make is None:
        raise CodingError(f"The Content-Encoding {name!r} is not supported.")
    return make()


class _Deflate:
    """deflate, with or without a zlib header: servers send both."""

    def __init__(self) -> None:
        self._head = b""
        self._inner: _Zlib | None = None

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        if self._inner is None:
            self._head += chunk
            if len(self._head) < 2:
                return
            chunk, first = self._head, self._head[0]
            has_header = first & 15 == 8 and (first * 256 + self._head[1]) % 31 == 0
            self._inner = _Zlib(zlib.MAX_WBITS if has_header else -zlib.MAX_WBITS)
        yield from self._inner.feed(chunk)


class _Zlib:
    """zlib, raw deflate, or gzip with any number of members."""

    def __init__(self, window_bits: int) -> None:
        self._window_bits = window_bits
        self._inner: Any = zlib.decompressobj(window_bits)

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        more_may_wait = False  # zlib can hold back output although it has read all input
        while chunk or more_may_wait:
            if self._inner.eof:
                if self._window_bits <= zlib.MAX_WBITS or not chunk.strip(b"\0"):
                    return  # padding, or bytes behind the end, as clients ignore them
                self._inner = zlib.decompressobj(self._window_bits)
            try:
                piece = self._inner.decompress(chunk, SLICE_BYTES)
            except zlib.error as error:
                raise CodingError(str(error)) from None
            if piece:
                yield piece
            chunk = self._inner.unconsumed_tail or self._inner.unused_data
            more_may_wait = len(piece) == SLICE_BYTES and not self._inner.eof


class _Bounded:
    """A library whose `decompress` takes a maximum length (`compression.zstd`)."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make
        self._inner = make()

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        while True:
            if self._inner.eof:
                chunk = self._inner.unused_data + chunk
                if not chunk:
                    return
                self._inner = self._make()
            piece = _guarded(self._inner.decompress, chunk, SLICE_BYTES)
            chunk = b""
            if piece:
                yield piece
            if self._inner.needs_input and not self._inner.eof:
                return


class _Stepped:
    """A library that cannot limit its output: it gets a few bytes at a time."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make
        self._inner = make()

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        for start in range(0, len(chunk), STEP_BYTES):
            step = chunk[start : start + STEP_BYTES]
            while step:
                if getattr(self._inner, "eof", False):
                    self._inner = self._make()
                piece = _guarded(self._inner.decompress, step)
                yield from slices(piece)
                step = getattr(self._inner, "unused_data", b"")


class _Brotli:
    """`brotli` and `brotlicffi`; since 1.2 they can limit their output."""

    def __init__(self, library: Any) -> None:
        self._inner = library.Decompressor()
        self._bounded = hasattr(self._inner, "can_accept_more_data")
        self._run = getattr(self._inner, "process", None) or self._inner.decompress

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        if not self._bounded:
            for start in range(0, len(chunk), STEP_BYTES):
                yield from slices(_guarded(self._run, chunk[start : start + STEP_BYTES]))
            return
        while True:
            piece = _guarded(self._run, chunk, output_buffer_limit=SLICE_BYTES)
            if not piece:
                return
            chunk = b""  # the library holds what it has not read
            yield from slices(piece)


def _guarded(function: Callable[..., bytes], *arguments: Any, **options: Any) -> bytes:
    try:
        return function(*arguments, **options)
    except (MemoryError, RecursionError):
        raise
    except Exception as error:  # each library has its own error class
        raise CodingError(str(error)) from None


def _library(coding: str, names: Iterable[str]) -> Any:
    for name in names:
        try:
            return import_module(name)
        except ImportError:
            continue
    raise CodingError(
        f"The body is compressed with {coding}, and none of {', '.join(names)} is installed."
    )


def _brotli() -> Decompressor:
    return _Brotli(_library("br", ("brotli", "brotlicffi")))


def _zstd() -> Decompressor:
    library = _library("zstd", ("compression.zstd", "backports.zstd", "zstandard"))
    if library.__name__ == "zstandard":
        return _Stepped(lambda: library.ZstdDecompressor().decompressobj())
    return _Bounded(library.ZstdDecompressor)


_CODINGS: Final[dict[str, Callable[[], Decompressor]]] = {
    "gzip": lambda: _Zlib(zlib.MAX_WBITS | 16),
    "x-gzip": lambda: _Zlib(zlib.MAX_WBITS | 16),
    "deflate": _Deflate,
    "br": _brotli,
    "zstd": _zstd,
}
