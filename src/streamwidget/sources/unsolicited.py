"""Messages that the peer of a chat sends while no question is open: they belong to no answer.

They are counted, and the first of them are kept for the log of the next answer. Must not know
connections.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from ..characters import clean
from ..events import Event, LogLine, Notice
from ..phrases import counted

KEPT_CHARS: Final = 64 * 1024
"""Characters of such messages that are kept; a peer could send them without end."""
KEPT_COUNT: Final = 1_000
"""Messages that are kept, for those that are empty."""
_LOGGER: Final = "websocket"


class Unsolicited:
    """The messages that have arrived since the last question was answered."""

    def __init__(self) -> None:
        self.count = 0
        """Number of the messages, those that are not kept included."""
        self._kept: list[str] = []
        self._chars = 0

    def note(self, message: str | bytes, has_meaning: Callable[[str | bytes], bool]) -> None:
        """Count a message and keep it, unless it means nothing, as a heartbeat."""
        try:
            if not has_meaning(message):
                return
        except Exception:  # the user's `decode`, which expects the messages of an answer
            pass
        self.count += 1
        if isinstance(message, str):
            text = clean(message)
        else:
            text = f"binary message, {len(message):,} bytes"
        is_full = len(self._kept) < self.count - 1 or len(self._kept) >= KEPT_COUNT
        if not is_full and self._chars + len(text) <= KEPT_CHARS:
            self._kept.append(text)
            self._chars += len(text)

    def take(self) -> list[Event]:
        """Return one notice and the lines of the log, and forget the messages."""
        if not self.count:
            return []
        lines = [LogLine(text, logger=_LOGGER) for text in self._kept]
        notice = Notice(f"{_arrived(self.count)}. {_where(self.count, len(lines))}")
        self.count, self._kept, self._chars = 0, [], 0
        return [notice, *lines]


def _arrived(count: int) -> str:
    return f"{counted(count, 'message')} arrived while no question was open"


def _where(count: int, kept_count: int) -> str:
    if kept_count == count:
        return f"{'It is' if count == 1 else 'They are'} in the log, not in an answer."
    return f"The first {kept_count:,} are in the log, and no message is in an answer."
