"""The UI message stream of the Vercel AI SDK (5 and later), and what formats of agents share.

Knows records, not bytes. A record is one server-sent event without a name; dispatch on `type`:

| record | becomes |
|---|---|
| `text-delta`, `reasoning-delta` | text, reasoning; another `id`: a new part |
| `tool-input-start`, `-delta`, `-available`, `-error` | a tool call; `available` is authoritative |
| `tool-output-available` (also preliminary), `-error`, `-denied` | its result |
| `tool-approval-request`, `abort` | a notice |
| `data-<name>` | progress if it looks like it, else unknown; the same `id` again replaces it |
| `data-<name>` with `transient` | progress, or a notice |
| `source-url`, `source-document` | a citation |
| `start-step`, `finish-step` | a step; part and data ids are unique inside it only |
| `reset-step` | discards what was said since the step began |
| `messageMetadata.usage` of any record | usage, where the server puts it there |
| `error` | a failure; the records of the end follow it |
| `finish`, `abort` | the end |
| `start`, `custom` | nothing |
| anything else, `file` among it | unknown |

The end marker is `finish` (or `abort`, of an answer that is cut); `[DONE]` stands for one that did
not come. Without any, the stream is cut.

Source: AI SDK 7, content/docs/04-ai-sdk-ui/50-stream-protocol.mdx and
packages/ai/src/ui-message-stream/ui-message-chunks.ts.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Final

from ..events import (
    Citation,
    Event,
    Outcome,
    Reset,
    Unknown,
)
from .agent import STEP, AgentRun, notice_of, usage_of
from .fields import (
    JsonObject,
    json_text,
    mapping,
    text,
    text_or_none,
)
from .records import NewId, Record

NAME = "ai-sdk-ui"
DONE: Final = "[DONE]"


class AISDKUIFormat(AgentRun):
    """Records of the UI message stream to events; `new_id` makes ids unique in the run."""

    def __init__(self, new_id: NewId) -> None:
        super().__init__(new_id)
        self._step_count = 0
        self._shown: dict[Hashable, str] = {}
        self._owed: dict[Hashable, Unknown] = {}

    def feed(self, record: Record, /) -> list[Event]:
        """The events of one record."""
        if self.ended:
            return []
        if record.data.strip() == DONE:
            return self.end("complete")
        value, tag = record.object, record.type
        usage = usage_of(mapping(mapping(value, "messageMetadata"), "usage"))
        if tag in _BY_TYPE:
            return [*usage, *_BY_TYPE[tag](self, value)]
        if tag.startswith("data-"):
            return self._data(value, tag, record.data)
        return [*usage, *self.unknown(tag or "record", record.data)]

    def end(self, outcome: Outcome) -> list[Event]:
        return [*self._settle(), *super().end(outcome)]

    def _nothing(self, _: JsonObject) -> list[Event]:
        return []

    def _close(self, _: JsonObject) -> list[Event]:
        return self.parts.close()

    def _text(self, value: JsonObject) -> list[Event]:
        return self.say("text", text(value, "delta"), text(value, "id"))

    def _reasoning(self, value: JsonObject) -> list[Event]:
        return self.say("reasoning", text(value, "delta"), text(value, "id"))

    def _tool_start(self, value: JsonObject) -> list[Event]:
        call_id = text(value, "toolCallId")
        by_provider = value.get("providerExecuted") is True
        return self.start_call(call_id, text(value, "toolName"), call_id, by_provider=by_provider)

    def _tool_delta(self, value: JsonObject) -> list[Event]:
        return self.grow_call(text(value, "toolCallId"), text(value, "inputTextDelta"))

    def _tool_input(self, value: JsonObject) -> list[Event]:
        told = json_text(value["input"]) if value.get("input") is not None else None
        return [*self._tool_start(value), *self.end_call(text(value, "toolCallId"), told)]

    def _tool_error(self, value: JsonObject) -> list[Event]:
        said = text(value, "errorText") or "The tool failed."
        before = self._tool_input(value) if "input" in value else []
        return [*before, *self.result(text(value, "toolCallId"), said, is_error=True)]

    def _tool_output(self, value: JsonObject) -> list[Event]:
        return self.result(text(value, "toolCallId"), json_text(value.get("output")))

    def _tool_denied(self, value: JsonObject) -> list[Event]:
        return self.result(text(value, "toolCallId"), "The call was denied.", is_error=True)

    def _approval(self, value: JsonObject) -> list[Event]:
        call_id = text(value, "toolCallId")
        return [notice_of(f"The tool call {call_id} waits for an approval.", "warning")]

    def _source(self, value: JsonObject) -> list[Event]:
        title = text_or_none(value, "title", "filename")
        return [Citation(text_or_none(value, "url"), title, self.step_id)]

    def _step_start(self, _: JsonObject) -> list[Event]:
        self._step_count += 1
        name = f"Step {self._step_count}"
        return [*self._settle(), *self.parts.start_step(STEP, name, None)]

    def _step_end(self, _: JsonObject) -> list[Event]:
        return [*self._settle(), *self.parts.end_step(STEP, "done")]

    def _reset(self, _: JsonObject) -> list[Event]:
        self.calls.clear()
        self._shown.clear()
        self._owed.clear()
        return [*self.parts.close(), Reset()]

    def _error(self, value: JsonObject) -> list[Event]:
        return self.fail(text(value, "errorText", "message"))

    def _finish(self, value: JsonObject) -> list[Event]:
        self.raw = text_or_none(value, "finishReason") or self.raw
        return self.end("complete")

    def _abort(self, value: JsonObject) -> list[Event]:
        said = text(value, "reason")
        message = f"The server stopped the answer: {said}" if said else "The server stopped here."
        self.raw = "abort"
        return [*self.parts.close(), notice_of(message, "warning"), *self.end("cut")]

    def _data(self, value: JsonObject, tag: str, raw: str) -> list[Event]:
        """An application's own part. Of one that is no progress the first and last are shown."""
        data, told = value.get("data"), value.get("id")
        key = (tag, told if isinstance(told, (str, int)) else None)
        if progress := self.progress.read(key, data, self.step_id):
            return [progress]
        if value.get("transient") is True:
            said = text(data, "message", "text", "label") or f"{tag[5:]}: {json_text(data)}"
            return [notice_of(said, text(data, "level"))]
        if key[1] is None or key not in self._shown:
            self._shown[key] = raw
            return self.unknown(tag, raw)
        self._owed[key] = Unknown(tag, raw)
        return []

    def _settle(self) -> list[Event]:
        """The last version of data that was replaced since it was shown."""
        owed: list[Event] = [
            one for key, one in self._owed.items() if self._shown.get(key) != one.data
        ]
        self._shown |= {key: one.data for key, one in self._owed.items()}
        self._owed = {}
        return [*self.parts.close(), *owed] if owed else []


_BY_TYPE: Final[dict[str, Callable[[AISDKUIFormat, JsonObject], list[Event]]]] = {
    **dict.fromkeys(
        ("start", "custom", "message-metadata", "tool-approval-response"), AISDKUIFormat._nothing
    ),
    **dict.fromkeys(
        ("text-start", "text-end", "reasoning-start", "reasoning-end"), AISDKUIFormat._close
    ),
    "text-delta": AISDKUIFormat._text,
    "reasoning-delta": AISDKUIFormat._reasoning,
    "tool-input-start": AISDKUIFormat._tool_start,
    "tool-input-delta": AISDKUIFormat._tool_delta,
    "tool-input-available": AISDKUIFormat._tool_input,
    **dict.fromkeys(("tool-input-error", "tool-output-error"), AISDKUIFormat._tool_error),
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
    """Whether the record is of this vocabulary for certain; `start` alone is not."""
    value, tag = record.object, record.object.get("type")
    if not isinstance(tag, str):
        return False
    if tag.startswith("data-"):
        return "data" in value and set(value) <= {"type", "id", "data", "transient"}
    return tag in _CERTAIN and all(key in value for key in _CERTAIN[tag])
