"""Decodes the response bodies of one stream and keeps the position. No I/O.

A position becomes valid when the events before it have been applied (`commit`).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Protocol

from ..errors import TransportError
from ..events import Event, Outcome, RunEnd
from ..io.http_errors import Head
from ..io.reader import Reader, finish
from ..io.source import Context
from .by_characters import ResumableStream
from .cuts import whole_characters
from .design import Ask, Design
from .position import Position
from .stages import Seam, stages_of
from .track import Track


class Body(Protocol):
    """The response bodies of one stream, one after another."""

    @property
    def ended(self) -> bool:
        """True once the end marker was read."""

    @property
    def over(self) -> bool:
        """True once the server has ended the stream in another way than by the end marker."""

    @property
    def has_begun(self) -> bool:
        """True if a record has begun but is not complete."""

    @property
    def byte_count(self) -> int:
        """Bytes of all bodies so far."""

    @property
    def filled_count(self) -> int:
        """Number of new records that were not empty; of new bytes if there are no records."""

    @property
    def amount(self) -> str:
        """The amount received, in words."""

    @property
    def retry_s(self) -> float:
        """Seconds that the server asked to wait before a reconnect; 0 if it did not."""

    @property
    def missing_count(self) -> int:
        """Events that the server skipped when it continued."""

    def position(self) -> Position:
        """Return the committed position."""

    @property
    def glimpse(self) -> str:
        """The beginning of the very first record while it is incomplete."""

    def feed(self, chunk: bytes) -> list[Event]:
        """Return the events of a chunk."""

    def commit(self) -> None:
        """Accept the position: all events of `feed` were applied."""

    def outcome_now(self) -> Outcome:
        """Return the outcome if the bytes ended now; changes nothing."""

    def end(self) -> list[Event]:
        """Return the events that were held back, and the `RunEnd`."""

    def body_over(self) -> Sequence[Event]:
        """End the current body, which ended cleanly; return the events that were held back."""

    def go_on(self, ask: Ask, reply: Head) -> None:
        """Begin another body, the response to `ask`.

        Raises:
            TransportError: a stream of this kind cannot continue.
        """


class RecordsBody:
    """Response bodies of records or plain text."""

    over = False

    def __init__(
        self,
        name: str,
        context: Context,
        design: Design,
        reply: Head,
    ) -> None:
        key = design.first_key()
        kept = context.limits.kept_events_count
        self._seam = Seam(
            design,
            Track(key, ordered=design.ordered, kept_count=kept),
            key if isinstance(key, str) and not design.ordered else "",
        )
        if isinstance(design, ResumableStream):
            design.utf16_units = lambda: self._seam.taken.utf16_units
        self._counts = design.counts
        self._marked = design.marked
        content_type = reply.headers.get("content-type")
        self._reader = Reader(
            name,
            context,
            content_type,
            stages_of(self._seam),
            page_error=reply.page_error,
            redaction=reply.redaction,
        )
        self._name = name
        self._unread = b""  # bytes not counted yet: plain text, or the framing is still unknown
        self._position = self._seam.position

    @property
    def ended(self) -> bool:
        return self._reader.ended

    @property
    def has_begun(self) -> bool:
        return self._seam.pending.byte_count > 0 or bool(self._unread)

    @property
    def byte_count(self) -> int:
        return self._reader.byte_count

    @property
    def filled_count(self) -> int:
        return self._seam.filled_count or (self._seam.taken.byte_count if self._is_text else 0)

    @property
    def amount(self) -> str:
        count = self._seam.track.count
        if count or not self._is_text:
            return f"{count:,} event{'' if count == 1 else 's'}"
        return f"{self._seam.taken.byte_count:,} bytes"

    @property
    def retry_s(self) -> float:
        return self._seam.retry_s

    @property
    def missing_count(self) -> int:
        return self._seam.track.missing_count if self._counts else 0

    @property
    def _is_text(self) -> bool:
        return self._reader.pipeline.framing == "text"

    def position(self) -> Position:
        return self._position

    @property
    def glimpse(self) -> str:
        return self._seam.glimpse.decode(errors="replace")

    def feed(self, chunk: bytes) -> list[Event]:
        events = self._reader.feed(chunk)
        if self._reader.pipeline.framing in (None, "text"):
            self._unread += chunk
            if self._is_text:
                self._count_text()
        else:
            self._unread = b""
        return events

    def commit(self) -> None:
        self._position = self._seam.position

    def outcome_now(self) -> Outcome:
        half = self._reader.pipeline.framing == "sse" and self.has_begun
        if half or not self.byte_count or (self._marked and not self._seam.track.count):
            return "cut"
        outcome = self._reader.pipeline.outcome_now()
        return "cut" if self._marked and outcome == "complete" else outcome

    def end(self) -> list[Event]:
        events = finish(self._reader, self._name)
        return [_as_cut(event) for event in events] if self._marked else events

    def body_over(self) -> Sequence[Event]:
        self._reader.body_over()
        return ()

    def go_on(self, ask: Ask, reply: Head) -> None:
        if not self._reader.pipeline.restart():
            framing = self._reader.pipeline.framing
            raise TransportError(
                f"The connection was lost, and a stream of this kind ({framing}) cannot be "
                "resumed. Run it again.",
                retryable=False,
            )
        del reply
        self._reader.went_on()
        self._unread = b""
        self._seam.track.resume(from_start=ask.start == "from-start", exact=ask.start == "exact")

    def _count_text(self) -> None:
        whole = whole_characters(self._unread)
        text, self._unread = self._unread[:whole], self._unread[whole:]
        self._seam.taken.add(text)


def _as_cut(event: Event) -> Event:
    """Return a `RunEnd` as `cut`: without the end marker the stream is incomplete."""
    if isinstance(event, RunEnd) and event.outcome == "complete":
        return dataclasses.replace(event, outcome="cut")
    return event
