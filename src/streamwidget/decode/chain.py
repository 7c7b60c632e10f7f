"""A framing and a format chained: bytes in, events out. The only composer of decoders. Pure.

    bytes --framing--> records --format--> events

Every stage is a `Decoder`. Invalid bytes are reported once, by one failure that is not fatal, in
order among the records.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

from ..errors import StreamWidgetError
from ..events import Event, Failure, Unknown
from ..framing.utf8 import Replaced
from .records import Format, Record

In = TypeVar("In", contravariant=True)
Out = TypeVar("Out")


class Decoder(Protocol[In, Out]):
    """A pure stage from pieces of `In` to results of `Out`.

    It is never fed after `flush`; any partition of the same input gives the same output.
    """

    def feed(self, piece: In, /) -> list[Out]:
        """Return the results that this piece completed, in order; often none."""

    def flush(self) -> list[Out]:
        """Return the results still held back, once the input has ended."""


class Marks(Protocol):
    """Position of invalid bytes in a text decoder."""

    @property
    def first_replaced(self) -> Replaced | None:
        """Position of the first invalid bytes; None while all were valid."""


class Framing(Protocol):
    """A decoder from bytes to records."""

    @property
    def marks(self) -> Marks:
        """Position of invalid bytes."""

    @property
    def half_record(self) -> bool:
        """True if `flush` found that the bytes ended inside a record."""

    @property
    def unread_text(self) -> str:
        """Text of a document that could not be parsed, after `flush`; "" if there is none."""

    def feed(self, piece: bytes, /) -> list[Record]:
        """Return the records that this piece completed, in order."""

    def flush(self) -> list[Record]:
        """Return the records still held back, once the input has ended."""


class Chain:
    """Feeds the records of a framing to a format.

    After the end marker only failures count, from formats that have `after_end`.
    """

    def __init__(self, framing: Framing, format: Format) -> None:
        self.framing = framing
        self._format = format
        self._detects = hasattr(format, "chosen")
        self._warned = False
        self._count = 0

    @property
    def ended(self) -> bool:
        """True once the end marker has arrived; of later input, only failures count."""
        return self._format.ended

    def replace(self, framing: Framing) -> None:
        """Read another body of the same stream with `framing`; the format continues."""
        self.framing = framing
        self._count = 0

    def feed(self, piece: bytes, /) -> list[Event]:
        """Return the events that this piece completed."""
        if self._format.ended:
            return self._after_end(piece)
        records = self.framing.feed(piece)
        return self.take(records) if records else []

    def _after_end(self, piece: bytes | None) -> list[Event]:
        """Return the failures in a piece after the end marker, or (None) at the end of the input.

        Nothing else counts there, so bytes that cannot be read are no failure.
        """
        try:
            records = self.framing.flush() if piece is None else self.framing.feed(piece)
        except StreamWidgetError:
            return []
        return self._failures(records)

    def _failures(self, records: Sequence[Record]) -> list[Event]:
        after_end = getattr(self._format, "after_end", None)
        return [event for record in records for event in after_end(record)] if after_end else []

    def rest(self) -> list[Event]:
        """Return the text that is held back, for a run that ends before its stream."""
        rest = getattr(self._format, "rest", None)
        return [] if rest is None or self._format.ended else rest()

    def take(self, records: Sequence[Record]) -> list[Event]:
        """Return the events of `records`, with the warning about invalid bytes in order."""
        format = self._format
        events: list[Event] = []
        careful = not self._warned and self.framing.marks.first_replaced is not None
        for at, record in enumerate(records):
            if format.ended:
                return events + self._failures(records[at:])
            if careful:
                events += self._warning(self._count)
            self._count += 1
            events += format.feed(record)
        if self._detects and (chosen := format.chosen) is not None:  # type: ignore[attr-defined]
            self._format, self._detects = chosen, False
        return events

    def flush(self) -> list[Event]:
        """Return the events still held back, and the end of the run."""
        if self._format.ended:
            return self._after_end(None)
        records = self.framing.flush()
        if self.framing.unread_text:
            text = Unknown("half of a JSON document", self.framing.unread_text)
            return [*self._warning(None), text, *self.finish(half_record=True)]
        events = self.take(records)
        return [*events, *self.finish(half_record=self.framing.half_record)]

    def finish(self, *, half_record: bool) -> list[Event]:
        """Return the events that the format makes of the end of the bytes."""
        if self._format.ended:
            return []
        return [*self._warning(None), *self._format.flush(half_record=half_record)]

    def _warning(self, results_before: int | None) -> list[Event]:
        """Return the warning if it belongs after `results_before` results.

        None: return one that is still due.
        """
        replaced = self.framing.marks.first_replaced
        if self._warned or replaced is None:
            return []
        if results_before is not None and results_before < replaced.results_before:
            return []
        self._warned = True
        return [replaced_failure(replaced)]


def chain(framing: Framing, format: Format) -> Chain:
    """Return a decoder from bytes to events: `framing`, then `format`."""
    return Chain(framing, format)


def replaced_failure(replaced: Replaced) -> Failure:
    """Return the warning about bytes that are not valid in their encoding."""
    at = replaced.offset_bytes
    where = "" if at is None else f", first at byte offset {at:,}"
    return Failure(
        f"The stream has bytes that are not valid in its character encoding{where}; each is shown "
        "as U+FFFD (\ufffd). Check the encoding that the server declares and sends.",
        fault="decode",
        error_type="DecodeError",
        fatal=False,
    )
