"""The vocabulary of OpenAI Realtime and Azure Voice Live: messages of a WebSocket session.

A record is one message from the server. Responses inside the session are read as in
`openai_responses`; several may follow each other.

| record | becomes |
|---|---|
| `response.output_text.delta`, `response.text.delta`, `...audio_transcript.delta` | text |
| `response.output_item.added`, `response.function_call_arguments.delta`, `.done` | a tool call |
| `conversation.item.created`, `.added` of a `function_call_output` | the call's result |
| `response.done` | the response's usage; a failure if its status says so |
| `error` | a failure |
| `session.*`, `conversation.*`, `input_audio_buffer.*`, `rate_limits.*`, audio | nothing |
| another | unknown |

A session has no end marker: if it is closed after a `response.done` while no response is open, the
run is complete (failed, if a failure was reported); else it is cut.

Source: OpenAI API reference, "Realtime server events".
"""

from __future__ import annotations

from typing import Final

from ..decode.records import NewId, Record
from ..events import Event, Outcome
from .fields import JsonObject, json_text, mapping, text
from .openai_reader import ResponsesReader

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
    """True if the record is a message of a session, each of which has an `event_id`."""
    value, type_ = record.object, record.type
    if not text(value, "event_id"):
        return False
    if type_ in ("session.created", "session.updated"):
        return isinstance(value.get("session"), dict)
    if type_ in ("response.created", "response.done"):
        return text(mapping(value, "response"), "object") == "realtime.response"
    return type_.startswith("response.") and bool(text(value, "response_id"))


class OpenAIRealtimeFormat(ResponsesReader):
    """A decoder from messages of one session to canonical events."""

    def __init__(self, new_id: NewId) -> None:
        super().__init__(new_id)
        self._result_ids: set[str] = set()

    def feed(self, record: Record, /) -> list[Event]:
        """Return the events of one record."""
        if self.ended:
            return []
        if record.type.startswith("conversation.item."):
            return self._item(mapping(record.object, "item"))
        if record.type.startswith("session."):
            return self.answered_by(text(mapping(record.object, "session"), "model"))
        if record.type.startswith(_QUIET_STARTS):
            return []
        events = self.read(record.type, record.object)
        return self.unknown_record(record) if events is None else events

    def _outcome(self, half_record: bool) -> Outcome:
        return "complete" if self.state == "done" and not half_record else "cut"

    def _item(self, item: JsonObject) -> list[Event]:
        """Return the client's result for a call, once (`added` and `done` repeat it)."""
        call_id = text(item, "call_id")
        if text(item, "type") != "function_call_output" or call_id in self._result_ids:
            return []
        self._result_ids.add(call_id)
        return self.result(call_id, json_text(item.get("output", "")))
