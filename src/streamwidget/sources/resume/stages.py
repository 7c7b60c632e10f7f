"""Framings that know where they are: what of a body was taken in whole, and what came before.

Pure. A stage of this kind reads one body after the other (`restart`): the half record at the end of
one is dropped, records that come again are too, and the format goes on as if nothing had happened.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from ...events import Event
from ...formats.records import (
    NO_JSON,
    Format,
    Record,
    parse,
    record_of_event,
    record_of_line,
    record_of_value,
)
from ...formats.stages import Records
from ...framing.ndjson import LineDecoder
from ...framing.sse import SSEDecoder
from ...limits import Limits
from .cuts import BlockCuts, LineCuts, char_count, utf16_count
from .position import Position
from .track import Key, Track

GLIMPSE_BYTES = 4096


class Rule(Protocol):
    """What a design knows of records."""

    def key_of(self, record: Record, /) -> Key | None:
        """What the record can be told by; None if it follows another."""

    def note(self, record: Record, /) -> None:
        """A new record is about to be taken in."""

    @property
    def cursor(self) -> str | None: ...


class Seam:
    """The place where one body ends and the next goes on."""

    def __init__(self, rule: Rule, track: Track, last_event_id: str = "") -> None:
        self.track = track
        self.last_event_id = last_event_id
        self.retry_s = 0.0
        """What the server asked to wait before a reconnect; 0 if it did not."""
        self.taken = Amount()
        """Of all bodies, whole records only."""
        self.pending = Amount()
        """Of the record that is not whole."""
        self.filled_count = 0
        """New records that were not empty: a server's sign of life is not progress."""
        self.glimpse = b""
        """The beginning of the very first record while it is not whole, up to `GLIMPSE_BYTES`."""
        self._rule = rule

    def __deepcopy__(self, _memo: object) -> _Anything:
        return _Anything()  # a copy is asked what the end would mean, and must not change this

    @property
    def position(self) -> Position:
        return Position(
            last_event_id=self.last_event_id,
            records_count=self.track.count,
            bytes=self.taken.byte_count,
            chars=self.taken.chars,
            cursor=self._rule.cursor,
        )

    def admit(self, record: Record) -> bool:
        """Whether the record is new; then it counts."""
        if not self.track.admit(self._rule.key_of(record), record.data):
            return False
        self.filled_count += bool(record.data)  # a blank or a line end is a word like any other
        self._rule.note(record)
        return True

    def move(self, last_event_id: str) -> None:
        """An event ID came without an event."""
        key = self._rule.key_of(Record("", NO_JSON, "", last_event_id))
        if key is not None:
            self.track.move(key)
            if self.track.key == key:
                self.last_event_id = last_event_id

    def see(self, rest: bytes) -> None:
        """More of a record that is not whole came."""
        self.pending.add(rest)
        if not self.track.count and len(self.glimpse) < GLIMPSE_BYTES:
            self.glimpse += rest[:GLIMPSE_BYTES]

    def passed(self, part: bytes) -> None:
        """The record became whole with `part`, and was taken in."""
        self.pending.add(part)
        self.taken.merge(self.pending)
        self.drop()

    def drop(self) -> None:
        """The record that is not whole never will be."""
        self.pending = Amount()
        self.glimpse = b""


@dataclass(slots=True)
class Amount:
    """So much of a text that is UTF-8; where it was cut does not matter."""

    byte_count: int = 0
    chars: int = 0
    utf16_units: int = 0

    def add(self, piece: bytes) -> None:
        self.byte_count += len(piece)
        self.chars += char_count(piece)
        self.utf16_units += utf16_count(piece)

    def merge(self, more: Amount) -> None:
        self.byte_count += more.byte_count
        self.chars += more.chars
        self.utf16_units += more.utf16_units


class _Anything:
    """A seam that takes everything and keeps nothing."""

    last_event_id = ""
    retry_s = 0.0

    def see(self, _rest: bytes) -> None:
        pass

    def admit(self, _record: Record) -> bool:
        return True

    def move(self, _last_event_id: str) -> None:
        pass

    def passed(self, _part: bytes) -> None:
        pass


class EventBlocks:
    """Server-sent events, block by block."""

    def __init__(self, format: Format, limits: Limits, seam: Seam) -> None:
        self._seam = seam
        self._limits = limits
        self._framing = SSEDecoder(limits=limits)
        self._cuts = BlockCuts()
        self._records = Records(format, self._framing)
        self._comments_before = 0

    @property
    def comment_count(self) -> int:
        return self._comments_before + self._framing.comment_count

    @property
    def last_event_id(self) -> str:
        return self._seam.last_event_id

    def restart(self) -> None:
        self._seam.drop()
        # The ID is not carried over: so it shows which events of the new body have one.
        self._comments_before = self.comment_count
        self._framing = SSEDecoder(limits=self._limits)
        self._cuts = BlockCuts()
        self._records.go_on(self._framing)

    def feed(self, piece: bytes, /) -> list[Event]:
        events: list[Event] = []
        blocks, rest = self._cuts.cut(piece)
        for block in blocks:
            if self._records.format.ended:
                return events
            events += self._block(block)
        if rest:
            self._framing.feed(rest)
            self._seam.see(rest)
        return events

    def flush(self) -> list[Event]:
        if self._records.format.ended:
            return []
        stray = parse(self._framing.stray_text)
        bare = [record_of_value(stray)] if isinstance(stray, dict) else []
        return [*self._records.feed(bare), *self._records.flush()]

    def _block(self, block: bytes) -> list[Event]:
        framing, seam = self._framing, self._seam
        id_before = framing.last_event_id
        records = [record_of_event(event) for event in framing.feed(block)]
        new = [record for record in records if seam.admit(record)]
        if new:
            seam.last_event_id = framing.last_event_id or seam.last_event_id
        elif not records and framing.last_event_id != id_before:
            seam.move(framing.last_event_id)
        if framing.reconnection_time_ms is not None:
            seam.retry_s = framing.reconnection_time_ms / 1000
        seam.passed(block)
        return self._records.feed(new)


class RecordLines:
    """One JSON value a line."""

    def __init__(self, format: Format, limits: Limits, seam: Seam) -> None:
        self._seam = seam
        self._limits = limits
        self._framing = LineDecoder(limits=limits)
        self._cuts = LineCuts()
        self._records = Records(format, self._framing)

    def restart(self) -> None:
        self._seam.drop()
        self._framing = LineDecoder(limits=self._limits)
        self._cuts = LineCuts()
        self._records.go_on(self._framing)

    def feed(self, piece: bytes, /) -> list[Event]:
        events: list[Event] = []
        for line in self._lines(piece):
            events += self._records.feed(self._new(line))
        return events

    def flush(self) -> list[Event]:
        if self._records.format.ended:
            return []
        records = list(self._new(b""))
        half = bool(records) and records[-1].value is NO_JSON
        return [*self._records.feed(records), *self._records.flush(half_record=half)]

    def _lines(self, piece: bytes) -> Iterator[bytes]:
        lines, rest = self._cuts.cut(piece)
        for line in lines:
            if self._records.format.ended:
                return
            yield line
        if rest:
            self._framing.feed(rest)
            self._seam.see(rest)

    def _new(self, line: bytes) -> Iterator[Record]:
        """The new records that `line` completes; of no line, the one without an end."""
        texts = self._framing.feed(line) if line else self._framing.flush()
        yield from filter(self._seam.admit, map(record_of_line, texts))
        self._seam.passed(line)


def stages_of(seam: Seam) -> dict[str, Callable[[Format, Limits], EventBlocks | RecordLines]]:
    """The framings of this module by their names, reading at `seam`."""

    def events(format: Format, limits: Limits) -> EventBlocks:
        return EventBlocks(format, limits, seam)

    def lines(format: Format, limits: Limits) -> RecordLines:
        return RecordLines(format, limits, seam)

    return {"sse": events, "ndjson": lines, "data-lines": lines}
