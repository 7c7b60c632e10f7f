"""OpenAI Responses (also used by LM Studio, OpenRouter and Bedrock, as Open Responses).

A record is one event, identified by the `type` inside its JSON. Items are numbered by
`output_index` (some proxies change ids during a stream). `response.` is left out here:

| record | becomes |
|---|---|
| `output_text.delta`, `refusal.delta`, `audio.transcript.delta` | text |
| `reasoning_summary_text.delta`, `reasoning_text.delta` | reasoning |
| `output_item.added` of a `function_call` or similar | a tool call |
| `output_item.added` of a `web_search_call`, `mcp_call` or similar | a call run by the provider |
| `function_call_arguments.delta`, `custom_tool_call_input.delta` | its arguments |
| `...arguments.done`, `output_item.done` of a call | its end, with all arguments; its result |
| `output_text.annotation.added` | a citation, once |
| `output_text.done` and other repeats of a whole text | text, only if there was no delta |
| `completed`, `incomplete` | usage and the end: complete |
| `failed`, `cancelled` | usage, a failure and the end: failed |
| `error` (not `response.error`) | a failure; the end follows |
| `created`, `queued`, `in_progress`, parts, progress of hosted tools, audio, images | nothing |
| another item or event | unknown |

The end marker is one of the terminal events, or `[DONE]` alone. Bytes that end without one are cut.

Source: OpenAI API reference, "Responses / Streaming events"; openresponses.org.
"""

from __future__ import annotations

from typing import Final

from ..decode.records import Record
from ..events import Event
from .fields import integer, mapping, text
from .openai_reader import ResponsesReader

NAME: Final = "openai-responses"

_LIFECYCLE: Final = frozenset(
    f"response.{name}"
    for name in ("created", "queued", "in_progress", "completed", "incomplete", "failed")
)


def recognises(record: Record) -> bool:
    """True if the record is an event of this vocabulary and not of a Realtime session."""
    value = record.object
    if text(value, "object") == "response":
        return isinstance(value.get("output"), list) and "status" in value
    if not record.type.startswith("response.") or "event_id" in value:
        return False
    if record.type in _LIFECYCLE:
        response = mapping(value, "response")
        return text(response, "object") == "response" or isinstance(response.get("output"), list)
    return integer(value, "output_index") is not None and (
        "item_id" in value or isinstance(value.get("item"), dict)
    )


class OpenAIResponsesFormat(ResponsesReader):
    """A decoder from events of one response to canonical events."""

    def feed(self, record: Record, /) -> list[Event]:
        """Return the events of one record."""
        if self.ended:
            return []
        value, type_ = record.object, record.type
        if not type_ and record.data.lstrip().startswith("[DONE]"):
            return self.end("complete")
        if type_ == "" and text(value, "object") == "response":
            return [*self.whole_response(value), *self.end("complete")]
        events = self.read(type_, value)
        if events is None:
            events = self.unknown_record(record)
        return events + self.end("complete") if self.state == "done" else events
