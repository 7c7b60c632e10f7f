"""OpenAI Responses (LM Studio, OpenRouter and Bedrock speak it too, as Open Responses).

A record is one event, told by the `type` inside its JSON. Items are numbered by `output_index`
(ids change under way on some proxies). `response.` is left out here:

| record | becomes |
|---|---|
| `output_text.delta`, `refusal.delta`, `audio.transcript.delta` | text |
| `reasoning_summary_text.delta`, `reasoning_text.delta` | reasoning |
| `output_item.added` of a `function_call` and its like | a tool call |
| `output_item.added` of a `web_search_call`, `mcp_call` and their like | one run by the provider |
| `function_call_arguments.delta`, `custom_tool_call_input.delta` | its arguments |
| `...arguments.done`, `output_item.done` of a call | its end, with all arguments; its result |
| `output_text.annotation.added` | a source, once |
| `output_text.done` and other repeats of a whole text | text, only where no delta came before |
| `completed`, `incomplete` | usage and the end: complete |
| `failed`, `cancelled` | usage, a failure and the end: failed |
| `error` (not `response.error`) | a failure; the end is still to come |
| `created`, `queued`, `in_progress`, parts, progress of hosted tools, audio, images | nothing |
| another item or event | unknown |

The end marker is one of the terminal events, or `[DONE]` alone. Bytes that end without one are cut.

Source: OpenAI API reference, "Responses / Streaming events"; openresponses.org.
"""

from __future__ import annotations

from typing import Final

from ..events import Event, Outcome
from .fields import integer, mapping, text
from .openai_reader import ResponsesReader
from .records import NewId, Record

NAME: Final = "openai-responses"

_LIFECYCLE: Final = frozenset(
    f"response.{name}"
    for name in ("created", "queued", "in_progress", "completed", "incomplete", "failed")
)


def recognises(record: Record) -> bool:
    """Whether the record is an event of this vocabulary, and none of a Realtime session."""
    value = record.object
    if not record.type.startswith("response.") or "event_id" in value:
        return False
    if record.type in _LIFECYCLE:
        return text(mapping(value, "response"), "object") == "response"
    return integer(value, "output_index") is not None and (
        "item_id" in value or isinstance(value.get("item"), dict)
    )


class OpenAIResponsesFormat:
    """Events of one response; `new_id` makes ids that are unique in the run."""

    def __init__(self, new_id: NewId) -> None:
        self._reader = ResponsesReader(new_id)
        self.ended = False

    def feed(self, record: Record, /) -> list[Event]:
        if self.ended:
            return []
        if record.data.lstrip().startswith("[DONE]"):
            return self._end("complete")
        events = self._reader.read(record.type, record.object)
        if events is None:
            events = self._reader.unknown(record)
        return events + self._end("complete") if self._reader.state == "done" else events

    def flush(self, *, half_record: bool = False) -> list[Event]:
        """Cut, or failed if a failure was told; `half_record` says nothing more."""
        del half_record
        return [] if self.ended else self._end("cut")

    def _end(self, outcome: Outcome) -> list[Event]:
        self.ended = True
        return [*self._reader.parts.close(), self._reader.run_end(outcome)]
