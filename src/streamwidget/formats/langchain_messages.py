"""LangChain's messages, whole and in chunks, as LangChain and LangGraph send them.

Chunks of one message carry its id; the whole message repeats them and is used to verify.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from typing import Final

from ..events import Citation, Event, ToolCallEnd, Usage
from .agent import AgentRun
from .fields import (
    NOTHING,
    JsonObject,
    as_mapping,
    as_sequence,
    integer,
    json_text,
    mapping,
    objects,
    sequence,
    text,
    text_or_none,
)
from .parts import Kind
from .records import NewId

ASSISTANT: Final = frozenset({"ai", "AIMessage", "AIMessageChunk", "assistant"})
TOOL: Final = frozenset({"tool", "ToolMessage", "ToolMessageChunk"})
PERSON: Final = frozenset({"human", "HumanMessage", "HumanMessageChunk", "user"})


@dataclass(slots=True)
class Spoken:
    """What was said of one message so far."""

    pieces: dict[Kind, list[str]] = field(default_factory=lambda: {"text": [], "reasoning": []})
    calls: list[Hashable] = field(default_factory=list)
    usage: tuple[int | None, int | None] = (None, None)

    def joined(self, kind: Kind) -> str:
        return "".join(self.pieces[kind])


class MessageRun(AgentRun):
    """Reads LangChain's messages: increments, snapshots that grow, and whole ones."""

    at_eof = "complete"

    def __init__(self, new_id: NewId) -> None:
        super().__init__(new_id)
        self._spoken: dict[Hashable, Spoken] = {}
        self._arguments: dict[str, str] = {}
        self._results: dict[str, str] = {}
        self._cited: set[tuple[str | None, str | None]] = set()

    def increment(self, message: JsonObject, key: Hashable) -> list[Event]:
        """What a chunk adds to the message `key`."""
        spoken = self._spoken.setdefault(key, Spoken())
        events: list[Event] = []
        for kind, said in contents(message):
            spoken.pieces[kind].append(said)
            events += self.say(kind, said, key)
        for chunk in objects(message, "tool_call_chunks"):
            events += self._call_chunk(chunk, key, spoken)
        events += self._citations(message)
        if not sequence(message, "tool_call_chunks") and message.get("chunk_position") is None:
            events += self._calls(message, key, spoken)
        told = mapping(message, "usage_metadata")
        added = (integer(told, "input_tokens"), integer(told, "output_tokens"))
        spoken.usage = _plus(spoken.usage[0], added[0]), _plus(spoken.usage[1], added[1])
        if added != (None, None):
            events.append(Usage(*spoken.usage, _call_name(key)))
        return [*events, *self._finish(message, spoken)]

    def whole(self, message: JsonObject, key: Hashable) -> list[Event]:
        """What a message that is whole so far has beyond what was said of it."""
        spoken = self._spoken.setdefault(key, Spoken())
        events: list[Event] = []
        now: dict[Kind, list[str]] = {"text": [], "reasoning": []}
        for kind, said in contents(message):
            now[kind].append(said)
        for kind in ("reasoning", "text"):
            said, before = "".join(now[kind]), spoken.joined(kind)
            if said.startswith(before):  # else it begins before what a resumed stream began with
                events += self.say(kind, said[len(before) :], key)
                spoken.pieces[kind] = [said]
        events += [*self._citations(message), *self._calls(message, key, spoken)]
        told = mapping(message, "usage_metadata")
        counts = (integer(told, "input_tokens"), integer(told, "output_tokens"))
        if counts not in ((None, None), spoken.usage):
            spoken.usage = counts
            events.append(Usage(*counts, _call_name(key)))
        return [*events, *self._finish(message, spoken)]

    def tool_message(self, message: JsonObject) -> list[Event]:
        """The result that a tool's message tells, once."""
        call_id = text(message, "tool_call_id") or text(message, "id")
        said = "".join(part for _, part in contents(message)) or json_text(message.get("content"))
        if self._results.get(call_id) == said:
            return []
        self._results[call_id] = said
        name, events = text(message, "name"), list[Event]()
        if call_id not in self.calls:
            events = self.start_call(call_id, name, call_id or None, by_provider=True)
        is_error = text(message, "status") == "error"
        return [*events, *self.result(call_id, said, is_error=is_error)]

    def _call_chunk(self, chunk: JsonObject, key: Hashable, spoken: Spoken) -> list[Event]:
        call_id, index = text(chunk, "id"), chunk.get("index")
        if isinstance(index, (int, str)):
            call: Hashable = (key, index)
        elif call_id or not spoken.calls:
            call = call_id or (key, None)
        else:
            call = spoken.calls[-1]
        name, told = text(chunk, "name"), text(chunk, "args")
        started = [] if call in self.calls and not name else self._start(call, name, call_id)
        if call not in spoken.calls:
            spoken.calls.append(call)
        return [*started, *self.grow_call(call, told)]

    def _start(self, call: Hashable, name: str, call_id: str) -> list[Event]:
        events = self.start_call(call, name, call_id or None)
        if call_id:
            self.calls[call_id] = self.calls[call]  # as results and whole messages name it
        return events

    def _calls(self, message: JsonObject, key: Hashable, spoken: Spoken) -> list[Event]:
        """Whole calls; their arguments are authoritative, also over those of before."""
        events: list[Event] = []
        for at, told in enumerate(objects(message, "tool_calls")):
            call_id = text(told, "id")
            call: Hashable = call_id or (key, "call", at)
            if call not in self.calls and at < len(spoken.calls):
                call = spoken.calls[at]
            events += self._start(call, text(told, "name"), call_id) if self._new(call) else []
            if call not in spoken.calls:
                spoken.calls.append(call)
            whole, part_id = json_text(told.get("args") or {}), self.calls[call]
            if self._arguments.get(part_id) != whole:
                self._arguments[part_id] = whole
                events.append(ToolCallEnd(part_id, whole))
        return events

    def _new(self, call: Hashable) -> bool:
        return call not in self.calls

    def _finish(self, message: JsonObject, spoken: Spoken) -> list[Event]:
        """The finish reason; with it, calls that came in chunks are complete."""
        told = mapping(message, "response_metadata")
        reason = text_or_none(told, "finish_reason", "stop_reason", "done_reason")
        if reason is None and message.get("chunk_position") != "last":
            return []
        self.raw = reason or self.raw
        ended = [self.calls[call] for call in spoken.calls if call in self.calls]
        fresh = [part_id for part_id in ended if part_id not in self._arguments]
        self._arguments |= dict.fromkeys(fresh, "")
        return [ToolCallEnd(part_id) for part_id in fresh]

    def _citations(self, message: JsonObject) -> list[Event]:
        events: list[Event] = []
        for block in objects(message, "content"):
            for note in objects(block, "annotations"):
                cited = (text_or_none(note, "url"), text_or_none(note, "title"))
                if cited != (None, None) and cited not in self._cited:
                    self._cited.add(cited)
                    events.append(Citation(*cited, self.step_id))
        return events


def plain(value: object) -> JsonObject:
    """A message as a JSON object: serialised by LangChain, an object of its own, or plain already.

    `{}` for what is none of them.
    """
    if isinstance(value, str):
        return {"type": "AIMessageChunk", "content": value}
    dump = getattr(value, "model_dump", None)
    if callable(dump):
        try:
            value = dump()
        except Exception:  # the user's own class: what cannot be read is not shown
            return NOTHING
    told = as_mapping(value)
    return mapping(told, "kwargs") if told.get("lc") and "kwargs" in told else told


def is_message(value: object) -> bool:
    """Whether `value` is one of LangChain's messages for certain: its type and what all have."""
    known = text(value, "type") in ASSISTANT | TOOL | PERSON | {"system", "SystemMessageChunk"}
    return (
        known and {"content", "additional_kwargs", "response_metadata"} <= as_mapping(value).keys()
    )


def output(value: JsonObject) -> JsonObject:
    """The message of an `on_chat_model_end`; version 1 wraps it in generations."""
    output = mapping(value, "data").get("output")
    wrapped = [one for row in sequence(output, "generations") for one in as_sequence(row)]
    return plain(as_mapping(wrapped[0]).get("message")) if wrapped else plain(output)


def contents(message: JsonObject) -> Iterator[tuple[Kind, str]]:
    """Text and reasoning of a message, in order; other blocks are told elsewhere or not shown."""
    if thought := text(mapping(message, "additional_kwargs"), "reasoning_content"):
        yield "reasoning", thought
    content = message.get("content", message.get("text"))
    for block in (content,) if isinstance(content, str) else as_sequence(content):
        if isinstance(block, str):
            found: tuple[Kind, str] = ("text", block)
        else:
            found = _content(as_mapping(block))
        if found[1]:
            yield found


def _content(block: JsonObject) -> tuple[Kind, str]:
    kind = text(block, "type")
    if kind in ("text", "output_text", "text-plain", "refusal"):
        return "text", text(block, "text", "refusal")
    if kind in ("thinking", "reasoning", "reasoning_content"):
        said = text(block, "reasoning", "thinking", "text")
        inner = text(mapping(block, "reasoning_content"), "text")
        return "reasoning", said or inner or "".join(text(s, "text") for s in _summary(block))
    return "text", ""


def _summary(block: JsonObject) -> list[JsonObject]:
    return objects(block, "summary")


def _plus(before: int | None, more: int | None) -> int | None:
    return before if more is None else (before or 0) + more


def _call_name(key: Hashable) -> str:
    return key if isinstance(key, str) else repr(key)
