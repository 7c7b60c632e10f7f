"""What is read from the bodies of one stream, and how far it has come. No I/O.

A position counts once what was read has been taken in: `commit` says that it was.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Protocol

from ...errors import TransportError
from ...events import Event, Outcome, RunEnd
from ..base import Context
from ..chunks import Reader, finish
from .by_characters import ResumableStream
from .cuts import whole_characters
from .design import Ask, Design, Reply
from .position import Position
from .stages import Seam, stages_of
from .track import Track


class Body(Protocol):
    """The bodies of one stream, one after the other."""

    @property
    def ended(self) -> bool:
        """Whether the end marker came."""

    @property
    def over(self) -> bool:
        """Whether the server said that nothing more will come, without an end marker."""

    @property
    def has_begun(self) -> bool:
        """Whether a record has begun that is not whole."""

    @property
    def byte_count(self) -> int: ...

    @property
    def filled_count(self) -> int:
        """New records that were not empty, or new bytes where there are no records."""

    @property
    def amount(self) -> str:
        """How much came, in words."""

    @property
    def retry_s(self) -> float: ...

    @property
    def missing_count(self) -> int:
        """Events that the server skipped when it went on."""

    def position(self) -> Position:
        """What was committed."""

    @property
    def glimpse(self) -> str:
        """How the very first record begins, while it is not whole."""

    def feed(self, chunk: bytes) -> list[Event]: ...

    def commit(self) -> None:
        """All that `feed` gave was taken in."""

    def outcome_now(self) -> Outcome:
        """What it would mean if nothing more came."""

    def end(self) -> list[Event]:
        """What was held back, and the `RunEnd`."""

    def body_over(self) -> Sequence[Event]:
        """The present body ended in good order; gives what it held back."""

    def go_on(self, ask: Ask, reply: Reply) -> None:
        """Another body begins, which is the answer to `ask`.

        Raises:
            TransportError: a stream of this kind cannot be gone on with.
        """


class RecordsBody:
    """Bodies that hold records, or plain text."""

    over = False

    def __init__(self, name: str, context: Context, design: Design, reply: Reply) -> None:
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
        self._reader = Reader(name, context, content_type, stages_of(self._seam))
        self._name = name
        self._unread = b""  # of plain text, or while it may yet be: what was not counted
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
        return ()

    def go_on(self, ask: Ask, reply: Reply) -> None:
        if not self._reader.pipeline.restart():
            framing = self._reader.pipeline.framing
            raise TransportError(
                f"The connection broke, and a stream of this kind ({framing}) has no place in the "
                "middle to go on from: run it again.",
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
    """No marker came: a format that was not recognised yet takes any end for a good one."""
    if isinstance(event, RunEnd) and event.outcome == "complete":
        return dataclasses.replace(event, outcome="cut")
    return event
