"""The data stream of the Vercel AI SDK 3.4 and 4: lines of a code, a colon and a JSON value.

Knows records, not bytes. A record is one line as it came, in `data`; its value is `NO_JSON`:

| code | becomes |
|---|---|
| `0`, `g` | text, reasoning |
| `2`, `8` | an array of the application's own data: progress if it looks like it, else unknown |
| `3` | a failure; the lines of the end follow it |
| `b`, `c`, `9`, `a` | a tool call: start, arguments, authoritative whole, result |
| `h` | a citation |
| `k` | unknown: a file |
| `f`, `e` | a step; `e` tells its usage and finish reason |
| `d` | the end, with the usage of all steps together |
| `i`, `j` | nothing: redacted reasoning, signatures |

The end marker is `d`; without it the stream is cut.

Source: AI SDK 4, docs/ai-sdk-ui/stream-protocol and packages/ui-utils/src/data-stream-parts.ts.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from ..events import Citation, Event
from .agent import STEP, AgentRun, usage_of
from .fields import as_mapping, as_sequence, as_text, json_text, mapping, text, text_or_none
from .records import NO_JSON, NewId, Record, parse

NAME = "ai-sdk-data"
_LINE: Final = re.compile(r"\s*([0-9a-z]):(.*)", re.DOTALL)


class AISDKDataFormat(AgentRun):
    """Lines of the data stream to events; `new_id` makes ids that are unique in the run."""

    def __init__(self, new_id: NewId) -> None:
        super().__init__(new_id)
        self._step_count = 0

    def feed(self, record: Record, /) -> list[Event]:
        """The events of one line."""
        if self.ended or not record.data.strip():
            return []
        code, value = _split(record.data)
        if code not in _BY_CODE or value is NO_JSON:
            return self.unknown("line", record.data)
        return _BY_CODE[code](self, value)

    def _text(self, value: Any) -> list[Event]:
        return self.say("text", as_text(value))

    def _reasoning(self, value: Any) -> list[Event]:
        return self.say("reasoning", as_text(value))

    def _data(self, value: Any) -> list[Event]:
        return [event for item in as_sequence(value) for event in self._item("data", item)]

    def _annotations(self, value: Any) -> list[Event]:
        return [event for item in as_sequence(value) for event in self._item("annotation", item)]

    def _item(self, name: str, item: object) -> list[Event]:
        key = (name, text(item, "id"), text(item, "type"))
        progress = self.progress.read(key, item, self.step_id)
        return self.unknown(name, json_text(item)) if progress is None else [progress]

    def _error(self, value: Any) -> list[Event]:
        return self.fail(as_text(value) or text(value, "message") or json_text(value))

    def _call_start(self, value: Any) -> list[Event]:
        call_id = text(value, "toolCallId")
        return self.start_call(call_id, text(value, "toolName"), call_id)

    def _call_delta(self, value: Any) -> list[Event]:
        return self.grow_call(text(value, "toolCallId"), text(value, "argsTextDelta"))

    def _call(self, value: Any) -> list[Event]:
        told = as_mapping(value).get("args")
        whole = None if told is None else json_text(told)
        return [*self._call_start(value), *self.end_call(text(value, "toolCallId"), whole)]

    def _result(self, value: Any) -> list[Event]:
        told = as_mapping(value).get("result")
        return self.result(text(value, "toolCallId"), json_text(told))

    def _source(self, value: Any) -> list[Event]:
        title = text_or_none(value, "title", "id")
        return [Citation(text_or_none(value, "url"), title, self.step_id)]

    def _file(self, value: Any) -> list[Event]:
        return self.unknown("file", json_text(value))

    def _nothing(self, _: Any) -> list[Event]:
        return []

    def _step_start(self, _: Any) -> list[Event]:
        self._step_count += 1
        return self.parts.start_step(STEP, f"Step {self._step_count}", None)

    def _step_end(self, value: Any) -> list[Event]:
        self.raw = text_or_none(value, "finishReason") or self.raw
        usage = usage_of(mapping(value, "usage"), f"step {self._step_count}")
        return [*usage, *self.parts.end_step(STEP, "done")]

    def _finish(self, value: Any) -> list[Event]:
        self.raw = text_or_none(value, "finishReason") or self.raw
        # The steps told their usage; the total of all is news only where none came.
        usage = [] if self._step_count else usage_of(mapping(value, "usage"))
        return [*usage, *self.end("complete")]


_BY_CODE: Final[dict[str, Callable[[AISDKDataFormat, Any], list[Event]]]] = {
    "0": AISDKDataFormat._text,
    "2": AISDKDataFormat._data,
    "3": AISDKDataFormat._error,
    "8": AISDKDataFormat._annotations,
    "9": AISDKDataFormat._call,
    "a": AISDKDataFormat._result,
    "b": AISDKDataFormat._call_start,
    "c": AISDKDataFormat._call_delta,
    "d": AISDKDataFormat._finish,
    "e": AISDKDataFormat._step_end,
    "f": AISDKDataFormat._step_start,
    "g": AISDKDataFormat._reasoning,
    "h": AISDKDataFormat._source,
    "i": AISDKDataFormat._nothing,
    "j": AISDKDataFormat._nothing,
    "k": AISDKDataFormat._file,
}


def _split(line: str) -> tuple[str, Any]:
    """The code and the value of a line; `NO_JSON` where the value is none."""
    found = _LINE.match(line)
    return (found[1], parse(found[2])) if found else ("", NO_JSON)


def recognises(record: Record) -> bool:
    """Whether the line is of this vocabulary for certain: a code with the value that it must have.

    `0:"..."` counts: no other vocabulary has lines that are no JSON and have this shape.
    """
    if record.value is not NO_JSON or record.name:
        return False
    code, value = _split(record.data)
    if code in ("0", "g", "3"):
        return isinstance(value, str)
    if code in ("2", "8"):
        return isinstance(value, list)
    keys = {"f": "messageId", "b": "toolCallId", "9": "toolCallId", "d": "finishReason"}
    return isinstance(value, dict) and code in keys and keys[code] in value
