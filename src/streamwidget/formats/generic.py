"""The generic vocabulary: text or simple JSON objects, as small servers send them.

Knows records, not bytes. A record is a server-sent event or one line of JSON:

| record | becomes |
|---|---|
| plain text as the data of an SSE event | text, as it is |
| `{"type": "response", "content": "..."}` (also `text`, `token`, `delta`, `message`) | text |
| `{"text": "..."}` (also `content`, `delta`, `token`, `response`) without a type | text |
| `{"chunk": "..."}` (also `output`, `message`, `answer`, `reply`, `result`, `data`) alone | text |
| `{"type": "thinking", "content": "..."}` | reasoning |
| `{"progress": 25, "status": ...}`, `{"type": "progress", "completed", "total", ...}` | progress |
| `{"type": "step_start", "id", "name", "parent"}`, `{"type": "step_end", "id"}` | a step |
| `{"type": "error", "message": "..."}`, `{"error": ...}`, `event: error` | a failure of the peer |
| `{"type": "result", "content": "..."}` (also `final`) | what it has beyond the text so far |
| `{"type": "end"}` (also `done`, `finish`), `[DONE]`, `event: done` | the end |
| `{"type": "start"}` | declares that an end marker will come |
| anything else, including tool calls | unknown: kept unchanged |

Without a `type` in the JSON, the SSE event type takes its place.

At the end of the bytes a stream has *failed* if it reported an error. It is *cut* if it declared an
end marker by `{"type": "start"}` and sent none, or if its last line is an incomplete JSON value.
Otherwise it is *complete*, because most servers of this kind send no marker. Input after an end
marker is ignored.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Mapping
from typing import Any, Final

from ..characters import clean
from ..decode.records import NO_JSON, NewId, Record
from ..decode.terminal import without_sequences
from ..events import Event, Notice, NoticeLevel, Outcome, Progress, StepState
from .base import BaseFormat
from .failures import error_of, reports_failure
from .fields import json_text, number
from .progress import COUNTED, TOTALS, bare_number, is_counted, is_progress, key_of

__all__ = ["GenericFormat", "error_of", "is_quiet", "parse_json", "shows"]

_BARE_KEYS: Final = ("delta", "token", "response", "generated_text", "completion", "text_output")
TEXT_KEYS: Final = ("content", "text", *_BARE_KEYS, "chunk", "textResponse", "message")
BARE_TEXT_KEYS: Final = ("text", "content", *_BARE_KEYS)
_ALONE_KEYS: Final = frozenset(
    {"chunk", "output", "message", "answer", "reply", "result", "data", "msg", "delta"}
)
"""Members that are text if an object has nothing else."""
_LAST: Final = ("done", "finished", "is_final", "final")
_BESIDE_TEXT: Final = frozenset(
    {*_LAST, "finish_reason", "stop_reason", "model", "index", "seq", "object", "created", "role"}
    | {"message_id", "messageId", "msg_id", "part_id", "item_id"}
)
"""Members beside a text that are facts about it."""
NAME_KEYS: Final = ("name", "title", "step", "label", "message", "content")
FLOW_KEYS: Final = ("message_id", "messageId", "msg_id", "part_id", "item_id")
REASON_KEYS: Final = ("finish_reason", "stop_reason", "reason")
FAILED_STATES: Final = frozenset({"failed", "failure", "error"})
STOPPED_STATES: Final = frozenset({"stopped", "cancelled", "canceled", "aborted"})
DONE_STATES: Final = frozenset({"done", "end", "ended", "finished", "complete", "completed", "ok"})

JsonObject = dict[str, Any]


class GenericFormat(BaseFormat):
    """A decoder from records to events; see the table above.

    `lines` is True if the records are lines of JSON, where plain text is an error and not text.
    """

    at_eof = "complete"
    reads_on = False

    def __init__(self, new_id: NewId, *, lines: bool = False) -> None:
        super().__init__(new_id)
        self._lines = lines
        self._numbers_of: dict[str, tuple[float, float | None]] = {}
        """The last numbers of each bar by part id."""
        self._fractions = False
        self._encoded_strings: bool | None = None  # None: no plain data yet
        self._promised = False

    def feed(self, record: Record, /) -> list[Event]:
        """Return the events of one record."""
        if self.ended:
            return []
        value = None if record.value is NO_JSON else record.value
        if isinstance(value, dict):
            return self._object(value, record.data, _tag(record.name))
        if self._lines:
            return self._line(record.data, value)
        return self._plain(record.data, value, _tag(record.name))

    def _outcome(self, half_record: bool) -> Outcome:
        return "cut" if self._promised or half_record else "complete"

    # --- one record

    def _line(self, line: str, value: object) -> list[Event]:
        if line.strip() == "[DONE]":
            return self.end()
        if isinstance(value, str):
            return self._text(value, {})
        return self.unknown("line", line)

    def _plain(self, data: str, value: object, name: str) -> list[Event]:
        """Read data that is not a JSON object: text, unless the event type means something else."""
        if data.strip() == "[DONE]":
            return self.end()
        if self._encoded_strings is None and data:
            self._encoded_strings = isinstance(value, str)
        text = value if self._encoded_strings and isinstance(value, str) else data
        if name in _OPENINGS:
            return self.unknown(name, data)
        if name in _BY_TYPE and name not in _TEXT_TYPES:
            events = _BY_TYPE[name](self, {"content": text}, name)
            return self.unknown(name, data) if events is None else events
        return self._text(text, {})

    def _object(self, value: JsonObject, raw: str, name: str) -> list[Event]:
        """Read a JSON object by its `type`, else by the event type, else by its members."""
        value = _opened({key.strip(): item for key, item in value.items()})
        type_ = value.get("type")
        tag = _tag(type_) if isinstance(type_, str) else name
        if tag in _BY_TYPE:
            events = _BY_TYPE[tag](self, value, tag)
        elif isinstance(type_, str):
            events = None
        else:
            events = self._untyped(value)
        if events is not None:
            return events
        if self._encoded_strings is False and type_ is None:
            return self._text(raw, {})  # a token such as `{}` in a stream of plain text
        if not isinstance(type_, str) and not name and _is_row(value):
            return self._unknown_records.row(value) or self.unknown("record", raw)
        return self.unknown(type_ if isinstance(type_, str) else name or "record", raw)

    def _untyped(self, value: JsonObject) -> list[Event] | None:
        if value.get("error"):
            return self._error(value, "error")
        if (layer := self.bars.layer(value, self.step_id)) is not None:
            return [layer]
        if value.keys() == {"stream"} and isinstance(value["stream"], str):
            return self.say(without_sequences(value["stream"]))  # from `docker build`
        if reports_failure(value):
            return self._error(value, "error")
        is_bar = _number(value.get("progress")) is not None or is_progress(value)
        if is_bar and self.bars.has_room(key_of(value)):
            return self._progress(value, "progress")
        inner = _counted_inside(value)
        if inner is not None and self.bars.has_room(key_of(value)):
            bar = self._progress({**_described(value), **inner}, "progress")
            shown = self._unknown_records.show("record", json_text(value), value)
            return [*bar, *shown]  # the rest of a batch's state would be lost
        if any(isinstance(value.get(key), str) for key in BARE_TEXT_KEYS):
            return self._text_of(value, "text")
        only = _only_text(value)
        return None if only is None else self._text(only, value)

    # --- one kind of record each; None: the record does not have the expected shape

    def _start(self, _value: JsonObject, _tag: str) -> list[Event]:
        self._promised = True
        return []

    def _nothing(self, _value: JsonObject, _tag: str) -> list[Event]:
        return []

    def _text_of(self, value: JsonObject, _tag: str) -> list[Event] | None:
        text = _first_raw(value, TEXT_KEYS)
        return None if text is None else self._text(text, value)

    def _text(self, text: str, value: JsonObject) -> list[Event]:
        flow, step_id = self._flow_of(value), self._step_of(value)
        if any(value.get(key) is True for key in _LAST):
            return self.last("text", text, flow, step_id)
        return self.receive("text", text, flow, step_id) if value else self.say(text, flow, step_id)

    def _reasoning(self, value: JsonObject, _tag: str) -> list[Event] | None:
        text = _first_raw(value, ("content", "thinking", "reasoning", "text", "delta", "token"))
        if text is None:
            return None
        return self.think(text, self._flow_of(value), self._step_of(value))

    def _progress(self, value: JsonObject, _tag: str) -> list[Event]:
        if isinstance(inner := value.get("data"), dict) and not is_counted(value):
            value = {**inner, **{key: value[key] for key in value if key != "data"}}
        step_id = self._step_of(value)
        part_id = self._progress_id(value, step_id)
        completed, total = self._numbers(value, part_id)
        self._numbers_of[part_id] = (completed, total)
        unit = value.get("unit")
        return [
            Progress(
                part_id,
                completed,
                total,
                unit if isinstance(unit, str) else None,
                _first_str(value, ("message", "status", "text", "content")),
                step_id,
            )
        ]

    def _progress_id(self, value: JsonObject, step_id: str | None) -> str:
        key = key_of(value)
        return self.bars.part_id(("in step", step_id) if key is None else key)

    def _numbers(self, value: JsonObject, part_id: str) -> tuple[float, float | None]:
        """Return completed and total; a bare number is a percentage, or a fraction if below 1."""
        total = number(value, *TOTALS)
        for names in (COUNTED[:4], COUNTED if total is not None else ()):
            counted = number(value, *names)
            if counted is not None:
                return counted, total
        bare = bare_number(value)
        if bare is None:
            bare = bare_number({"percent": value.get("value", value.get("content"))})
        if bare is None:
            return self._numbers_of.get(part_id, (0, None))
        if total is None:
            fraction = isinstance(bare, float) and 0 < bare <= 1
            self._fractions = fraction or (self._fractions and bare <= 1)
            total = 1 if self._fractions else 100
        return bare, total

    def _step(self, value: JsonObject, _tag: str) -> list[Event] | None:
        """Read `{"type": "step"}`: end a step if the status says so, else start the next one."""
        bare = "id" not in value and "step_id" not in value
        if _step_state(value) is not None:
            return self._step_end({**value, "id": ""} if bare else value, _tag)
        before = self.end_step("") if bare else []
        started = self._step_start({"id": "", "parent": None, **value} if bare else value, _tag)
        return [*before, *started]

    def _step_start(self, value: JsonObject, _tag: str) -> list[Event]:
        name = _first_str(value, NAME_KEYS)
        id_ = _first_key(value, ("id", "step_id"))
        key: str | int = id_ if id_ is not None else name or ""
        parent: Hashable = _first_key(value, ("parent", "parent_id"))
        if "parent" not in value and "parent_id" not in value:
            parent = self.innermost
        shown = name or clean(str(key)) or "step"
        return self.start_step(key, shown, None if parent == key else parent)

    def _step_end(self, value: JsonObject, _tag: str) -> list[Event] | None:
        key: Hashable = _first_key(value, ("id", "step_id", *NAME_KEYS))
        if key is None:
            key = self.innermost
        if key not in self.steps:
            return None
        return self.end_step(key, _step_state(value) or "done")

    def _notice(self, value: JsonObject, tag: str) -> list[Event] | None:
        message = _first_str(value, ("message", "content", "text", "status"))
        level: NoticeLevel = "warning" if tag == "warning" else "info"
        return None if message is None else [Notice(message, level)]

    def _error(self, value: JsonObject, _tag: str) -> list[Event]:
        return self.fail(value, error_type="ProviderError")

    def _whole(self, value: JsonObject, _tag: str) -> list[Event] | None:
        """Read a record with the whole answer, which may have streamed before."""
        whole = _first_raw(value, (*TEXT_KEYS, "answer", "output", "result"))
        if whole is None:
            return None
        return self.complete("text", whole, self._flow_of(value), self._step_of(value))

    def _finish(self, value: JsonObject, tag: str) -> list[Event]:
        if _has_failed(value):
            return [*self._error(value, tag), *self.end()]
        named = None if "type" in value else tag  # `event: done` is the only reason
        self.finish_reason = _first_str(value, REASON_KEYS) or named
        keys = (*BARE_TEXT_KEYS, "answer", "output", *(("message",) if self.has_any_text else ()))
        whole, flow = _first_raw(value, keys), self._flow_of(value)
        events = self.complete("text", whole, flow, self._step_of(value)) if whole else []
        return [*events, *self.end()]

    def _flow_of(self, value: Mapping[str, object]) -> Hashable:
        """Return the message or the step that a record names; None if it names neither."""
        message = _first_key(value, FLOW_KEYS)
        if message is not None:
            return ("message", message)
        step = _first_key(value, ("step_id", "step"))
        return None if step not in self.steps else ("step", step)

    def _step_of(self, value: Mapping[str, object]) -> str | None:
        """Return the id of the step that a record names, else of the innermost one."""
        return self.step_of(_first_key(value, ("step_id", "step"))) or self.step_id


Handler = Callable[[GenericFormat, JsonObject, str], list[Event] | None]

_STARTS: Final = ("start", "run_start")
_PINGS: Final = ("ping", "heartbeat", "keep_alive", "keepalive")
_OPENINGS: Final = frozenset({"open", "opened", "connect", "connected", "ready", "init", "hello"})
"""Types of events that servers and proxies send first, before any content."""
_TEXT_TYPES: Final = frozenset(
    {"response", "text", "token", "delta", "message", "content", "chunk", "output", "item"}
    | {"stream", "completion", "answer", "text_delta", "text_chunk", "text_stream"}
    | {"textresponsechunk", "output_text"}
)
_BY_TYPE: Final[dict[str, Handler]] = {
    **dict.fromkeys(_TEXT_TYPES, GenericFormat._text_of),
    **dict.fromkeys(_STARTS, GenericFormat._start),
    **dict.fromkeys(("thinking", "reasoning", "thought"), GenericFormat._reasoning),
    "progress": GenericFormat._progress,
    "step": GenericFormat._step,
    **dict.fromkeys(("step_start", "step_started"), GenericFormat._step_start),
    **dict.fromkeys(("step_end", "step_finish", "step_finished"), GenericFormat._step_end),
    **dict.fromkeys(("status", "notice", "warning"), GenericFormat._notice),
    "error": GenericFormat._error,
    **dict.fromkeys(("result", "final", "final_answer", "final_result"), GenericFormat._whole),
    **dict.fromkeys(("end", "done", "finish", "run_end", "stream_end"), GenericFormat._finish),
    **dict.fromkeys(("stop", "begin"), GenericFormat._nothing),
    **dict.fromkeys(_PINGS, GenericFormat._nothing),
}


_ENVELOPED: Final = {"error", "end", "done", "thinking", "reasoning", *_TEXT_TYPES}
"""Types whose envelopes are opened; other data stays with its envelope."""


def is_quiet(record: Record) -> bool:
    """True if the record only keeps the connection alive, in any vocabulary."""
    return not record.data.strip() or _tag(record.type) in _PINGS


def shows(record: Record, *, lines: bool = False) -> bool:
    """True if the generic format shows this record or ends with it."""
    value = _opened({**record.object})
    if _tag(record.name) in _OPENINGS:
        return False
    if not value:
        return bool(record.data.strip()) and (record.value is NO_JSON or not lines)
    type_ = value.get("type")
    tag = _tag(type_) if isinstance(type_, str) else _tag(record.name)
    if tag in _BY_TYPE:
        return tag not in _STARTS
    if isinstance(type_, str):
        return False
    keys = {key.strip() for key in value}
    return bool(keys & {"error", "progress", *BARE_TEXT_KEYS}) or _only_text(value) is not None


def parse_json(text: str) -> object:
    """Return the value of `text`; None if it is not JSON (a bare `null` is not a record either)."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _opened(value: JsonObject) -> JsonObject:
    """Return what is in an envelope, `{"event" or "type": ..., "data": ...}`, with its type.

    Any other object is returned as it is.
    """
    tag, data = value.get("type", value.get("event")), value.get("data")
    if not isinstance(tag, str) or not isinstance(data, str | dict) or _tag(tag) not in _ENVELOPED:
        return value
    if any(isinstance(value.get(key), str) for key in TEXT_KEYS):
        return value
    return {**(data if isinstance(data, dict) else {"content": data}), "type": tag}


def _only_text(value: JsonObject) -> str | None:
    """Return the text of an object with nothing else but facts about it; None for others.

    Such a member may mean something else in an object with more. It may hold an object with a text.
    """
    members = [value[key] for key in _ALONE_KEYS & value.keys()]
    if len(members) != 1 or value.keys() - _BESIDE_TEXT - _ALONE_KEYS:
        return None
    inner = members[0]
    if isinstance(inner, dict) and not inner.keys() - _BESIDE_TEXT - {*BARE_TEXT_KEYS}:
        inner = _first_raw(inner, BARE_TEXT_KEYS)
    return inner if isinstance(inner, str) else None


def _has_failed(value: JsonObject) -> bool:
    """True if a record that ends the stream says that it has failed."""
    states = (
        text.lower() for key in ("status", "state") if isinstance(text := value.get(key), str)
    )
    return (
        bool(value.get("error"))
        or value.get("is_error") is True
        or value.get("success") is False
        or value.get("ok") is False
        or not FAILED_STATES.isdisjoint(states)
    )


def _counted_inside(value: JsonObject) -> JsonObject | None:
    """Return the one object in a record that counts up to a total; None if none does, or many."""
    counted = [inner for inner in value.values() if isinstance(inner, dict) and is_counted(inner)]
    return counted[0] if len(counted) == 1 else None


def _described(value: JsonObject) -> JsonObject:
    return {key: value[key] for key in ("id", "status", "message") if key in value}


def _is_row(value: JsonObject) -> bool:
    """True for a flat object with several members: a row of a table."""
    return len(value) > 1 and not any(isinstance(cell, dict | list) for cell in value.values())


def _tag(name: str) -> str:
    return name.strip().lower().replace("-", "_")


def _number(value: object) -> float | None:
    """Return `value` if it is a finite number: NaN and infinity cannot be sent to the page."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return value if abs(value) < 1e300 else None


def _first_str(value: Mapping[str, object], keys: tuple[str, ...]) -> str | None:
    text = _first_raw(value, keys)
    return None if text is None else clean(text)


def _first_raw(value: Mapping[str, object], keys: tuple[str, ...]) -> str | None:
    """Return the first text unchanged: a delta may begin or end with half a surrogate pair."""
    return next((item for key in keys if isinstance(item := value.get(key), str)), None)


def _first_key(value: Mapping[str, object], keys: tuple[str, ...]) -> str | int | None:
    return next((item for key in keys if isinstance(item := value.get(key), (str, int))), None)


def _step_state(value: Mapping[str, object]) -> StepState | None:
    """Return how a step ended according to the record; None if it has not ended."""
    status = value.get("state", value.get("status", value.get("phase")))
    if not isinstance(status, str):
        return None
    states: list[tuple[frozenset[str], StepState]] = [
        (FAILED_STATES, "failed"),
        (STOPPED_STATES, "stopped"),
        (DONE_STATES, "done"),
    ]
    return next((state for names, state in states if status.lower() in names), None)
