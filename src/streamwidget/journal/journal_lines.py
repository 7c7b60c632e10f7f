"""The lines of a journal: how events become lines, and lines become events. Pure.

The first line is the header, an object with the key `streamwidget`. Each further line is
`[interval_ms, seq, kind, data]`: milliseconds since the line before, the number of the (first)
event in the run, the event's type, its fields. The kind `snapshot` carries the whole state instead.
The last line is an object with the key `end`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, TypeAlias, TypeGuard, cast

from ..errors import DecodeError, excerpt
from ..events import (
    Event,
    ReasoningDelta,
    ReasoningEnd,
    Reset,
    RunEnd,
    StepEnd,
    TextDelta,
    TextEnd,
    ToolCallDelta,
    ToolCallEnd,
    ValueDelta,
    ValueEnd,
)
from ..export.jsonl import event_of, fields_of

VERSION = 1
SNAPSHOT = "snapshot"
POSITION = "position"
SNAPSHOT_LINE = re.compile(rb'\[(\d+),(\d+),"snapshot",\{"t_ms":(\d+),"prev":(\d+|null),')
HELD_CHARS = 4096
"""Most text that waits for the end of its word, so that a redaction sees words whole."""

_Text: TypeAlias = TextDelta | ReasoningDelta | ValueDelta
_TEXT = frozenset({TextDelta, ReasoningDelta, ValueDelta})
_END_ONE = (TextEnd, ReasoningEnd, ValueEnd, ToolCallEnd)
_END_ALL = (Reset, RunEnd, StepEnd)


@dataclass(slots=True)
class Entry:
    """One event to be written: joined text, or an unchanged event."""

    event: Event
    seq: int
    at_s: float
    pieces: list[str] | None = None
    """The joined text; None: the event as it is."""

    def whole(self) -> Event:
        """Return the event with all its text."""
        if self.pieces is None:
            return self.event
        text = "".join(self.pieces)
        if isinstance(self.event, ToolCallDelta):
            return replace(self.event, arguments_text=text)
        return replace(cast("_Text", self.event), text=text)


class Joiner:
    """Joins neighbouring deltas of the same part, so that a line holds a quarter second of text.

    With `by_word` the unfinished word at the end of a text waits for the rest of it, whatever comes
    between; a delta without text then opens the part at its place.
    """

    def __init__(self, *, by_word: bool = False) -> None:
        self._by_word = by_word
        self._open: dict[tuple[type, str], Entry] = {}
        self._begun: set[tuple[type, str]] = set()
        """Parts that were written, with `by_word`."""

    @property
    def is_empty(self) -> bool:
        """True if no text waits to be written."""
        return not self._open

    def feed(self, events: Sequence[Event], times: Sequence[float], seq: int) -> list[Entry]:
        """Return the entries that these events complete; `seq` is the number of the first one."""
        entries: list[Entry] = []
        open_ = self._open
        last_kind, last_id = type(None), ""
        append: Callable[[str], None] = _ignore
        event: Any  # narrowed by its class, which `type` finds faster than `isinstance`
        for at, event in enumerate(events):
            kind = type(event)
            if kind is last_kind and event.part_id == last_id:
                append(event.text)  # nearly all events of a stream of tokens end here
                continue
            if kind in _TEXT:
                text = event.text
            elif kind is ToolCallDelta and event.tool_name is None:
                text = event.arguments_text
            else:
                entries += self._before(event, seq + at)
                entries.append(Entry(event, seq + at, times[at]))
                last_kind = type(None)
                continue
            last_kind, last_id = (kind if kind in _TEXT else type(None)), event.part_id
            entry = open_.get((kind, last_id))
            if entry is None:
                entry = open_[kind, last_id] = Entry(event, seq + at, times[at], [])
            append = cast("list[str]", entry.pieces).append
            append(text)
        return entries

    def flush(self, *, over: bool) -> list[Entry]:
        """Return what is joined so far; `over`: nothing more will come."""
        entries = [*self._open.values()]
        self._open.clear()
        if over or not self._by_word:
            return entries
        return [done for entry in entries if (done := self._done(entry)) is not None]

    def _before(self, event: Event, seq: int) -> list[Entry]:
        """Return what is joined so far, to be written before `event`, whose number is `seq`."""
        entries = list(self._open.values())
        self._open.clear()
        if not self._by_word or isinstance(event, _END_ALL):
            return entries
        ended = event.part_id if isinstance(event, _END_ONE) else None
        written = []
        for entry in entries:
            part_id = cast("_Text", entry.event).part_id
            key = type(entry.event), part_id
            done = entry if part_id == ended else self._done(entry)
            if done is None and key not in self._begun:
                done = Entry(entry.event, entry.seq, entry.at_s, [""])
            if done is not None:
                self._begun.add(key)
                written.append(done)
            if key in self._open:
                self._open[key].seq = seq
        return written

    def _done(self, entry: Entry) -> Entry | None:
        """The complete words of an entry; the rest stays open."""
        text = "".join(cast("list[str]", entry.pieces))
        end = max(text.rfind(" "), text.rfind("\n")) + 1
        if len(text) - end > HELD_CHARS:
            end = len(text)
        if end < len(text):
            key = type(entry.event), cast("_Text", entry.event).part_id
            self._open[key] = Entry(entry.event, entry.seq, entry.at_s, [text[end:]])
        return Entry(entry.event, entry.seq, entry.at_s, [text[:end]]) if end else None


def _ignore(_: str) -> None:
    pass


def dump(value: object) -> str:
    """Return compact JSON text; what JSON cannot express is written as its text."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)


def header_line(facts: Mapping[str, Any]) -> str:
    """Return the first line of a file; `facts` are its other fields."""
    return dump({"streamwidget": VERSION, **facts}) + "\n"


def event_line(interval_ms: int, seq: int, event: Event) -> str:
    """Return the line of an event."""
    return f'[{interval_ms},{seq},"{event.type}",{dump(fields_of(event))}]\n'


def position_line(seq: int, facts: Mapping[str, object]) -> str:
    """Return the line of a position in the stream; `seq` is the number of the event after it."""
    return f'[0,{seq},"{POSITION}",{dump(facts)}]\n'


def snapshot_line(
    seq: int, at_ms: int, previous: int | None, token_count: int, state: Iterator[str]
) -> Iterator[str]:
    """Yield the line of a snapshot in pieces; `seq` is the number of the event after it.

    `previous` is the offset of the snapshot before, so that all can be found from the last one.
    """
    yield f'[0,{seq},"{SNAPSHOT}",{{"t_ms":{at_ms},"prev":{dump(previous)},'
    yield f'"token_count":{token_count},"state":'
    yield from state
    yield "}]\n"


class Line(NamedTuple):
    """A line that was read."""

    interval_ms: int
    seq: int
    kind: str
    data: dict[str, Any]


def parse(line: bytes) -> Line | None:
    """Return the entry of a line; None if it is one that is not complete or holds no entry.

    A line without its line end is not complete: its writer was interrupted, or is still writing.
    """
    if not line.endswith(b"\n"):
        return None
    try:
        return _entry(json.loads(line.decode()))
    except (ValueError, RecursionError):
        return None


def parse_all(lines: Sequence[bytes]) -> list[Line | None]:
    """Return the entries of complete lines, as `parse` does.

    They are parsed as one array, in a quarter of the time. If any of them is damaged, each is
    parsed on its own.
    """
    try:
        values = json.loads((b"[" + b",".join(lines) + b"]").decode())
    except (ValueError, RecursionError):
        values = []
    if len(values) != len(lines):
        return [parse(line) for line in lines]
    return [_entry(value) for value in values]


def _entry(value: object) -> Line | None:
    if type(value) is not list or len(value) != 4:
        return None
    interval_ms, seq, kind, data = value
    if type(seq) is int and type(kind) is str and type(data) is dict and is_time_ms(interval_ms):
        return Line(interval_ms, seq, kind, data)
    return None


def event_in(line: Line) -> Event:
    """Return the event of a line.

    Raises:
        DecodeError: its fields do not make such an event.
    """
    try:
        return event_of(line.kind, line.data)
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        raise damaged(line, error) from None


def damaged(line: Line, error: Exception) -> DecodeError:
    """Return the error of a line that cannot be understood."""
    return DecodeError(
        f"Line {line.seq} ({excerpt(line.kind, 40)}) of the journal is damaged: "
        f"{type(error).__name__}: {excerpt(str(error), 100)}."
    )


def is_time_ms(value: object) -> TypeGuard[int]:
    """True for a number of milliseconds that a run can have taken: 0 to some 30,000 years."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**15


def parse_header(line: bytes) -> dict[str, Any]:
    """Return the header.

    Raises:
        DecodeError: the line is not the header of a journal, or of a later version.
    """
    try:
        header = json.loads(line)
    except (ValueError, RecursionError):
        header = None
    version = header.get("streamwidget") if isinstance(header, dict) else None
    if not isinstance(version, int):
        text = line[:80].decode("utf-8", "replace")
        raise DecodeError(
            'The first line of a journal is {"streamwidget": 1, ...}, but this file begins with '
            f"{excerpt(text, 60)!r}."
        )
    if version > VERSION:
        raise DecodeError(
            f"This journal has version {version}, and the newest that this package reads is "
            f"{VERSION}: upgrade streamwidget."
        )
    return cast("dict[str, Any]", header)


def parse_end(line: bytes) -> dict[str, Any] | None:
    """Return the facts of a closing line; None if it is another line."""
    if not (line.startswith(b'{"end":') and line.endswith(b"\n")):
        return None
    try:
        value = json.loads(line)["end"]
    except (ValueError, RecursionError, KeyError):
        return None
    return value if isinstance(value, dict) else None
