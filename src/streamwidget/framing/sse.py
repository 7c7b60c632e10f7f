"""Bytes of a `text/event-stream` to server-sent events, as the WHATWG standard says.

Knows the framing only: `[DONE]`, JSON and reconnecting belong to others.
Source: https://html.spec.whatwg.org/multipage/server-sent-events.html, section 9.2.6.

Speed comes from three rules. Nothing is looked at before the blank line that ends its block has
come: a 2 MB event in 64-byte pieces is joined once. What ends with a line end is decoded whole,
because a line end is never inside a character. Blocks of one `data:` line, with or without an
`event:` line before it, are nearly all of most streams and are cut out without looking at lines.
"""

from __future__ import annotations

from typing import NamedTuple

from ..errors import LimitError
from ..limits import DEFAULT_LIMITS, Limits
from .utf8 import BOM, Replaced, count_replaced, decode_line

STRAY_CHARS = 64 * 1024
"""How much of the lines that are no fields is kept."""

BLANK_LINES = (b"\n\n", b"\n\r", b"\r\r")
"""A line end and another: where a block ends. Of a CR LF in the second place, the first half."""

RETRY_DIGITS = 18
"""A longer `retry` is ignored: 10**18 ms are 30 million years, and `int` has a limit of its own."""


class ServerSentEvent(NamedTuple):
    """One dispatched event. `id` is the last event ID at that moment, `""` if none was ever set."""

    event: str = "message"
    data: str = ""
    id: str = ""


_new = tuple.__new__
"""Makes an event in half the time of a call: `_new(ServerSentEvent, (event, data, id))`."""


class SSEDecoder:
    """Gives the events that a piece completes, at once when their blank line arrives.

    A block that the stream ends in the middle of is dropped, with its id. Invalid UTF-8 becomes
    U+FFFD, is counted in `replaced_count` and located by `first_replaced`; it never raises.

    Raises (from `feed` and `flush`): LimitError for `record_bytes`, when one line or the data of
    one event is longer, as UTF-8 without its line end. Events completed before it are given first,
    the next call raises.
    """

    def __init__(self, last_event_id: str = "", *, limits: Limits = DEFAULT_LIMITS) -> None:
        self.last_event_id = last_event_id
        """What a reconnect sends as `Last-Event-ID`; committed only when its block ends."""
        self.replaced_count = 0
        """U+FFFD that were put in place of invalid bytes; the peer's own do not count."""
        self.first_replaced: Replaced | None = None
        """None while all bytes were valid UTF-8."""
        self._reconnection_time_ms: int | None = None
        self._comment_count = 0
        self._stray: list[str] = []
        self._stray_chars = 0
        self._limit = limits.record_bytes
        self._error: LimitError | None = None
        self._dispatched = 0
        # Bytes of the block that is being read, not looked at yet; no piece is empty.
        self._rest: list[bytes] = []
        self._rest_bytes = 0
        self._lines_kept = False
        """Whether there is a line end among them."""
        self._taken_bytes = 0
        self._special = False
        """Whether the last byte taken was a CR, whose LF may follow, or a bound was passed."""
        # What is known of that block from lines that were looked at before its end.
        self._partial = False
        """Whether any of it was, or there are stray lines that its end may clear."""
        self._event = ""
        self._data: list[str] = []
        self._data_bytes = 0
        self._id = last_event_id

    @property
    def reconnection_time_ms(self) -> int | None:
        """None until the stream has set it."""
        self._settle()
        return self._reconnection_time_ms

    @property
    def comment_count(self) -> int:
        """Comment lines so far: no data, but a sign of life."""
        self._settle()
        return self._comment_count

    @property
    def stray_text(self) -> str:
        """Lines since the last event that are no fields of the standard, up to 64 K characters.

        Some servers end a failed stream with a bare JSON object.
        """
        self._settle()
        return "\n".join(self._stray)

    def feed(self, piece: bytes, /) -> list[ServerSentEvent]:
        """Events that this piece completed, in order."""
        # Of numbers, because `b"\n" in piece` makes and drops an exception: 0.5 us each.
        if 10 in piece or 13 in piece or self._special:
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
        self._rest.append(piece)
        self._rest_bytes += len(piece)
        if self._rest_bytes > self._limit:
            return self._bounded([])
        return []

    def flush(self) -> list[ServerSentEvent]:
        """Always empty: an unfinished block does not count."""
        if self._error is not None:
            raise self._error
        return []

    def _complete(self, piece: bytes, end: int) -> list[ServerSentEvent]:
        """Events of what is kept and `piece` up to `end`, where a block ends; keeps the rest."""
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
        if self._error is not None or self._rest_bytes > self._limit:
            return self._bounded(events)
        return events

    def _after_special(self, piece: bytes) -> bytes:
        """`piece` without the second half of a CR LF that was taken for a CR already."""
        if self._error is not None:
            raise self._error
        if piece:
            self._special = False
        if piece[:1] != b"\n":
            return piece
        self._taken_bytes += 1
        return piece[1:]

    def _block_end(self, piece: bytes) -> int:
        """Where the last blank line of `piece` ends, its line end included; 0 if it has none."""
        end = piece.rfind(b"\n\r")
        for pair in (b"\n\n", b"\r\r"):
            at = piece.rfind(pair)
            if at > end:
                end = at
        end += 2
        if end == 1:  # none inside: perhaps it began before
            before = next((kept[-1:] for kept in reversed(self._rest) if kept), b"\n")
            if before + piece[:1] not in BLANK_LINES:
                return 0
        return end + 1 if piece[end - 1 : end + 1] == b"\r\n" else end

    def _bounded(self, events: list[ServerSentEvent]) -> list[ServerSentEvent]:
        """`events`, unless there are none and a bound is passed: then the error is raised."""
        if self._rest_bytes > self._limit:
            self._settle()
            # The first line may begin with a BOM, which is not part of it.
            if self._rest_bytes > self._limit + (0 if self._taken_bytes else len(BOM)):
                self._fail("a line")
        if self._error is not None and not events:
            raise self._error
        return events

    def _settle(self) -> None:
        """Reads the whole lines that are kept; none of them is blank, so no event comes of them."""
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
        self._error = LimitError(
            f"The stream sent {what} of more than {self._limit:,} bytes. "
            "Raise Limits(record_bytes=...) if that is expected.",
            bound="record_bytes",
            limit=self._limit,
        )

    def _read(self, lines: bytes) -> list[ServerSentEvent]:
        """Events of whole lines; the fast way where nothing can be wrong with them."""
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
            if not self._partial:  # inline: a call is a tenth of it
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
        if tail:  # whole lines of a block that goes on
            for line in tail[:-1].split("\n"):
                self._line(line, events)
        self._dispatched += len(events)
        return events

    def _plain_event(self, text: str, line_end: str) -> ServerSentEvent | None:
        """The event of `text` if that is one `data: ` line, perhaps with one `event: ` line before
        it, and a blank line; None if it is anything else."""
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
        """The careful way: looks at every line's length and at its invalid bytes."""
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
        self.last_event_id = self._id
        if self._data:
            data = "\n".join(self._data)
            events.append(ServerSentEvent(self._event or "message", data, self._id))
            self._data.clear()
            self._data_bytes = 0
            self._stray.clear()
            self._stray_chars = 0
        self._event = ""
        self._partial = bool(self._stray)
