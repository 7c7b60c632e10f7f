"""Reasoning that a model writes as tags in its text: `<think>...</think>`. Pure.

Servers without a parser for their model pass the tags on. They are read at the very beginning of a
text only, so that an answer about such tags stays as it is.
"""

from __future__ import annotations

import re
from typing import Final, Literal

_OPENINGS: Final = ("<think>", "<thinking>", "<thought>", "<reasoning>")
_CLOSING: Final = re.compile(r"</(?:think|thinking|thought|reasoning)>")
_LONGEST: Final = max(map(len, _OPENINGS)) + 1

Piece = tuple[Literal["text", "reasoning"], str]


def may_begin(text: str) -> bool:
    """True if a text that begins with `text` may begin with a tag."""
    return text.lstrip()[:1] == "<"


class ThinkTags:
    """Splits the pieces of a text that may begin with a tag into text and reasoning."""

    def __init__(self) -> None:
        self.is_over = False
        """True once the rest is text."""
        self._held = ""
        """The beginning of a tag."""
        self._where: Literal["before", "inside", "after"] = "before"
        self._is_leading = True
        """True while only line ends have come since the last tag."""

    def feed(self, text: str) -> list[Piece]:
        """Return the pieces that a further piece of the text completes."""
        text, self._held = self._held + text, ""
        if self._where == "after":
            return self._after(text)
        if self._where == "before":
            start = text.lstrip()
            opening = next((tag for tag in _OPENINGS if start.startswith(tag)), None)
            if opening is None:
                if any(tag.startswith(start) for tag in _OPENINGS):
                    self._held = text
                    return []
                return self._after(text, is_leading=False)
            self._where, text = "inside", start[len(opening) :]
        return self._inside(text)

    def _inside(self, text: str) -> list[Piece]:
        if self._is_leading:
            text = text.lstrip("\n")
            self._is_leading = not text
        match = _CLOSING.search(text)
        if match is not None:
            thought = text[: match.start()].rstrip("\n")
            return [("reasoning", thought), *self._after(text[match.end() :])]
        at = text.rfind("<", max(0, len(text) - _LONGEST))
        end = len(text) if at < 0 else at
        while end and text[end - 1] == "\n":  # line ends before the closing tag are not content
            end -= 1
        self._held = text[end:]
        return [("reasoning", text[:end])]

    def _after(self, text: str, *, is_leading: bool = True) -> list[Piece]:
        self._where = "after"
        text = text.lstrip("\n") if is_leading else text
        self.is_over = bool(text)
        return [("text", text)]

    def flush(self) -> list[Piece]:
        """Return what is held back, at the end of the text."""
        held, self._held = self._held, ""
        return [("reasoning" if self._where == "inside" else "text", held)] if held else []
