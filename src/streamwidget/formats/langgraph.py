"""LangGraph's runs: `POST /threads/{id}/runs/stream` and the like.

Knows records, not bytes. A record is one server-sent event; dispatch on its name, which is a mode,
with `|` and the namespace of a subgraph behind it:

| name | becomes |
|---|---|
| `messages` | `[chunk, metadata]`: increments; a node that is new is a step |
| `messages/partial`, `messages/complete` | cumulative: what a message has beyond what was said |
| `messages/metadata` | the step of a message to come |
| `updates` | messages as above, the end of the node's step; other values are unknown |
| `values` | messages after the person's last; other values, as they are at the end, are unknown |
| `events` | as `formats.langchain_events` reads them |
| `custom` | progress if it looks like it, else unknown |
| `error` | a failure |
| `metadata`, `debug`, `tasks`, `checkpoints`, `feedback` | nothing |

Every mode tells the same messages: their ids say what was said before. A message of type `tool` is
the result of its call. There is no end marker: the end of the bytes is complete, failed after an
error.

Source: langgraph-api 0.16 (measured), LangGraph docs, cloud/how-tos/streaming.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, Final

from ..events import Event, Outcome
from .agent import notice_of
from .fields import JsonObject, as_mapping, as_sequence, integer, json_text, objects, sequence, text
from .langchain_events import LangChainEventsFormat, is_event
from .langchain_messages import ASSISTANT, PERSON, TOOL, is_message, plain
from .records import NO_JSON, NewId, Record

NAME = "langgraph"


class LangGraphFormat(LangChainEventsFormat):
    """Records of a run to events; `new_id` makes ids that are unique in the run."""

    def __init__(self, new_id: NewId) -> None:
        super().__init__(new_id)
        self._nodes: dict[str, tuple[str, int]] = {}
        self._values: dict[str, Any] = {}
        self._updated = False
        self._bare = ""

    def feed(self, record: Record, /) -> list[Event]:
        """The events of one record."""
        if self.ended:
            return []
        mode = record.name.partition("|")[0] or self._bare_mode(record.object)
        if mode in _BY_MODE and record.value is not NO_JSON:
            return _BY_MODE[mode](self, record.value)
        if mode in _SILENT or not record.data.strip():
            return []
        return self.unknown(mode or "record", record.data)

    def flush(self, *, half_record: bool = False) -> list[Event]:
        return [] if self.ended else self.end("cut" if half_record else "complete")

    def end(self, outcome: Outcome) -> list[Event]:
        """The end of the run; before it the graph's state, where nothing else told of it."""
        state = json_text(self._values) if self._values and not self._updated else ""
        shown = self.unknown("values", state) if state else []
        return [*shown, *super().end(outcome)]

    def _bare_mode(self, value: JsonObject) -> str:
        """The mode of a record without a name: what it shows, else what one before it showed."""
        self._bare = _mode_of(value) or self._bare
        return self._bare

    # --- modes

    def _tuple(self, value: Any) -> list[Event]:
        pair = as_sequence(value)
        message = plain(pair[0]) if pair else {}
        events = self._node(as_mapping(pair[1])) if len(pair) > 1 else []
        if text(message, "type") == "AIMessageChunk":
            return [*events, *self.increment(message, text(message, "id"))]
        return [*events, *self._message(message, text(message, "id"))]

    def _partial(self, value: Any) -> list[Event]:
        messages = [as_mapping(one) for one in as_sequence(value)]
        return [event for one in messages for event in self._message(one, text(one, "id"))]

    def _metadata(self, value: Any) -> list[Event]:
        told = [as_mapping(one).get("metadata") for one in as_mapping(value).values()]
        return [event for one in told for event in self._node(as_mapping(one))]

    def _updates(self, value: Any) -> list[Event]:
        events: list[Event] = []
        for node, update in as_mapping(value).items():
            if node == "__interrupt__":
                events += self._interrupts(update)
                continue
            for one in as_sequence(update) or (update,):
                events += self._update(str(node), as_mapping(one))
            over = [key for key, (name, _) in self._nodes.items() if name == node]
            events += self._end_nodes(over)
        return events

    def _update(self, node: str, update: JsonObject) -> list[Event]:
        self._updated = True
        events = self._state_messages(update, ("update", node, len(self._spoken)))
        others = {key: item for key, item in update.items() if key != "messages"}
        return [*events, *self.unknown(node, json_text(others))] if others else events

    def _state(self, value: Any) -> list[Event]:
        state = as_mapping(value)
        self._values = {key: item for key, item in state.items() if key != "messages"}
        messages = objects(state, "messages")
        asked = [at for at, one in enumerate(messages) if text(one, "type", "role") in PERSON]
        since = asked[-1] + 1 if asked else 0
        interrupts = self._interrupts(self._values.pop("__interrupt__", None))
        return [*self._state_messages({"messages": messages[since:]}, ("values",)), *interrupts]

    def _state_messages(self, state: JsonObject, where: tuple[Hashable, ...]) -> list[Event]:
        told = state.get("messages")
        messages = [told] if isinstance(told, dict) else sequence(state, "messages")
        events: list[Event] = []
        for at, one in enumerate(messages):
            message = plain(one)
            events += self._message(message, text(message, "id") or (*where, at))
        return events

    def _event(self, value: Any) -> list[Event]:
        return self.event(as_mapping(value), json_text(value))

    def _custom_data(self, value: Any) -> list[Event]:
        return self.custom("custom", value)

    def _error(self, value: Any) -> list[Event]:
        said = text(value, "message") or json_text(value)
        return self.fail(said, error_type=text(value, "error") or None)

    def _done(self, _: Any) -> list[Event]:
        return self.end("complete")

    # --- what modes share

    def _message(self, message: JsonObject, key: Hashable) -> list[Event]:
        """A whole message: of the assistant or of a tool; others are not said in this run."""
        kind = text(message, "type", "role")
        if kind in TOOL:
            return self.tool_message(message)
        return self.whole(message, key) if kind in ASSISTANT else []

    def _interrupts(self, value: Any) -> list[Event]:
        events: list[Event] = []
        for one in as_sequence(value):
            asked = as_mapping(one).get("value")
            said = text(asked, "message", "question", "description") or json_text(asked)
            events += self._notice(f"The graph waits for an answer: {said}")
        return events

    def _node(self, metadata: JsonObject) -> list[Event]:
        """The step of a node at work; one of an earlier round at its level is over."""
        name = text(metadata, "langgraph_node")
        key = text(metadata, "langgraph_checkpoint_ns", "checkpoint_ns")
        if not name or not key or key in self._nodes:
            return []
        round_at, outer = integer(metadata, "langgraph_step") or 0, key.rpartition("|")[0]
        beside = [other for other in self._nodes if other.rpartition("|")[0] == outer]
        events = self._end_nodes([other for other in beside if self._nodes[other][1] < round_at])
        self._nodes[key] = (name, round_at)
        return [*events, *self.parts.start_step(key, name, outer or None)]

    def _end_nodes(self, keys: list[str]) -> list[Event]:
        return [event for key in keys for event in self.parts.end_step(key, "done")]

    def _notice(self, said: str) -> list[Event]:
        return [*self.parts.close(), notice_of(said, "warning")]


_BY_MODE: Final[dict[str, Callable[[LangGraphFormat, Any], list[Event]]]] = {
    "messages": LangGraphFormat._tuple,
    "messages/partial": LangGraphFormat._partial,
    "messages/complete": LangGraphFormat._partial,
    "messages/metadata": LangGraphFormat._metadata,
    "updates": LangGraphFormat._updates,
    "values": LangGraphFormat._state,
    "events": LangGraphFormat._event,
    "custom": LangGraphFormat._custom_data,
    "error": LangGraphFormat._error,
    "end": LangGraphFormat._done,
}
_SILENT: Final = frozenset({"metadata", "debug", "tasks", "checkpoints", "feedback", "heartbeat"})


def _mode_of(value: JsonObject) -> str:
    """The mode of a payload without a name, as `graph.stream` yields it; "" if it shows none."""
    if _has_messages(value):
        return "values"
    updated = bool(value) and any(_has_messages(update) for update in value.values())
    return "updates" if updated else ""


def _has_messages(state: object) -> bool:
    """Whether `state` has LangChain's messages."""
    return any(is_message(one) for one in objects(state, "messages"))


def recognises(record: Record) -> bool:
    """Whether the record is of a LangGraph run for certain: a mode, and a value of its shape."""
    mode, value = record.name.partition("|")[0], record.value
    if mode in ("", "updates", "values"):
        return _mode_of(record.object) in (mode or "values", mode or "updates")
    if mode == "metadata":
        return set(record.object) == {"run_id", "attempt"}
    if mode == "events":
        return is_event(record.object)
    if mode == "messages":
        pair = as_sequence(value)
        return len(pair) == 2 and "langgraph_node" in as_mapping(pair[1])
    if mode in ("messages/partial", "messages/complete"):
        return bool(as_sequence(value)) and all("type" in as_mapping(one) for one in value)
    if mode == "messages/metadata":
        return any("metadata" in as_mapping(one) for one in record.object.values())
    return False
