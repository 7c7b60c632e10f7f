"""IBM watsonx.ai, `text/generation_stream`: one piece of text per record.

Its chat API uses the vocabulary of Chat Completions and is read there.

| record | becomes |
|---|---|
| `results[0].generated_text` | text |
| `results[0].stop_reason` other than `not_finished` | the end |
| `generated_token_count`, cumulative; `input_token_count`, in one record only | usage |
| `system.warnings[]` | notices, each once |
| `errors[]`, `error` | a failure |
| any other | unknown |

The end marker is the `stop_reason`; without it the stream is cut.

Source: https://cloud.ibm.com/apidocs/watsonx-ai, "Infer text event stream".
"""

from __future__ import annotations

from typing import Final

from ..decode.records import NewId, Record
from ..events import Event, Notice
from .base import BaseFormat
from .fields import JsonObject, mapping, objects, text
from .usage import count_in

NAME: Final = "watsonx"

_UNFINISHED: Final = "not_finished"


def recognises(record: Record) -> bool:
    """True if the record names its model and has a result with a text and a stop reason."""
    results = objects(record.object, "results")
    keys = {"generated_text", "stop_reason"}
    return bool(text(record.object, "model_id")) and bool(results) and keys <= results[0].keys()


class WatsonxFormat(BaseFormat):
    """A decoder from results to canonical events."""

    def __init__(self, new_id: NewId) -> None:
        super().__init__(new_id)
        self._warned: set[str] = set()
        self._input_tokens: int | None = None

    def feed(self, record: Record, /) -> list[Event]:
        """Return the events of one record."""
        if self.ended:
            return []
        value = record.object
        if value.get("errors") or value.get("error"):
            return self.fail(value)
        if not isinstance(value.get("results"), list) and "system" not in value:
            return self.unknown("record", record.data)
        events = self.answered_by(text(value, "model_id"))
        events += self._warnings(mapping(value, "system"))
        for result in objects(value, "results")[:1]:
            events += self._result(result)
        return events

    def _result(self, result: JsonObject) -> list[Event]:
        events = [*self.say(text(result, "generated_text")), *self._counts(result)]
        reason = text(result, "stop_reason")
        if not reason or reason.lower() == _UNFINISHED:
            return events
        self.finish_reason = reason
        return events + self.end("complete")

    def _counts(self, result: JsonObject) -> list[Event]:
        """Return the usage: one record holds the input tokens, the others report 0."""
        self._input_tokens = count_in(result, "input_token_count") or self._input_tokens
        output_tokens = count_in(result, "generated_token_count")
        if output_tokens is None:
            return []
        return self.usage({"input_tokens": self._input_tokens, "output_tokens": output_tokens})

    def _warnings(self, system: JsonObject) -> list[Event]:
        events: list[Event] = []
        for warning in objects(system, "warnings"):
            message = text(warning, "message")
            if message and message not in self._warned:
                self._warned.add(message)
                events.append(Notice(message, "warning"))
        return events
