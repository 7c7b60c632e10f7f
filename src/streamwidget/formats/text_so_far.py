"""Servers whose records each hold the whole text so far, or one piece of it.

SGLang's `/generate`, vLLM's demonstration server, FastChat's workers and Alibaba's DashScope:

| record | becomes |
|---|---|
| `{"text", "meta_info"}` of SGLang; `{"text": ["..."]}` of vLLM | text |
| `{"text", "error_code"}` of FastChat | text |
| `{"output": {"text", "finish_reason"}, "request_id"}` of DashScope, also in `choices` | text |
| `output.search_info` of DashScope | sources |
| `meta_info`, `usage` | usage |
| `meta_info.finish_reason`, `finish_reason` | the finish reason |
| `error_code` other than 0, a finish reason of type `abort`, `error` | a failure |
| `[DONE]` | the end |

A text that begins with all of the text before it replaces it; any other text is a piece. The end of
the input is complete after a finish reason or `[DONE]`, else the stream is cut.

Source: SGLang, docs/basic_usage/native_api; the API servers of vLLM and FastChat; DashScope API.
"""

from __future__ import annotations

from typing import Final

from ..decode.records import Record
from ..events import Event, Outcome
from .base import BaseFormat
from .fields import JsonObject, integer, mapping, objects, sequence, text, text_or_none

NAME: Final = "text-so-far"


def recognises(record: Record) -> bool:
    """True if the record has a text beside a member that only these servers send."""
    value = record.object
    if isinstance(value.get("text"), str):
        return isinstance(value.get("meta_info"), dict) or "error_code" in value
    if value.keys() == {"text"}:
        return _is_list_of_text(value["text"])
    output = mapping(value, "output")
    has_text = "finish_reason" in output and isinstance(output.get("text"), str)
    choices = objects(output, "choices")
    return "request_id" in value and (has_text or bool(choices and "message" in choices[0]))


def _is_list_of_text(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(t, str) for t in value)


class TextSoFarFormat(BaseFormat):
    """A decoder from records to canonical events."""

    def feed(self, record: Record, /) -> list[Event]:
        """Return the events of one record."""
        if self.ended:
            return []
        if record.data.strip() == "[DONE]":
            return self.end()
        value = record.object
        if value.get("error"):
            return self.fail(value)
        if integer(value, "error_code"):
            return self.fail(text(value, "text") or value, code=str(value["error_code"]))
        if "text" not in value and "output" not in value:
            return self.unknown(record.type or "record", record.data)
        if (integer(value, "index") or 0) != 0:  # only the first answer is shown
            return []
        return self._answer(value)

    def _outcome(self, half_record: bool) -> Outcome:
        return "complete" if self.finish_reason is not None and not half_record else "cut"

    def _answer(self, value: JsonObject) -> list[Event]:
        output, meta = mapping(value, "output"), mapping(value, "meta_info")
        first = next((item for item in sequence(value, "text") if isinstance(item, str)), "")
        whole = text(value, "text") or first or text(output, "text")
        choice = next(iter(objects(output, "choices")), {})
        whole = whole or text(mapping(choice, "message"), "content")
        events = [*self.answered_by(text(value, "model")), *self.snapshot("text", whole)]
        events += self.cite_lists(output)
        events += self.usage(meta) or self.usage(mapping(value, "usage"))
        return events + self._finish(meta, output, choice, value)

    def _finish(self, *holders: JsonObject) -> list[Event]:
        for holder in holders:
            finish = mapping(holder, "finish_reason")
            reason = text_or_none(finish, "type") or text_or_none(holder, "finish_reason")
            if reason is None or reason == "null":
                continue
            self.finish_reason = reason
            if reason == "abort":
                return self.fail(text(finish, "message") or "The server aborted the answer.")
        return []
