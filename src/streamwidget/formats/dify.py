"""Dify's service API: chat, agent and workflow apps, as server-sent events without names.

| `event` | becomes |
|---|---|
| `message`, `agent_message`: `answer`; `text_chunk`: `data.text` | text of its message |
| `message_replace` | the whole text again: moderation withdraws the old one |
| `agent_thought` with a `tool`; its `observation` | a tool call; its result |
| `node_started`, `node_finished` | a step |
| `workflow_finished` | the finish reason; its outputs, if no text came; a failure |
| `message_end`: `metadata` | usage; sources; the end |
| `error` | a failure |
| `workflow_started`, `ping`, `tts_message`, `tts_message_end` | nothing |
| any other | unknown |

The end marker is `message_end`; a finished workflow stands for it, because workflow apps send none.

Source: https://docs.dify.ai/api-reference, "Send Chat Message", "Run Workflow".
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Final

from ..decode.records import Record
from ..events import Event, Outcome, Reset
from .base import BaseFormat
from .fields import JsonObject, as_mapping, json_text, mapping, objects, text, text_or_none

NAME: Final = "dify"

_QUIET: Final = frozenset({"workflow_started", "ping", "tts_message", "tts_message_end"})


def recognises(record: Record) -> bool:
    """True if the record names an event of Dify and the task that it belongs to."""
    value = record.object
    name = text(value, "event")
    known = name in _BY_EVENT or name in _QUIET - {"ping"}
    return known and ("task_id" in value or "conversation_id" in value)


class DifyFormat(BaseFormat):
    """Turns events of Dify into canonical ones; `new_id` makes ids that are unique in the run."""

    def feed(self, record: Record, /) -> list[Event]:
        """Return the events of one record."""
        if self.ended:
            return []
        value = record.object
        name = text(value, "event") or record.name
        if name in _QUIET:
            return []
        if name not in _BY_EVENT:
            return self.unknown(name or "record", record.data)
        return _BY_EVENT[name](self, value)

    def _outcome(self, half_record: bool) -> Outcome:
        return "complete" if self.finish_reason is not None and not half_record else "cut"

    def _answer(self, value: JsonObject) -> list[Event]:
        return self.say(text(value, "answer"), _flow(value))

    def _chunk(self, value: JsonObject) -> list[Event]:
        return self.say(text(mapping(value, "data"), "text"))

    def _replace(self, value: JsonObject) -> list[Event]:
        return [*self.close_all(), Reset(), *self._answer(value)]

    def _thought(self, value: JsonObject) -> list[Event]:
        """One record a change: the tool, then the same with what it gave."""
        key, tool = ("thought", text(value, "id")), text(value, "tool")
        if not tool:
            return []
        events = self.call(key, tool, text_or_none(value, "id"), flow=_flow(value))
        if arguments := value.get("tool_input"):
            events += self.end_call(key, json_text(arguments))
        observation = value.get("observation")
        if observation and not self.calls[key].has_result:
            events += self.result(key, json_text(observation))
        return events

    def _node_started(self, value: JsonObject) -> list[Event]:
        data = mapping(value, "data")
        return self.start_step(_node(data), text(data, "title", "node_type") or "node")

    def _node_finished(self, value: JsonObject) -> list[Event]:
        data = mapping(value, "data")
        state = {"failed": "failed", "stopped": "stopped"}.get(text(data, "status"), "done")
        return self.end_step(_node(data), state)  # type: ignore[arg-type]

    def _workflow_finished(self, value: JsonObject) -> list[Event]:
        data = mapping(value, "data")
        status = text(data, "status") or "succeeded"
        self.finish_reason = "stop" if status == "succeeded" else status
        outputs = as_mapping(data.get("outputs"))
        events: list[Event] = []
        if outputs and not self.has_any_text:
            whole = text(outputs, "answer", "text", "result", "output")
            events = self.say(whole) if whole else self.unknown("outputs", json_text(outputs))
        if status == "failed":
            events += self.fail(text(data, "error") or "The workflow has failed.")
        return events

    def _message_end(self, value: JsonObject) -> list[Event]:
        metadata = mapping(value, "metadata")
        self.finish_reason = self.finish_reason or "stop"
        events = self.usage(mapping(metadata, "usage"))
        for source in objects(metadata, "retriever_resources"):
            title = text_or_none(source, "document_name", "title", "dataset_name")
            events += self.cite(text_or_none(source, "url"), title)
        return events + self.end()

    def _error(self, value: JsonObject) -> list[Event]:
        return self.fail(value, code=text_or_none(value, "code"))


def _flow(value: JsonObject) -> Hashable:
    return text_or_none(value, "message_id", "id")


def _node(data: JsonObject) -> Hashable:
    return ("node", text(data, "id", "node_id"))


_F = DifyFormat
_BY_EVENT: Final[dict[str, Callable[[DifyFormat, JsonObject], list[Event]]]] = {
    "message": _F._answer,
    "agent_message": _F._answer,
    "text_chunk": _F._chunk,
    "message_replace": _F._replace,
    "agent_thought": _F._thought,
    "node_started": _F._node_started,
    "node_finished": _F._node_finished,
    "workflow_finished": _F._workflow_finished,
    "message_end": _F._message_end,
    "error": _F._error,
}
