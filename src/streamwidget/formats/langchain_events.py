"""LangChain's `astream_events` (version 2; version 1 is read too), and LangChain's messages.

Knows records, not bytes. A record is `{event, name, run_id, parent_ids, tags, metadata, data}`, as
JSON or as the dict that the iterator gave, whose messages may be LangChain's own objects:

| event | becomes |
|---|---|
| `on_chat_model_stream` | text, reasoning, tool calls, usage: increments of one message |
| `on_chat_model_end` | what the increments did not say, and the authoritative arguments |
| `on_tool_end`, `on_tool_error` | the result of a tool call; a call that no model made is shown |
| `on_chain_start`, `on_chain_end` of a graph's node | a step |
| `on_custom_event` | progress if it looks like it, else unknown |
| a message by itself, of a chat model's `stream` | as the increments are |
| anything else | nothing: chains repeat what their models said |

There is no end marker: the iterator's end is the end, and it is cut if the outermost run had begun
and did not end. A failure is raised out of the iterator and is not in the records.

Source: LangChain, langchain_core/runnables/schema.py (StreamEvent) and messages/ai.py: increments
of usage add up within a message.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable
from typing import Final

from ..events import Event
from .fields import (
    NOTHING,
    JsonObject,
    json_text,
    mapping,
    objects,
    sequence,
    text,
)
from .langchain_messages import ASSISTANT, TOOL, MessageRun, is_message, output, plain
from .records import NewId, Record

NAME = "langchain-events"


class LangChainEventsFormat(MessageRun):
    """Events of LangChain's runs to events; `new_id` makes ids that are unique in the run."""

    def __init__(self, new_id: NewId) -> None:
        super().__init__(new_id)
        self._root: str | None = None
        self._root_ended = False

    def feed(self, record: Record, /) -> list[Event]:
        """The events of one record."""
        return [] if self.ended else self.event(record.object, record.data)

    def flush(self, *, half_record: bool = False) -> list[Event]:
        unfinished = self._root is not None and not self._root_ended
        return super().flush(half_record=half_record or unfinished)

    def event(self, value: JsonObject, raw: str) -> list[Event]:
        """What one event of `astream_events` gives."""
        tag, run_id = text(value, "event"), text(value, "run_id")
        if self._root is None and tag.endswith("_start") and not sequence(value, "parent_ids"):
            self._root = run_id
        elif tag.endswith("_end") and run_id == self._root:
            self._root_ended = True
        if not tag and is_message(value):
            return self.message(value)
        if tag in _BY_EVENT:
            return _BY_EVENT[tag](self, value)
        return [] if tag.startswith("on_") else self.unknown(tag or "record", raw)

    def message(self, message: JsonObject) -> list[Event]:
        """One message by itself, as a chat model's `stream` yields them."""
        kind = text(message, "type")
        if kind in TOOL:
            return self.tool_message(message)
        if kind.endswith("Chunk"):
            return self.increment(message, text(message, "id"))
        return self.whole(message, text(message, "id")) if kind in ASSISTANT else []

    def _model_stream(self, value: JsonObject) -> list[Event]:
        chunk = plain(mapping(value, "data").get("chunk"))
        return self.increment(chunk, text(value, "run_id"))

    def _model_end(self, value: JsonObject) -> list[Event]:
        return self.whole(output(value), text(value, "run_id"))

    def _tool_end(self, value: JsonObject) -> list[Event]:
        output = mapping(value, "data").get("output")
        message = NOTHING if isinstance(output, str) else plain(output)
        if text(message, "tool_call_id"):
            return self.tool_message(message)
        return self._tool_run(value, json_text(message or output), is_error=False)

    def _tool_error(self, value: JsonObject) -> list[Event]:
        told = mapping(value, "data").get("error")
        return self._tool_run(value, json_text(told), is_error=True)

    def _tool_run(self, value: JsonObject, result: str, *, is_error: bool) -> list[Event]:
        """A tool that ran without a model's call of that id: shown, not asked of anybody."""
        data = mapping(value, "data")
        key: Hashable = text(data, "tool_call_id") or ("tool", text(value, "run_id"))
        events: list[Event] = []
        if key not in self.calls:
            events = self.start_call(key, text(value, "name"), by_provider=True)
            events += self.end_call(key, json_text(data.get("input") or {}))
        return [*events, *self.result(key, result, is_error=is_error)]

    def _chain_start(self, value: JsonObject) -> list[Event]:
        """A node of a graph: other chains are its inner works."""
        tags = [tag for tag in sequence(value, "tags") if isinstance(tag, str)]
        if not any(tag.startswith("graph:step:") for tag in tags):
            return []
        told = [one for one in sequence(value, "parent_ids") if isinstance(one, str)]
        outer = [one for one in reversed(told) if self.parts.step_id(one)]
        key, parent = text(value, "run_id"), outer[0] if outer else None
        name = text(value, "name") or "step"
        return self.parts.start_step(key, name, None if parent == key else parent)

    def _chain_end(self, value: JsonObject) -> list[Event]:
        """The end of a node; a node may have run a tool that told of itself in no event."""
        run_id = text(value, "run_id")
        if self.parts.step_id(run_id) is None:
            return []
        told = objects(mapping(value, "data").get("output"), "messages")
        tools = [one for one in map(plain, told) if text(one, "type") in TOOL]
        results = [event for one in tools for event in self.tool_message(one)]
        return [*results, *self.parts.end_step(run_id, "done")]

    def _chain_error(self, value: JsonObject) -> list[Event]:
        return self.parts.end_step(text(value, "run_id"), "failed")

    def _custom(self, value: JsonObject) -> list[Event]:
        return self.custom(text(value, "name") or "custom", value.get("data"))

    def custom(self, name: str, data: object) -> list[Event]:
        """The application's own data: progress if it looks like it."""
        key = (name, text(data, "id", "task", "name"))
        progress = self.progress.read(key, data, self.step_id)
        return self.unknown(name, json_text(data)) if progress is None else [progress]


_BY_EVENT: Final[dict[str, Callable[[LangChainEventsFormat, JsonObject], list[Event]]]] = {
    **dict.fromkeys(("on_chat_model_stream", "on_llm_stream"), LangChainEventsFormat._model_stream),
    **dict.fromkeys(("on_chat_model_end", "on_llm_end"), LangChainEventsFormat._model_end),
    "on_tool_end": LangChainEventsFormat._tool_end,
    "on_tool_error": LangChainEventsFormat._tool_error,
    "on_chain_start": LangChainEventsFormat._chain_start,
    "on_chain_end": LangChainEventsFormat._chain_end,
    "on_chain_error": LangChainEventsFormat._chain_error,
    "on_custom_event": LangChainEventsFormat._custom,
}


_EVENT: Final = re.compile(
    r"on_((chat_model|llm|chain|tool|retriever|prompt|parser)_(start|stream|end|error)|custom_event)"
)


def is_event(value: JsonObject) -> bool:
    """Whether a JSON object is one event of `astream_events`."""
    return (
        _EVENT.fullmatch(text(value, "event")) is not None
        and isinstance(value.get("run_id"), str)
        and "data" in value
    )


def recognises(record: Record) -> bool:
    """Whether the record is one of `astream_events` for certain, and not one of LangGraph's."""
    return not record.name and (is_event(record.object) or is_message(record.object))
