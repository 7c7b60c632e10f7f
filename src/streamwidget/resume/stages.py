"""Framings that keep the position of every record, for streams that are resumed.

Pure. Such a stage reads one body after another (`restart`). It drops the incomplete record at the
end of a body, and records that arrive again, so that the format sees one continuous stream.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from ..decode.chain import Chain
from ..decode.framings import LineRecords, SSERecords, rest_records, stray_records
from ..decode.records import NO_JSON, Format, Record
from ..events import Event
from ..limits import Limits
from .cuts import BlockCuts, LineCuts, char_count, utf16_count
from .position import Position
from .track import Key, Track

GLIMPSE_BYTES = 4096


class Rule(Protocol):
    """The part of a design that concerns records."""

    def key_of(self, record: Record, /) -> Key | None:
        """Return the key that identifies the record; None if it follows another."""

    def note(self, record: Record, /) -> None:
        """Take the position from a new record."""

    @property
    def cursor(self) -> str | None:
        """The server's cursor for a resume; None: it has none."""


class Seam:
    """The position where one body ends and the next continues."""

    def __init__(self, rule: Rule, track: Track, last_event_id: str = "") -> None:
        self.track = track
        self.last_event_id = last_event_id
        self.retry_s = 0.0
        """Seconds that the server asked to wait before a reconnect; 0 if it did not."""
        self.taken = Amount()
        """Size of all bodies so far, complete records only."""
        self.pending = Amount()
        """Size so far of the incomplete record."""
        self.filled_count = 0
        """Number of new records that were not empty: a keep-alive is not progress."""
        self.glimpse = b""
        """The beginning of the very first record while it is incomplete, up to `GLIMPSE_BYTES`."""
        self._rule = rule

    def __deepcopy__(self, _memo: object) -> _Anything:
        return _Anything()  # a copy finds out what an end would mean, and must not change this

    @property
    def position(self) -> Position:
        """The position after the last complete record."""
        return Position(
            last_event_id=self.last_event_id,
            records_count=self.track.count,
            bytes=self.taken.byte_count,
            chars=self.taken.chars,
            cursor=self._rule.cursor,
        )

    def admit(self, record: Record) -> bool:
        """True if the record is new; it is counted then."""
        if not self.track.admit(self._rule.key_of(record), record.data):
            return False
        self.filled_count += bool(record.data)  # a space or a line end is content too
        self._rule.note(record)
        return True

    def move(self, last_event_id: str) -> None:
        """Note an event ID that arrived without an event."""
        key = self._rule.key_of(Record("", NO_JSON, "", last_event_id))
        if key is not None:
            self.track.move(key)
            if self.track.key == key:
                self.last_event_id = last_event_id

    def see(self, rest: bytes) -> None:
        """Count more of an incomplete record."""
        self.pending.add(rest)
        if not self.track.count and len(self.glimpse) < GLIMPSE_BYTES:
            self.glimpse += rest[:GLIMPSE_BYTES]

    def passed(self, part: bytes) -> None:
        """Count `part`, which completed the record."""
        self.pending.add(part)
        self.taken.merge(self.pending)
        self.drop()

    def drop(self) -> None:
        """Forget the incomplete record: its connection ended."""
        self.pending = Amount()
        self.glimpse = b""


@dataclass(slots=True)
class Amount:
    """The size of UTF-8 text that arrives in pieces of any size."""

    byte_count: int = 0
    chars: int = 0
    utf16_units: int = 0

    def add(self, piece: bytes) -> None:
        """Add the size of `piece`."""
        self.byte_count += len(piece)
        self.chars += char_count(piece)
        self.utf16_units += utf16_count(piece)

    def merge(self, more: Amount) -> None:
        """Add another size."""
        self.byte_count += more.byte_count
        self.chars += more.chars
        self.utf16_units += more.utf16_units


class _Anything:
    """A seam that accepts everything and keeps nothing."""

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
        self._framing = SSERecords(limits)
        self._cuts = BlockCuts()
        self._chain = Chain(self._framing, format)
        self._comments_before = 0

    @property
    def comment_count(self) -> int:
        return self._comments_before + self._framing.decoder.comment_count

    @property
    def last_event_id(self) -> str:
        return self._seam.last_event_id

    def restart(self) -> None:
        """Continue with the next body; the unfinished block is dropped."""
        self._seam.drop()
        # The ID is not carried over, so that it shows which events of the new body have one.
        self._comments_before = self.comment_count
        self._framing = SSERecords(self._limits)
        self._cuts = BlockCuts()
        self._chain.replace(self._framing)

    def feed(self, piece: bytes, /) -> list[Event]:
        events: list[Event] = []
        blocks, rest = self._cuts.cut(piece)
        for block in blocks:
            if self._chain.ended:
                return events
            events += self._block(block)
        if rest:
            self._framing.feed(rest)
            self._seam.see(rest)
        return events

    def flush(self) -> list[Event]:
        if self._chain.ended:
            return []
        records = stray_records(self._framing.decoder)
        rest, half = rest_records(self._framing.decoder)
        events = self._chain.take([*records, *filter(self._seam.admit, rest)])
        return [*events, *self._chain.finish(half_record=half)]

    def _block(self, block: bytes) -> list[Event]:
        decoder, seam = self._framing.decoder, self._seam
        id_before = decoder.last_event_id
        records = self._framing.feed(block)
        new = [record for record in records if seam.admit(record)]
        if new:
            seam.last_event_id = decoder.last_event_id or seam.last_event_id
        elif not records and decoder.last_event_id != id_before:
            seam.move(decoder.last_event_id)
        if decoder.reconnection_time_ms is not None:
            seam.retry_s = decoder.reconnection_time_ms / 1000
        seam.passed(block)
        return self._chain.take(new)


class RecordLines:
    """One JSON value per line."""

    def __init__(self, format: Format, limits: Limits, seam: Seam) -> None:
        self._seam = seam
        self._limits = limits
        self._framing = LineRecords(limits)
        self._cuts = LineCuts()
        self._chain = Chain(self._framing, format)

    def restart(self) -> None:
        """Continue with the next body; the unfinished line is dropped."""
        self._seam.drop()
        self._framing = LineRecords(self._limits)
        self._cuts = LineCuts()
        self._chain.replace(self._framing)

    def feed(self, piece: bytes, /) -> list[Event]:
        events: list[Event] = []
        for line in self._lines(piece):
            events += self._chain.take(self._new(line))
        return events

    def flush(self) -> list[Event]:
        if self._chain.ended:
            return []
        records = self._new(b"")
        half = bool(records) and records[-1].value is NO_JSON
        return [*self._chain.take(records), *self._chain.finish(half_record=half)]

    def _lines(self, piece: bytes) -> Iterator[bytes]:
        lines, rest = self._cuts.cut(piece)
        for line in lines:
            if self._chain.ended:
                return
            yield line
        if rest:
            self._framing.feed(rest)
            self._seam.see(rest)

    def _new(self, line: bytes) -> list[Record]:
        """Return the new records that `line` completes; without a line, the unfinished last one."""
        records = self._framing.feed(line) if line else self._framing.flush()
        new = [record for record in records if self._seam.admit(record)]
        self._seam.passed(line)
        return new


def stages_of(seam: Seam) -> dict[str, Callable[[Format, Limits], EventBlocks | RecordLines]]:
    """Return the framings of this module by name, each with `seam` as its position."""

    def events(format: Format, limits: Limits) -> EventBlocks:
        return EventBlocks(format, limits, seam)

    def lines(format: Format, limits: Limits) -> RecordLines:
        return RecordLines(format, limits, seam)

    return {"sse": events, "ndjson": lines, "data-lines": lines}
