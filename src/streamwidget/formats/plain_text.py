"""Plain text: a stage from bytes to events, without records. Pure."""

from __future__ import annotations

from ..decode.chain import replaced_failure
from ..decode.records import NewId
from ..decode.text_decoder import TextDecoder
from ..events import Event, Outcome
from .text import TextFormat


class PlainText:
    """Text in any character encoding."""

    def __init__(self, new_id: NewId, charset: str) -> None:
        self._charset = charset
        self._framing = TextDecoder(charset)
        self._format = TextFormat(new_id)
        self._warned = False
        self._char_count = 0
        self._begun = False

    def restart(self) -> None:
        """Continue with another body; half a character at the end of the last one is dropped."""
        self._begun = self._begun or self._char_count > 0
        self._framing = TextDecoder(self._charset)
        self._char_count = 0
        if self._begun and self._charset.lower().replace("-", "") == "utf8":
            self._framing.feed(b"-")  # a U+FEFF from here on is text and not a byte order mark

    def feed(self, piece: bytes, /) -> list[Event]:
        """Return the text that this piece completed."""
        return self._texts(self._framing.feed(piece))

    def flush(self) -> list[Event]:
        """Return the text still held back, and the end of the run."""
        return [*self._texts(self._framing.flush()), *self._format.flush()]

    def outcome(self) -> Outcome:
        """Return how the run would end without further bytes: text has no end marker."""
        return "complete"

    def rest(self) -> list[Event]:
        """Return the text still held back."""
        return self._texts(self._framing.flush())

    def _texts(self, texts: list[str]) -> list[Event]:
        events: list[Event] = []
        for text in texts:
            before = self._char_count
            self._char_count += len(text)
            replaced = self._framing.first_replaced
            if replaced is not None and not self._warned:
                self._warned = True
                at = replaced.results_before - before
                events += [*self._format.feed(text[:at]), replaced_failure(replaced)]
                text = text[at:]
            events += self._format.feed(text)
        return events
