"""The data stream of the Vercel AI SDK 3.4 and 4: lines of a code, a colon and a JSON value.

Knows records, not bytes. A record is one raw line, in `data`; its value is `NO_JSON`:

| code | becomes |
|---|---|
| `0`, `g` | text, reasoning |
| `2`, `8` | an array of application data: progress if it looks like progress, else unknown |
| `3` | a failure; the lines of the end follow it |
| `b`, `c`, `9`, `a` | a tool call: start, arguments, authoritative whole, result |
| `h` | a citation |
| `k` | unknown: a file |
| `f`, `e` | a step; `e` has its usage and finish reason |
| `d` | the end, with the usage of all steps together |
| `i`, `j` | nothing: redacted reasoning, signatures |

The end marker is `d`; without it the stream is cut.

Source: AI SDK 4, docs/ai-sdk-ui/stream-protocol and packages/ui-utils/src/data-stream-parts.ts.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from ..decode.records import NO_JSON, NewId, Record, parse
from ..events import Event
from .base import BaseFormat
from .fields import as_mapping, as_sequence, as_text, json_text, mapping, text, text_or_none

NAME = "ai-sdk-data"
STEP: Final = "step"
_LINE: Final = re.compile(r"\s*([0-9a-z]):(.*)", re.DOTALL)


class AISDKDataFormat(BaseFormat):
    """A decoder from lines of the data stream to canonical events."""

    def __init__(self, new_id: NewId) -> None:
        super().__init__(new_id)
        self._step_count = 0

    def feed(self, record: Record, /) -> list[Event]:
        """Return the events of one line."""
        if self.ended or not record.data.strip():
            return []
        code, value = _split(record.data)
        if code not in _BY_CODE or value is NO_JSON:
            return self.unknown("line", record.data)
        return _BY_CODE[code](self, value)

    def _text(self, value: Any) -> list[Event]:
        return self.say(as_text(value))

    def _reasoning(self, value: Any) -> list[Event]:
        return self.think(as_text(value))

    def _data(self, value: Any) -> list[Event]:
        return [event for item in as_sequence(value) for event in self._item("data", item)]

    def _annotations(self, value: Any) -> list[Event]:
        return [event for item in as_sequence(value) for event in self._item("annotation", item)]

    def _item(self, name: str, item: object) -> list[Event]:
        key = (name, text(item, "id"), text(item, "type"))
        return self.progress(key, item) or self.unknown(name, json_text(item))

    def _error(self, value: Any) -> list[Event]:
        return self.fail(as_text(value) or value)

    def _call_start(self, value: Any) -> list[Event]:
        call_id = text(value, "toolCallId")
        if self.is_over(call_id):
            self.forget(call_id)
        return self.call(call_id, text(value, "toolName"), call_id or None)

    def _call_delta(self, value: Any) -> list[Event]:
        return self.arguments(text(value, "toolCallId"), text(value, "argsTextDelta"))

    def _call(self, value: Any) -> list[Event]:
        arguments = as_mapping(value).get("args")
        whole = None if arguments is None else json_text(arguments)
        return [*self._call_start(value), *self.end_call(text(value, "toolCallId"), whole)]

    def _result(self, value: Any) -> list[Event]:
        return self.result(text(value, "toolCallId"), json_text(as_mapping(value).get("result")))

    def _source(self, value: Any) -> list[Event]:
        return self.cite(text_or_none(value, "url"), text_or_none(value, "title", "id"))

    def _file(self, value: Any) -> list[Event]:
        return self.unknown("file", json_text(value))

    def _nothing(self, _: Any) -> list[Event]:
        return []

    def _step_start(self, _: Any) -> list[Event]:
        self._step_count += 1
        return self.start_step(STEP, f"Step {self._step_count}")

    def _step_end(self, value: Any) -> list[Event]:
        self.finish_reason = text_or_none(value, "finishReason") or self.finish_reason
        usage = self.usage(mapping(value, "usage"), f"step {self._step_count}")
        return [*usage, *self.end_step(STEP)]

    def _finish(self, value: Any) -> list[Event]:
        self.finish_reason = text_or_none(value, "finishReason") or self.finish_reason
        # The steps report their usage; the total counts only if none did.
        usage = [] if self._step_count else self.usage(mapping(value, "usage"))
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
    """Return the code and the value of a line; `NO_JSON` if the value is not JSON."""
    match = _LINE.match(line)
    return (match[1], parse(match[2])) if match else ("", NO_JSON)


def recognises(record: Record) -> bool:
    """True if the line certainly belongs to this vocabulary: a code with a value of its type.

    `0:"..."` counts: no other vocabulary has lines of this shape that are not JSON.
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
