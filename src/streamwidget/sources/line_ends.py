"""Text that may be the lines of a stream, and the line ends that an iterator has removed. Pure."""

from __future__ import annotations

import json
import re
from typing import Final, Literal

_FIELD: Final = re.compile(r"(?:data|event|id|retry):|: |:\Z")
_JSON_DATA: Final = re.compile(r"data: ?[{\[]")
_WHOLE_DATA: Final = re.compile(r"data: ?(?:\{.*\}|\[DONE\])\s*\Z")
_BLANK: Final = re.compile(r"\n\r?\n|\r\r")


class LineEnds:
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
