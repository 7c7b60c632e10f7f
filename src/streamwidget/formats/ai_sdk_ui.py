"""The UI message stream of the Vercel AI SDK (5 and later).

Knows records, not bytes. A record is one server-sent event without a name; dispatch on `type`:

| record | becomes |
|---|---|
| `text-start`, `text-delta`, `text-end`, `reasoning-...` | text, reasoning: a part for each `id` |
| `tool-input-start`, `-delta`, `-available`, `-error` | a tool call; `available` is authoritative |
| `tool-output-available` (also preliminary), `-error`, `-denied` | its result |
| `tool-approval-request` | a question that is answered elsewhere |
| `abort` | a notice |
| `data-<name>` | progress if it looks like progress, else unknown; the same `id` replaces it |
| `data-<name>` with `transient` | progress, or a notice |
| `source-url`, `source-document` | a citation |
| `start-step`, `finish-step` | a step; tool call ids are unique inside it only |
| `reset-step` | discards everything since the step began |
| `messageMetadata.usage` of any record | usage |
| `error` | a failure; the records of the end follow it |
| `finish`, `abort` | the end |
| `start`, `custom` | nothing |
| anything else, including `file` | unknown |

A part whose start was announced stays open until its end event: servers merge several sources into
one stream, and the steps of one must not cut the text of another. The end marker is `finish` (or
`abort`, for an answer that is cut); `[DONE]` takes the place of a missing one. Without any, the
stream is cut.

Source: AI SDK 7, content/docs/04-ai-sdk-ui/50-stream-protocol.mdx and
packages/ai/src/ui-message-stream/ui-message-chunks.ts.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import replace
from typing import Final

from ..catalogue import denied_words
from ..decode.records import NewId, Record
from ..events import Event, Outcome, Reset, TextDelta, ToolResult, Unknown
from .base import BaseFormat, notice_of
from .fields import JsonObject, json_text, key_in, mapping, text, text_or_none
from .questions import HINTS, approval

NAME = "ai-sdk-ui"
DONE: Final = "[DONE]"
STEP: Final = "step"


class AISDKUIFormat(BaseFormat):
    """A decoder from records of the UI message stream to canonical events."""

    def __init__(self, new_id: NewId) -> None:
        super().__init__(new_id)
        self._step_count = 0
        self._shown: dict[Hashable, str] = {}
        self._pending: dict[Hashable, Unknown] = {}

    def feed(self, record: Record, /) -> list[Event]:
        """Return the events of one record."""
        if self.ended:
            return []
        value, tag = record.object, record.type
        if tag == "text-delta":
            text_id, more = value.get("id"), value.get("delta")
            if type(text_id) is str and type(more) is str and more and len(value) == 3:
                part = self._open.get(("text", text_id))
                if part is not None:  # nearly all records of nearly all streams
                    return [TextDelta(part.part_id, more)]
        if record.data.strip() == DONE:
            return self.end("complete")
        events = self._metadata(mapping(value, "messageMetadata"))
        if tag in _BY_TYPE:
            return [*events, *_BY_TYPE[tag](self, value)]
        if tag.startswith("data-"):
            return [*events, *self._data(value, tag, record.data)]
        return [*events, *self.unknown(tag or "record", record.data)]

    def end(self, outcome: Outcome = "complete") -> list[Event]:
        """End the run, after the last versions of application data."""
        return [*self._settle(), *super().end(outcome)]

    def _metadata(self, metadata: JsonObject) -> list[Event]:
        if not metadata:
            return []
        model = self.answered_by(text(metadata, "model", "modelId"))
        counts = mapping(metadata, "usage") or mapping(metadata, "totalUsage")
        return [*model, *self.usage(counts)]

    def _nothing(self, _: JsonObject) -> list[Event]:
        return []

    # --- text and reasoning

    def _start_text(self, value: JsonObject) -> list[Event]:
        return self.declare(("text", key_in(value, "id")))

    def _start_reasoning(self, value: JsonObject) -> list[Event]:
        return self.declare(("reasoning", key_in(value, "id")))

    def _text(self, value: JsonObject) -> list[Event]:
        return self.say(text(value, "delta"), ("text", key_in(value, "id")))

    def _reasoning(self, value: JsonObject) -> list[Event]:
        return self.think(text(value, "delta"), ("reasoning", key_in(value, "id")))

    def _end_text(self, value: JsonObject) -> list[Event]:
        return self.close(("text", key_in(value, "id")))

    def _end_reasoning(self, value: JsonObject) -> list[Event]:
        return self.close(("reasoning", key_in(value, "id")))

    # --- tools

    def _tool_start(self, value: JsonObject) -> list[Event]:
        call_id = text(value, "toolCallId")
        known = self.calls.get(call_id)
        if self.is_over(call_id) or (known is not None and known.has_ended):
            self.forget(call_id)
        return self._tool(value)

    def _tool(self, value: JsonObject) -> list[Event]:
        call_id = text(value, "toolCallId")
        by_provider = value.get("providerExecuted") is True
        return self.call(call_id, text(value, "toolName"), call_id, by_provider=by_provider)

    def _tool_delta(self, value: JsonObject) -> list[Event]:
        call_id = text(value, "toolCallId")
        return [*self._tool(value), *self.arguments(call_id, text(value, "inputTextDelta"))]

    def _tool_input(self, value: JsonObject) -> list[Event]:
        call_id = text(value, "toolCallId")
        if self.is_over(call_id):
            self.forget(call_id)
        whole = json_text(value["input"]) if value.get("input") is not None else None
        return [*self._tool(value), *self.end_call(call_id, whole)]

    def _tool_input_error(self, value: JsonObject) -> list[Event]:
        before = self._tool_input(value) if "input" in value else []
        return [*before, *self._tool_error(value)]

    def _tool_error(self, value: JsonObject) -> list[Event]:
        message = text(value, "errorText") or "The tool failed."
        return self.result(text(value, "toolCallId"), message, is_error=True)

    def _tool_output(self, value: JsonObject) -> list[Event]:
        return self.result(text(value, "toolCallId"), json_text(value.get("output")))

    def _tool_denied(self, value: JsonObject) -> list[Event]:
        events = self.result(text(value, "toolCallId"), denied_words(), is_error=True)
        return [
            replace(event, is_denied=True) if isinstance(event, ToolResult) else event
            for event in events
        ]

    def _approval(self, value: JsonObject) -> list[Event]:
        call = self.calls.get(text(value, "toolCallId"))
        question = approval("" if call is None else call.tool_name)
        part_id = None if call is None else call.part_id
        return [question.shown(self.new_id, HINTS["ai-sdk"], part_id)]

    def _source(self, value: JsonObject) -> list[Event]:
        return self.cite(text_or_none(value, "url"), text_or_none(value, "title", "filename"))

    # --- steps and the end

    def _step_start(self, _: JsonObject) -> list[Event]:
        self._step_count += 1
        before = [*self._settle(), *self.close_undeclared()]
        return [*before, *self.start_step(STEP, f"Step {self._step_count}")]

    def _step_end(self, _: JsonObject) -> list[Event]:
        return [*self._settle(), *self.end_step(STEP)]

    def _reset(self, _: JsonObject) -> list[Event]:
        self.calls.clear()
        self._shown.clear()
        self._pending.clear()
        return [*self.close_all(), Reset()]

    def _error(self, value: JsonObject) -> list[Event]:
        return self.fail(text(value, "errorText", "message") or value)

    def _finish(self, value: JsonObject) -> list[Event]:
        self.finish_reason = text_or_none(value, "finishReason") or self.finish_reason
        return self.end("complete")

    def _abort(self, value: JsonObject) -> list[Event]:
        reason = text(value, "reason")
        message = f"The server stopped the answer: {reason}" if reason else "The server stopped."
        self.finish_reason = "abort"
        return [notice_of(message, "warning"), *self.end("cut")]

    # --- application data

    def _data(self, value: JsonObject, tag: str, raw: str) -> list[Event]:
        """Return application data: progress, or the first and the last version for each id."""
        data, data_id = value.get("data"), value.get("id")
        key = (tag, data_id if isinstance(data_id, (str, int)) else None)
        if bar := self.progress(key, data):
            return bar
        if value.get("transient") is True:
            message = text(data, "message", "text", "label") or f"{tag[5:]}: {json_text(data)}"
            return [notice_of(message, text(data, "level"))]
        if key[1] is None or key not in self._shown:
            self._shown[key] = raw
            return self.unknown(tag, raw)
        self._pending[key] = Unknown(tag, raw)
        return []

    def _settle(self) -> list[Event]:
        """Return the last versions of data that was replaced since it was shown."""
        changed = [
            (key, record)
            for key, record in self._pending.items()
            if self._shown.get(key) != record.data
        ]
        self._shown |= {key: record.data for key, record in changed}
        self._pending = {}
        return [event for _, record in changed for event in self.unknown(record.name, record.data)]


_BY_TYPE: Final[dict[str, Callable[[AISDKUIFormat, JsonObject], list[Event]]]] = {
    **dict.fromkeys(
        ("start", "custom", "message-metadata", "tool-approval-response"), AISDKUIFormat._nothing
    ),
    "text-start": AISDKUIFormat._start_text,
    "reasoning-start": AISDKUIFormat._start_reasoning,
    "text-end": AISDKUIFormat._end_text,
    "reasoning-end": AISDKUIFormat._end_reasoning,
    "text-delta": AISDKUIFormat._text,
    "reasoning-delta": AISDKUIFormat._reasoning,
    "tool-input-start": AISDKUIFormat._tool_start,
    "tool-input-delta": AISDKUIFormat._tool_delta,
    "tool-input-available": AISDKUIFormat._tool_input,
    "tool-input-error": AISDKUIFormat._tool_input_error,
    "tool-output-error": AISDKUIFormat._tool_error,
    "tool-output-available": AISDKUIFormat._tool_output,
    "tool-output-denied": AISDKUIFormat._tool_denied,
    "tool-approval-request": AISDKUIFormat._approval,
    **dict.fromkeys(("source-url", "source-document"), AISDKUIFormat._source),
    "start-step": AISDKUIFormat._step_start,
    "finish-step": AISDKUIFormat._step_end,
    "reset-step": AISDKUIFormat._reset,
    "error": AISDKUIFormat._error,
    "finish": AISDKUIFormat._finish,
    "abort": AISDKUIFormat._abort,
}

_CERTAIN: Final = {
    "start": ("messageId",),
    "text-start": ("id",),
    "text-delta": ("id", "delta"),
    "reasoning-start": ("id",),
    "reasoning-delta": ("id", "delta"),
    "tool-input-start": ("toolCallId", "toolName"),
    "tool-input-delta": ("toolCallId", "inputTextDelta"),
    "tool-input-available": ("toolCallId", "toolName", "input"),
    "start-step": (),
    "finish-step": (),
    "reset-step": (),
}


def recognises(record: Record) -> bool:
    """True if the record certainly belongs to this vocabulary; `start` alone does not."""
    value, tag = record.object, record.object.get("type")
    if not isinstance(tag, str):
        return False
    if tag.startswith("data-"):
        return "data" in value and set(value) <= {"type", "id", "data", "transient"}
    return tag in _CERTAIN and all(key in value for key in _CERTAIN[tag])
