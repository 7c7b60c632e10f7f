"""LangGraph's runs: `POST /threads/{id}/runs/stream` and the like.

Knows records, not bytes. A record is one server-sent event; dispatch on its name: a mode, followed
by `|` and the namespace for a subgraph:

| name | becomes |
|---|---|
| `messages` | `[chunk, metadata]`: increments; a node that is new is a step |
| `messages/partial`, `messages/complete` | cumulative: the new content of a message |
| `messages/metadata` | the step of a later message |
| `updates` | messages as above, the end of the node's step; other values are unknown |
| `values` | messages after the user's last one; the last other values are unknown |
| `events` | as `formats.langchain_events` reads them |
| `custom` | progress if it looks like progress, else unknown |
| `error` | a failure |
| `metadata`, `debug`, `tasks`, `checkpoints`, `feedback` | nothing |

All modes repeat the same messages, which are identified by their ids. Nodes may run in parallel:
each message belongs to the step of its node. A message of type `tool` is the result of its call.
There is no end marker: the end of the bytes is complete, or failed after an error.

Source: langgraph-api 0.16 (measured), LangGraph docs, cloud/how-tos/streaming.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import Any, Final

from ..decode.records import NO_JSON, NewId, Record
from ..events import Event, Outcome
from .fields import (
    JsonObject,
    as_mapping,
    as_sequence,
    integer,
    json_text,
    mapping,
    objects,
    sequence,
    text,
)
from .langchain_events import LangChainEventsFormat, is_event
from .langchain_messages import ASSISTANT, PERSON, TOOL, is_message, plain
from .questions import HINTS, interrupt_questions

NAME = "langgraph"


class LangGraphFormat(LangChainEventsFormat):
    """A decoder from records of a run to canonical events."""

    def __init__(self, new_id: NewId) -> None:
        super().__init__(new_id)
        self._nodes: dict[str, tuple[str, int]] = {}
        """Name and round of each node that has run, by namespace."""
        self._node_of: dict[str, str] = {}
        """Namespace of the node that a later message belongs to, by message id."""
        self._values: dict[str, Any] = {}
        self._updated = False
        self._interrupted: set[str] = set()
        """The interrupts that were shown, as JSON."""
        self._bare = ""

    def feed(self, record: Record, /) -> list[Event]:
        """Return the events of one record."""
        if self.ended:
            return []
        mode = record.name.partition("|")[0] or self._bare_mode(record.object)
        if mode in _BY_MODE and record.value is not NO_JSON:
            return _BY_MODE[mode](self, record.value)
        if mode in _SILENT:
            return []
        return self.unknown(mode or "record", record.data)

    def _outcome(self, half_record: bool) -> Outcome:
        return "cut" if half_record else "complete"

    def end(self, outcome: Outcome = "complete") -> list[Event]:
        """End the run, after the graph's state if no other mode has shown it."""
        state = json_text(self._values) if self._values and not self._updated else ""
        shown = self.unknown("values", state) if state else []
        return [*shown, *super().end(outcome)]

    def _bare_mode(self, value: JsonObject) -> str:
        """Return the mode of a record without a name: from its content, else the previous mode."""
        self._bare = _mode_of(value) or self._bare
        return self._bare

    # --- modes

    def _tuple(self, value: Any) -> list[Event]:
        pair = as_sequence(value)
        message = plain(pair[0]) if pair else {}
        metadata = as_mapping(pair[1]) if len(pair) > 1 else {}
        events = [*self._node(metadata), *self.answered_by(text(metadata, "ls_model_name"))]
        step_id = self.step_of(_namespace(metadata))
        key = text(message, "id") or _namespace(metadata)
        if text(message, "type") == "AIMessageChunk":
            return [*events, *self.increment(message, key, step_id)]
        return [*events, *self._message(message, key, step_id)]

    def _partial(self, value: Any) -> list[Event]:
        messages = [as_mapping(message) for message in as_sequence(value)]
        return [
            event for message in messages for event in self._message(message, text(message, "id"))
        ]

    def _metadata(self, value: Any) -> list[Event]:
        events: list[Event] = []
        for message_id, holder in as_mapping(value).items():
            metadata = mapping(holder, "metadata")
            events += self._node(metadata)
            self._node_of[message_id] = _namespace(metadata)
        return events

    def _updates(self, value: Any) -> list[Event]:
        events: list[Event] = []
        for node, update in as_mapping(value).items():
            if node == "__interrupt__":
                events += self._interrupts(update)
                continue
            for part in as_sequence(update) or (update,):
                events += self._update(str(node), as_mapping(part))
            events += self._end_nodes([key for key in self.steps if self._name_of(key) == node])
        return events

    def _update(self, node: str, update: JsonObject) -> list[Event]:
        self._updated = True
        events = self._state_messages(update, ("update", node, len(self.message_states)))
        others = {key: item for key, item in update.items() if key != "messages"}
        return [*events, *self.unknown(node, json_text(others))] if others else events

    def _state(self, value: Any) -> list[Event]:
        state = as_mapping(value)
        self._values = {key: item for key, item in state.items() if key != "messages"}
        messages = objects(state, "messages")
        is_person = [text(message, "type", "role") in PERSON for message in messages]
        since = len(is_person) - is_person[::-1].index(True) if True in is_person else 0
        interrupts = self._interrupts(self._values.pop("__interrupt__", None))
        return [*self._state_messages({"messages": messages[since:]}, ("values",)), *interrupts]

    def _state_messages(self, state: JsonObject, where: tuple[Hashable, ...]) -> list[Event]:
        held = state.get("messages")
        messages = [held] if isinstance(held, dict) else sequence(state, "messages")
        events: list[Event] = []
        for at, item in enumerate(messages):
            message = plain(item)
            events += self._message(message, text(message, "id") or (*where, at))
        return events

    def _event(self, value: Any) -> list[Event]:
        return self.event(as_mapping(value), json_text(value))

    def _custom_data(self, value: Any) -> list[Event]:
        return self.custom("custom", value)

    def _error(self, value: Any) -> list[Event]:
        message = text(value, "message") or json_text(value)
        return self.fail(message, error_type=text(value, "error") or None)

    def _done(self, _: Any) -> list[Event]:
        return self.end("complete")

    # --- shared by the modes

    def _message(
        self, message: JsonObject, key: Hashable, step_id: str | None = None
    ) -> list[Event]:
        """Read a whole message of the assistant or a tool; others do not belong to this run."""
        kind = text(message, "type", "role")
        if kind in TOOL:
            return self.tool_message(message)
        if kind not in ASSISTANT:
            return []
        node = self._node_of.get(key) if isinstance(key, str) else None
        return self.whole(message, key, step_id or self.step_of(node))

    def _interrupts(self, value: Any) -> list[Event]:
        """Show each question of the graph once, although several modes report it."""
        events: list[Event] = []
        for interrupt in as_sequence(value):
            fields = as_mapping(interrupt)
            if (key := json_text(interrupt)) in self._interrupted:
                continue
            self._interrupted.add(key)
            questions = interrupt_questions(fields.get("value"))
            events += [question.shown(self.new_id, HINTS["langgraph"]) for question in questions]
        return events

    def _node(self, metadata: JsonObject) -> list[Event]:
        """Start the step of a running node, and end nodes of an earlier round at its level."""
        name, key = text(metadata, "langgraph_node"), _namespace(metadata)
        if not name or not key or key in self._nodes:
            return []
        round_at, outer = integer(metadata, "langgraph_step") or 0, key.rpartition("|")[0]
        beside = [
            other
            for other in self.steps
            if isinstance(other, str) and other in self._nodes and other.rpartition("|")[0] == outer
        ]
        events = self._end_nodes([other for other in beside if self._nodes[other][1] < round_at])
        self._nodes[key] = (name, round_at)
        return [*events, *self.start_step(key, name, outer or None)]

    def _name_of(self, key: Hashable) -> str | None:
        return self._nodes[key][0] if isinstance(key, str) and key in self._nodes else None

    def _end_nodes(self, keys: Iterable[Hashable]) -> list[Event]:
        return [event for key in keys for event in self.end_step(key)]


def _namespace(metadata: JsonObject) -> str:
    return text(metadata, "langgraph_checkpoint_ns", "checkpoint_ns")


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
    """Return the mode of a payload without a name, as `graph.stream` yields it; "" if unknown."""
    if _has_messages(value):
        return "values"
    updated = bool(value) and any(_has_messages(update) for update in value.values())
    return "updates" if updated else ""


def _has_messages(state: object) -> bool:
    """True if `state` has LangChain's messages."""
    return any(is_message(message) for message in objects(state, "messages"))


def recognises(record: Record) -> bool:
    """True if the record certainly belongs to a LangGraph run: a mode with a value of its shape."""
    mode, value = record.name.partition("|")[0], record.value
    if mode in ("updates", "values") and "__interrupt__" in record.object:
        return True
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
        return bool(as_sequence(value)) and all("type" in as_mapping(message) for message in value)
    if mode == "messages/metadata":
        return any("metadata" in as_mapping(holder) for holder in record.object.values())
    return False
