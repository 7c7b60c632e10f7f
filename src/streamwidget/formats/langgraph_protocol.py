"""LangGraph's event streaming protocol: channels of events over SSE or a WebSocket.

Knows records, not bytes. A record is `{"type": "event", "seq", "method", "params": {"namespace",
"data"}}`; dispatch on `method` and, inside `data`, on `event`:

| method, event | becomes |
|---|---|
| `messages`, `content-block-delta` | text, reasoning, or arguments of a tool call |
| `messages`, `content-block-start`, `-finish` | a tool call; what the deltas did not say |
| `messages`, `message-start`, `usage`, `message-finish` | usage and the finish reason |
| `messages` of a tool | the result of its call |
| `tools` | a tool call's result; a call that no model made is shown |
| `lifecycle` of a namespace | a step |
| `lifecycle` of the root | the end, a failure, or a notice that the graph waits |
| `custom` | progress if it looks like it, else unknown |
| `values`, `updates`, `checkpoints`, `tasks`, `debug` | nothing: they repeat the messages |

Arguments come as increments (`tool-call-delta`) or cumulatively (`block-delta`), and the provider's
own `input_json_delta` may repeat them: only the first two are read, by what each adds.

The end marker is the root's `lifecycle`; without it the stream is cut. On a resumed stream it may
come before the rest: it ends the run at once only if something came before it.

Source: langchain-protocol 0.0.20, docs/protocol.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Final

from ..events import Event
from .agent import AgentRun, notice_of, usage_of
from .fields import (
    JsonObject,
    as_mapping,
    code,
    integer,
    json_text,
    mapping,
    sequence,
    text,
    text_or_none,
)
from .langchain_messages import contents
from .parts import Kind
from .records import NewId, Record

NAME = "langgraph-protocol"


@dataclass(slots=True)
class _Message:
    """The message that is being said in one namespace."""

    key: str
    is_tool: bool = False
    call_id: str = ""
    result: list[str] = field(default_factory=list)
    said: dict[Hashable, str] = field(default_factory=dict)
    """Text, reasoning or arguments of each block so far."""


class LangGraphProtocolFormat(AgentRun):
    """Events of the protocol to events; `new_id` makes ids that are unique in the run."""

    def __init__(self, new_id: NewId) -> None:
        super().__init__(new_id)
        self._messages: dict[Hashable, _Message] = {}
        self._message_count = 0
        self._seen: set[int] = set()
        self._at_work = False
        self._root_ended = False

    def feed(self, record: Record, /) -> list[Event]:
        """The events of one record; one that came before is ignored."""
        if self.ended or not record.data.strip():
            return []
        value = record.object
        if text(value, "type") == "error":
            return self.fail(text(value, "message", "error"), code=code(value, "code"))
        seq = integer(value, "seq")
        if seq is not None and seq in self._seen:
            return []
        self._seen |= set() if seq is None else {seq}
        params, method = mapping(value, "params"), text(value, "method")
        path = tuple(one for one in sequence(params, "namespace") if isinstance(one, str))
        self._at_work = self._at_work or method != "lifecycle"
        if method == "custom":
            return self._custom(params.get("data"))
        if method not in _BY_METHOD:
            quiet = method in _SILENT or text(value, "type") == "success"
            return [] if quiet else self.unknown(method or "record", record.data)
        return _BY_METHOD[method](self, mapping(params, "data"), path)

    def flush(self, *, half_record: bool = False) -> list[Event]:
        if self.ended:
            return []
        return self.end("complete" if self._root_ended and not half_record else "cut")

    # --- channels

    def _lifecycle(self, data: JsonObject, path: tuple[str, ...]) -> list[Event]:
        tag = text(data, "event")
        if path:
            return self._step(tag, data, path)
        if tag not in ("completed", "failed", "interrupted"):
            return []
        events: list[Event] = []
        if tag == "failed":
            events = self.fail(text(data, "error", "message") or text(data.get("error"), "message"))
        if tag == "interrupted":
            events = [*self.parts.close(), notice_of("The graph waits for an answer.", "warning")]
        self._root_ended = True
        return [*events, *self.end("complete")] if self._at_work else events

    def _step(self, tag: str, data: JsonObject, path: tuple[str, ...]) -> list[Event]:
        if tag in ("started", "running"):
            name = text(data, "graph_name") or path[-1].partition(":")[0] or "step"
            return self.parts.start_step(path, name, path[:-1] or None)
        if tag in ("completed", "interrupted"):
            return self.parts.end_step(path, "done")
        return self.parts.end_step(path, "failed") if tag == "failed" else []

    def _message(self, data: JsonObject, path: tuple[str, ...]) -> list[Event]:
        tag, where = text(data, "event"), (path, text(data, "run_id"))
        if tag == "message-start" or where not in self._messages:
            self._message_count += 1
            message = _Message(f"message {self._message_count}")
            self._messages[where] = message
            message.is_tool = text(data, "role") == "tool"
            message.call_id = text(data, "tool_call_id")
        message = self._messages[where]
        if tag == "message-finish":
            del self._messages[where]
        if tag == "error":
            return self.fail(text(data, "message", "error"), code=code(data, "code"))
        if message.is_tool:
            return self._tool_message(tag, data, message)
        events = usage_of(mapping(data, "usage"), message.key)
        return [*events, *_BY_EVENT[tag](self, data, message)] if tag in _BY_EVENT else events

    def _tools(self, data: JsonObject, _: tuple[str, ...]) -> list[Event]:
        tag, key = text(data, "event"), text(data, "tool_call_id")
        events: list[Event] = []
        if key not in self.calls:
            events = self.start_call(key, text(data, "tool_name"), key, by_provider=True)
            events += self.end_call(key, json_text(data.get("input") or {}))
        if tag == "tool-finished":
            output = mapping(data, "output")
            said = "".join(part for _, part in contents(output)) or json_text(data.get("output"))
            return [*events, *self.result(key, said, is_error=text(output, "status") == "error")]
        if tag in ("tool-error", "tool-failed"):
            said = text(data, "message", "error") or json_text(data.get("error"))
            return [*events, *self.result(key, said, is_error=True)]
        return events

    def _input(self, data: JsonObject, _: tuple[str, ...]) -> list[Event]:
        asked = data.get("payload", data.get("value"))
        said = text(asked, "message", "question", "description") or json_text(asked)
        return [notice_of(f"The graph waits for an answer: {said}", "warning")]

    def _custom(self, data: object) -> list[Event]:
        inner = as_mapping(data)
        payload = inner.get("payload", data)
        name = text(inner, "name") or "custom"
        progress = self.progress.read((name, text(payload, "id")), payload, self.step_id)
        return self.unknown(name, json_text(payload)) if progress is None else [progress]

    # --- one message

    def _tool_message(self, tag: str, data: JsonObject, message: _Message) -> list[Event]:
        if tag == "content-block-delta":
            message.result.append(text(mapping(data, "delta"), "text"))
        said = "".join(message.result)
        if tag != "message-finish" or not said or not message.call_id:
            return []
        return self.result(message.call_id, said)

    def _block_start(self, data: JsonObject, message: _Message) -> list[Event]:
        content, at = mapping(data, "content"), _index(data)
        kind = text(content, "type")
        if kind in _CALLS:
            return self._start(content, message, at, by_provider=kind.startswith("server"))
        return self._grow(content, message, at)

    def _block_delta(self, data: JsonObject, message: _Message) -> list[Event]:
        delta, at = mapping(data, "delta"), _index(data)
        kind, fields = text(delta, "type"), mapping(delta, "fields")
        if kind == "text-delta":
            return self._say("text", text(delta, "text"), message, at)
        if kind == "reasoning-delta":
            return self._say("reasoning", text(delta, "reasoning", "text"), message, at)
        if kind == "tool-call-delta":
            started = self._start(delta, message, at)
            return [*started, *self._arguments(text(delta, "args"), message, at)]
        if kind == "block-delta" and text(fields, "type") in _CALLS:
            started, whole = self._start(fields, message, at), text(fields, "args")
            before = message.said.get(("args", at), "")
            more = whole[len(before) :] if whole.startswith(before) else ""
            return [*started, *self._arguments(more, message, at)]
        return []

    def _block_finish(self, data: JsonObject, message: _Message) -> list[Event]:
        """The whole block, which is authoritative."""
        content, at = mapping(data, "content"), _index(data)
        if "args" not in content and text(content, "type") not in _CALLS:
            return self._rest(content, message, at)
        by_provider = text(content, "type").startswith("server")
        started = self._start(content, message, at, by_provider=by_provider)
        return [*started, *self.end_call((message.key, at), json_text(content.get("args") or {}))]

    def _finish(self, data: JsonObject, _: _Message) -> list[Event]:
        told = mapping(data, "metadata")
        reason = text_or_none(data, "reason") or text_or_none(told, "finish_reason", "stop_reason")
        self.raw = reason or self.raw
        return self.parts.close()

    def _start(
        self, told: JsonObject, message: _Message, at: Hashable, *, by_provider: bool = False
    ) -> list[Event]:
        key, name, call_id = (message.key, at), text(told, "name"), text(told, "id")
        if key in self.calls and (message.said.get(("name", at)) or not name):
            return []
        message.said["name", at] = name
        events = self.start_call(key, name, call_id or None, by_provider=by_provider)
        if call_id:
            self.calls[call_id] = self.calls[key]  # as results name it
        return events

    def _arguments(self, more: str, message: _Message, at: Hashable) -> list[Event]:
        message.said["args", at] = message.said.get(("args", at), "") + more
        return self.grow_call((message.key, at), more)

    def _say(self, kind: Kind, said: str, message: _Message, at: Hashable) -> list[Event]:
        message.said[kind, at] = message.said.get((kind, at), "") + said
        return self.say(kind, said, message.key)

    def _grow(self, content: JsonObject, message: _Message, at: Hashable) -> list[Event]:
        events: list[Event] = []
        for kind, said in contents({"content": [content]}):
            events += self._say(kind, said, message, at)
        return events

    def _rest(self, content: JsonObject, message: _Message, at: Hashable) -> list[Event]:
        """What the whole block has beyond its deltas: all of it where a resumed stream has none."""
        events: list[Event] = []
        for kind, said in contents({"content": [content]}):
            before = message.said.get((kind, at), "")
            if said.startswith(before):
                events += self._say(kind, said[len(before) :], message, at)
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


def _index(data: JsonObject) -> Hashable:
    told = data.get("index")
    return told if isinstance(told, (int, str)) else None


def recognises(record: Record) -> bool:
    """Whether the record is of this protocol for certain: its envelope with its parameters."""
    value = record.object
    params = value.get("params")
    return (
        value.get("type") == "event"
        and isinstance(value.get("method"), str)
        and isinstance(params, dict)
        and isinstance(params.get("namespace"), list)
        and "data" in params
    )
