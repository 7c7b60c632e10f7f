"""The position of a resumed stream, and the framings that keep it. Pure.

A stream that is resumed comes in several bodies. `NewRecords` reads one of them: it drops records
that arrive again, and the half record at the end of the body is not part of the position.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from ..decode.chain import SSERecords
from ..decode.framings import LineRecords
from ..decode.records import NO_JSON, Record
from ..limits import Limits
from .keys import Key
from .position import Position
from .track import Track

GLIMPSE_BYTES: Final = 4096
_CONTINUATION: Final = bytes(range(0x80, 0xC0))
_BELOW_ASTRAL: Final = bytes(range(0xF0))


class Rule(Protocol):
    """The part of a design that concerns records."""

    def key_of(self, record: Record, /) -> Key | None:
        """Return the key that identifies the record; None if it follows another."""

    def note(self, record: Record, /) -> None:
        """Take the position from a new record."""

    @property
    def cursor(self) -> str | None:
        """The server's cursor for a resume; None: it has none."""

    @property
    def resource(self) -> str | None:
        """ID or path that the server assigned, where a request names it; else None."""


class Seam:
    """The position where one body ends and the next continues."""

    def __init__(self, rule: Rule, track: Track, last_event_id: str = "") -> None:
        self.track = track
        self.last_event_id = last_event_id
        self.retry_s = 0.0
        """Seconds that the server asked to wait before a reconnect; 0 if it did not."""
        self.taken = Amount()
        """The size of all bodies so far, whole records only."""
        self.pending = Amount()
        """The size so far of the record that is not whole."""
        self.filled_count = 0
        """New records that were not empty: a keep-alive is not progress."""
        self.glimpse = b""
        """The beginning of the very first record while it is not whole, up to `GLIMPSE_BYTES`."""
        self._rule = rule

    @property
    def position(self) -> Position:
        """The position after the last whole record."""
        return Position(
            last_event_id=self.last_event_id,
            records_count=self.track.count,
            bytes=self.taken.byte_count,
            chars=self.taken.chars,
            utf16_units=self.taken.utf16_units,
            cursor=self._rule.cursor,
            resource=self._rule.resource,
        )

    def continue_at(self, position: Position, track: Track) -> None:
        """Count from a position that was recorded; `track` has its key."""
        self.track, track.count = track, position.records_count
        self.last_event_id = position.last_event_id
        self.taken = Amount(position.bytes, position.chars, position.utf16_units)

    def admit(self, record: Record) -> bool:
        """True if the record is new; it is counted then."""
        if not self.track.admit(self._rule.key_of(record), record.data):
            return False
        self.filled_count += bool(record.data)  # a blank or a line end is a word like any other
        self.last_event_id = record.id or self.last_event_id
        self._rule.note(record)
        return True

    def move(self, last_event_id: str) -> None:
        """Take an event ID that arrived without an event."""
        key = self._rule.key_of(Record("", NO_JSON, "", last_event_id))
        if key is not None:
            self.track.move(key)
            if self.track.key == key:
                self.last_event_id = last_event_id

    def count(self, piece: bytes, whole_bytes: int) -> None:
        """Count `piece`; its first `whole_bytes` complete records, if that is not 0 or less."""
        if whole_bytes > 0:
            self.pending.add(piece[:whole_bytes])
            self.complete()
            piece = piece[whole_bytes:]
        if piece:
            self.pending.add(piece)
            if not self.track.count and len(self.glimpse) < GLIMPSE_BYTES:
                self.glimpse += piece[:GLIMPSE_BYTES]

    def complete(self) -> None:
        """Count what was not whole: its record is."""
        self.taken.merge(self.pending)
        self.drop()

    def drop(self) -> None:
        """Forget the record that is not whole: its connection ended."""
        self.pending = Amount()
        self.glimpse = b""


@dataclass(slots=True)
class Amount:
    """The size of UTF-8 text; how it was cut does not matter."""

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


def char_count(data: bytes) -> int:
    """Return the number of characters (code points) that begin in `data`, which is UTF-8."""
    return len(data) if data.isascii() else len(data.translate(None, _CONTINUATION))


def utf16_count(data: bytes) -> int:
    """Return the number of UTF-16 units, as JavaScript counts: two for one beyond U+FFFF."""
    if data.isascii():
        return len(data)
    return char_count(data) + len(data.translate(None, _BELOW_ASTRAL))


def whole_characters(data: bytes) -> int:
    """Return how many bytes of `data`, which may end inside a character, are whole characters."""
    for back in range(1, min(4, len(data) + 1)):
        byte = data[-back]
        if byte < 0x80:
            break
        if byte >= 0xC0:
            needed = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            return len(data) - back if back < needed else len(data)
    return len(data)


class NewRecords:
    """The framing of one body: gives only records that are new, and moves the position."""

    unread_text = ""

    def __init__(self, framing: SSERecords | LineRecords, seam: Seam) -> None:
        self.marks = framing.marks
        self._framing = framing
        self._seam = seam
        self._fed_bytes = 0
        self._is_over = False
        self._doubtful: list[Record] = []

    @property
    def half_record(self) -> bool:
        """True if the body ended inside a record."""
        return self._framing.half_record

    def feed(self, piece: bytes, /) -> list[Record]:
        framing, seam = self._framing, self._seam
        records = framing.feed(piece)
        new = self._new(records) if framing.bare_ids else [*filter(seam.admit, records)]
        seam.count(piece, framing.decoder.record_end_bytes - self._fed_bytes)
        self._fed_bytes += len(piece)
        if isinstance(framing, SSERecords):
            reconnection_time_ms = framing.decoder.reconnection_time_ms
            if reconnection_time_ms is not None:
                seam.retry_s = reconnection_time_ms / 1000
        return new

    def _new(self, records: list[Record]) -> list[Record]:
        """Return the new ones of `records`, and move the position for an event ID without an
        event."""
        ids, self._framing.bare_ids = self._framing.bare_ids, []
        new: list[Record] = []
        at = 0
        for records_before, last_event_id in ids:
            new += filter(self._seam.admit, records[at:records_before])
            self._seam.move(last_event_id)
            at = records_before
        return [*new, *filter(self._seam.admit, records[at:])]

    def body_over(self) -> list[Record]:
        """Return the records that the end of the body completes; doubtful ones wait for `flush`."""
        if self._is_over:
            return []
        self._is_over = True
        records, self._doubtful = self._framing.ending()
        if isinstance(self._framing, SSERecords):
            return records  # failures outside of events: they have no position
        new = [*filter(self._seam.admit, records)]
        if new:
            self._seam.complete()
        return new

    def flush(self) -> list[Record]:
        records = self.body_over()
        return [*records, *filter(self._seam.admit, self._doubtful)]


def resumed_framings(seam: Seam) -> dict[str, Callable[[Limits], NewRecords]]:
    """Return the framings that can be resumed, by name, each with `seam` as its position."""

    def events(limits: Limits) -> NewRecords:
        return NewRecords(SSERecords(limits), seam)

    def lines(limits: Limits) -> NewRecords:
        return NewRecords(LineRecords(limits), seam)

    return {"sse": events, "ndjson": lines, "data-lines": lines}
