"""IBM watsonx.ai, `text/generation_stream`: one piece of text a record.

Its chat API speaks the vocabulary of Chat Completions and is read there.

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

from ..events import Event, Notice, Unknown, Usage
from .answer import OneAnswer
from .failures import provider_failure
from .fields import JsonObject, integer, mapping, objects, text
from .records import NewId, Record

NAME: Final = "watsonx"

_GOES_ON: Final = "not_finished"


def recognises(record: Record) -> bool:
    """Whether the record names its model and has a result with a text and a stop reason."""
    results = objects(record.object, "results")
    keys = {"generated_text", "stop_reason"}
    return bool(text(record.object, "model_id")) and bool(results) and keys <= results[0].keys()


class WatsonxFormat(OneAnswer):
    """Results to events; `new_id` makes ids that are unique in the run."""

    def __init__(self, new_id: NewId) -> None:
        super().__init__(new_id)
        self._warned: set[str] = set()
        self._input_tokens: int | None = None

    def feed(self, record: Record, /) -> list[Event]:
        if self.ended:
            return []
        told = record.object
        if told.get("errors") or told.get("error"):
            return self._error(told)
        if not isinstance(told.get("results"), list) and "system" not in told:
            shown = record.data.strip()
            return [*self._parts.close(), Unknown("record", record.data)] if shown else []
        events = self._warnings(mapping(told, "system"))
        for result in objects(told, "results")[:1]:
            events += self._result(result)
        return events

    def _result(self, result: JsonObject) -> list[Event]:
        more = text(result, "generated_text")
        events = self._parts.grow("text", more, None) if more else []
        events += self._usage(result)
        reason = text(result, "stop_reason")
        if not reason or reason.lower() == _GOES_ON:
            return events
        self._finish = reason
        return events + self._end("complete")

    def _usage(self, result: JsonObject) -> list[Event]:
        """The input is counted in one record; the others say 0."""
        self._input_tokens = integer(result, "input_token_count") or self._input_tokens
        made = integer(result, "generated_token_count")
        return [] if made is None else [Usage(self._input_tokens, made)]

    def _warnings(self, system: JsonObject) -> list[Event]:
        events: list[Event] = []
        for warning in objects(system, "warnings"):
            message = text(warning, "message")
            if message and message not in self._warned:
                self._warned.add(message)
                events.append(Notice(message, "warning"))
        return events

    def _error(self, told: JsonObject) -> list[Event]:
        self._failed = True
        errors = objects(told, "errors")
        failure = provider_failure({**errors[0]} if errors else {**told})
        return [*self._parts.close(), failure]
