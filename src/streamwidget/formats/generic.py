"""The generic vocabulary: text, or simple JSON objects, as small servers send them.

Knows records, not bytes. A record is a server-sent event or one line of JSON:

| record | becomes |
|---|---|
| plain text as the data of an SSE event | text, as it is |
| `{"type": "response", "content": "..."}` (also `text`, `token`, `delta`, `message`) | text |
| `{"text": "..."}` (also `content`, `delta`, `token`, `response`) without a type | text |
| `{"type": "thinking", "content": "..."}` | reasoning |
| `{"progress": 25, "status": ...}`, `{"type": "progress", "completed", "total", ...}` | progress |
| `{"type": "step_start", "id", "name", "parent"}`, `{"type": "step_end", "id"}` | a step |
| `{"type": "error", "message": "..."}`, `{"error": ...}`, `event: error` | a failure of the peer |
| `{"type": "end"}` (also `done`, `finish`), `[DONE]`, `event: done` | the end: complete |
| `{"type": "start"}` | declares that an end marker will come |
| anything else, tool calls among it | unknown: kept as it came |

Without a `type` in the JSON, the name of the SSE event stands for it.

How a stream ends, when its bytes do: it has *failed* if it reported an error; it is *cut* if it
declared an end marker by `{"type": "start"}` and gave none, or if its last line is half a JSON
value; otherwise it is *complete*, because most servers of this kind send no marker. What comes
after an end marker is ignored.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Mapping
from typing import Any, Final

from ..characters import clean
from ..errors import excerpt
from ..events import (
    Event,
    Failure,
    Notice,
    NoticeLevel,
    Outcome,
    Progress,
    StepState,
    Unknown,
)
from .fields import json_text
from .finish import run_end
from .parts import OpenParts
from .records import NO_JSON, Record

TEXT_KEYS: Final = ("content", "text", "delta", "token", "response", "message")
BARE_TEXT_KEYS: Final = ("text", "content", "delta", "token", "response")
NAME_KEYS: Final = ("name", "title", "step", "label", "message", "content")
REASON_KEYS: Final = ("finish_reason", "stop_reason", "reason")
FAILED_STATES: Final = frozenset({"failed", "failure", "error"})
STOPPED_STATES: Final = frozenset({"stopped", "cancelled", "canceled", "aborted"})
DONE_STATES: Final = frozenset({"done", "end", "ended", "finished", "complete", "completed", "ok"})

JsonObject = dict[str, Any]


class GenericFormat:
    """Records to events; `new_id` makes ids that are unique in the run.

    `lines`: the records are lines of JSON, where plain text is a fault and not text.
    """

    def __init__(self, new_id: Callable[[str], str], *, lines: bool = False) -> None:
        self._lines = lines
        self._parts = OpenParts(new_id)
        self._progress_ids: dict[object, str] = {}
        self._said: dict[str, tuple[float, float | None]] = {}
        self._fractions = False
        self._encoded_strings: bool | None = None  # None: no plain data yet
        self._promised = False
        self._failed = False
        self.ended = False
        """Whether the end marker came, or `flush`: later records are ignored."""

    def feed(self, record: Record, /) -> list[Event]:
        """The events of one record."""
        if self.ended:
            return []
        value = None if record.value is NO_JSON else record.value
        if isinstance(value, dict):
            return self._object(value, record.data, _tag(record.name))
        if self._lines:
            return self._line(record.data, value)
        return self._plain(record.data, value, _tag(record.name))

    def flush(self, *, half_record: bool = False) -> list[Event]:
        """What the end of the bytes means; see the top. `half_record`: they end inside a value."""
        if self.ended:
            return []
        cut = (self._promised or half_record) and not self._failed
        return self._end(None, cut=cut)

    # --- one record

    def _line(self, line: str, value: object) -> list[Event]:
        if line.strip() == "[DONE]":
            return self._end(None)
        if isinstance(value, str):
            return self._text(value, {})
        return self._unknown("line", line)

    def _plain(self, data: str, value: object, name: str) -> list[Event]:
        """Data that is no JSON object: text, unless the name of the event says what it is."""
        if data.strip() == "[DONE]":
            return self._end(None)
        if self._encoded_strings is None and data:
            self._encoded_strings = isinstance(value, str)
        text = value if self._encoded_strings and isinstance(value, str) else data
        if name in _OPENINGS:
            return self._unknown(name, data)
        if name in _BY_TYPE and name not in _TEXT_TYPES:
            events = _BY_TYPE[name](self, {"content": text}, name)
            return self._unknown(name, data) if events is None else events
        return self._text(text, {})

    def _object(self, value: JsonObject, raw: str, name: str) -> list[Event]:
        """A JSON object: by its `type`, else by the event's name, else by what it holds."""
        value = {key.strip(): item for key, item in value.items()}
        told = value.get("type")
        tag = _tag(told) if isinstance(told, str) else name
        if tag in _BY_TYPE:
            events = _BY_TYPE[tag](self, value, tag)
        elif isinstance(told, str):
            events = None
        else:
            events = self._untyped(value)
        if events is not None:
            return events
        if self._encoded_strings is False and told is None:
            return self._text(raw, {})  # a token such as `{}` in a stream of plain text
        return self._unknown(told if isinstance(told, str) else name or "record", raw)

    def _untyped(self, value: JsonObject) -> list[Event] | None:
        if value.get("error"):
            return self._error(value, "error")
        if _number(value.get("progress")) is not None:
            return self._progress(value, "progress")
        if any(isinstance(value.get(key), str) for key in BARE_TEXT_KEYS):
            return self._text_of(value, "text")
        return None

    # --- one kind of record each; None: not of the shape that was expected

    def _start(self, _value: JsonObject, _tag: str) -> list[Event]:
        self._promised = True
        return []

    def _nothing(self, _value: JsonObject, _tag: str) -> list[Event]:
        return []

    def _text_of(self, value: JsonObject, _tag: str) -> list[Event] | None:
        text = _first_raw(value, TEXT_KEYS)
        return None if text is None else self._text(text, value)

    def _text(self, text: str, value: JsonObject) -> list[Event]:
        return self._parts.grow("text", text, self._step_of(value))

    def _reasoning(self, value: JsonObject, _tag: str) -> list[Event] | None:
        text = _first_raw(value, ("content", "thinking", "reasoning", "text", "delta", "token"))
        if text is None:
            return None
        return self._parts.grow("reasoning", text, self._step_of(value))

    def _progress(self, value: JsonObject, _tag: str) -> list[Event]:
        step_id = self._step_of(value)
        part_id = self._progress_id(value, step_id)
        completed, total = self._numbers(value, part_id)
        self._said[part_id] = (completed, total)
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
        told = value.get("id")
        key = told if isinstance(told, (str, int)) else ("in step", step_id)
        if key not in self._progress_ids:
            self._progress_ids[key] = self._parts.new_id("p")
        return self._progress_ids[key]

    def _numbers(self, value: JsonObject, part_id: str) -> tuple[float, float | None]:
        """Completed and total; a bare number counts percent, or is a fraction if below one."""
        total = _number(value.get("total"))
        for key in ("completed", "current", "done"):
            counted = _number(value.get(key))
            if counted is not None:
                return counted, total
        bare = _first_number(value, ("progress", "percent", "value"))
        if bare is None:
            return self._said.get(part_id, (0, None))
        if total is None:
            fraction = isinstance(bare, float) and 0 < bare <= 1
            self._fractions = fraction or (self._fractions and bare <= 1)
            total = 1 if self._fractions else 100
        return bare, total

    def _step(self, value: JsonObject, _tag: str) -> list[Event] | None:
        """`{"type": "step"}`: ends one if its status says so; else starts one after the last."""
        bare = "id" not in value and "step_id" not in value
        if _step_state(value) is not None:
            return self._step_end({**value, "id": ""} if bare else value, _tag)
        before = self._parts.end_step("", "done") if bare else []
        started = self._step_start({"id": "", "parent": None, **value} if bare else value, _tag)
        return [*before, *started]

    def _step_start(self, value: JsonObject, _tag: str) -> list[Event]:
        name = _first_str(value, NAME_KEYS)
        told = _first_key(value, ("id", "step_id"))
        key: str | int = told if told is not None else name or ""
        told_parent = "parent" in value or "parent_id" in value
        parent: Hashable = _first_key(value, ("parent", "parent_id"))
        if not told_parent:
            parent = self._parts.innermost
        shown = name or clean(str(key)) or "step"
        return self._parts.start_step(key, shown, None if parent == key else parent)

    def _step_end(self, value: JsonObject, _tag: str) -> list[Event] | None:
        key: Hashable = _first_key(value, ("id", "step_id", *NAME_KEYS))
        if key is None:
            key = self._parts.innermost
        if self._parts.step_id(key) is None:
            return None
        return self._parts.end_step(key, _step_state(value) or "done")

    def _notice(self, value: JsonObject, tag: str) -> list[Event] | None:
        message = _first_str(value, ("message", "content", "text", "status"))
        level: NoticeLevel = "warning" if tag == "warning" else "info"
        return None if message is None else [Notice(message, level)]

    def _error(self, value: JsonObject, _tag: str) -> list[Event]:
        self._failed = True
        message, code = error_of(value)
        short = excerpt(message)
        failure = Failure(
            short,
            fault="provider",
            error_type="ProviderError",
            code=code,
            detail=None if short == message else message,
        )
        return [*self._parts.close(), failure]

    def _finish(self, value: JsonObject, tag: str) -> list[Event]:
        named = None if "type" in value else tag  # `event: done` is all the reason there is
        return self._end(_first_str(value, REASON_KEYS) or named)

    def _unknown(self, name: str, raw: str) -> list[Event]:
        return [*self._parts.close(), Unknown(name, raw)]

    def _end(self, reason: str | None, *, cut: bool = False) -> list[Event]:
        self.ended = True
        outcome: Outcome = "failed" if self._failed else "cut" if cut else "complete"
        return [*self._parts.close(), run_end(outcome, reason)]

    def _step_of(self, value: Mapping[str, object]) -> str | None:
        """Our id of the step that a record names, else of the innermost one."""
        told = _first_key(value, ("step_id", "step"))
        return self._parts.step_id(told) or self._parts.step_id(self._parts.innermost)


Handler = Callable[[GenericFormat, JsonObject, str], list[Event] | None]

_STARTS: Final = ("start", "run_start")
_PINGS: Final = ("ping", "heartbeat", "keep_alive", "keepalive")
_OPENINGS: Final = frozenset({"open", "opened", "connect", "connected", "ready", "init", "hello"})
"""Names of events by which a server or a proxy says that it is there, whatever then comes."""
_TEXT_TYPES: Final = frozenset(
    {"response", "text", "token", "delta", "message", "content", "chunk", "output"}
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
    **dict.fromkeys(("end", "done", "finish", "run_end"), GenericFormat._finish),
    **dict.fromkeys(_PINGS, GenericFormat._nothing),
}


def is_quiet(record: Record) -> bool:
    """Whether the record only keeps the connection alive, in any vocabulary."""
    return not record.data.strip() or _tag(record.type) in _PINGS


def shows(record: Record, *, lines: bool = False) -> bool:
    """Whether the generic format has something to show of this record, or ends with it."""
    value = record.object
    if _tag(record.name) in _OPENINGS:
        return False
    if not value:
        return bool(record.data.strip()) and (record.value is NO_JSON or not lines)
    told = value.get("type")
    tag = _tag(told) if isinstance(told, str) else _tag(record.name)
    if tag in _BY_TYPE:
        return tag not in _STARTS
    if isinstance(told, str):
        return False
    keys = {key.strip() for key in value}
    return bool(keys & {"error", "progress", *BARE_TEXT_KEYS})


def parse_json(text: str) -> object:
    """The value, or None if `text` is no JSON (a bare `null` is no record either)."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def error_of(value: Mapping[str, object]) -> tuple[str, str | None]:
    """Message and code (None: none) of an error object, flat or nested in `error`."""
    inner = value.get("error")
    if isinstance(inner, dict):
        value = inner
    elif isinstance(inner, str) and inner:
        value = {"message": inner, **value}
    keys = ("message", "errorText", "detail", "error_description", "title", "content")
    message = _first_str(value, keys)
    if not message:
        told = clean(json_text({**value}))
        message = f"The server reported an error without a message: {told}"
    code = value.get("code", value.get("error_type"))
    return message, clean(str(code)) if isinstance(code, (str, int)) else None


def _tag(name: str) -> str:
    return name.strip().lower().replace("-", "_")


def _number(value: object) -> float | None:
    """`value` if it is a finite number; NaN and infinity would not survive the way to the page."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return value if abs(value) < 1e300 else None


def _first_number(value: Mapping[str, object], keys: tuple[str, ...]) -> float | None:
    return next((n for key in keys if (n := _number(value.get(key))) is not None), None)


def _first_str(value: Mapping[str, object], keys: tuple[str, ...]) -> str | None:
    text = _first_raw(value, keys)
    return None if text is None else clean(text)


def _first_raw(value: Mapping[str, object], keys: tuple[str, ...]) -> str | None:
    """As it came: a delta may begin or end with half a surrogate pair."""
    return next((item for key in keys if isinstance(item := value.get(key), str)), None)


def _first_key(value: Mapping[str, object], keys: tuple[str, ...]) -> str | int | None:
    return next((item for key in keys if isinstance(item := value.get(key), (str, int))), None)


def _step_state(value: Mapping[str, object]) -> StepState | None:
    """How the record says that a step ended; None if it does not say that it did."""
    told = value.get("state", value.get("status", value.get("phase")))
    if not isinstance(told, str):
        return None
    states: list[tuple[frozenset[str], StepState]] = [
        (FAILED_STATES, "failed"),
        (STOPPED_STATES, "stopped"),
        (DONE_STATES, "done"),
    ]
    return next((state for names, state in states if told.lower() in names), None)
