"""The vocabulary of the OpenAI Agents SDK: `RunResultStreaming.stream_events()`.

A record is one event of that iterator as a dict. The events of the model's responses are wrapped
in it and read as `openai_responses` reads them; several responses follow each other.

| record | becomes |
|---|---|
| `raw_response_event` with `data` | what that event becomes; each response's usage adds up |
| `agent_updated_stream_event` | a step named after the agent; the step before it ends |
| `run_item_stream_event`: `tool_called`, `handoff_requested` | the call, if it is new |
| `tool_output`, `handoff_occured` (so spelt) | the call's result |
| `message_output_created`, `reasoning_item_created` | text only where no raw event brought it |
| another | unknown |

There is no end marker: the iterator's end completes the run, unless a response has not ended (cut)
or a failure was told (failed).

Source: openai-agents documentation, "Streaming"; `agents/stream_events.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from ..events import Event, Outcome
from .fields import JsonObject, as_mapping, json_text, mapping, text
from .openai_items import ItemResult
from .openai_reader import ResponsesReader
from .records import NewId, Record

NAME: Final = "openai-agents"

_STEP: Final = "agent"
_QUIET: Final = frozenset({"mcp_list_tools", "tool_search_called", "tool_search_output_created"})


def recognises(record: Record) -> bool:
    """Whether the record is an event of the SDK's iterator, by its type and what belongs to it."""
    value = record.object
    match text(value, "type"):
        case "raw_response_event":
            return bool(text(mapping(value, "data"), "type"))
        case "run_item_stream_event":
            return isinstance(value.get("item"), dict) and bool(text(value, "name"))
        case "agent_updated_stream_event":
            return "new_agent" in value
    return False


class OpenAIAgentsFormat:
    """Events of one agent run; `new_id` makes ids that are unique in the run."""

    def __init__(self, new_id: NewId) -> None:
        self._reader = ResponsesReader(new_id)
        self._has_text = False
        self.ended = False

    def feed(self, record: Record, /) -> list[Event]:
        if self.ended:
            return []
        handler = _HANDLERS.get(record.type)
        events = None if handler is None else handler(self, record.object)
        return self._reader.unknown(record) if events is None else events

    def flush(self, *, half_record: bool = False) -> list[Event]:
        """See the top for what the end of the iterator means."""
        if self.ended:
            return []
        self.ended = True
        outcome: Outcome = "cut" if half_record or self._reader.state == "open" else "complete"
        end = self._reader.run_end(outcome)
        step = self._reader.parts.end_step(_STEP, "done") if end.outcome == "complete" else []
        return [*self._reader.parts.close(), *step, end]

    def _raw(self, value: JsonObject) -> list[Event] | None:
        data = mapping(value, "data")
        type_ = text(data, "type")
        self._has_text = self._has_text or type_.startswith("response.")
        return self._reader.read(type_, data)

    def _agent(self, value: JsonObject) -> list[Event]:
        agent = value.get("new_agent")
        name = agent if isinstance(agent, str) else text(agent, "name")
        parts = self._reader.parts
        events = parts.start_step(_STEP, name or "Agent", None)
        self._reader.step_id = parts.step_id(_STEP)
        return events

    def _item(self, value: JsonObject) -> list[Event] | None:
        name = text(value, "name")
        handler = _ITEMS.get(name)
        if handler is not None:
            return handler(self, mapping(value, "item"))
        return [] if name in _QUIET else None

    def _called(self, item: JsonObject) -> list[Event]:
        """The call itself; most have been seen among the raw events."""
        raw = mapping(item, "raw_item")
        call_id = text(raw, "call_id", "id")
        if call_id in self._reader.part_ids:
            return []
        return self._whole(raw, call_id)

    def _output(self, item: JsonObject) -> list[Event]:
        raw = mapping(item, "raw_item")
        output = item.get("output", raw.get("output", ""))
        return self._reader.result(text(raw, "call_id", "id"), ItemResult(json_text(output)))

    def _message(self, item: JsonObject) -> list[Event]:
        raw = mapping(item, "raw_item")
        return [] if self._has_text else self._whole(raw, text(raw, "id"))

    def _whole(self, raw: JsonObject, item_id: str) -> list[Event]:
        """An item that came without raw events, under a number of its own."""
        done: JsonObject = {"item_id": item_id, "item": as_mapping(raw)}
        return self._reader.read("response.output_item.done", done) or []


_HANDLERS: Final[dict[str, Callable[[OpenAIAgentsFormat, JsonObject], list[Event] | None]]] = {
    "raw_response_event": OpenAIAgentsFormat._raw,
    "agent_updated_stream_event": OpenAIAgentsFormat._agent,
    "run_item_stream_event": OpenAIAgentsFormat._item,
}
_ITEMS: Final[dict[str, Callable[[OpenAIAgentsFormat, JsonObject], list[Event]]]] = {
    "tool_called": OpenAIAgentsFormat._called,
    "handoff_requested": OpenAIAgentsFormat._called,
    "mcp_approval_requested": OpenAIAgentsFormat._called,
    "tool_output": OpenAIAgentsFormat._output,
    "handoff_occured": OpenAIAgentsFormat._output,
    "handoff_occurred": OpenAIAgentsFormat._output,
    "mcp_approval_response": OpenAIAgentsFormat._output,
    "message_output_created": OpenAIAgentsFormat._message,
    "reasoning_item_created": OpenAIAgentsFormat._message,
}
