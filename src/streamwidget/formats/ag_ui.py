"""AG-UI 1.0, and the `THINKING_*` events that servers sent before it.

Knows records, not bytes. A record is one server-sent event without a name; dispatch on `type`:

| record | becomes |
|---|---|
| `TEXT_MESSAGE_CONTENT`, `..._CHUNK` of the assistant | text; another message: a new part |
| `REASONING_MESSAGE_CONTENT`, `..._CHUNK`, `THINKING_TEXT_MESSAGE_CONTENT` | reasoning |
| `TOOL_CALL_START`, `_ARGS`, `_END`, `_CHUNK`, `_RESULT` | a tool call and its result |
| `STEP_STARTED`, `STEP_FINISHED`, `SUBAGENT_*` | a step |
| `ACTIVITY_SNAPSHOT`, `ACTIVITY_DELTA`, `CUSTOM` | progress if it looks like it, else unknown |
| `STATE_SNAPSHOT` | unknown: the application's state |
| `MESSAGES_SNAPSHOT` | what it has and the stream did not say |
| `RUN_FINISHED`, `RUN_ERROR` | usage, notices of interrupts, a failure, and the end |
| `RUN_STARTED`, `STATE_DELTA`, `RAW`, encrypted values and other starts and ends | nothing |

A `CHUNK` without an id goes on with the last one. Absent fields and explicit nulls are the same.
The end marker is `RUN_FINISHED` or `RUN_ERROR`; without it the stream is cut.

Source: AG-UI 1.0, spec/1.0/schema.json and docs/concepts/events.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from ..events import Event
from .agent import AgentRun, notice_of, usage_of
from .fields import (
    JsonObject,
    code,
    json_text,
    mapping,
    objects,
    text,
    text_or_none,
)
from .parts import Kind
from .records import NewId, Record

NAME = "ag-ui"


class AGUIFormat(AgentRun):
    """Records of AG-UI to events; `new_id` makes ids that are unique in the run."""

    def __init__(self, new_id: NewId) -> None:
        super().__init__(new_id)
        self._heard: set[str] = set()
        self._not_assistant: set[str] = set()
        self._message_id = ""
        self._chunked_call = ""
        self._activities: dict[str, dict[str, Any]] = {}

    def feed(self, record: Record, /) -> list[Event]:
        """The events of one record."""
        if self.ended:
            return []
        value, tag = record.object, record.type
        events = [] if tag == "TOOL_CALL_CHUNK" else self._end_chunked()
        if tag in _BY_TYPE:
            return [*events, *_BY_TYPE[tag](self, value)]
        if tag in _SILENT:
            return events
        return [*events, *self.unknown(tag or "record", record.data)]

    # --- text and reasoning

    def _message_start(self, value: JsonObject) -> list[Event]:
        self._message_id = text(value, "messageId")
        if text(value, "role") not in ("", "assistant"):
            self._not_assistant.add(self._message_id)
        return self.parts.close()

    def _close(self, _: JsonObject) -> list[Event]:
        return self.parts.close()

    def _text(self, value: JsonObject) -> list[Event]:
        self._message_id = text(value, "messageId") or self._message_id
        if text(value, "role") not in ("", "assistant"):
            self._not_assistant.add(self._message_id)
        self._heard.add(self._message_id)
        if self._message_id in self._not_assistant:
            return []
        return self._said("text", value)

    def _reasoning(self, value: JsonObject) -> list[Event]:
        self._message_id = text(value, "messageId") or self._message_id
        return self._said("reasoning", value)

    def _said(self, kind: Kind, value: JsonObject) -> list[Event]:
        return self.say(kind, text(value, "delta"), (kind, self._message_id))

    # --- tool calls

    def _call_start(self, value: JsonObject) -> list[Event]:
        call_id = text(value, "toolCallId")
        return self.start_call(call_id, text(value, "toolCallName"), call_id)

    def _call_delta(self, value: JsonObject) -> list[Event]:
        return self.grow_call(text(value, "toolCallId"), text(value, "delta"))

    def _call_end(self, value: JsonObject) -> list[Event]:
        return self.end_call(text(value, "toolCallId"))

    def _call_chunk(self, value: JsonObject) -> list[Event]:
        call_id = text(value, "toolCallId") or self._chunked_call
        events = self._end_chunked() if call_id != self._chunked_call else []
        self._chunked_call = call_id
        if call_id not in self.calls or text(value, "toolCallName"):
            events += self.start_call(call_id, text(value, "toolCallName"), call_id)
        return [*events, *self.grow_call(call_id, text(value, "delta"))]

    def _end_chunked(self) -> list[Event]:
        """The end of a call that came in chunks: these have no end of their own."""
        call_id, self._chunked_call = self._chunked_call, ""
        return self.end_call(call_id) if call_id else []

    def _call_result(self, value: JsonObject) -> list[Event]:
        is_error = bool(value.get("error"))
        said = json_text(value.get("content") or value.get("error") or "")
        return self.result(text(value, "toolCallId"), said, is_error=is_error)

    # --- steps

    def _step_start(self, value: JsonObject) -> list[Event]:
        name = text(value, "stepName", "name") or "step"
        parent = self.parts.innermost
        return self.parts.start_step(name, name, None if parent == name else parent)

    def _step_end(self, value: JsonObject) -> list[Event]:
        return self.parts.end_step(text(value, "stepName", "name") or "step", "done")

    def _subagent_start(self, value: JsonObject) -> list[Event]:
        key = ("subagent", text(value, "subagentRunId"))
        name = text(value, "agentName", "subagentName", "name", "description") or "subagent"
        parent = self.parts.innermost
        return self.parts.start_step(key, name, None if parent == key else parent)

    def _subagent_end(self, value: JsonObject) -> list[Event]:
        return self.parts.end_step(("subagent", text(value, "subagentRunId")), "done")

    def _subagent_error(self, value: JsonObject) -> list[Event]:
        """A failed step with a notice: the run itself may go on and succeed."""
        said = text(value, "message") or "A subagent failed."
        ended = self.parts.end_step(("subagent", text(value, "subagentRunId")), "failed")
        return [*ended, notice_of(said, "warning")]

    # --- the application's own

    def _custom(self, value: JsonObject) -> list[Event]:
        name = text(value, "name") or "CUSTOM"
        return self._own(name, name, value.get("value"))

    def _activity(self, value: JsonObject) -> list[Event]:
        key = text(value, "messageId")
        self._activities[key] = dict(mapping(value, "content"))
        return self._own(key, text(value, "activityType") or "activity", value.get("content"))

    def _activity_delta(self, value: JsonObject) -> list[Event]:
        """A JSON Patch; of its operations those at the top level, where progress is told."""
        key = text(value, "messageId")
        content = self._activities.setdefault(key, {})
        for one in objects(value, "patch"):
            path = text(one, "path").removeprefix("/")
            if text(one, "op") in ("add", "replace") and "/" not in path:
                content[path] = one.get("value")
        progress = self.progress.read(("own", key), content, self.step_id)
        return [] if progress is None else [progress]

    def _own(self, key: str, name: str, data: object) -> list[Event]:
        progress = self.progress.read(("own", key), data, self.step_id)
        return self.unknown(name, json_text(data)) if progress is None else [progress]

    def _state(self, value: JsonObject) -> list[Event]:
        return self.unknown("STATE_SNAPSHOT", json_text(value.get("snapshot")))

    def _snapshot(self, value: JsonObject) -> list[Event]:
        """Messages after the last of the person: the others are what was said before this run."""
        messages = objects(value, "messages")
        asked = [at for at, one in enumerate(messages) if text(one, "role") == "user"]
        events: list[Event] = []
        for one in messages[asked[-1] + 1 if asked else 0 :]:
            if text(one, "role") == "assistant":
                events += self._whole(one)
        return events

    def _whole(self, message: JsonObject) -> list[Event]:
        events: list[Event] = []
        message_id = text(message, "id")
        if message_id not in self._heard:
            self._heard.add(message_id)
            events += self.say("text", text(message, "content"), ("text", message_id))
        for call in objects(message, "toolCalls"):
            call_id, function = text(call, "id"), mapping(call, "function")
            if call_id not in self.calls:
                events += self.start_call(call_id, text(function, "name"), call_id)
                events += self.end_call(call_id, text(function, "arguments"))
        return events

    # --- the end

    def _finished(self, value: JsonObject) -> list[Event]:
        outcome = mapping(value, "outcome")
        self.raw = text_or_none(outcome, "type") or text_or_none(value, "outcome")
        asked = [text(one, "message", "reason") for one in objects(outcome, "interrupts")]
        notices = [notice_of(said, "warning") for said in asked if said]
        if self.raw == "cancelled":
            notices.append(notice_of("The server cancelled the run.", "warning"))
        closed = self.parts.close() if notices else []
        ended = self.end("cut" if self.raw == "cancelled" else "complete")
        return [*self._usage(value), *closed, *notices, *ended]

    def _error(self, value: JsonObject) -> list[Event]:
        failure = self.fail(text(value, "message"), code=code(value, "code"))
        return [*self._usage(value), *failure, *self.end("failed")]

    def _usage(self, value: JsonObject) -> list[Event]:
        """One entry for each model that was used: they add up."""
        told = objects(value, "usage")
        return [event for at, one in enumerate(told) for event in usage_of(one, str(at))]


_BY_TYPE: Final[dict[str, Callable[[AGUIFormat, JsonObject], list[Event]]]] = {
    "TEXT_MESSAGE_START": AGUIFormat._message_start,
    **dict.fromkeys(("TEXT_MESSAGE_CONTENT", "TEXT_MESSAGE_CHUNK"), AGUIFormat._text),
    **dict.fromkeys(
        (
            "REASONING_MESSAGE_CONTENT",
            "REASONING_MESSAGE_CHUNK",
            "THINKING_TEXT_MESSAGE_CONTENT",
        ),
        AGUIFormat._reasoning,
    ),
    **dict.fromkeys(
        (
            "TEXT_MESSAGE_END",
            "REASONING_START",
            "REASONING_MESSAGE_START",
            "REASONING_MESSAGE_END",
            "REASONING_END",
            "THINKING_START",
            "THINKING_TEXT_MESSAGE_START",
            "THINKING_TEXT_MESSAGE_END",
            "THINKING_END",
        ),
        AGUIFormat._close,
    ),
    "TOOL_CALL_START": AGUIFormat._call_start,
    "TOOL_CALL_ARGS": AGUIFormat._call_delta,
    "TOOL_CALL_END": AGUIFormat._call_end,
    "TOOL_CALL_CHUNK": AGUIFormat._call_chunk,
    "TOOL_CALL_RESULT": AGUIFormat._call_result,
    "STEP_STARTED": AGUIFormat._step_start,
    "STEP_FINISHED": AGUIFormat._step_end,
    "SUBAGENT_STARTED": AGUIFormat._subagent_start,
    "SUBAGENT_FINISHED": AGUIFormat._subagent_end,
    "SUBAGENT_ERROR": AGUIFormat._subagent_error,
    "CUSTOM": AGUIFormat._custom,
    "ACTIVITY_SNAPSHOT": AGUIFormat._activity,
    "ACTIVITY_DELTA": AGUIFormat._activity_delta,
    "STATE_SNAPSHOT": AGUIFormat._state,
    "MESSAGES_SNAPSHOT": AGUIFormat._snapshot,
    "RUN_FINISHED": AGUIFormat._finished,
    "RUN_ERROR": AGUIFormat._error,
}
_SILENT: Final = frozenset({"RUN_STARTED", "STATE_DELTA", "RAW", "REASONING_ENCRYPTED_VALUE"})

_CERTAIN: Final = {
    "RUN_STARTED": "runId",
    "RUN_FINISHED": "runId",
    "TEXT_MESSAGE_START": "messageId",
    "TEXT_MESSAGE_CONTENT": "delta",
    "TEXT_MESSAGE_CHUNK": "delta",
    "REASONING_START": "messageId",
    "REASONING_MESSAGE_START": "messageId",
    "REASONING_MESSAGE_CONTENT": "delta",
    "THINKING_TEXT_MESSAGE_CONTENT": "delta",
    "TOOL_CALL_START": "toolCallId",
    "TOOL_CALL_ARGS": "toolCallId",
    "TOOL_CALL_CHUNK": "delta",
    "TOOL_CALL_RESULT": "toolCallId",
    "STEP_STARTED": "stepName",
    "STATE_SNAPSHOT": "snapshot",
    "MESSAGES_SNAPSHOT": "messages",
    "ACTIVITY_SNAPSHOT": "activityType",
}


def recognises(record: Record) -> bool:
    """Whether the record is of this vocabulary for certain: a type of its own, with its field."""
    tag = record.object.get("type")
    return isinstance(tag, str) and tag in _CERTAIN and _CERTAIN[tag] in record.object
