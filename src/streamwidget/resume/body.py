"""Decodes the response bodies of one stream and keeps the position. No I/O.

A position becomes valid when the events before it have been applied (`commit`).
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from ..events import Event, Outcome, RunEnd
from ..io.http_errors import Head
from ..io.reader import Reader, finish
from ..io.source import Context
from ..phrases import counted
from .keys import Key
from .position import Position
from .seam import Seam, resumed_framings, whole_characters
from .track import Track

if TYPE_CHECKING:
    from .design import Ask, Design


class Body:
    """The response bodies of one stream, one after another."""

    @property
    def ended(self) -> bool:
        """True once the end marker was read."""
        raise NotImplementedError

    @property
    def byte_count(self) -> int:
        """Bytes of all bodies so far."""
        raise NotImplementedError

    @property
    def over(self) -> bool:
        """True once the server said, without an end marker, that the stream is over."""
        return False

    @property
    def can_continue(self) -> bool:
        """True if another body can follow."""
        return True

    @property
    def has_begun(self) -> bool:
        """True if a record has begun that is not whole."""
        return False

    @property
    def filled_count(self) -> int:
        """New records that were not empty, or new bytes where there are no records."""
        return 0

    @property
    def amount(self) -> str:
        """The amount received, in words; "" for nothing."""
        raise NotImplementedError

    @property
    def retry_s(self) -> float:
        """Seconds that the server asked to wait before a reconnect; 0 if it did not."""
        return 0.0

    @property
    def missing_count(self) -> int:
        """Events that the server skipped when it continued."""
        return 0

    @property
    def glimpse(self) -> str:
        """The beginning of the very first record, while it is not whole."""
        return ""

    def position(self) -> Position:
        """Return the committed position."""
        return Position()

    def feed(self, chunk: bytes) -> list[Event]:
        """Return the events of a chunk."""
        raise NotImplementedError

    def commit(self) -> None:
        """Accept the position: all events so far were applied."""

    def body_over(self) -> list[Event]:
        """Return the events that the end of the present body completes: it ended cleanly."""
        return []

    def outcome(self) -> Outcome:
        """Return what an end of the stream would mean after `body_over`; changes nothing."""
        raise NotImplementedError

    def end(self) -> list[Event]:
        """Return the events that were held back, and the `RunEnd`."""
        raise NotImplementedError

    def restart(self, ask: Ask, head: Head) -> None:
        """Begin another body, the response to `ask`; call it only if `can_continue`."""
        raise NotImplementedError

    @property
    def is_settled(self) -> bool:
        """True if the position has all events that were applied."""
        return True

    def continue_at(self, place: Position, key: Key | None, ask: Ask) -> None:
        """Make the first body, the response to `ask`, continue what another process read up to
        `place`; `key` is that of the last record before."""


class OnlyBody(Body):
    """The body of a stream without a resume design."""

    @property
    def can_continue(self) -> bool:
        return False

    def __init__(self, name: str, context: Context, head: Head, seam: Seam | None = None) -> None:
        self.reader = Reader(
            name,
            context,
            head.content_type,
            None if seam is None else resumed_framings(seam),
            page_error=head.page_error,
            redaction=head.redaction,
        )
        self._name = name

    @property
    def ended(self) -> bool:
        return self.reader.ended

    @property
    def byte_count(self) -> int:
        return self.reader.byte_count

    def feed(self, chunk: bytes) -> list[Event]:
        return self.reader.feed(chunk)

    def body_over(self) -> list[Event]:
        return self.reader.body_over()

    def outcome(self) -> Outcome:
        return self.reader.pipeline.outcome()

    def end(self) -> list[Event]:
        return finish(self.reader, self._name)


class RecordsBody(OnlyBody):
    """Bodies that hold records, or plain text."""

    def __init__(self, name: str, context: Context, design: Design, head: Head) -> None:
        key = design.first_key()
        kept = context.limits.kept_events_count
        self._seam = Seam(
            design,
            Track(key, ordered=design.ordered, kept_count=kept),
            key if isinstance(key, str) and not design.ordered else "",
        )
        super().__init__(name, context, head, self._seam)
        self._ordered, self._kept_count = design.ordered, kept
        self._counts = design.counts
        self._marked = design.marked
        self._unread = b""  # bytes not counted yet: of plain text, or while the framing is unknown
        self._position = self._seam.position

    @property
    def has_begun(self) -> bool:
        return self._seam.pending.byte_count > 0 or bool(self._unread)

    @property
    def can_continue(self) -> bool:
        return self.reader.pipeline.can_restart

    @property
    def filled_count(self) -> int:
        return self._seam.filled_count or (self._seam.taken.byte_count if self._is_text else 0)

    @property
    def amount(self) -> str:
        count = self._seam.track.count
        if count or not self._is_text:
            return counted(count, "event") if count else ""
        byte_count = self._seam.taken.byte_count
        return f"{byte_count:,} bytes" if byte_count else ""

    @property
    def retry_s(self) -> float:
        return self._seam.retry_s

    @property
    def missing_count(self) -> int:
        return self._seam.track.missing_count if self._counts else 0

    @property
    def glimpse(self) -> str:
        return self._seam.glimpse.decode(errors="replace")

    @property
    def _is_text(self) -> bool:
        return self.reader.pipeline.framing == "text"

    def position(self) -> Position:
        return self._position

    def feed(self, chunk: bytes) -> list[Event]:
        events = self.reader.feed(chunk)
        if self.reader.pipeline.framing in (None, "text"):
            self._unread += chunk
            if self._is_text:
                self._count_text()
        else:
            self._unread = b""
        return events

    def commit(self) -> None:
        self._position = self._seam.position

    def outcome(self) -> Outcome:
        half = self.reader.pipeline.framing == "sse" and self.has_begun
        if half or not self.byte_count or (self._marked and not self._seam.track.count):
            return "cut"
        outcome = super().outcome()
        return "cut" if self._marked and outcome == "complete" else outcome

    def end(self) -> list[Event]:
        events = super().end()
        return [_as_cut(event) for event in events] if self._marked else events

    def restart(self, ask: Ask, head: Head) -> None:
        del head
        self.reader.restart()
        self._unread = b""
        self._seam.drop()
        self._seam.track.resume(from_start=ask.start == "from-start", exact=ask.start == "exact")

    def continue_at(self, place: Position, key: Key | None, ask: Ask) -> None:
        if ask.start == "from-start":
            return
        track = Track(key, ordered=self._ordered, kept_count=self._kept_count)
        track.resume(exact=ask.start == "exact")
        self._seam.continue_at(place, track)
        self.commit()

    def _count_text(self) -> None:
        whole = whole_characters(self._unread)
        text, self._unread = self._unread[:whole], self._unread[whole:]
        self._seam.taken.add(text)


def _as_cut(event: Event) -> Event:
    """Return a `RunEnd` as `cut`: without the end marker the stream is incomplete."""
    if isinstance(event, RunEnd) and event.outcome == "complete":
        return dataclasses.replace(event, outcome="cut")
    return event
