"""pydantic-ai's stream events, from `agent.run_stream_events()` or an event handler.

Knows records, not bytes. A record is one event, identified by its `event_kind`:

| event | becomes |
|---|---|
| `part_start`, `part_delta` of a text or thinking part | text, reasoning |
| of a tool call; `part_end` with its whole arguments | a tool call |
| of a call that the provider runs, and its return | a call run by the provider |
| `function_tool_call` | the call, if its part was not streamed |
| `function_tool_result`, `output_tool_result` | the result of a call; a retry is an error |
| `agent_run_result` | usage, the finish reason, the end |
| `final_result` and other parts | nothing, unknown |

The end marker is `agent_run_result`. The response of a single model has none, so the end of the
items is complete too. The iterator raises an agent's failure; it is not in the records.

Source: pydantic-ai 2, pydantic_ai/messages.py (AgentStreamEvent) and run.py.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Final

from ..decode.records import Record
from ..events import Event
from .base import BaseFormat
from .fields import JsonObject, integer, json_text, mapping, objects, text, text_or_none

NAME: Final = "pydantic-ai"

_CALLS: Final = frozenset({"tool-call", "builtin-tool-call", "native-tool-call"})
_RETURNS: Final = frozenset({"builtin-tool-return", "native-tool-return"})


class PydanticAIFormat(BaseFormat):
    """A decoder from stream events of pydantic-ai to canonical events."""

    at_eof = "complete"

    def feed(self, record: Record, /) -> list[Event]:
        """Return the events of one record."""
        if self.ended:
            return []
        handler = _BY_KIND.get(text(record.object, "event_kind"))
        if handler is None:
            return self.unknown(text(record.object, "event_kind") or "record", record.data)
        return handler(self, record.object)

    # --- parts of a response, numbered from 0 in each response

    def _start(self, event: JsonObject) -> list[Event]:
        part, index = mapping(event, "part"), integer(event, "index") or 0
        kind = text(part, "part_kind")
        if kind in ("text", "thinking"):
            return [*self.declare(index), *self._grow(kind, text(part, "content"), index)]
        if kind in _CALLS:
            key = self._key(part, index)
            known = self.calls.get(key)
            if known is not None and (known.has_ended or known.has_result):
                self.forget(key)  # the next response numbers its calls from 0
            return [*self.close(index), *self._call(part, index, is_whole=False)]
        if kind in _RETURNS:
            return self._returned(part)
        return self.unknown(kind or "part", json_text({**part}))

    def _delta(self, event: JsonObject) -> list[Event]:
        delta, index = mapping(event, "delta"), integer(event, "index") or 0
        kind = text(delta, "part_delta_kind")
        if kind != "tool_call":
            return self._grow(kind, text(delta, "content_delta"), index)
        key, more = self._key(delta, index), delta.get("args_delta")
        name, call_id = text(delta, "tool_name_delta"), text_or_none(delta, "tool_call_id")
        events = self.call(key, name, call_id) if name or key not in self.calls else []
        return [*events, *(self.arguments(key, json_text(more)) if more else [])]

    def _end(self, event: JsonObject) -> list[Event]:
        part, index = mapping(event, "part"), integer(event, "index") or 0
        if text(part, "part_kind") not in _CALLS:
            return self.close(index)
        arguments = part.get("args")
        return self.end_call(self._key(part, index), json_text(arguments) if arguments else "{}")

    def _grow(self, kind: str, more: str, index: int) -> list[Event]:
        return self.think(more, index) if kind == "thinking" else self.say(more, index)

    def _call(self, part: JsonObject, index: int, *, is_whole: bool) -> list[Event]:
        key, arguments = self._key(part, index), part.get("args")
        by_provider = text(part, "part_kind") != "tool-call"
        name, call_id = text(part, "tool_name"), text_or_none(part, "tool_call_id")
        events = self.call(key, name, call_id, by_provider=by_provider)
        if is_whole:
            return [*events, *self.end_call(key, json_text(arguments) if arguments else "{}")]
        return [*events, *(self.arguments(key, json_text(arguments)) if arguments else [])]

    def _key(self, part: JsonObject, index: int) -> Hashable:
        return text(part, "tool_call_id") or ("index", index)

    # --- tools

    def _tool_call(self, event: JsonObject) -> list[Event]:
        part = mapping(event, "part")
        is_known = text(part, "tool_call_id") in self.calls
        return [] if is_known else self._call(part, -1, is_whole=True)

    def _tool_result(self, event: JsonObject) -> list[Event]:
        return self._returned(mapping(event, "part") or mapping(event, "result"))

    def _returned(self, part: JsonObject) -> list[Event]:
        failed = text(part, "part_kind") == "retry-prompt" or text(part, "outcome") in _FAILED
        return self.result(self._key(part, -1), json_text(part.get("content")), is_error=failed)

    # --- the end

    def _nothing(self, _event: JsonObject) -> list[Event]:
        return []

    def _run_result(self, event: JsonObject) -> list[Event]:
        state = mapping(mapping(event, "result"), "_state")
        history = objects(state, "message_history")
        last = history[-1] if history else {}
        self.finish_reason = text_or_none(last, "finish_reason")
        self.model = text_or_none(last, "model_name")
        return [*self.usage(mapping(state, "usage")), *self.end("complete")]


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
    """True if the record is an event of pydantic-ai: a known kind with its member."""
    kind = text(record.object, "event_kind")
    holder = {"part_delta": "delta", "agent_run_result": "result"}.get(kind, "part")
    return kind in _BY_KIND and (kind == "final_result" or bool(mapping(record.object, holder)))
