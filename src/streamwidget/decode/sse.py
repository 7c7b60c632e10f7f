"""Bytes of a `text/event-stream` to server-sent events, by the WHATWG standard.

Knows only the framing: `[DONE]`, JSON and reconnecting are handled elsewhere.
Source: https://html.spec.whatwg.org/multipage/server-sent-events.html, section 9.2.6.

Speed comes from three rules. Nothing is parsed before the blank line that ends its block arrives: a
2 MB event in 64-byte pieces is joined once. Whole lines are decoded together, because a line end is
never inside a character. Blocks of one `data:` line, with or without an `event:` line before it,
make up nearly all of most streams and are extracted without splitting lines.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Literal, NamedTuple

from ..errors import LimitError
from ..limits import DEFAULT_LIMITS, Limits
from .bounded import record_too_long
from .utf8 import BOM, Replaced, count_replaced, decode_line

STRAY_CHARS = 64 * 1024
"""Most characters that are kept of lines that are not fields."""

KEPT_BYTES = 16 * 1024
"""Most bytes of whole lines of an unfinished block that are kept unparsed, to bound work at
once."""

BLANK_LINES = (b"\n\n", b"\n\r", b"\r\r")
"""Two line ends, which end a block; of a second CR LF only the first half."""

RETRY_DIGITS = 18
"""A longer `retry` is ignored: 10**18 ms are 30 million years, and `int` limits its digits too."""


class ServerSentEvent(NamedTuple):
    """One dispatched event."""

    event: str = "message"
    """The event type."""
    data: str = ""
    """The data lines, joined with LF."""
    id: str = ""
    """The last event ID at that moment; "" if none was set."""


class Aside(NamedTuple):
    """A failure or an ID in a block without data."""

    kind: Literal["failure", "id"]
    """`failure`: a failure outside of the standard's fields; `id`: a new last event ID."""
    text: str
    """The JSON of the failure, or the ID."""
    events_before: int
    """Number of events before it in the same `feed`."""


_new = tuple.__new__
"""Creates an event in half the time of a call: `_new(ServerSentEvent, (event, data, id))`."""


class SSEDecoder:
    """A decoder from bytes to events, each returned as soon as its blank line arrives.

    An unfinished block at the end of the stream is dropped, with its id. Invalid UTF-8 becomes
    U+FFFD, is counted in `replaced_count` and located by `first_replaced`; it never raises.

    Raises (from `feed` and `flush`): LimitError for `record_bytes`, when one line or the data of
    one event is longer, as UTF-8 without its line end. Events completed before it are returned
    first, and the next call raises.
    """

    def __init__(self, last_event_id: str = "", *, limits: Limits = DEFAULT_LIMITS) -> None:
        self.last_event_id = last_event_id
        """The value for `Last-Event-ID` in a reconnect; set only when its block ends."""
        self.replaced_count = 0
        """Number of U+FFFD that replace invalid bytes; those that the peer sent do not count."""
        self.first_replaced: Replaced | None = None
        """None while all bytes were valid UTF-8."""
        self._reconnection_time_ms: int | None = None
        self._comment_count = 0
        self.record_end_bytes = 0
        """Offset of the first byte after the last whole block, from the first byte of the stream.
        An LF whose CR ended the block belongs to it as soon as it arrives."""
        self.asides: list[Aside] = []
        """Content of the blocks without data in the last `feed` that completed a block."""
        self._stray: list[str] = []
        self._stray_chars = 0
        self._limit = limits.record_bytes
        self._kept_bytes = min(KEPT_BYTES, self._limit)
        self._error: LimitError | None = None
        self._dispatched = 0
        # Unparsed bytes of the current block; no piece is empty.
        self._rest: list[bytes] = []
        self._rest_bytes = 0
        self._lines_kept = False
        """True if there is a line end among them."""
        self._taken_bytes = 0
        self._special = False
        """True if the last byte was a CR, whose LF may follow, or a bound was passed."""
        # State of the current block from lines that were parsed before its end.
        self._partial = False
        """True if any line was parsed, or there are stray lines that the end may clear."""
        self._event = ""
        self._data: list[str] = []
        self._data_bytes = 0
        self._id = last_event_id

    @property
    def reconnection_time_ms(self) -> int | None:
        """Reconnection time from `retry`, in milliseconds; None until the stream sets it."""
        self._settle()
        return self._reconnection_time_ms

    @property
    def comment_count(self) -> int:
        """Number of comment lines so far: they carry no data, but show that the peer is alive."""
        self._settle()
        return self._comment_count

    @property
    def stray_text(self) -> str:
        """Lines since the last event that are not fields of the standard, up to 64 K characters.

        Some servers end a failed stream with a bare JSON object.
        """
        self._settle()
        return "\n".join(self._stray)

    @property
    def open_data(self) -> Sequence[str]:
        """Whole data lines of the event that has no blank line yet."""
        self._settle()
        return self._data

    def take_rest(self) -> bytes:
        """Return the bytes after the last line end, and forget the event that is open."""
        self._settle()
        rest, self._rest, self._rest_bytes = b"".join(self._rest), [], 0
        self._data.clear()
        self._data_bytes = 0
        return rest

    def feed(self, piece: bytes, /) -> list[ServerSentEvent]:
        """Return the events that this piece completed, in order."""
        # Integers, because `b"\n" in piece` raises and drops an exception inside: 0.5 us each.
        if 10 in piece or 13 in piece or self._special:
            # Nearly every piece of a chat is one complete event of one `data: ` line.
            if (
                not (self._rest or self._partial or self._special)
                and piece[:6] == b"data: "
                and piece.find(b"\n", 6) == len(piece) - 2
                and piece[-1] == 10
                and 13 not in piece
                and len(piece) <= self._limit
            ):
                try:
                    data = piece[6:-2].decode()
                except UnicodeDecodeError:
                    pass
                else:
                    self.record_end_bytes = self._taken_bytes = self._taken_bytes + len(piece)
                    self._dispatched += 1
                    return [_new(ServerSentEvent, ("message", data, self.last_event_id))]
            if self._special and not (piece := self._after_special(piece)):
                return []
            if 13 in piece or piece[0] == 10:
                end = self._block_end(piece) if b"" in piece.splitlines() else 0
            else:
                end = piece.rfind(b"\n\n") + 2
                end = 0 if end == 1 else end
            if end:
                return self._complete(piece, end)
            self._lines_kept = True
            bound = self._kept_bytes
        else:
            bound = self._limit
        self._rest.append(piece)
        self._rest_bytes += len(piece)
        if self._rest_bytes > bound:
            self._settle()  # else endless comments would be parsed in blocks of 16 MB
            if self._rest_bytes > self._limit or self._error is not None:
                return self._bounded([])
        return []

    def flush(self) -> list[ServerSentEvent]:
        """Return an empty list: an unfinished block is dropped, though it may pass a bound."""
        self._settle()
        if self._error is not None:
            raise self._error
        return []

    def _complete(self, piece: bytes, end: int) -> list[ServerSentEvent]:
        """Return the events of the kept bytes and `piece` up to `end`; keep the rest."""
        if self.asides:
            self.asides = []
        tail = piece[end:]
        if self._rest:
            self._rest.append(piece[:end])
            piece = b"".join(self._rest)
        elif tail:
            piece = piece[:end]
        if tail:
            self._rest = [tail]
            self._lines_kept = True
        else:
            self._rest = []
            self._special = piece[-1] == 13
        self._rest_bytes = len(tail)
        events = self._read(piece)
        self.record_end_bytes = self._taken_bytes
        if self._error is not None or self._rest_bytes > self._limit:
            return self._bounded(events)
        return events

    def _after_special(self, piece: bytes) -> bytes:
        """Return `piece` without the LF of a CR LF whose CR ended the previous piece."""
        if self._error is not None:
            raise self._error
        if piece:
            self._special = False
        if piece[:1] != b"\n":
            return piece
        if self.record_end_bytes == self._taken_bytes:
            self.record_end_bytes += 1
        self._taken_bytes += 1
        return piece[1:]

    def _block_end(self, piece: bytes) -> int:
        """Return the end of the last blank line of `piece`, line end included; 0 if none."""
        end = piece.rfind(b"\n\r")
        for pair in (b"\n\n", b"\r\r"):
            at = piece.rfind(pair)
            if at > end:
                end = at
        end += 2
        if end == 1:  # none inside, but one may begin in the kept bytes
            before = next((kept[-1:] for kept in reversed(self._rest) if kept), b"\n")
            if before + piece[:1] not in BLANK_LINES:
                return 0
        return end + 1 if piece[end - 1 : end + 1] == b"\r\n" else end

    def _bounded(self, events: list[ServerSentEvent]) -> list[ServerSentEvent]:
        """Return `events`; raise instead if there are none and a bound is passed."""
        if self._rest_bytes > self._limit:
            self._settle()
            # The first line may begin with a BOM, which is not part of it.
            if self._rest_bytes > self._limit + (0 if self._taken_bytes else len(BOM)):
                self._fail("a line")
        if self._error is not None and not events:
            raise self._error
        return events

    def _settle(self) -> None:
        """Parse the kept whole lines; none of them is blank, so they complete no event."""
        if not self._lines_kept:
            return
        self._lines_kept = False
        kept = b"".join(self._rest)
        end = max(kept.rfind(b"\n"), kept.rfind(b"\r")) + 1
        if not end:
            return
        self._special = self._special or (end == len(kept) and kept[-1] == 13)
        self._rest = [kept[end:]] if end < len(kept) else []
        self._rest_bytes = len(kept) - end
        self._read(kept[:end])

    def _fail(self, what: str) -> None:
        self._special = True
        self._error = record_too_long(what, self._limit)

    def _read(self, lines: bytes) -> list[ServerSentEvent]:
        """Return the events of whole lines, by the fast path if no check is needed."""
        start = self._taken_bytes
        self._taken_bytes += len(lines)
        if start == 0 and lines.startswith(BOM):
            lines = lines[len(BOM) :]
            start = len(BOM)
        if len(lines) + self._data_bytes > self._limit:
            return self._read_lines(lines, start)
        try:
            text = lines.decode()
        except UnicodeDecodeError:
            return self._read_lines(lines, start)
        line_end = "\r\n" if 13 in lines else "\n"
        if not self._partial and (event := self._plain_event(text, line_end)) is not None:
            self._dispatched += 1
            return [event]
        if 13 in lines:
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        events: list[ServerSentEvent] = []
        *blocks, tail = text.split("\n\n")
        for block in blocks:
            if not self._partial:  # inlined: a call would cost a tenth of the time
                first, second, data = block.partition("\n")
                if not second and first[:6] == "data: ":
                    fields = ("message", first[6:], self.last_event_id)
                    events.append(_new(ServerSentEvent, fields))
                    continue
                if data[:6] == "data: " and first[:7] == "event: " and "\n" not in data:
                    fields = (first[7:] or "message", data[6:], self.last_event_id)
                    events.append(_new(ServerSentEvent, fields))
                    continue
            for line in block.split("\n"):
                self._line(line, events)
            self._dispatch(events)
        if tail:  # whole lines of an unfinished block
            for line in tail[:-1].split("\n"):
                self._line(line, events)
        self._dispatched += len(events)
        return events

    def _plain_event(self, text: str, line_end: str) -> ServerSentEvent | None:
        """Return the event of one `data: ` line, an optional `event: ` line before it, and a blank
        line; None for any other `text`."""
        first, _, rest = text.partition(line_end)
        if rest == line_end:
            name, data = "", first
        elif first[:7] == "event: ":
            name = first[7:]
            data, _, rest = rest.partition(line_end)
            if rest != line_end:
                return None
        else:
            return None
        if data[:6] != "data: " or "\n" in data or "\r" in data or "\r" in name or "\n" in name:
            return None
        return _new(ServerSentEvent, (name or "message", data[6:], self.last_event_id))

    def _read_lines(self, lines: bytes, start: int) -> list[ServerSentEvent]:
        """Return the events of whole lines, checking the length and the bytes of every line."""
        events: list[ServerSentEvent] = []
        for raw in lines.splitlines(keepends=True):  # of bytes: at CR, LF and CR LF only
            line, at = decode_line(raw.rstrip(b"\r\n"))
            if at is not None:
                if self.first_replaced is None:
                    self.first_replaced = Replaced(start + at, self._dispatched + len(events))
                self.replaced_count += count_replaced(raw, line)
            if len(line) * 4 > self._limit and len(line.encode()) > self._limit:
                self._fail("a line")
            else:
                self._line(line, events)
            if self._error is not None:
                break
            start += len(raw)
        self._dispatched += len(events)
        return events

    def _line(self, line: str, events: list[ServerSentEvent]) -> None:
        self._partial = True
        if line.startswith("data: "):
            self._add_data(line[6:])
            return
        if not line:
            self._dispatch(events)
            return
        name, colon, value = line.partition(":")
        if value.startswith(" "):
            value = value[1:]
        if name == "data":
            self._add_data(value)
        elif name == "event":
            self._event = value
        elif name == "id":
            if "\0" not in value:
                self._id = value
        elif name == "retry":
            if value.isascii() and value.isdigit() and len(value) <= RETRY_DIGITS:
                self._reconnection_time_ms = int(value)
        elif colon and not name:
            self._comment_count += 1
        elif self._stray_chars < STRAY_CHARS:
            self._stray.append(line)
            self._stray_chars += len(line)

    def _add_data(self, value: str) -> None:
        size = len(value) if value.isascii() else len(value.encode())
        self._data_bytes += size + bool(self._data)
        self._data.append(value)
        if self._data_bytes > self._limit:
            self._fail("an event")

    def _dispatch(self, events: list[ServerSentEvent]) -> None:
        is_moved = self._id != self.last_event_id
        self.last_event_id = self._id
        if self._data:
            data = "\n".join(self._data)
            events.append(ServerSentEvent(self._event or "message", data, self._id))
            self._data.clear()
            self._data_bytes = 0
            self._stray.clear()
            self._stray_chars = 0
        elif self._stray and (report := error_report("\n".join(self._stray))) is not None:
            self.asides.append(Aside("failure", report, len(events)))
        elif is_moved:
            self.asides.append(Aside("id", self._id, len(events)))
        self._event = ""
        self._partial = bool(self._stray)


def error_report(text: str) -> str | None:
    """Return the JSON of a failure that is outside of the standard's fields; None if there is none.

    llama.cpp wrote `error: {...}`, others a bare object with an `error` in it.
    """
    name, colon, value = text.partition(":")
    named = bool(colon) and name.strip() == "error"
    text = value.strip() if named else text.strip()
    if not text.startswith("{") or not (named or '"error"' in text):
        return None
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return None
    return text
