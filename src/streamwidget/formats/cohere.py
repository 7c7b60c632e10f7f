"""Cohere's chat API, version 2: server-sent events whose `type` repeats the event's name.

| `type` | becomes |
|---|---|
| `content-start`, `content-delta`: `delta.message.content.text`; `.thinking` | text; reasoning |
| `tool-plan-delta` | reasoning |
| `tool-call-start`, `tool-call-delta`, `tool-call-end`, by `index` | a tool call |
| `citation-start` | its sources, each once |
| `message-end` with `delta.usage.tokens` | usage; the end, with its `finish_reason` |
| `message-end` with `delta.error`, or for the reason `ERROR` | a failure before it |
| a whole answer, to a request that did not ask for a stream | all of the above, and the end |
| `[DONE]` | the end, if it did not come before |
| `message-start`, `content-end`, `citation-end`, `debug` | nothing |
| any other | unknown |

The end marker is `message-end`; without it the stream is cut. `usage.billed_units` counts billed
units, not tokens, and is not shown.

Source: https://docs.cohere.com/v2/reference/chat-stream.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from ..decode.records import Record
from ..events import Event
from .base import BaseFormat
from .fields import JsonObject, integer, json_text, mapping, objects, text, text_or_none

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
    """True if the record is an event: a known `type` with its member in `delta.message`."""
    delta = mapping(record.object, "delta")
    kind = text(record.object, "type")
    if kind == "message-end":
        return bool(text(delta, "finish_reason"))
    if not kind and _is_whole(record.object):
        return "usage" in record.object
    return kind in _HOLDERS and _HOLDERS[kind] in mapping(delta, "message")


class CohereFormat(BaseFormat):
    """A decoder from chat events to canonical events."""

    def feed(self, record: Record, /) -> list[Event]:
        """Return the events of one record."""
        if self.ended:
            return []
        if record.data.strip() == "[DONE]":
            return self.end("complete")
        if handler := _BY_TYPE.get(record.type):
            return handler(self, record.object)
        if _is_whole(record.object):
            return self._whole(record.object)
        return self.unknown(record.type or "record", record.data)

    # --- one event

    def _nothing(self, _event: JsonObject) -> list[Event]:
        return []

    def _content_start(self, event: JsonObject) -> list[Event]:
        return [*self.close(), *self.declare(_index(event)), *self._content(event)]

    def _content(self, event: JsonObject) -> list[Event]:
        content, flow = mapping(_message(event), "content"), self.declared(_index(event))
        thought = self.think(text(content, "thinking"), flow)
        return thought + self.say(text(content, "text"), flow)

    def _content_end(self, event: JsonObject) -> list[Event]:
        return self.close(_index(event))

    def _tool_plan(self, event: JsonObject) -> list[Event]:
        return self.think(text(_message(event), "tool_plan"))

    def _call_start(self, event: JsonObject) -> list[Event]:
        call = mapping(_message(event), "tool_calls")
        function, index = mapping(call, "function"), ("call", _index(event))
        self.forget(index)
        events = self.call(index, text(function, "name"), text_or_none(call, "id"))
        return events + self.arguments(index, text(function, "arguments"))

    def _call_delta(self, event: JsonObject) -> list[Event]:
        function = mapping(mapping(_message(event), "tool_calls"), "function")
        return self.arguments(("call", _index(event)), text(function, "arguments"))

    def _call_end(self, event: JsonObject) -> list[Event]:
        return self.end_call(("call", _index(event)))

    def _citation(self, event: JsonObject) -> list[Event]:
        return self._sources(mapping(_message(event), "citations"))

    def _sources(self, citation: JsonObject) -> list[Event]:
        events: list[Event] = []
        for source in objects(citation, "sources"):
            document = mapping(source, "document") or mapping(source, "tool_output")
            title = text_or_none(document, "title") or text_or_none(source, "id")
            events += self.cite(text_or_none(document, "url"), title)
        return events

    def _message_end(self, event: JsonObject) -> list[Event]:
        return self._finish(mapping(event, "delta"))

    def _finish(self, delta: JsonObject) -> list[Event]:
        self.finish_reason = text_or_none(delta, "finish_reason")
        usage = mapping(delta, "usage")
        cached = {"cached_tokens": usage.get("cached_tokens")}
        events = self.usage({**cached, **mapping(usage, "tokens")})
        if delta.get("error"):
            events += self.fail(delta)
        elif self.finish_reason in _FAILED:
            events += self.fail(f"The model stopped: {self.finish_reason}.")
        return events + self.end("complete")

    def _error(self, event: JsonObject) -> list[Event]:
        return self.fail(event)

    def _whole(self, answer: JsonObject) -> list[Event]:
        """Return the events of a complete answer, which some gateways send to streaming
        requests."""
        message = mapping(answer, "message")
        events = self.think(text(message, "tool_plan"))
        for part in objects(message, "content"):
            events += self.think(text(part, "thinking")) + self.say(text(part, "text"))
        for at, call in enumerate(objects(message, "tool_calls")):
            function = mapping(call, "function")
            events += self.call(at, text(function, "name"), text_or_none(call, "id"))
            events += self.end_call(at, json_text(function.get("arguments") or {}))
        for citation in objects(message, "citations"):
            events += self._sources(citation)
        return events + self._finish(answer)


def _is_whole(value: JsonObject) -> bool:
    """True for the answer to a request that did not ask for a stream."""
    message = mapping(value, "message")
    content = objects(message, "content") or objects(message, "tool_calls")
    return "finish_reason" in value and bool(content) and "type" in content[0]


def _message(event: JsonObject) -> JsonObject:
    return mapping(mapping(event, "delta"), "message")


def _index(event: JsonObject) -> int:
    return integer(event, "index") or 0


_F = CohereFormat
_BY_TYPE: Final[dict[str, Callable[[CohereFormat, JsonObject], list[Event]]]] = {
    **dict.fromkeys(("message-start", "citation-end", "debug"), _F._nothing),
    "content-start": _F._content_start,
    "content-delta": _F._content,
    "content-end": _F._content_end,
    "tool-plan-delta": _F._tool_plan,
    "tool-call-start": _F._call_start,
    "tool-call-delta": _F._call_delta,
    "tool-call-end": _F._call_end,
    "citation-start": _F._citation,
    "message-end": _F._message_end,
    "error": _F._error,
}
