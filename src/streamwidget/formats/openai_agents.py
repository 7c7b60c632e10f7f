"""The vocabulary of the OpenAI Agents SDK: `RunResultStreaming.stream_events()`.

A record is one event of that iterator as a dict. It wraps the events of the model's responses,
which are read as in `openai_responses`; several responses may follow each other.

| record | becomes |
|---|---|
| `raw_response_event` with `data` | what that event becomes; each response's usage adds up |
| `agent_updated_stream_event` | a step named after the agent; the step before it ends |
| `run_item_stream_event`: `tool_called`, `handoff_requested` | the call, if it is new |
| `tool_output`, `handoff_occured` (so spelt) | the call's result |
| `message_output_created`, `reasoning_item_created` | text, only if no raw event had it |
| another | unknown |

There is no end marker: the end of the iterator completes the run, unless a response has not ended
(cut) or a failure was reported (failed).

Source: openai-agents documentation, "Streaming"; `agents/stream_events.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from ..decode.records import NewId, Record
from ..events import Event, Outcome
from .fields import JsonObject, as_mapping, json_text, mapping, text
from .openai_reader import ResponsesReader

NAME: Final = "openai-agents"

_STEP: Final = "agent"
_QUIET: Final = frozenset({"mcp_list_tools", "tool_search_called", "tool_search_output_created"})


def recognises(record: Record) -> bool:
    """True if the record is an event of the SDK's iterator: a known type with its member."""
    value = record.object
    match text(value, "type"):
        case "raw_response_event":
            return bool(text(mapping(value, "data"), "type"))
        case "run_item_stream_event":
            return isinstance(value.get("item"), dict) and bool(text(value, "name"))
        case "agent_updated_stream_event":
            return "new_agent" in value
    return False


class OpenAIAgentsFormat(ResponsesReader):
    """A decoder from events of one agent run to canonical events."""

    def __init__(self, new_id: NewId) -> None:
        super().__init__(new_id)
        self._has_text = False

    def feed(self, record: Record, /) -> list[Event]:
        """Return the events of one record."""
        if self.ended:
            return []
        handler = _RECORDS.get(record.type)
        events = None if handler is None else handler(self, record.object)
        return self.unknown_record(record) if events is None else events

    def _outcome(self, half_record: bool) -> Outcome:
        return "cut" if half_record or self.state == "open" else "complete"

    def end(self, outcome: Outcome = "complete") -> list[Event]:
        """End the run, and the agent's step if the run is complete."""
        is_complete = outcome == "complete" and not self.failed
        step = [*self.close_all(), *self.end_step(_STEP)] if is_complete else []
        return [*step, *super().end(outcome)]

    def _raw(self, value: JsonObject) -> list[Event] | None:
        data = mapping(value, "data")
        type_ = text(data, "type")
        self._has_text = self._has_text or type_.startswith("response.")
        return self.read(type_, data)

    def _agent(self, value: JsonObject) -> list[Event]:
        agent = value.get("new_agent")
        name = agent if isinstance(agent, str) else text(agent, "name")
        return self.start_step(_STEP, name or "Agent")

    def _run_item(self, value: JsonObject) -> list[Event] | None:
        name = text(value, "name")
        handler = _ITEMS.get(name)
        if handler is not None:
            return handler(self, mapping(value, "item"))
        return [] if name in _QUIET else None

    def _called(self, item: JsonObject) -> list[Event]:
        """Return the call, unless a raw event has reported it already."""
        raw = mapping(item, "raw_item")
        call_id = text(raw, "call_id", "id")
        return [] if call_id in self.calls else self._whole_item(raw, call_id)

    def _output(self, item: JsonObject) -> list[Event]:
        raw = mapping(item, "raw_item")
        output = item.get("output", raw.get("output", ""))
        return self.result(text(raw, "call_id", "id"), json_text(output))

    def _message(self, item: JsonObject) -> list[Event]:
        raw = mapping(item, "raw_item")
        return [] if self._has_text else self._whole_item(raw, text(raw, "id"))

    def _whole_item(self, raw: JsonObject, item_id: str) -> list[Event]:
        """Return the events of an item without raw events."""
        done: JsonObject = {"item_id": item_id, "item": as_mapping(raw)}
        return self.read("response.output_item.done", done) or []


_RECORDS: Final[dict[str, Callable[[OpenAIAgentsFormat, JsonObject], list[Event] | None]]] = {
    "raw_response_event": OpenAIAgentsFormat._raw,
    "agent_updated_stream_event": OpenAIAgentsFormat._agent,
    "run_item_stream_event": OpenAIAgentsFormat._run_item,
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
