"""A parser for JSON that is still arriving: the value so far, as Python values.

Each character is read once, however the text is cut. Invalid JSON never raises: the scanner stops
there and keeps the value that it has. Pure.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from enum import Enum, auto
from typing import cast

from ..characters import clean
from ..ops import Json

DEPTH = 200
"""Deepest nesting that is parsed: a recursive copy must not exhaust the stack."""

Path = tuple["str | int", ...]

_SPACE = re.compile(r"[ \t\n\r]*")
_NO_QUOTE = re.compile(r'[^"\\]*')
_NUMBER_CHARS = re.compile(r"[-+.0-9eE]*")
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?")
_ESCAPES = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_LITERALS: dict[str, tuple[str, Json]] = {
    "t": ("true", True),
    "f": ("false", False),
    "n": ("null", None),
}


class _State(Enum):
    VALUE = auto()
    FIRST_ITEM = auto()  # a value, or the end of an empty array
    FIRST_KEY = auto()  # a key, or the end of an empty object
    KEY = auto()
    COLON = auto()
    AFTER = auto()  # a comma, or the end of the container
    STRING = auto()
    NUMBER = auto()
    LITERAL = auto()
    DONE = auto()
    FAILED = auto()


class PartialJson:
    """Scans one JSON value as its text arrives.

    `value` is the value so far: containers hold the members that have arrived, a key without its
    value is left out, and the last scalar may be incomplete; `open_path` locates it.
    """

    def __init__(self) -> None:
        self._state = _State.VALUE
        self._root: Json = None
        self._stack: list[list[Json] | dict[str, Json]] = []
        self._keys: list[str] = []
        """The current key of each object on the stack; "" for arrays."""
        self._pieces: list[str] = []
        self._escape = ""
        self._is_key = False
        self._literal: tuple[str, Json] = ("", None)
        self._has_slot = False
        """True if the unfinished scalar is already the last item of its array."""

    @property
    def failed(self) -> bool:
        """True if the text so far is not the beginning of one JSON value."""
        return self._state is _State.FAILED

    @property
    def value(self) -> Json:
        """A copy of the value so far; None before anything has come."""
        self._attach_so_far()
        return cast("Json", json.loads(json.dumps(self._root)))

    @property
    def open_path(self) -> Path | None:
        """Where the scalar stands that may still grow, by keys and indices; None: there is none."""
        if self._so_far() is None:
            return None
        path: list[str | int] = []
        for at, container in enumerate(self._stack):
            is_last = at == len(self._stack) - 1
            if isinstance(container, dict):
                path.append(self._keys[at])
            else:
                path.append(len(container) - (0 if is_last and not self._has_slot else 1))
        return tuple(path)

    def feed(self, text: str, /) -> None:
        """Scan more of the text."""
        at = 0
        while at < len(text) and self._state is not _State.FAILED:
            at = _STEP[self._state](self, text, at)

    def flush(self) -> None:
        """End the text: a number at its end is complete."""
        if self._state is _State.NUMBER:
            self._end_number()

    # --- between scalars

    def _fail(self) -> None:
        self._attach_so_far()
        self._state = _State.FAILED

    def _expect_value(self, text: str, at: int) -> int:
        at = _after_space(text, at)
        if at == len(text):
            return at
        char = text[at]
        if char == '"':
            self._begin(_State.STRING)
        elif char in "-0123456789":
            self._begin(_State.NUMBER)
            return at  # the digit belongs to the number
        elif char in _LITERALS:
            self._begin(_State.LITERAL)
            self._literal = _LITERALS[char]
            return at
        elif char in "{[":
            self._open({} if char == "{" else [])
        elif char == "]" and self._state is _State.FIRST_ITEM:
            self._close()
        else:
            self._fail()
        return at + 1

    def _expect_key(self, text: str, at: int) -> int:
        at = _after_space(text, at)
        if at == len(text):
            return at
        if text[at] == '"':
            self._begin(_State.STRING)
            self._is_key = True
        elif text[at] == "}" and self._state is _State.FIRST_KEY:
            self._close()
        else:
            self._fail()
        return at + 1

    def _expect_colon(self, text: str, at: int) -> int:
        at = _after_space(text, at)
        if at < len(text):
            if text[at] == ":":
                self._state = _State.VALUE
            else:
                self._fail()
        return at + 1

    def _expect_more(self, text: str, at: int) -> int:
        at = _after_space(text, at)
        if at == len(text):
            return at
        is_object = isinstance(self._stack[-1], dict)
        if text[at] == ",":
            self._state = _State.KEY if is_object else _State.VALUE
        elif text[at] == ("}" if is_object else "]"):
            self._close()
        else:
            self._fail()
        return at + 1

    def _expect_nothing(self, text: str, at: int) -> int:
        at = _after_space(text, at)
        if at < len(text):
            self._fail()
        return at + 1

    # --- containers

    def _open(self, container: list[Json] | dict[str, Json]) -> None:
        if len(self._stack) >= DEPTH:
            return self._fail()
        self._attach(container, done=True)
        self._stack.append(container)
        self._keys.append("")
        is_object = isinstance(container, dict)
        self._state = _State.FIRST_KEY if is_object else _State.FIRST_ITEM
        return None

    def _close(self) -> None:
        self._stack.pop()
        self._keys.pop()
        self._state = _State.AFTER if self._stack else _State.DONE

    def _attach(self, value: Json, *, done: bool) -> None:
        """Put a value into its container; if it is not done, a longer one replaces it later."""
        if not self._stack:
            self._root = value
        elif isinstance(container := self._stack[-1], dict):
            container[self._keys[-1]] = value
        elif self._has_slot:
            container[-1] = value
        else:
            container.append(value)
        self._has_slot = not done and bool(self._stack) and isinstance(self._stack[-1], list)

    # --- scalars

    def _begin(self, state: _State) -> None:
        self._state = state
        self._pieces.clear()
        self._is_key = False

    def _end(self, value: Json) -> None:
        self._attach(value, done=True)
        self._state = _State.AFTER if self._stack else _State.DONE

    def _so_far(self) -> Json:
        """Return the value of the unfinished string or number; None if there is none yet.

        It depends on the text only: reading it in between must not change the result.
        """
        if self._state is _State.NUMBER:
            match = _NUMBER.match(self._text())
            return _number(match[0]) if match else None
        if self._state is not _State.STRING or self._is_key:
            return None
        text = self._text()
        return clean(text[:-1] if text and "\ud800" <= text[-1] <= "\udbff" else text)

    def _attach_so_far(self) -> None:
        value = self._so_far()
        if value is not None:
            self._attach(value, done=False)

    def _text(self) -> str:
        if len(self._pieces) > 1:
            self._pieces[:] = ["".join(self._pieces)]
        return self._pieces[0] if self._pieces else ""

    def _in_string(self, text: str, at: int) -> int:
        if self._escape:
            return self._in_escape(text, at)
        match = _NO_QUOTE.match(text, at)
        stop = match.end() if match else at
        if stop > at:
            self._pieces.append(text[at:stop])
        if stop < len(text):
            if text[stop] == "\\":
                self._escape = "\\"
            else:
                self._end_string()
        return stop + 1

    def _in_escape(self, text: str, at: int) -> int:
        self._escape += text[at]
        if self._escape[1] != "u":
            if (char := _ESCAPES.get(self._escape[1])) is None:
                self._fail()
            else:
                self._pieces.append(char)
            self._escape = ""
        elif len(self._escape) == 6:
            try:
                self._pieces.append(chr(int(self._escape[2:].replace("_", "x"), 16)))
            except ValueError:
                self._fail()
            self._escape = ""
        return at + 1

    def _end_string(self) -> None:
        text = clean(self._text())
        if self._is_key:
            self._keys[-1] = text
            self._state = _State.COLON
            self._is_key = False
        else:
            self._end(text)

    def _in_number(self, text: str, at: int) -> int:
        match = _NUMBER_CHARS.match(text, at)
        stop = match.end() if match else at
        if stop > at:
            self._pieces.append(text[at:stop])
        if stop < len(text):
            self._end_number()
        return stop

    def _end_number(self) -> None:
        text = self._text()
        if _NUMBER.fullmatch(text):
            self._end(_number(text))
        else:
            self._fail()

    def _in_literal(self, text: str, at: int) -> int:
        word, value = self._literal
        have = len(self._text())
        more = text[at : at + len(word) - have]
        if not word.startswith(more, have):
            self._fail()
            return at
        self._pieces.append(more)
        if have + len(more) == len(word):
            self._end(value)
        return at + len(more)


def _after_space(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _number(text: str) -> Json:
    try:
        return float(text) if any(char in ".eE" for char in text) else int(text)
    except ValueError:  # more digits than Python converts
        return float(text)


_STEP: dict[_State, Callable[[PartialJson, str, int], int]] = {
    _State.VALUE: PartialJson._expect_value,
    _State.FIRST_ITEM: PartialJson._expect_value,
    _State.FIRST_KEY: PartialJson._expect_key,
    _State.KEY: PartialJson._expect_key,
    _State.COLON: PartialJson._expect_colon,
    _State.AFTER: PartialJson._expect_more,
    _State.DONE: PartialJson._expect_nothing,
    _State.STRING: PartialJson._in_string,
    _State.NUMBER: PartialJson._in_number,
    _State.LITERAL: PartialJson._in_literal,
}
