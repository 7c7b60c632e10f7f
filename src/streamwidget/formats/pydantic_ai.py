"""pydantic-ai's stream events: what `agent.run_stream_events()` and an event handler are given.

Knows records, not bytes. A record is one event, known by its `event_kind`:

| event | becomes |
|---|---|
| `part_start`, `part_delta` of a text or thinking part | text, reasoning |
| of a tool call; `part_end` with its whole arguments | a tool call |
| of a call that the provider runs, and of its return | the same, run by the provider |
| `function_tool_call` | the call, if its part was not streamed |
| `function_tool_result`, `output_tool_result` | the result of a call; a retry is an error |
| `agent_run_result` | usage, the finish reason, the end |
| `final_result` and other parts | nothing, unknown |

The end marker is `agent_run_result`. One model's response has none, so the end of the items is
complete too; an agent's failure is raised out of the iterator and is not in the records.

Source: pydantic-ai 2, pydantic_ai/messages.py (AgentStreamEvent) and run.py.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Final

from ..events import Event
from .agent import AgentRun, usage_of
from .fields import JsonObject, integer, json_text, mapping, objects, text, text_or_none
from .records import Record

NAME: Final = "pydantic-ai"

_CALLS: Final = frozenset({"tool-call", "builtin-tool-call", "native-tool-call"})
_RETURNS: Final = frozenset({"builtin-tool-return", "native-tool-return"})


class PydanticAIFormat(AgentRun):
    """Stream events of pydantic-ai to events; `new_id` makes ids that are unique in the run."""

    at_eof = "complete"

    def feed(self, record: Record, /) -> list[Event]:
        """The events of one record."""
        if self.ended:
            return []
        handler = _BY_KIND.get(text(record.object, "event_kind"))
        if handler is None:
            return self.unknown(text(record.object, "event_kind") or "record", record.data)
        return handler(self, record.object)

    # --- parts of a response, which are numbered from 0 in each

    def _start(self, event: JsonObject) -> list[Event]:
        part, index = mapping(event, "part"), integer(event, "index") or 0
        kind = text(part, "part_kind")
        if kind in ("text", "thinking"):
            return self._say(kind, text(part, "content"))
        if kind in _CALLS:
            return self._call(part, index, grown=True)
        if kind in _RETURNS:
            return self._returned(part)
        return self.unknown(kind or "part", json_text({**part}))

    def _delta(self, event: JsonObject) -> list[Event]:
        delta, index = mapping(event, "delta"), integer(event, "index") or 0
        kind = text(delta, "part_delta_kind")
        if kind != "tool_call":
            return self._say(kind, text(delta, "content_delta"))
        key = self._key(delta, index)
        name = text(delta, "tool_name_delta")
        named = self.start_call(key, name, text_or_none(delta, "tool_call_id")) if name else []
        told = delta.get("args_delta")
        return [*named, *(self.grow_call(key, json_text(told)) if told else [])]

    def _end(self, event: JsonObject) -> list[Event]:
        part = mapping(event, "part")
        if text(part, "part_kind") not in _CALLS:
            return self.parts.close()
        arguments = part.get("args")
        key = self._key(part, integer(event, "index") or 0)
        return self.end_call(key, json_text(arguments) if arguments else "{}")

    def _say(self, kind: str, said: str) -> list[Event]:
        return self.say("reasoning" if kind == "thinking" else "text", said)

    def _call(self, part: JsonObject, index: int, *, grown: bool) -> list[Event]:
        key, told = self._key(part, index), part.get("args")
        by_provider = text(part, "part_kind") != "tool-call"
        name, call_id = text(part, "tool_name"), text_or_none(part, "tool_call_id")
        events = self.start_call(key, name, call_id, by_provider=by_provider)
        if not grown:
            return [*events, *self.end_call(key, json_text(told) if told else "{}")]
        return [*events, *(self.grow_call(key, json_text(told)) if told else [])]

    def _key(self, part: JsonObject, index: int) -> Hashable:
        return text(part, "tool_call_id") or ("index", index)

    # --- tools

    def _tool_call(self, event: JsonObject) -> list[Event]:
        part = mapping(event, "part")
        known = text(part, "tool_call_id") in self.calls
        return [] if known else self._call(part, -1, grown=False)

    def _tool_result(self, event: JsonObject) -> list[Event]:
        return self._returned(mapping(event, "part") or mapping(event, "result"))

    def _returned(self, part: JsonObject) -> list[Event]:
        told = part.get("content")
        failed = text(part, "part_kind") == "retry-prompt" or text(part, "outcome") in _FAILED
        return self.result(self._key(part, -1), json_text(told), is_error=failed)

    # --- the end

    def _nothing(self, _event: JsonObject) -> list[Event]:
        return []

    def _run_result(self, event: JsonObject) -> list[Event]:
        state = mapping(mapping(event, "result"), "_state")
        history = objects(state, "message_history")
        self.raw = text_or_none(history[-1], "finish_reason") if history else None
        return [*usage_of(mapping(state, "usage")), *self.end("complete")]


_FAILED: Final = frozenset({"failed", "denied", "error"})
_F = PydanticAIFormat
_BY_KIND: Final[dict[str, Callable[[PydanticAIFormat, JsonObject], list[Event]]]] = {
    "part_start": _F._start,
    "part_delta": _F._delta,
    "part_end": _F._end,
    "final_result": _F._nothing,
    "function_tool_call": _F._tool_call,
    "output_tool_call": _F._tool_call,
    "function_tool_result": _F._tool_result,
    "output_tool_result": _F._tool_result,
    "agent_run_result": _F._run_result,
}


def recognises(record: Record) -> bool:
    """Whether the record is an event of pydantic-ai: its kind, and what that kind has."""
    kind = text(record.object, "event_kind")
    holder = {"part_delta": "delta", "agent_run_result": "result"}.get(kind, "part")
    return kind in _BY_KIND and (kind == "final_result" or bool(mapping(record.object, holder)))
