"""Find the end of a JSON object or array that arrives in pieces.

Some servers repeat the arguments of a call once they are complete, and the repetition must not be
appended. Each character is read once. Pure.
"""

from __future__ import annotations

import re
from typing import Final

_STRUCTURE: Final = re.compile(r'["\\{}\[\]]')
_IN_STRING: Final = re.compile(r'["\\]')


class JsonEnd:
    """Scans pieces of text; `reached` is True once they form one complete object or array."""

    __slots__ = ("_depth", "_escaped", "_in_string", "_started", "reached")

    def __init__(self) -> None:
        self.reached = False
        self._started = False
        self._depth = 0
        self._in_string = False
        self._escaped = False
        """True if the last piece ended with a backslash, which escapes the next character."""

    @property
    def in_string(self) -> bool:
        """True if the pieces so far end inside a string."""
        return self._in_string

    def feed(self, text: str) -> None:
        """Scan the next piece."""
        at, self._escaped = int(self._escaped), False
        if not self._started:
            text = text.lstrip()
            if not text:
                return
            self._started = True
            if text[0] not in "{[":
                self._depth = 1  # a scalar or not JSON: its end cannot be detected
        while not self.reached:
            match = (_IN_STRING if self._in_string else _STRUCTURE).search(text, at)
            if match is None:
                return
            at = match.end()
            self._step(match[0])
            if self._escaped and at < len(text):
                self._escaped = False
                at += 1

    def _step(self, character: str) -> None:
        if character == '"':
            self._in_string = not self._in_string
        elif character == "\\":
            self._escaped = True
        elif character in "{[":
            self._depth += 1
        else:
            self._depth -= 1
            self.reached = self._depth == 0
