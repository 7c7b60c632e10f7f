"""The vocabulary of OpenAI Realtime and Azure Voice Live: messages of a WebSocket session.

A record is one message from the server. Responses inside the session are read as
`openai_responses` reads them; several may follow each other.

| record | becomes |
|---|---|
| `response.output_text.delta`, `response.text.delta`, `...audio_transcript.delta` | text |
| `response.output_item.added`, `response.function_call_arguments.delta`, `.done` | a tool call |
| `conversation.item.created`, `.added` of a `function_call_output` | the call's result |
| `response.done` | the response's usage; a failure if its status says so |
| `error` | a failure |
| `session.*`, `conversation.*`, `input_audio_buffer.*`, `rate_limits.*`, audio | nothing |
| another | unknown |

A session has no end marker: when it is closed after a `response.done` and no response is under way,
the run is complete (failed, if a failure was told); else it is cut.

Source: OpenAI API reference, "Realtime server events".
"""

from __future__ import annotations

from typing import Final

from ..events import Event, Outcome
from .fields import JsonObject, json_text, mapping, text
from .openai_items import ItemResult
from .openai_reader import ResponsesReader
from .records import NewId, Record

NAME: Final = "openai-realtime"

_QUIET_STARTS: Final = (
    "session.",
    "transcription_session.",
    "conversation.",
    "input_audio_buffer.",
    "output_audio_buffer.",
    "rate_limits.",
    "mcp_list_tools.",
)


def recognises(record: Record) -> bool:
    """Whether the record is a message of a session: every one has an `event_id` of its own."""
    value, type_ = record.object, record.type
    if not text(value, "event_id"):
        return False
    if type_ in ("session.created", "session.updated"):
        return isinstance(value.get("session"), dict)
    if type_ in ("response.created", "response.done"):
        return text(mapping(value, "response"), "object") == "realtime.response"
    return type_.startswith("response.") and bool(text(value, "response_id"))


class OpenAIRealtimeFormat:
    """Messages of one session; `new_id` makes ids that are unique in the run."""

    def __init__(self, new_id: NewId) -> None:
        self._reader = ResponsesReader(new_id)
        self._result_ids: set[str] = set()
        self.ended = False

    def feed(self, record: Record, /) -> list[Event]:
        if self.ended:
            return []
        if record.type.startswith("conversation.item."):
            return self._item(mapping(record.object, "item"))
        if record.type.startswith(_QUIET_STARTS):
            return []
        events = self._reader.read(record.type, record.object)
        return self._reader.unknown(record) if events is None else events

    def flush(self, *, half_record: bool = False) -> list[Event]:
        """See the top for what the end of the session means."""
        if self.ended:
            return []
        self.ended = True
        done = self._reader.state == "done" and not half_record
        outcome: Outcome = "complete" if done else "cut"
        return [*self._reader.parts.close(), self._reader.run_end(outcome)]

    def _item(self, item: JsonObject) -> list[Event]:
        """The result that the client sent for a call, told once (`added`, then `done`)."""
        call_id = text(item, "call_id")
        if text(item, "type") != "function_call_output" or call_id in self._result_ids:
            return []
        self._result_ids.add(call_id)
        return self._reader.result(call_id, ItemResult(json_text(item.get("output", ""))))
