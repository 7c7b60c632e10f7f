"""Cohere's chat API, version 2: server-sent events whose `type` repeats the event's name.

| `type` | becomes |
|---|---|
| `content-start`, `content-delta`: `delta.message.content.text`; `.thinking` | text; reasoning |
| `tool-plan-delta` | reasoning |
| `tool-call-start`, `tool-call-delta`, `tool-call-end`, by `index` | a tool call |
| `citation-start` | the sources it names, each once |
| `message-end` with `delta.usage.tokens` | usage; the end, with its `finish_reason` |
| `message-end` with `delta.error`, or for the reason `ERROR` | a failure before it |
| `[DONE]` | the end, if it did not come before |
| `message-start`, `content-end`, `citation-end`, `debug` | nothing |
| any other | unknown |

The end marker is `message-end`; without it the stream is cut. `usage.billed_units` is what is paid
for, not what was read and written, and is not shown.

Source: https://docs.cohere.com/v2/reference/chat-stream.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from ..events import Citation, Event, Outcome, Unknown, Usage
from .calls import ToolCalls
from .failures import provider_failure
from .fields import JsonObject, integer, mapping, objects, text, text_or_none
from .finish import run_end
from .parts import Kind, OpenParts
from .records import NewId, Record

NAME: Final = "cohere"

_FAILED: Final = frozenset({"ERROR", "TIMEOUT"})
_HOLDERS: Final = {
    "message-start": "role",
    "content-start": "content",
    "content-delta": "content",
    "tool-plan-delta": "tool_plan",
    "tool-call-start": "tool_calls",
    "tool-call-delta": "tool_calls",
    "citation-start": "citations",
}


def recognises(record: Record) -> bool:
    """Whether the record is an event: its `type`, and what belongs to it in `delta.message`."""
    delta = mapping(record.object, "delta")
    kind = text(record.object, "type")
    if kind == "message-end":
        return bool(text(delta, "finish_reason"))
    return kind in _HOLDERS and _HOLDERS[kind] in mapping(delta, "message")


class CohereFormat:
    """Chat events to canonical ones; `new_id` makes ids that are unique in the run."""

    def __init__(self, new_id: NewId) -> None:
        self._parts = OpenParts(new_id)
        self._calls = ToolCalls(self._parts)
        self._cited: set[tuple[str | None, str | None]] = set()
        self._finish: str | None = None
        self._failed = False
        self.ended = False

    def feed(self, record: Record, /) -> list[Event]:
        if self.ended:
            return []
        if record.data.strip() == "[DONE]":
            return self._end("complete")
        if handler := _BY_TYPE.get(record.type):
            return handler(self, record.object)
        if not record.data.strip():
            return []
        return [*self._parts.close(), Unknown(record.type or "record", record.data)]

    def flush(self, *, half_record: bool = False) -> list[Event]:
        """See the top for what the end of the bytes means; `half_record` says nothing more."""
        del half_record
        return [] if self.ended else self._end("cut")

    def _end(self, outcome: Outcome) -> list[Event]:
        self.ended = True
        ends = self._calls.end_all() if outcome == "complete" else []
        outcome = "failed" if self._failed else outcome
        return [*self._parts.close(), *ends, run_end(outcome, self._finish)]

    # --- one event

    def _nothing(self, _event: JsonObject) -> list[Event]:
        return []

    def _content(self, event: JsonObject) -> list[Event]:
        content = mapping(_message(event), "content")
        events = self._grow("reasoning", text(content, "thinking"))
        return events + self._grow("text", text(content, "text"))

    def _tool_plan(self, event: JsonObject) -> list[Event]:
        return self._grow("reasoning", text(_message(event), "tool_plan"))

    def _grow(self, kind: Kind, more: str) -> list[Event]:
        return self._parts.grow(kind, more, None) if more else []

    def _call_start(self, event: JsonObject) -> list[Event]:
        call = mapping(_message(event), "tool_calls")
        function, index = mapping(call, "function"), _index(event)
        events = self._calls.start(index, text(function, "name"), text_or_none(call, "id"))
        return events + self._calls.grow(index, text(function, "arguments"))

    def _call_delta(self, event: JsonObject) -> list[Event]:
        function = mapping(mapping(_message(event), "tool_calls"), "function")
        return self._calls.grow(_index(event), text(function, "arguments"))

    def _call_end(self, event: JsonObject) -> list[Event]:
        return self._calls.end(_index(event))

    def _citation(self, event: JsonObject) -> list[Event]:
        events: list[Event] = []
        for source in objects(mapping(_message(event), "citations"), "sources"):
            document = mapping(source, "document") or mapping(source, "tool_output")
            url = text_or_none(document, "url")
            title = text_or_none(document, "title") or text_or_none(source, "id")
            if (url or title) and (url, title) not in self._cited:
                self._cited.add((url, title))
                events.append(Citation(url, title))
        return events

    def _message_end(self, event: JsonObject) -> list[Event]:
        delta = mapping(event, "delta")
        self._finish = text_or_none(delta, "finish_reason")
        tokens = mapping(mapping(delta, "usage"), "tokens")
        given, made = integer(tokens, "input_tokens"), integer(tokens, "output_tokens")
        events: list[Event] = []
        if given is not None or made is not None:
            events.append(Usage(given, made))
        if delta.get("error"):
            events += self._error(delta)
        elif self._finish in _FAILED:
            events += self._error({"message": f"The model stopped: {self._finish}."})
        return events + self._end("complete")

    def _error(self, event: JsonObject) -> list[Event]:
        self._failed = True
        return [*self._parts.close(), provider_failure({**event})]


def _message(event: JsonObject) -> JsonObject:
    return mapping(mapping(event, "delta"), "message")


def _index(event: JsonObject) -> int:
    return integer(event, "index") or 0


_F = CohereFormat
_BY_TYPE: Final[dict[str, Callable[[CohereFormat, JsonObject], list[Event]]]] = {
    **dict.fromkeys(("message-start", "content-end", "citation-end", "debug"), _F._nothing),
    **dict.fromkeys(("content-start", "content-delta"), _F._content),
    "tool-plan-delta": _F._tool_plan,
    "tool-call-start": _F._call_start,
    "tool-call-delta": _F._call_delta,
    "tool-call-end": _F._call_end,
    "citation-start": _F._citation,
    "message-end": _F._message_end,
    "error": _F._error,
}
