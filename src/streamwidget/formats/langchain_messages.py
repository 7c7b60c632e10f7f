"""LangChain's messages, whole and in chunks, as LangChain and LangGraph send them.

Chunks of one message have its id; the whole message repeats them and completes what they left out.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from ..decode.records import NewId
from ..events import Event, Usage
from .base import BaseFormat
from .fields import (
    NOTHING,
    JsonObject,
    as_mapping,
    as_sequence,
    json_text,
    mapping,
    objects,
    sequence,
    text,
    text_or_none,
)
from .flows import Kind
from .usage import COUNTS, usage_of

ASSISTANT: Final = frozenset({"ai", "AIMessage", "AIMessageChunk", "assistant"})
TOOL: Final = frozenset({"tool", "ToolMessage", "ToolMessageChunk"})
PERSON: Final = frozenset({"human", "HumanMessage", "HumanMessageChunk", "user"})


@dataclass(slots=True)
class MessageState:
    """The content of one message so far."""

    pieces: dict[Kind, list[str]] = field(default_factory=lambda: {"text": [], "reasoning": []})
    calls: list[Hashable] = field(default_factory=list)
    usage: Usage | None = None
    step_id: str | None = None
    """The step of a message that arrived in chunks."""


class MessageReader(BaseFormat):
    """Reads LangChain's messages: increments, growing snapshots, and whole messages.

    Each message is a separate flow, so that any number of messages can grow in parallel.
    """

    at_eof = "complete"

    def __init__(self, new_id: NewId) -> None:
        super().__init__(new_id)
        self.message_states: dict[Hashable, MessageState] = {}
        self._results: dict[str, str] = {}
        """Results by the part id of their call."""

    def increment(
        self, message: JsonObject, key: Hashable, step_id: str | None = None
    ) -> list[Event]:
        """Return the events of a chunk of the message `key`, whose parts belong to `step_id`."""
        content = message.get("content")
        part = self._open.get(key)
        if part is not None and part.kind == "text" and type(content) is str and content:
            self.message_states[key].pieces["text"].append(content)
            events = self.say(content, key)
        else:
            self.message_states.setdefault(key, MessageState(step_id=step_id or self.step_id))
            events = self._contents(message, key, step_id)
        state = self.message_states[key]
        for chunk in objects(message, "tool_call_chunks"):
            events += self._call_chunk(chunk, key, state, step_id)
        events += self._citations(message)
        if not sequence(message, "tool_call_chunks") and message.get("chunk_position") is None:
            events += self._calls(message, key, state, step_id)
        if counts := mapping(message, "usage_metadata"):
            more = usage_of(counts, _call_name(key), _model_of(message) or self.model)
            if more is not None:
                state.usage = _sum(state.usage, more)
                events.append(state.usage)
        return [*events, *self._finish(message, key, state)]

    def _contents(self, message: JsonObject, key: Hashable, step_id: str | None) -> list[Event]:
        events: list[Event] = []
        for kind, more in contents(message):
            self.message_states[key].pieces[kind].append(more)
            events += self.grow(kind, more, key, step_id)
        return events

    def whole(self, message: JsonObject, key: Hashable, step_id: str | None = None) -> list[Event]:
        """Return the events for the content of a snapshot that has not arrived before."""
        state = self.message_states.setdefault(key, MessageState())
        events: list[Event] = []
        now: dict[Kind, list[str]] = {"text": [], "reasoning": []}
        for kind, piece in contents(message):
            now[kind].append(piece)
        for kind in ("reasoning", "text"):
            whole, before = "".join(now[kind]), "".join(state.pieces[kind])
            if not before and self._has_streamed(kind, whole, step_id):
                continue
            if whole.startswith(before):  # else a resumed stream lacks its beginning
                events += self.grow(kind, whole[len(before) :], key, step_id)
                state.pieces[kind] = [whole]
        events += [*self._citations(message), *self._calls(message, key, state, step_id)]
        counts = mapping(message, "usage_metadata")
        usage = usage_of(counts, _call_name(key), _model_of(message) or self.model)
        if usage is not None and usage != state.usage:
            state.usage = usage
            events.append(usage)
        return [*events, *self._finish(message, key, state)]

    def _has_streamed(self, kind: Kind, whole: str, step_id: str | None) -> bool:
        """True if the last message that streamed in this step has that content.

        A node may return a copy of its model's message, with another id.
        """
        streamed = [state for state in self.message_states.values() if state.step_id is not None]
        if not whole or not streamed or streamed[-1].step_id != (step_id or self.step_id):
            return False
        pieces = streamed[-1].pieces[kind]
        return bool(pieces) and whole.startswith(pieces[0]) and "".join(pieces) == whole

    def tool_message(self, message: JsonObject) -> list[Event]:
        """Return the result in a tool's message, once."""
        call_id = text(message, "tool_call_id") or text(message, "id")
        result = "".join(piece for _, piece in contents(message))
        result = result or json_text(message.get("content"))
        known = self.calls.get(call_id)
        if known is not None and self._results.get(known.part_id) == result:
            return []
        name, events = text(message, "name"), list[Event]()
        if known is None:
            events = self.call(call_id, name, call_id or None, by_provider=True)
        self._results[self.calls[call_id].part_id] = result
        is_error = text(message, "status") == "error"
        return [*events, *self.result(call_id, result, is_error=is_error)]

    def _call_chunk(
        self, chunk: JsonObject, key: Hashable, state: MessageState, step_id: str | None
    ) -> list[Event]:
        call_id, index = text(chunk, "id"), chunk.get("index")
        if isinstance(index, (int, str)):
            call: Hashable = (key, index)
        elif call_id or not state.calls:
            call = call_id or (key, None)
        else:
            call = state.calls[-1]
        name = text(chunk, "name")
        events = (
            []
            if call in self.calls and not name
            else self._start(call, name, call_id, key, step_id)
        )
        if call not in state.calls:
            state.calls.append(call)
        return [*events, *self.arguments(call, text(chunk, "args"))]

    def _start(
        self, call: Hashable, name: str, call_id: str, key: Hashable, step_id: str | None
    ) -> list[Event]:
        events = self.call(call, name, call_id or None, flow=key, step_id=step_id)
        if call_id:
            self.calls[call_id] = self.calls[call]  # as results and whole messages name it
        return events

    def _calls(
        self, message: JsonObject, key: Hashable, state: MessageState, step_id: str | None
    ) -> list[Event]:
        """Return the events of whole calls; their arguments replace earlier ones."""
        events: list[Event] = []
        for at, whole in enumerate(objects(message, "tool_calls")):
            call_id = text(whole, "id")
            call: Hashable = call_id or (key, "call", at)
            if call not in self.calls and at < len(state.calls):
                call = state.calls[at]
            if call not in self.calls:
                events += self._start(call, text(whole, "name"), call_id, key, step_id)
            if call not in state.calls:
                state.calls.append(call)
            events += self.end_call(call, json_text(whole.get("args") or {}))
        return events

    def _finish(self, message: JsonObject, key: Hashable, state: MessageState) -> list[Event]:
        """Read the finish reason, which completes the calls that arrived in chunks."""
        metadata = mapping(message, "response_metadata")
        reason = text_or_none(metadata, "finish_reason", "stop_reason", "done_reason")
        is_last = message.get("chunk_position") == "last"
        if reason is None and not is_last:
            return []
        self.finish_reason = reason or self.finish_reason
        ends = [event for call in state.calls for event in self.end_call(call)]
        return [*(self.close(key) if is_last else []), *ends]

    def _citations(self, message: JsonObject) -> list[Event]:
        return [
            event
            for block in objects(message, "content")
            for note in objects(block, "annotations")
            for event in self.cite(text_or_none(note, "url"), text_or_none(note, "title"))
        ]


def _model_of(message: JsonObject) -> str | None:
    return text_or_none(mapping(message, "response_metadata"), "model_name", "model", "model_id")


def plain(value: object) -> JsonObject:
    """Return a message as a JSON object; `{}` if it is not a message.

    `value` may be serialised by LangChain, one of its objects, or a JSON object.
    """
    if isinstance(value, str):
        return {"type": "AIMessageChunk", "content": value}
    dump = getattr(value, "model_dump", None)
    if callable(dump):
        try:
            value = dump()
        except Exception:  # a user-defined class: a message that cannot be read is not shown
            return NOTHING
    message = as_mapping(value)
    is_serialised = message.get("lc") and "kwargs" in message
    return mapping(message, "kwargs") if is_serialised else message


def is_message(value: object) -> bool:
    """True if `value` is certainly a LangChain message: a known type with the common members."""
    known = text(value, "type") in ASSISTANT | TOOL | PERSON | {"system", "SystemMessageChunk"}
    return (
        known and {"content", "additional_kwargs", "response_metadata"} <= as_mapping(value).keys()
    )


def output(value: JsonObject) -> JsonObject:
    """Return the message of an `on_chat_model_end`; version 1 wraps it in generations."""
    output = mapping(value, "data").get("output")
    rows = sequence(output, "generations")
    wrapped = [generation for row in rows for generation in as_sequence(row)]
    return plain(as_mapping(wrapped[0]).get("message")) if wrapped else plain(output)


def contents(message: JsonObject) -> Iterator[tuple[Kind, str]]:
    """Yield the text and reasoning of a message in order; other blocks are read elsewhere."""
    if thought := text(mapping(message, "additional_kwargs"), "reasoning_content"):
        yield "reasoning", thought
    content = message.get("content", message.get("text"))
    for block in (content,) if isinstance(content, str) else as_sequence(content):
        if isinstance(block, str):
            piece: tuple[Kind, str] = ("text", block)
        else:
            piece = _content(as_mapping(block))
        if piece[1]:
            yield piece


def _content(block: JsonObject) -> tuple[Kind, str]:
    kind = text(block, "type")
    if kind in ("text", "output_text", "text-plain", "refusal"):
        return "text", text(block, "text", "refusal")
    if kind in ("thinking", "reasoning", "reasoning_content"):
        thought = text(block, "reasoning", "thinking", "text")
        inner = text(mapping(block, "reasoning_content"), "text")
        summary = "".join(text(part, "text") for part in objects(block, "summary"))
        return "reasoning", thought or inner or summary
    return "text", ""


def _sum(before: Usage | None, more: Usage) -> Usage:
    """Return the sum of the usage of two increments of a message."""
    if before is None:
        return more
    sums: dict[str, Any] = {
        name: _plus(getattr(before, name), getattr(more, name)) for name in COUNTS
    }
    return Usage(**sums, call=more.call, model=more.model or before.model)


def _plus(before: int | None, more: int | None) -> int | None:
    return before if more is None else (before or 0) + more


def _call_name(key: Hashable) -> str:
    return key if isinstance(key, str) else repr(key)
