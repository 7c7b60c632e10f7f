"""The vocabulary of Anthropic Messages: numbered blocks inside a message.

A record is one event, told by the `type` inside its JSON (the same as the SSE event's name):

| record | becomes |
|---|---|
| `message_start`, `message_delta` with `usage` | usage; the last number of each counts |
| `content_block_start` | a new part; what it brings with it (text, a whole `input`) counts |
| `text_delta`, `thinking_delta` | text, reasoning |
| `tool_use` block, `input_json_delta`, `content_block_stop` | a tool call |
| `server_tool_use`, `mcp_tool_use` blocks | a tool call that the provider runs |
| `web_search_tool_result`, `mcp_tool_result` and other result blocks | its result |
| `citations_delta`, `citations` of a text block | a source, once |
| `message_delta` with `stop_reason` | the finish reason |
| `error` | a failure; the end is still to come |
| `message_stop` | the end |
| `ping`, `signature_delta`, `redacted_thinking`, compaction | nothing |
| another block, delta or event | unknown |

The end marker is `message_stop`. Bytes that end without it are cut, after an `error` failed. A
second `message_start`, as relays splice it in, goes on with the same run.

Source: Anthropic API reference, "Streaming Messages".
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, Final

from ..events import Citation, Event, ToolResult, Unknown, Usage
from .answer import OneAnswer
from .calls import ToolCalls
from .failures import provider_failure
from .fields import (
    JsonObject,
    code,
    integer,
    json_text,
    mapping,
    objects,
    text,
    text_or_none,
)
from .records import NO_JSON, NewId, Record

NAME: Final = "anthropic"

_CALLS: Final = frozenset({"tool_use", "server_tool_use", "mcp_tool_use"})
_QUIET: Final = frozenset({"ping", "keepalive", "heartbeat"})
_QUIET_BLOCKS: Final = frozenset({"redacted_thinking", "compaction"})
_QUIET_DELTAS: Final = frozenset({"signature_delta", "compaction_delta"})


def recognises(record: Record) -> bool:
    """Whether the record is an event of a message: its type with what belongs to it."""
    value = record.object
    match text(value, "type"):
        case "message_start":
            return text(mapping(value, "message"), "type") == "message"
        case "content_block_start":
            return bool(text(mapping(value, "content_block"), "type"))
        case "content_block_delta":
            return text(mapping(value, "delta"), "type").endswith("_delta")
        case "message_delta":
            return "stop_reason" in mapping(value, "delta")
    return False


_REPEATED: Final = frozenset({"text", "thinking", "signature", "input_json", "citation"})
"""Events of the SDK's helper that say again what the delta before them said."""


class AnthropicFormat(OneAnswer):
    """Events of one message; `new_id` makes ids that are unique in the run."""

    def __init__(self, new_id: NewId) -> None:
        super().__init__(new_id)
        self._calls = ToolCalls(self._parts)
        self._part_ids: dict[str, str] = {}  # from the wire's id of a call to our part
        self._inputs: dict[Hashable, str] = {}  # whole arguments told at the block's start
        self._cited: set[tuple[str | None, str | None]] = set()
        self._index: Hashable = 0

    def feed(self, record: Record, /) -> list[Event]:
        if self.ended:
            return []
        if record.data.lstrip().startswith("[DONE]"):
            return self._end("complete")
        handler = _HANDLERS.get(record.type)
        if handler is not None:
            return handler(self, record.object, record)
        if record.type in _QUIET or not record.data.strip():
            return []
        if record.type in _REPEATED:
            return []
        return self._unknown(record.type or "record", record.data)

    # --- the message

    def _message_start(self, value: JsonObject, _record: Record) -> list[Event]:
        return self._usage(mapping(value, "message"))

    def _message_delta(self, value: JsonObject, _record: Record) -> list[Event]:
        self._finish = code(mapping(value, "delta"), "stop_reason") or self._finish
        return self._usage(value)

    def _message_stop(self, _value: JsonObject, _record: Record) -> list[Event]:
        ends = [event for key in list(self._inputs) for event in self._end_call(key)]
        return [*ends, *self._calls.end_all(), *self._end("complete")]

    def _error(self, value: JsonObject, record: Record) -> list[Event]:
        self._failed = True
        told = record.data if record.value is NO_JSON else value
        return [*self._parts.close(), provider_failure(told)]

    def _usage(self, holder: JsonObject) -> list[Event]:
        usage = mapping(holder, "usage")
        given, made = integer(usage, "input_tokens"), integer(usage, "output_tokens")
        return [] if given is None and made is None else [Usage(given, made)]

    def _unknown(self, name: str, data: str) -> list[Event]:
        return [*self._parts.close(), Unknown(name, data)]

    # --- blocks

    def _block_start(self, value: JsonObject, _record: Record) -> list[Event]:
        block, key = mapping(value, "content_block"), self._key(value)
        kind = text(block, "type")
        events = self._parts.close()
        if kind in _CALLS:
            return events + self._start_call(key, block, kind)
        if kind == "text":
            events += self._parts.grow("text", text(block, "text"), None)
            return events + [e for note in objects(block, "citations") for e in self._cite(note)]
        if kind == "thinking":
            return events + self._parts.grow("reasoning", text(block, "thinking"), None)
        if kind.endswith("_tool_result"):
            return events + self._result(block)
        if kind in _QUIET_BLOCKS or not block:
            return events
        return events + self._unknown(kind or "block", _shown(block))

    def _block_delta(self, value: JsonObject, _record: Record) -> list[Event]:
        delta, key = mapping(value, "delta"), self._key(value)
        match text(delta, "type"):
            case "text_delta":
                return self._parts.grow("text", text(delta, "text"), None)
            case "thinking_delta":
                return self._parts.grow("reasoning", text(delta, "thinking"), None)
            case "input_json_delta":
                return self._calls.grow(key, text(delta, "partial_json"))
            case "citations_delta":
                return self._cite(mapping(delta, "citation"))
            case kind if kind in _QUIET_DELTAS or not delta:
                return []
            case kind:
                return self._unknown(kind or "delta", json_text(delta))

    def _block_stop(self, value: JsonObject, _record: Record) -> list[Event]:
        return [*self._parts.close(), *self._end_call(self._key(value))]

    def _key(self, value: JsonObject) -> Hashable:
        """The block's number; the last one's where it is missing."""
        index = integer(value, "index")
        self._index = self._index if index is None else index
        return self._index

    # --- tools and sources

    def _start_call(self, key: Hashable, block: JsonObject, kind: str) -> list[Event]:
        call_id = text_or_none(block, "id")
        by_provider = kind != "tool_use"
        name = text(block, "name")
        events = self._calls.start(key, name, call_id, by_provider=by_provider)
        if call_id:
            self._part_ids[call_id] = self._calls.part_id(key) or ""
        self._inputs[key] = json_text(block["input"]) if block.get("input") else ""
        return events

    def _end_call(self, key: Hashable) -> list[Event]:
        """The end of a call; what its start told counts only where no delta came."""
        whole = self._inputs.pop(key, "")
        return self._calls.end(key, None if self._calls.has_text(key) else whole or None)

    def _result(self, block: JsonObject) -> list[Event]:
        part_id = self._part_ids.get(text(block, "tool_use_id")) or self._parts.new_id("c")
        content = block.get("content", "")
        kind = text(content, "type")
        is_error = block.get("is_error") is True or kind.endswith("_error")
        return [ToolResult(part_id, _shown(content), is_error)]

    def _cite(self, note: JsonObject) -> list[Event]:
        url = text_or_none(note, "url", "source")
        title = text_or_none(note, "title", "document_title")
        if not (url or title) or (url, title) in self._cited:
            return []
        self._cited.add((url, title))
        return [Citation(url, title)]


def _shown(value: object) -> str:
    """`value` as text, without what only the provider can read."""
    try:
        return json_text(_readable(value))
    except RecursionError:
        return json_text(value)


def _readable(value: Any) -> Any:
    """`value` without encrypted contents and signatures."""
    if isinstance(value, list):
        return [_readable(item) for item in value]
    if not isinstance(value, dict):
        return value
    kept = {key: item for key, item in value.items() if not _is_sealed(key)}
    return {key: _readable(item) for key, item in kept.items()}


def _is_sealed(key: object) -> bool:
    return isinstance(key, str) and (key.startswith("encrypted_") or key == "signature")


Handler = Callable[[AnthropicFormat, JsonObject, Record], list[Event]]

_HANDLERS: Final[dict[str, Handler]] = {
    "message_start": AnthropicFormat._message_start,
    "message_delta": AnthropicFormat._message_delta,
    "message_stop": AnthropicFormat._message_stop,
    "content_block_start": AnthropicFormat._block_start,
    "content_block_delta": AnthropicFormat._block_delta,
    "content_block_stop": AnthropicFormat._block_stop,
    "error": AnthropicFormat._error,
}
