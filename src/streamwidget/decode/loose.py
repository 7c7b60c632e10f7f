"""Framings that servers write almost right, and text in their place, read as they were meant. Pure.

| what a server sends | what it means |
|---|---|
| `data: data: {...}`, an event inside an event | the inner event |
| `data: {...}` lines without blank lines between them | an event for each line |
| `data: "{\\"text\\": ...}"`, JSON in a JSON string, from the first event on | the inner JSON |
| `{...}{...}` in one line | two values |
| `Internal Server Error`, an HTML page | a failure |

What looks like JSON but is not stays as it is.
"""

from __future__ import annotations

import html
import re
from typing import Any, Final

from ..errors import LimitError
from ..limits import Limits
from .json_array import JsonArrayDecoder
from .lines import LineDecoder
from .records import NO_JSON, Record, parse, record_of_event, record_of_line
from .sse import SSEDecoder

_NESTED: Final = re.compile(r'(?:event: ?\S+\s*\n)?data: ?[{\["]')
_DONE: Final = "[DONE]"
_ERROR_TEXT: Final = re.compile(
    r"\W{0,3}(?:error|exception|fatal|traceback|internal server error|bad gateway|"
    r"service unavailable|gateway time-?out|upstream connect error|<!doctype html|<html)\b",
    re.IGNORECASE,
)
_TITLE: Final = re.compile(r"<title[^<>]*>([^<]*)", re.IGNORECASE)


class LooseEvents:
    """Finds the records in the data of events that is not a JSON object."""

    def __init__(self) -> None:
        self._is_encoded: bool | None = None
        """True if the data is JSON in a JSON string; None before the first event."""

    def records(self, data: str, value: Any, name: str, id_: str) -> list[Record] | None:
        """Return the records in an event's data; None if it is as it should be."""
        if type(value) is str:
            return self._decoded(value, name, id_)
        self._is_encoded = bool(self._is_encoded)
        if value is not NO_JSON:
            return None
        if _NESTED.match(data):
            return _nested(data)
        if data[:1] != "{" or "}" not in data:
            return None
        return joined_values(data) if "\n" in data else split_values(data)

    def _decoded(self, value: str, name: str, id_: str) -> list[Record] | None:
        inner = parse(value) if value[:1] == "{" and self._is_encoded is not False else NO_JSON
        is_object = isinstance(inner, dict) and bool(inner)
        if self._is_encoded is None:
            self._is_encoded = is_object
        return [Record(value, inner, name, id_)] if is_object else None


def _nested(data: str) -> list[Record] | None:
    """Return the records of the events in the data of an event, as frameworks send them that frame
    what is framed already."""
    try:
        events = SSEDecoder().feed(f"{data}\n\n".encode(errors="replace"))
    except LimitError:
        return None
    records = [record_of_event(event) for event in events]
    return records if records and all(map(_is_whole, records)) else None


def joined_values(data: str) -> list[Record] | None:
    """Return the records of lines that are each a JSON object or `[DONE]`; None otherwise."""
    records = [record_of_line(line.strip()) for line in data.split("\n") if line.strip()]
    return records if len(records) > 1 and all(map(_is_whole, records)) else None


def split_values(line: str) -> list[Record] | None:
    """Return the records of several JSON objects in one line; None if it is anything else."""
    if line.lstrip()[:1] != "{":
        return None
    decoder = JsonArrayDecoder()
    try:
        texts = [*decoder.feed(line.encode(errors="replace")), *decoder.flush()]
    except LimitError:
        return None
    records = [record_of_line(text) for text in texts]
    return records if len(records) > 1 and all(map(_is_whole, records)) else None


def _is_whole(record: Record) -> bool:
    return isinstance(record.value, dict) or record.data.strip() == _DONE


class DataLines:
    """Server-sent events without blank lines: each `data` line is an event."""

    def __init__(self, limits: Limits, lines: list[str], rest: bytes) -> None:
        """`lines` are the data lines so far, `rest` the beginning of the next line."""
        self._decoder = LineDecoder(limits=limits)
        self._first = [record_of_line(line) for line in lines]
        self._rest = rest

    def feed(self, piece: bytes) -> list[Record]:
        """Return the records of the lines that this piece completed."""
        first, self._first = self._first, []
        piece, self._rest = self._rest + piece, b""
        return [*first, *_of_lines(self._decoder.feed(piece))]

    def flush(self) -> list[Record]:
        """Return the record of the last line, which has no line end."""
        return [*self.feed(b""), *_of_lines(self._decoder.flush())]


def data_lines(decoder: SSEDecoder, limits: Limits) -> DataLines | None:
    """Return the reader that continues after `decoder`, if its events have no blank lines."""
    lines = decoder.open_data
    if len(lines) < 2 or not isinstance(parse(lines[0]), dict) or lines[1][:1] != "{":
        return None
    return DataLines(limits, list(lines), decoder.take_rest())


def _of_lines(lines: list[str]) -> list[Record]:
    return [
        record_of_line(line.removeprefix("data:").removeprefix(" "))
        for line in lines
        if line.startswith("data:")
    ]


def record_of_text(text: str) -> Record:
    """Return the record of text between events: named an error if it reads like one."""
    if _ERROR_TEXT.match(text) is None:
        return Record(text, NO_JSON)
    return Record(title_of(text) or text, NO_JSON, "error")


def title_of(text: str) -> str:
    """Return the title of an HTML page; "" if it has none."""
    match = _TITLE.search(text)
    return " ".join(html.unescape(match[1]).split()) if match else ""
