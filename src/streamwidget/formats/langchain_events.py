"""LangChain's `astream_events` (version 2; version 1 is read too), and LangChain's messages.

Knows records, not bytes. A record is `{event, name, run_id, parent_ids, tags, metadata, data}`, as
JSON or as the iterator's dict, whose messages may be LangChain's own objects:

| event | becomes |
|---|---|
| `on_chat_model_stream` | text, reasoning, tool calls, usage: increments of one message |
| `on_chat_model_end` | content that the increments left out, and the authoritative arguments |
| `on_tool_end`, `on_tool_error` | the result of a tool call; a call without a model is shown |
| `on_chain_start`, `on_chain_end` of a graph's node | a step |
| `on_custom_event` | progress if it looks like progress, else unknown |
| a bare message, from a chat model's `stream` | like the increments |
| anything else | nothing: chains repeat their models |

There is no end marker: the end of the iterator is the end, and the run is cut if the outermost
LangChain run has started and not ended. The iterator raises a failure; it is not in the records.

Source: LangChain, langchain_core/runnables/schema.py (StreamEvent) and messages/ai.py: increments
of usage add up within a message.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable
from typing import Final

from ..decode.records import NewId, Record
from ..events import Event, Outcome
from .fields import (
    NOTHING,
    JsonObject,
    json_text,
    mapping,
    objects,
    sequence,
    text,
)
from .langchain_messages import ASSISTANT, TOOL, MessageReader, is_message, output, plain

NAME = "langchain-events"


class LangChainEventsFormat(MessageReader):
    """A decoder from events of LangChain's runs to canonical events."""

    def __init__(self, new_id: NewId) -> None:
        super().__init__(new_id)
        self._root: str | None = None
        self._root_ended = False

    def feed(self, record: Record, /) -> list[Event]:
        """Return the events of one record."""
        return [] if self.ended else self.event(record.object, record.data)

    def _outcome(self, half_record: bool) -> Outcome:
        is_unfinished = self._root is not None and not self._root_ended
        return "cut" if half_record or is_unfinished else "complete"

    def event(self, value: JsonObject, raw: str) -> list[Event]:
        """Return the canonical events of one event of `astream_events`."""
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
        """Return the events of one bare message, as a chat model's `stream` yields it."""
        kind = text(message, "type")
        if kind in TOOL:
            return self.tool_message(message)
        if kind.endswith("Chunk"):
            return self.increment(message, text(message, "id"))
        return self.whole(message, text(message, "id")) if kind in ASSISTANT else []

    def _around(self, value: JsonObject) -> str | None:
        """Return the key of the innermost running step that an event belongs to."""
        parents = [parent for parent in sequence(value, "parent_ids") if isinstance(parent, str)]
        return next((parent for parent in reversed(parents) if parent in self.steps), None)

    def _model_stream(self, value: JsonObject) -> list[Event]:
        chunk = plain(mapping(value, "data").get("chunk"))
        model = self.answered_by(text(mapping(value, "metadata"), "ls_model_name"))
        step_id = self.step_of(self._around(value))
        return [*model, *self.increment(chunk, text(value, "run_id"), step_id)]

    def _model_end(self, value: JsonObject) -> list[Event]:
        key = text(value, "run_id")
        step_id = self.step_of(self._around(value))
        return [*self.whole(output(value), key, step_id), *self.close(key)]

    def _model_error(self, value: JsonObject) -> list[Event]:
        """Close the text of a failed model call: the run continues, because models are retried."""
        return self.close(text(value, "run_id"))

    def _tool_end(self, value: JsonObject) -> list[Event]:
        output = mapping(value, "data").get("output")
        message = NOTHING if isinstance(output, str) else plain(output)
        if text(message, "tool_call_id"):
            return self.tool_message(message)
        return self._tool_run(value, json_text(message or output), is_error=False)

    def _tool_error(self, value: JsonObject) -> list[Event]:
        error = mapping(value, "data").get("error")
        return self._tool_run(value, json_text(error), is_error=True)

    def _tool_run(self, value: JsonObject, result: str, *, is_error: bool) -> list[Event]:
        """Return the events of a tool that ran without a call by a model, shown as run by the
        server."""
        data = mapping(value, "data")
        key: Hashable = text(data, "tool_call_id") or ("tool", text(value, "run_id"))
        events: list[Event] = []
        if key not in self.calls:
            step_id = self.step_of(self._around(value))
            events = self.call(key, text(value, "name"), by_provider=True, step_id=step_id)
            events += self.end_call(key, json_text(data.get("input") or {}))
        return [*events, *self.result(key, result, is_error=is_error)]

    def _chain_start(self, value: JsonObject) -> list[Event]:
        """Start a step for a node of a graph; other chains are implementation details."""
        tags = [tag for tag in sequence(value, "tags") if isinstance(tag, str)]
        if not any(tag.startswith("graph:step:") for tag in tags):
            return []
        key, parent = text(value, "run_id"), self._around(value)
        name = text(value, "name") or "step"
        return self.start_step(key, name, None if parent == key else parent)

    def _chain_end(self, value: JsonObject) -> list[Event]:
        """End the step of a node, after the results of tools that had no events."""
        run_id = text(value, "run_id")
        if run_id not in self.steps:
            return []
        messages = objects(mapping(value, "data").get("output"), "messages")
        tools = [message for message in map(plain, messages) if text(message, "type") in TOOL]
        results = [event for message in tools for event in self.tool_message(message)]
        return [*results, *self.end_step(run_id)]

    def _chain_error(self, value: JsonObject) -> list[Event]:
        return self.end_step(text(value, "run_id"), "failed")

    def _custom(self, value: JsonObject) -> list[Event]:
        return self.custom(text(value, "name") or "custom", value.get("data"))

    def custom(self, name: str, data: object) -> list[Event]:
        """Return the events of application data: progress if it looks like progress, else
        unknown."""
        key = (name, text(data, "id", "task", "name"))
        return self.progress(key, data) or self.unknown(name, json_text(data))


_BY_EVENT: Final[dict[str, Callable[[LangChainEventsFormat, JsonObject], list[Event]]]] = {
    **dict.fromkeys(("on_chat_model_stream", "on_llm_stream"), LangChainEventsFormat._model_stream),
    **dict.fromkeys(("on_chat_model_end", "on_llm_end"), LangChainEventsFormat._model_end),
    **dict.fromkeys(("on_chat_model_error", "on_llm_error"), LangChainEventsFormat._model_error),
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
    """True if a JSON object is one event of `astream_events`."""
    return (
        _EVENT.fullmatch(text(value, "event")) is not None
        and isinstance(value.get("run_id"), str)
        and "data" in value
    )


def recognises(record: Record) -> bool:
    """True if the record certainly belongs to `astream_events`, and not to LangGraph."""
    return not record.name and (is_event(record.object) or is_message(record.object))
