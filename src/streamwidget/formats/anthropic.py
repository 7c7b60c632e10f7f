"""The vocabulary of Anthropic Messages: numbered blocks inside a message.

A record is one event, known by the `type` inside its JSON (the same as the SSE event's name):

| record | becomes |
|---|---|
| `message_start`, `message_delta` with `usage` | usage; the last number of each counts |
| `content_block_start` | a new part, with its content (text, a whole `input`) |
| `text_delta`, `thinking_delta` | text, reasoning |
| `tool_use` block, `input_json_delta`, `content_block_stop` | a tool call |
| `server_tool_use`, `mcp_tool_use` blocks | a tool call that the provider runs |
| `web_search_tool_result`, `mcp_tool_result` and other result blocks | its result |
| `citations_delta`, `citations` of a text block | a citation, once |
| `message_delta` with `stop_reason` | the finish reason |
| `error` | a failure; the end follows |
| `message_stop` | the end |
| `message`, the answer to a request that did not ask for a stream | all of the above, and the end |
| `ping`, `signature_delta`, `redacted_thinking`, compaction | nothing |
| another block, delta or event | unknown |

Blocks may be open in parallel. The end marker is `message_stop`; without it the stream is cut, or
failed after an `error`. A second `message_start`, which some relays insert, continues the run.

Source: Anthropic API reference, "Streaming Messages".
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, Final

from ..decode.records import NO_JSON, NewId, Record
from ..events import Event, TextDelta
from .base import BaseFormat
from .fields import JsonObject, code, integer, json_text, mapping, objects, text, text_or_none

NAME: Final = "anthropic"

_CALLS: Final = frozenset({"tool_use", "server_tool_use", "mcp_tool_use"})
_QUIET: Final = frozenset({"ping", "keepalive", "heartbeat"})
_QUIET_BLOCKS: Final = frozenset({"redacted_thinking", "compaction"})
_QUIET_DELTAS: Final = frozenset({"signature_delta", "compaction_delta"})
_REPEATED: Final = frozenset({"text", "thinking", "signature", "input_json", "citation"})
"""Events of the SDK's helper that repeat the delta before them."""


def recognises(record: Record) -> bool:
    """True if the record is an event of a message: a known type with its member."""
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
        case "message":
            return isinstance(value.get("content"), list) and "stop_reason" in value
    return False


class AnthropicFormat(BaseFormat):
    """A decoder from events of a message to canonical events."""

    def __init__(self, new_id: NewId) -> None:
        super().__init__(new_id)
        self._inputs: dict[Hashable, str] = {}
        """Complete arguments from the start of a block."""
        self._counts: dict[str, Any] = {}
        """Usage so far: later events leave out unchanged counts."""
        self._index: int = 0

    def feed(self, record: Record, /) -> list[Event]:
        """Return the events of one record."""
        if self.ended:
            return []
        value = record.value
        if type(value) is dict and value.get("type") == "content_block_delta":
            index, delta = value.get("index"), value.get("delta")
            if type(index) is int and type(delta) is dict and delta.get("type") == "text_delta":
                part, more = self._open.get(index), delta.get("text")
                if part is not None and part.kind == "text" and type(more) is str and more:
                    return [TextDelta(part.part_id, more)]  # nearly all records
        if record.data.lstrip().startswith("[DONE]"):
            return self.end("complete")
        handler = _HANDLERS.get(record.type)
        if handler is not None:
            return handler(self, record.object, record)
        if record.type in _QUIET or record.type in _REPEATED:
            return []
        return self.unknown(record.type or "record", record.data)

    # --- the message

    def _message_start(self, value: JsonObject, _record: Record) -> list[Event]:
        message = mapping(value, "message")
        self._counts.clear()
        return [*self.answered_by(text(message, "model")), *self._usage(message)]

    def _message_delta(self, value: JsonObject, _record: Record) -> list[Event]:
        self.finish_reason = code(mapping(value, "delta"), "stop_reason") or self.finish_reason
        return self._usage(value)

    def _message_stop(self, _value: JsonObject, _record: Record) -> list[Event]:
        ends = [event for key in list(self._inputs) for event in self._end_block(key)]
        return [*ends, *self.end("complete")]

    def _message(self, value: JsonObject, _record: Record) -> list[Event]:
        """Return the events of a complete message, which some gateways send to streaming
        requests."""
        events = self._message_start({"message": value}, _record)
        for index, block in enumerate(objects(value, "content")):
            events += self._block(index, block)
            events += [*self.close(index), *self._end_block(index)]
        self.finish_reason = code(value, "stop_reason")
        return [*events, *self.end("complete")]

    def _error(self, value: JsonObject, record: Record) -> list[Event]:
        return self.fail(record.data if record.value is NO_JSON else value)

    def _usage(self, holder: JsonObject) -> list[Event]:
        counts = mapping(holder, "usage")
        self._counts |= {key: count for key, count in counts.items() if count is not None}
        return self.usage(self._counts, cache_apart=True) if counts else []

    # --- blocks

    def _block_start(self, value: JsonObject, _record: Record) -> list[Event]:
        return self._block(self._key(value), mapping(value, "content_block"))

    def _block(self, key: int, block: JsonObject) -> list[Event]:
        kind = text(block, "type")
        events = self.declare(key)
        if kind in _CALLS:
            return events + self._start_call(key, block, kind)
        if kind == "text":
            return [*events, *self.say(text(block, "text"), key), *self._cite(block)]
        if kind == "thinking":
            return events + self.think(text(block, "thinking"), key)
        if kind.endswith("_tool_result"):
            return events + self._result(block)
        if kind in _QUIET_BLOCKS or not block:
            return events
        return events + self.unknown(kind or "block", _shown(block))

    def _block_delta(self, value: JsonObject, _record: Record) -> list[Event]:
        delta, key = mapping(value, "delta"), self._key(value)
        match text(delta, "type"):
            case "text_delta":
                return self.say(text(delta, "text"), key)
            case "thinking_delta":
                return self.think(text(delta, "thinking"), key)
            case "input_json_delta":
                return self.arguments(key, text(delta, "partial_json"))
            case "citations_delta":
                return self._cite({"citations": [mapping(delta, "citation")]})
            case kind if kind in _QUIET_DELTAS or not delta:
                return []
            case kind:
                return self.unknown(kind or "delta", json_text(delta))

    def _block_stop(self, value: JsonObject, _record: Record) -> list[Event]:
        key = self._key(value)
        return [*self.close(key), *self._end_block(key)]

    def _key(self, value: JsonObject) -> int:
        """Return the number of the block; if it is missing, that of the last block."""
        index = integer(value, "index")
        self._index = self._index if index is None else index
        return self._index

    # --- tools and sources

    def _start_call(self, key: int, block: JsonObject, kind: str) -> list[Event]:
        call_id = text_or_none(block, "id")
        self.forget(key)
        events = self.call(key, text(block, "name"), call_id, by_provider=kind != "tool_use")
        if call_id:
            self.calls[call_id] = self.calls[key]  # as results name it
        self._inputs[key] = json_text(block["input"]) if block.get("input") else ""
        return events

    def _end_block(self, key: Hashable) -> list[Event]:
        """End the call of a block; arguments from its start count only if there was no delta."""
        whole, call = self._inputs.pop(key, ""), self.calls.get(key)
        return self.end_call(key, None if call is None or call.has_text else whole or None)

    def _result(self, block: JsonObject) -> list[Event]:
        content = block.get("content", "")
        is_error = block.get("is_error") is True or text(content, "type").endswith("_error")
        return self.result(text(block, "tool_use_id"), _shown(content), is_error=is_error)

    def _cite(self, block: JsonObject) -> list[Event]:
        return [
            event
            for note in objects(block, "citations")
            for event in self.cite(
                text_or_none(note, "url", "source"), text_or_none(note, "title", "document_title")
            )
        ]


def _shown(value: object) -> str:
    """Return `value` as text, without encrypted members."""
    try:
        return json_text(_readable(value))
    except RecursionError:
        return json_text(value)


def _readable(value: Any) -> Any:
    """Return `value` without encrypted contents and signatures."""
    if isinstance(value, list):
        return [_readable(item) for item in value]
    if not isinstance(value, dict):
        return value
    kept = {key: item for key, item in value.items() if not _is_sealed(key)}
    return {key: _readable(item) for key, item in kept.items()}


def _is_sealed(key: object) -> bool:
    return isinstance(key, str) and (key.startswith("encrypted_") or key == "signature")


_Handler = Callable[[AnthropicFormat, JsonObject, Record], list[Event]]

_HANDLERS: Final[dict[str, _Handler]] = {
    "message_start": AnthropicFormat._message_start,
    "message_delta": AnthropicFormat._message_delta,
    "message_stop": AnthropicFormat._message_stop,
    "message": AnthropicFormat._message,
    "content_block_start": AnthropicFormat._block_start,
    "content_block_delta": AnthropicFormat._block_delta,
    "content_block_stop": AnthropicFormat._block_stop,
    "error": AnthropicFormat._error,
}
