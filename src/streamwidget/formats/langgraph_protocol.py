"""LangGraph's event streaming protocol: channels of events over SSE or a WebSocket.

Knows records, not bytes. A record is `{"type": "event", "seq", "method", "params": {"namespace",
"data"}}`; dispatch on `method` and, inside `data`, on `event`:

| method, event | becomes |
|---|---|
| `messages`, `content-block-delta` | text, reasoning, or arguments of a tool call |
| `messages`, `content-block-start`, `-finish` | a tool call; content that the deltas left out |
| `messages`, `message-start`, `usage`, `message-finish` | usage and the finish reason |
| `messages` of a tool | the result of its call |
| `tools` | the result of a tool call; a call without a model is shown |
| `lifecycle` of a namespace | a step |
| `lifecycle` of the root | the end, a failure, or a notice that the graph is waiting |
| `custom` | progress if it looks like progress, else unknown |
| `values`, `updates`, `checkpoints`, `tasks`, `debug` | nothing: they repeat the messages |

Arguments arrive as increments (`tool-call-delta`) or cumulatively (`block-delta`), and the
provider's `input_json_delta` may repeat them: only the new text of the first two is read.

The end marker is the root's `lifecycle`; without it the stream is cut. On a resumed stream it may
arrive first: it ends the run at once only after another record.

Source: langchain-protocol 0.0.20, docs/protocol.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Final

from ..decode.records import NewId, Record
from ..events import Event, Outcome
from .base import BaseFormat, notice_of
from .fields import (
    JsonObject,
    as_mapping,
    code,
    integer,
    json_text,
    key_in,
    mapping,
    sequence,
    text,
    text_or_none,
)
from .flows import Kind
from .langchain_messages import contents
from .questions import HINTS, interrupt_questions

NAME = "langgraph-protocol"


@dataclass(slots=True)
class _Message:
    """The growing message of one namespace."""

    key: str
    step_id: str | None
    is_tool: bool = False
    call_id: str = ""
    result: list[str] = field(default_factory=list)
    pieces: dict[Hashable, list[str]] = field(default_factory=dict)
    """Text, reasoning or arguments of each block so far."""

    def came(self, *block: Hashable) -> str:
        """Return the text of a block so far."""
        pieces = self.pieces.get(block)
        if not pieces:
            return ""
        if len(pieces) > 1:
            pieces[:] = ["".join(pieces)]
        return pieces[0]

    def add(self, piece: str, *block: Hashable) -> None:
        self.pieces.setdefault(block, []).append(piece)


class LangGraphProtocolFormat(BaseFormat):
    """A decoder from events of the protocol to canonical events."""

    def __init__(self, new_id: NewId) -> None:
        super().__init__(new_id)
        self._messages: dict[Hashable, _Message] = {}
        self._message_count = 0
        self._seen: set[int] = set()
        self._at_work = False
        self._has_asked = False
        """True once the graph has asked a question."""
        self._root_ended = False

    def feed(self, record: Record, /) -> list[Event]:
        """Return the events of one record; a repeated record is ignored."""
        if self.ended or not record.data.strip():
            return []
        value = record.object
        if text(value, "type") == "error":
            return self.fail(value, code=code(value, "code"))
        seq = integer(value, "seq")
        if seq is not None:
            if seq in self._seen:
                return []
            self._seen.add(seq)
        params, method = mapping(value, "params"), text(value, "method")
        path = tuple(name for name in sequence(params, "namespace") if isinstance(name, str))
        self._at_work = self._at_work or method != "lifecycle"
        if method == "custom":
            return self._custom(params.get("data"))
        if method not in _BY_METHOD:
            quiet = method in _SILENT or text(value, "type") == "success"
            return [] if quiet else self.unknown(method or "record", record.data)
        return _BY_METHOD[method](self, mapping(params, "data"), path)

    def _outcome(self, half_record: bool) -> Outcome:
        return "complete" if self._root_ended and not half_record else "cut"

    # --- channels

    def _lifecycle(self, data: JsonObject, path: tuple[str, ...]) -> list[Event]:
        tag = text(data, "event")
        if path:
            return self._step(tag, data, path)
        if tag not in ("completed", "failed", "interrupted"):
            return []
        events: list[Event] = []
        if tag == "failed":
            message = text(data, "error", "message") or text(data.get("error"), "message")
            events = self.fail(message or "The graph has failed.")
        if tag == "interrupted" and not self._has_asked:
            events = [notice_of("The graph is waiting for an answer.", "warning")]
        self._root_ended = True
        return [*events, *self.end("complete")] if self._at_work else events

    def _step(self, tag: str, data: JsonObject, path: tuple[str, ...]) -> list[Event]:
        if tag in ("started", "running"):
            name = text(data, "graph_name") or path[-1].partition(":")[0] or "step"
            return self.start_step(path, name, path[:-1] or None)
        if tag in ("completed", "interrupted"):
            return self.end_step(path)
        return self.end_step(path, "failed") if tag == "failed" else []

    def _message(self, data: JsonObject, path: tuple[str, ...]) -> list[Event]:
        tag, where = text(data, "event"), (path, text(data, "run_id"))
        if tag == "message-start" or where not in self._messages:
            self._message_count += 1
            step_id = self.step_of(self._around(path))
            message = _Message(f"message {self._message_count}", step_id)
            self._messages[where] = message
            message.is_tool = text(data, "role") == "tool"
            message.call_id = text(data, "tool_call_id")
        message = self._messages[where]
        if tag == "message-finish":
            del self._messages[where]
        if tag == "error":
            return self.fail(data, code=code(data, "code"))
        if message.is_tool:
            return self._tool_message(tag, data, message)
        self.model = text(mapping(data, "metadata"), "model", "model_name") or self.model
        events = self.usage(mapping(data, "usage"), message.key)
        return [*events, *_BY_EVENT[tag](self, data, message)] if tag in _BY_EVENT else events

    def _around(self, path: tuple[str, ...]) -> Hashable:
        """Return the key of the innermost running step of a namespace; None for the root."""
        return next((path[:at] for at in range(len(path), 0, -1) if path[:at] in self.steps), None)

    def _tools(self, data: JsonObject, path: tuple[str, ...]) -> list[Event]:
        tag, key = text(data, "event"), text(data, "tool_call_id")
        events: list[Event] = []
        if key not in self.calls:
            step_id = self.step_of(self._around(path))
            name = text(data, "tool_name")
            events = self.call(key, name, key or None, by_provider=True, step_id=step_id)
            events += self.end_call(key, json_text(data.get("input") or {}))
        if tag == "tool-finished":
            output = mapping(data, "output")
            result = "".join(piece for _, piece in contents(output))
            result = result or json_text(data.get("output"))
            is_error = text(output, "status") == "error"
            return [*events, *self.result(key, result, is_error=is_error)]
        if tag in ("tool-error", "tool-failed"):
            message = text(data, "message", "error") or json_text(data.get("error"))
            return [*events, *self.result(key, message, is_error=True)]
        return events

    def _input(self, data: JsonObject, _: tuple[str, ...]) -> list[Event]:
        question = data.get("payload", data.get("value"))
        self._has_asked = True
        questions = interrupt_questions(question)
        return [one.shown(self.new_id, HINTS["langgraph"]) for one in questions]

    def _custom(self, data: object) -> list[Event]:
        inner = as_mapping(data)
        payload = inner.get("payload", data)
        name = text(inner, "name") or "custom"
        bar = self.progress((name, text(payload, "id")), payload)
        return bar or self.unknown(name, json_text(payload))

    # --- one message

    def _tool_message(self, tag: str, data: JsonObject, message: _Message) -> list[Event]:
        if tag == "content-block-delta":
            message.result.append(text(mapping(data, "delta"), "text"))
        if tag != "message-finish" or not message.call_id:
            return []
        result = "".join(message.result)
        return self.result(message.call_id, result) if result else []

    def _block_start(self, data: JsonObject, message: _Message) -> list[Event]:
        content, at = mapping(data, "content"), key_in(data, "index")
        kind = text(content, "type")
        if kind in _CALLS:
            return self._start(content, message, at, by_provider=kind.startswith("server"))
        return self._grow(content, message, at)

    def _block_delta(self, data: JsonObject, message: _Message) -> list[Event]:
        delta, at = mapping(data, "delta"), key_in(data, "index")
        kind, fields = text(delta, "type"), mapping(delta, "fields")
        if kind == "text-delta":
            return self._piece("text", text(delta, "text"), message, at)
        if kind == "reasoning-delta":
            return self._piece("reasoning", text(delta, "reasoning", "text"), message, at)
        if kind == "tool-call-delta":
            started = self._start(delta, message, at)
            return [*started, *self._arguments(text(delta, "args"), message, at)]
        if kind == "block-delta" and text(fields, "type") in _CALLS:
            started, whole = self._start(fields, message, at), text(fields, "args")
            before = message.came("args", at)
            more = whole[len(before) :] if whole.startswith(before) else ""
            return [*started, *self._arguments(more, message, at)]
        return []

    def _block_finish(self, data: JsonObject, message: _Message) -> list[Event]:
        """Complete a block with its whole content, which is authoritative."""
        content, at = mapping(data, "content"), key_in(data, "index")
        if "args" not in content and text(content, "type") not in _CALLS:
            return self._rest(content, message, at)
        by_provider = text(content, "type").startswith("server")
        started = self._start(content, message, at, by_provider=by_provider)
        return [*started, *self.end_call((message.key, at), json_text(content.get("args") or {}))]

    def _finish(self, data: JsonObject, message: _Message) -> list[Event]:
        metadata = mapping(data, "metadata")
        reason = text_or_none(data, "reason")
        reason = reason or text_or_none(metadata, "finish_reason", "stop_reason")
        self.finish_reason = reason or self.finish_reason
        return self.close(message.key)

    def _start(
        self, call: JsonObject, message: _Message, at: Hashable, *, by_provider: bool = False
    ) -> list[Event]:
        key, name, call_id = (message.key, at), text(call, "name"), text(call, "id")
        known = self.calls.get(key)
        if known is not None and (known.tool_name or not name):
            return []
        events = self.call(
            key,
            name,
            call_id or None,
            by_provider=by_provider,
            flow=message.key,
            step_id=message.step_id,
        )
        if call_id:
            self.calls[call_id] = self.calls[key]  # as results name it
        return events

    def _arguments(self, more: str, message: _Message, at: Hashable) -> list[Event]:
        message.add(more, "args", at)
        return self.arguments((message.key, at), more)

    def _piece(self, kind: Kind, more: str, message: _Message, at: Hashable) -> list[Event]:
        message.add(more, kind, at)
        return self.grow(kind, more, message.key, message.step_id)

    def _grow(self, content: JsonObject, message: _Message, at: Hashable) -> list[Event]:
        events: list[Event] = []
        for kind, piece in contents({"content": [content]}):
            events += self._piece(kind, piece, message, at)
        return events

    def _rest(self, content: JsonObject, message: _Message, at: Hashable) -> list[Event]:
        """Return the content of a block that its deltas left out, as on a resumed stream."""
        events: list[Event] = []
        for kind, whole in contents({"content": [content]}):
            before = message.came(kind, at)
            if whole.startswith(before):
                events += self._piece(kind, whole[len(before) :], message, at)
        return events


_BY_METHOD: Final[
    dict[str, Callable[[LangGraphProtocolFormat, JsonObject, tuple[str, ...]], list[Event]]]
] = {
    "lifecycle": LangGraphProtocolFormat._lifecycle,
    "messages": LangGraphProtocolFormat._message,
    "tools": LangGraphProtocolFormat._tools,
    "input": LangGraphProtocolFormat._input,
    "input.requested": LangGraphProtocolFormat._input,
}
_BY_EVENT: Final[
    dict[str, Callable[[LangGraphProtocolFormat, JsonObject, _Message], list[Event]]]
] = {
    "content-block-start": LangGraphProtocolFormat._block_start,
    "content-block-delta": LangGraphProtocolFormat._block_delta,
    "content-block-finish": LangGraphProtocolFormat._block_finish,
    "message-finish": LangGraphProtocolFormat._finish,
}
_SILENT: Final = frozenset({"values", "updates", "checkpoints", "tasks", "debug", "state"})
_CALLS: Final = frozenset(
    {"tool_call", "tool_call_chunk", "tool_use", "server_tool_call", "server_tool_call_chunk"}
)


def recognises(record: Record) -> bool:
    """True if the record certainly belongs to this protocol: its envelope with parameters."""
    value = record.object
    params = value.get("params")
    return (
        value.get("type") == "event"
        and isinstance(value.get("method"), str)
        and isinstance(params, dict)
        and isinstance(params.get("namespace"), list)
        and "data" in params
    )
