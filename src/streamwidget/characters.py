"""Repair of surrogates, and the width of text: pure.

JSON and JavaScript allow surrogates in a string, but UTF-8 cannot carry them. Servers that cut text
by UTF-16 units send the halves of an emoji in two deltas. Python keeps the halves as separate
characters, which cannot be sent, saved or printed.
"""

from __future__ import annotations

import dataclasses
import unicodedata
from typing import TypeVar

E = TypeVar("E")
REPLACEMENT = "\ufffd"
_NAMES = frozenset({"columns"})
"""Fields that are tuples of names."""


def clean(text: str) -> str:
    """Return `text` with surrogate pairs joined and lone surrogates replaced by U+FFFD."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def character_width(character: str) -> int:
    """Return the columns of a character in text of fixed width; 0 if it joins the previous one."""
    if character.isascii():
        return 1
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def text_width(text: str) -> int:
    """Return the columns of a line in text of fixed width."""
    return len(text) if text.isascii() else sum(map(character_width, text))


def clean_event(event: E) -> E:
    """Return `event`, a dataclass, with all its text fields clean."""
    dirty: dict[str, object] = {
        field.name: clean(value)
        for field in dataclasses.fields(event)  # type: ignore[arg-type]
        if isinstance(value := getattr(event, field.name), str) and clean(value) is not value
    }
    for name in _NAMES & {field.name for field in dataclasses.fields(event)}:  # type: ignore[arg-type]
        value = getattr(event, name)
        if not all(map(str.isascii, value)):
            dirty[name] = tuple(map(clean, value))
    return dataclasses.replace(event, **dirty) if dirty else event  # type: ignore[type-var]


class WholeCharacters:
    """A decoder from deltas to clean deltas: a half character at the end waits for its other
    half."""

    def __init__(self) -> None:
        self._half = ""

    def feed(self, text: str, /) -> str:
        """Return the text that is complete now; may be empty."""
        if self._half:
            text, self._half = self._half + text, ""
        if text and "\ud800" <= text[-1] <= "\udbff":
            text, self._half = text[:-1], text[-1]
        return clean(text)

    def flush(self) -> str:
        """Return U+FFFD for a half without its other half, else ""."""
        half, self._half = self._half, ""
        return REPLACEMENT if half else ""
