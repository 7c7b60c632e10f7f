"""AG-UI 1.0, and the `THINKING_*` events that servers sent before it.

Knows records, not bytes. A record is one server-sent event without a name; dispatch on `type`:

| record | becomes |
|---|---|
| `TEXT_MESSAGE_CONTENT`, `..._CHUNK` of the assistant | text: one part for each message |
| `REASONING_MESSAGE_CONTENT`, `..._CHUNK`, `THINKING_TEXT_MESSAGE_CONTENT` | reasoning |
| `TOOL_CALL_START`, `_ARGS`, `_END`, `_CHUNK`, `_RESULT` | a tool call and its result |
| `STEP_STARTED`, `STEP_FINISHED`, `SUBAGENT_*` | a step |
| `ACTIVITY_SNAPSHOT`, `ACTIVITY_DELTA`, `CUSTOM` | progress if it looks like progress, else unknown
| | `STATE_SNAPSHOT` | unknown: the application's state | | `MESSAGES_SNAPSHOT` | content that the
stream did not have | | `RUN_FINISHED`, `RUN_ERROR` | usage, notices of interrupts, a failure, and
the end | | `RUN_STARTED`, `STATE_DELTA`, `RAW`, encrypted values and other starts and ends |
nothing |

Messages may grow in parallel. A `CHUNK` without an id continues the last one.
Absent fields and explicit nulls are the same.
The end marker is `RUN_FINISHED` or `RUN_ERROR`; without it the stream is cut.

Source: AG-UI 1.0, spec/1.0/schema.json and docs/concepts/events.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, Final

from ..decode.records import NewId, Record
from ..events import Event, TextDelta
from .base import BaseFormat, notice_of
from .fields import JsonObject, code, json_text, key_in, mapping, objects, text, text_or_none
from .flows import Kind
from .questions import HINTS, PeerQuestion

NAME = "ag-ui"


class AGUIFormat(BaseFormat):
    """A decoder from records of AG-UI to canonical events."""

    def __init__(self, new_id: NewId) -> None:
        super().__init__(new_id)
        self._not_assistant: set[str] = set()
        self._message_id: dict[Kind, str] = {"text": "", "reasoning": ""}
        self._chunked_call = ""
        self._activities: dict[str, dict[str, Any]] = {}

    def feed(self, record: Record, /) -> list[Event]:
        """Return the events of one record."""
        if self.ended:
            return []
        value, tag = record.object, record.type
        if tag == "TEXT_MESSAGE_CONTENT" and not self._chunked_call:
            message_id, more = value.get("messageId"), value.get("delta")
            if type(message_id) is str and type(more) is str and more:
                part = self._open.get(("text", message_id))
                if part is not None:  # nearly all records of nearly all streams
                    self._message_id["text"] = message_id
                    return [TextDelta(part.part_id, more)]
        events = [] if tag == "TOOL_CALL_CHUNK" else self._end_chunked()
        if tag in _BY_TYPE:
            return [*events, *_BY_TYPE[tag](self, value)]
        if tag in _SILENT:
            return events
        return [*events, *self.unknown(tag or "record", record.data)]

    # --- text and reasoning

    def _message_start(self, value: JsonObject) -> list[Event]:
        message_id = self._message_id["text"] = text(value, "messageId")
        self._note_role(value, message_id)
        return self.declare(("text", message_id))

    def _note_role(self, value: JsonObject, message_id: str) -> None:
        if text(value, "role") not in ("", "assistant"):
            self._not_assistant.add(message_id)

    def _reasoning_start(self, value: JsonObject) -> list[Event]:
        message_id = self._message_id["reasoning"] = text(value, "messageId")
        return self.declare(("reasoning", message_id))

    def _message_end(self, value: JsonObject) -> list[Event]:
        return self.close(("text", text(value, "messageId")))

    def _reasoning_end(self, value: JsonObject) -> list[Event]:
        message_id = text(value, "messageId") or self._message_id["reasoning"]
        return self.close(("reasoning", message_id))

    def _text(self, value: JsonObject) -> list[Event]:
        message_id = self._flow("text", value)
        self._note_role(value, message_id)
        if message_id in self._not_assistant:
            return []
        return self.say(text(value, "delta"), ("text", message_id))

    def _reasoning(self, value: JsonObject) -> list[Event]:
        return self.think(text(value, "delta"), ("reasoning", self._flow("reasoning", value)))

    def _flow(self, kind: Kind, value: JsonObject) -> str:
        """Return the message that a record belongs to: the last one if it names none."""
        self._message_id[kind] = text(value, "messageId") or self._message_id[kind]
        return self._message_id[kind]

    # --- tool calls

    def _call_start(self, value: JsonObject) -> list[Event]:
        call_id = text(value, "toolCallId")
        known = self.calls.get(call_id)
        if known is not None and (known.has_ended or known.has_result):
            self.forget(call_id)  # a server that numbers the calls of each turn from 0
        return self.call(call_id, text(value, "toolCallName"), call_id or None)

    def _call_delta(self, value: JsonObject) -> list[Event]:
        return self._grow_call(text(value, "toolCallId"), value)

    def _grow_call(self, call_id: str, value: JsonObject) -> list[Event]:
        started = self.call(call_id, text(value, "toolCallName"), call_id or None)
        return [*started, *self.arguments(call_id, text(value, "delta"))]

    def _call_end(self, value: JsonObject) -> list[Event]:
        return self.end_call(text(value, "toolCallId"))

    def _call_chunk(self, value: JsonObject) -> list[Event]:
        call_id = text(value, "toolCallId") or self._chunked_call
        events = self._end_chunked() if call_id != self._chunked_call else []
        self._chunked_call = call_id
        return [*events, *self._grow_call(call_id, value)]

    def _end_chunked(self) -> list[Event]:
        """End a call that arrived in chunks, which have no end event."""
        call_id, self._chunked_call = self._chunked_call, ""
        return self.end_call(call_id) if call_id else []

    def _call_result(self, value: JsonObject) -> list[Event]:
        is_error = bool(value.get("error"))
        result = json_text(value.get("content") or value.get("error") or "")
        return self.result(text(value, "toolCallId"), result, is_error=is_error)

    # --- steps

    def _step_start(self, value: JsonObject) -> list[Event]:
        name = text(value, "stepName", "name") or "step"
        return self._start_step(name, name)

    def _start_step(self, key: Hashable, name: str) -> list[Event]:
        parent = self.innermost
        return self.start_step(key, name, None if parent == key else parent)

    def _step_end(self, value: JsonObject) -> list[Event]:
        return self.end_step(text(value, "stepName", "name") or "step")

    def _subagent_start(self, value: JsonObject) -> list[Event]:
        key = ("subagent", text(value, "subagentRunId"))
        name = text(value, "agentName", "subagentName", "name", "description") or "subagent"
        return self._start_step(key, name)

    def _subagent_end(self, value: JsonObject) -> list[Event]:
        return self.end_step(("subagent", text(value, "subagentRunId")))

    def _subagent_error(self, value: JsonObject) -> list[Event]:
        """Return a failed step with a notice: the run may continue and succeed."""
        message = text(value, "message") or "A subagent failed."
        ended = self.end_step(("subagent", text(value, "subagentRunId")), "failed")
        return [*ended, notice_of(message, "warning")]

    # --- application data

    def _custom(self, value: JsonObject) -> list[Event]:
        name = text(value, "name") or "CUSTOM"
        return self._own(name, name, value.get("value"))

    def _activity(self, value: JsonObject) -> list[Event]:
        key = text(value, "messageId")
        self._activities[key] = dict(mapping(value, "content"))
        return self._own(key, text(value, "activityType") or "activity", value.get("content"))

    def _activity_delta(self, value: JsonObject) -> list[Event]:
        """Apply the top-level operations of a JSON Patch, which may hold progress."""
        key = text(value, "messageId")
        content = self._activities.setdefault(key, {})
        for operation in objects(value, "patch"):
            path = text(operation, "path").removeprefix("/")
            if text(operation, "op") in ("add", "replace") and "/" not in path:
                content[path] = operation.get("value")
        return self.progress(("own", key), content)

    def _own(self, key: str, name: str, data: object) -> list[Event]:
        return self.progress(("own", key), data) or self.unknown(name, json_text(data))

    def _state(self, value: JsonObject) -> list[Event]:
        return self.unknown("STATE_SNAPSHOT", json_text(value.get("snapshot")))

    def _snapshot(self, value: JsonObject) -> list[Event]:
        """Return the messages after the user's last one: earlier ones belong to earlier runs."""
        messages = objects(value, "messages")
        roles = [text(message, "role") for message in messages]
        since = len(roles) - roles[::-1].index("user") if "user" in roles else 0
        return [
            event
            for message in messages[since:]
            for event in self._whole(message, text(message, "role"))
        ]

    def _whole(self, message: JsonObject, role: str) -> list[Event]:
        call_id = text(message, "toolCallId")
        if role == "tool" and call_id in self.calls and not self.calls[call_id].has_result:
            return self.result(call_id, text(message, "content"))
        events: list[Event] = []
        if role != "assistant":
            return events
        flow = ("text", key_in(message, "id") or "")
        if not self.has_said("text", flow):
            events += [*self.say(text(message, "content"), flow), *self.close(flow)]
        for call in objects(message, "toolCalls"):
            call_id, function = text(call, "id"), mapping(call, "function")
            if call_id not in self.calls:
                events += self.call(call_id, text(function, "name"), call_id or None)
                events += self.end_call(call_id, text(function, "arguments"))
        return events

    # --- the end

    def _started(self, value: JsonObject) -> list[Event]:
        return self.answered_by(text(value, "model"))

    def _finished(self, value: JsonObject) -> list[Event]:
        outcome = mapping(value, "outcome")
        self.finish_reason = text_or_none(outcome, "type") or text_or_none(value, "outcome")
        notices: list[Event] = [self._interrupt(item) for item in objects(outcome, "interrupts")]
        if self.finish_reason == "cancelled":
            notices.append(notice_of("The server cancelled the run.", "warning"))
        return [*self._usages(value), *notices, *self.end("complete")]

    def _interrupt(self, item: JsonObject) -> Event:
        message = text(item, "message", "reason") or "The agent asks."
        schema = mapping(item, "responseSchema") or None
        call = self.calls.get(text(item, "toolCallId"))
        part_id = None if call is None else call.part_id
        return PeerQuestion(message, schema=schema).shown(self.new_id, HINTS["ag-ui"], part_id)

    def _error(self, value: JsonObject) -> list[Event]:
        failure = self.fail(text(value, "message") or value, code=code(value, "code"))
        return [*self._usages(value), *failure, *self.end("failed")]

    def _usages(self, value: JsonObject) -> list[Event]:
        """Return the usage of each model: one entry each, which add up."""
        events: list[Event] = []
        for at, counts in enumerate(objects(value, "usage")):
            self.model = text_or_none(counts, "model", "modelId") or self.model
            events += self.usage(counts, str(at))
        return events or self.usage(mapping(value, "usage"))


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
    "TEXT_MESSAGE_END": AGUIFormat._message_end,
    **dict.fromkeys(
        ("REASONING_MESSAGE_START", "THINKING_TEXT_MESSAGE_START"), AGUIFormat._reasoning_start
    ),
    **dict.fromkeys(
        ("REASONING_MESSAGE_END", "THINKING_TEXT_MESSAGE_END"), AGUIFormat._reasoning_end
    ),
    "RUN_STARTED": AGUIFormat._started,
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
_SILENT: Final = frozenset(
    {
        "STATE_DELTA",
        "RAW",
        "REASONING_ENCRYPTED_VALUE",
        "REASONING_START",
        "REASONING_END",
        "THINKING_START",
        "THINKING_END",
    }
)

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
    """True if the record certainly belongs to this vocabulary: a known type with its field."""
    tag = record.object.get("type")
    return isinstance(tag, str) and tag in _CERTAIN and _CERTAIN[tag] in record.object
