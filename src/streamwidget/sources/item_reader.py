"""Items of an iterator to events: bytes, text, lines, dicts, or events.

Pure. The first items decide how all are read. Text that is clearly a stream (from `iter_lines()` or
`iter_text()` of HTTP clients, or a server's generator) is decoded like its bytes; lines without
line ends get them back.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Final, Literal

from ..errors import ResponseError
from ..events import Event
from ..io.decompress import SLICE_BYTES, slices
from ..io.reader import Reader, as_bytes, finish
from ..io.source import Context
from .items import Items, empty_message

_FIELD: Final = re.compile(r"(?:data|event|id|retry):|: |:\Z")
_JSON_DATA: Final = re.compile(r"data: ?[{\[]")
_WHOLE_DATA: Final = re.compile(r"data: ?(?:\{.*\}|\[DONE\])\s*\Z")
_BLANK: Final = re.compile(r"\n\r?\n|\r\r")


class ItemReader:
    """Turns the items of one iterator into batches of events."""

    def __init__(
        self,
        context: Context,
        name: str,
        reader: Reader | None = None,
        *,
        takes_text: bool = True,
    ) -> None:
        """`reader` is set if the items are known to be bytes, or also text if `takes_text`."""
        self._context = context
        self._name = name
        self._reader = reader
        self._takes_text = takes_text
        self._items: Items | None = None
        self._held: list[str] = []
        """Text that may be the first line of a stream."""
        self._ends = _LineEnds()
        context.holds(self._rest)

    def _rest(self) -> list[Event]:
        """Return the text that may be the first line of a stream, for a run that ends there."""
        if self._reader is not None or not self._held:
            return []
        return [event for batch in self._as_items() for event in batch]

    def feed(self, item: object) -> Iterable[list[Event]]:
        """Return the events of one item, in batches of bounded work. An item of None is skipped.

        Raises (also while iterating):
            UsageError: the type of the item is not supported.
            LimitError: a record is longer than `Limits.record_bytes`.
        """
        if type(item) is bytes and self._ends.are_chunks and len(item) <= SLICE_BYTES:
            assert self._reader is not None
            return (self._reader.feed(item),)
        if type(item) is str and self._items is not None:
            return (self._items.feed(item),)
        if isinstance(item, tuple) and len(item) == 2 and _is_chunk(*item):
            item = item[0]  # of `iter_chunks` of aiohttp
        return () if item is None else self._batches(item)

    def _batches(self, item: object) -> Iterator[list[Event]]:
        if self._reader is None and self._items is None:
            yield from self._first(item)
        elif self._reader is not None:
            yield from self._bytes(item)
        else:
            assert self._items is not None
            yield self._items.feed(item)

    def end(self) -> list[Event]:
        """Return the last events, once the iterator is exhausted.

        Raises:
            ResponseError: the iterator yielded nothing.
        """
        if self._reader is not None:
            return finish(self._reader, self._name)
        held = [event for batch in self._as_items() for event in batch]
        assert self._items is not None
        if not self._items.count:
            raise ResponseError(empty_message(self._name))
        return [*held, *self._items.end()]

    def _first(self, item: object) -> Iterator[list[Event]]:
        """Decide by the first items; hold back text that is still ambiguous."""
        if isinstance(item, (bytes, bytearray, memoryview)):
            yield from self._as_bytes(item)
        elif not isinstance(item, str) or self._context.format == "text":
            yield from self._as_items(item)
        elif not item and not any(self._held):
            self._held.append(item)
        elif any(self._held):
            both_lines = is_next_line(self._held[-1], item)
            yield from self._as_bytes(item) if both_lines else self._as_items(item)
        elif is_stream_text(item):
            yield from self._as_bytes(item)
        elif is_line(item):
            self._held.append(item)
        else:
            yield from self._as_items(item)

    def _as_bytes(self, item: object) -> Iterator[list[Event]]:
        self._reader = Reader(self._name, self._context, None)
        for text in filter(None, self._held):
            yield from self._bytes(text)
        yield from self._bytes(item)

    def _as_items(self, *items: object) -> Iterator[list[Event]]:
        self._items = self._items or Items(self._context, self._name)
        held, self._held = self._held, []
        for item in (*held, *items):
            yield self._items.feed(item)

    def _bytes(self, item: object) -> Iterator[list[Event]]:
        assert self._reader is not None
        if isinstance(item, str) and self._takes_text:
            item = item.encode(errors="replace")
        chunk = as_bytes(item, self._name)
        for piece in slices(self._ends.feed(chunk)):
            yield self._reader.feed(piece)


def _is_chunk(item: object, is_end: object) -> bool:
    return isinstance(item, bytes) and isinstance(is_end, bool)


class _LineEnds:
    """Restores the line ends that an iterator of lines has removed.

    Where it has removed blank lines too, each line of whole JSON data is an event.
    """

    def __init__(self) -> None:
        self.are_chunks = False
        """True once it is known that items are pieces of any size, not lines."""
        self._mode: Literal["first", "second", "lines", "chunks"] = "first"
        self._line = ""
        self._has_blanks = False
        self._has_data = False
        """True if the event that is open has data."""

    def feed(self, chunk: bytes) -> bytes:
        self.are_chunks = self._mode == "chunks"
        match self._mode:
            case "first":
                if chunk:
                    self._line = chunk[:65536].decode(errors="replace")
                    bare = is_line(self._line) and not chunk.endswith((b"\n", b"\r"))
                    self._mode = "second" if bare else "chunks"
            case "second":
                text = chunk[:65536].decode(errors="replace")
                self._mode = "lines" if is_next_line(self._line, text) else "chunks"
                if self._mode == "lines":
                    self._ended(self._line)
                    return b"\n" + self._ended(text) + chunk + b"\n"
            case "lines":
                text = chunk[:65536].decode(errors="replace")
                return self._ended(text) + chunk + (b"" if chunk.endswith(b"\n") else b"\n")
        return chunk

    def _ended(self, line: str) -> bytes:
        """Return the blank line that is missing before `line`."""
        if not line.strip("\r\n"):
            self._has_blanks, self._has_data = True, False
            return b""
        is_data = line.startswith("data:")
        begins = line.startswith(("event:", "id:")) or (is_data and _WHOLE_DATA.match(line))
        is_missing = self._has_data and begins and not self._has_blanks
        self._has_data = is_data or (self._has_data and not is_missing)
        return b"\n" if is_missing else b""


def is_stream_text(text: str) -> bool:
    """True if `text` certainly begins a stream: a complete SSE event, or lines of JSON."""
    if _FIELD.match(text):
        return _JSON_DATA.match(text) is not None or _BLANK.search(text) is not None
    lines = text.split("\n")
    return len(lines) > 2 and all(_is_json_object(line) for line in lines[:2])


def is_line(text: str) -> bool:
    """True if `text` could be one complete line of a stream, with or without its line end."""
    text = text.removesuffix("\n").removesuffix("\r")
    if "\n" in text or "\r" in text:
        return False
    if _JSON_DATA.match(text):
        return _is_json(text[5:])
    return _FIELD.match(text) is not None or _is_json_object(text)


def is_next_line(line: str, text: str) -> bool:
    """True if `text` must be the line after `line` and cannot continue it."""
    if _FIELD.match(line):
        return not text or _FIELD.match(text) is not None
    return _is_json_object(text)


def _is_json_object(text: str) -> bool:
    return text.lstrip()[:1] == "{" and _is_json(text)


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
