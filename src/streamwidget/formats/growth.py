"""Detection of deltas and snapshots, for servers that do not declare which they send.

Some servers put the whole text so far into every delta. A text is taken for such a stream if its
second and its third piece each begin with all of the piece before. So a piece is held back until
the next one, only where it may be a snapshot; nearly every stream is known at its second piece.
Pure.
"""

from __future__ import annotations

from typing import Literal


class Growth:
    """Feed pieces of one text; each call returns what is new."""

    __slots__ = ("_held", "_whole", "mode")

    def __init__(self) -> None:
        self.mode: Literal["unknown", "deltas", "snapshots"] = "unknown"
        self._whole = ""
        """The text returned so far; empty once the pieces are known to be deltas."""
        self._held = ""
        """A piece that may be a snapshot."""

    def feed(self, piece: str) -> str:
        """Return the new text of the next piece."""
        if not piece or self.mode == "deltas":
            return piece
        if self.mode == "snapshots":
            return self._snapshot(piece)
        if not self._whole:
            self._whole = piece
            return piece
        if self._held and piece.startswith(self._held):
            self.mode, self._held = "snapshots", ""
            return self._snapshot(piece)
        if not self._held and may_be_snapshot(self._whole, piece):
            self._held = piece
            return ""
        held, self._held, self._whole = self._held, "", ""
        self.mode = "deltas"
        return held + piece

    def resolve(self, whole: str) -> str:
        """Return the piece that is held back if the whole text shows that it is a delta."""
        held, self._held = self._held, ""
        if not held or whole.startswith(held):
            return ""
        self.mode, self._whole = "deltas", ""
        return held

    def flush(self) -> str:
        """Return what is held back, once the text is over."""
        held, self._held = self._held, ""
        return self._snapshot(held) if held else ""

    def _snapshot(self, piece: str) -> str:
        whole = self._whole
        if whole.startswith(piece):
            return ""
        self._whole = piece
        return piece[len(whole) :] if piece.startswith(whole) else piece


def may_be_snapshot(whole: str, piece: str) -> bool:
    """True if `piece` is `whole` with more after it, and not `whole` several times (`haha`)."""
    if len(piece) <= len(whole) or not piece.startswith(whole):
        return False
    if not any(character.isalpha() for character in whole):
        return False
    return not (whole * (len(piece) // len(whole) + 1)).startswith(piece)
