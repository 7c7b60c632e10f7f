"""Hugging Face Text Generation Inference, `/generate_stream`: one token a record.

Its Messages API speaks the vocabulary of Chat Completions and is read there.

| record | becomes |
|---|---|
| `token.text` | text, unless the token is `special` |
| `generated_text`, not null | the end; `details.finish_reason` is its reason if asked for |
| `details.generated_tokens`, `.input_length` | usage |
| `error` | a failure |
| any other | unknown |

`generated_text` may begin with the prompt, so it is shown only if no token was. It is the end
marker; without it the stream is cut.

Source: https://huggingface.github.io/text-generation-inference, "StreamResponse".
"""

from __future__ import annotations

from typing import Final

from ..events import Event, Unknown, Usage
from .answer import OneAnswer
from .failures import provider_failure
from .fields import JsonObject, integer, mapping, text, text_or_none
from .records import NewId, Record

NAME: Final = "tgi"

_ERROR_TYPES: Final = frozenset({"validation", "generation", "overloaded", "incomplete_generation"})


def recognises(record: Record) -> bool:
    """Whether the record is a token with its place for the whole text, or one of TGI's errors."""
    told = record.object
    if told.keys() == {"error", "error_type"}:
        return told["error_type"] in _ERROR_TYPES if text(told, "error_type") else False
    token = mapping(told, "token")
    return {"text", "special"} <= token.keys() and "generated_text" in told


class TGIFormat(OneAnswer):
    """Tokens to events; `new_id` makes ids that are unique in the run."""

    def __init__(self, new_id: NewId) -> None:
        super().__init__(new_id)
        self._any_text = False

    def feed(self, record: Record, /) -> list[Event]:
        if self.ended:
            return []
        told = record.object
        if told.get("error"):
            return self._error(told)
        if "token" in told or "generated_text" in told:
            return self._token(told)
        if record.data.strip() == "[DONE]":
            return self._end("complete")
        shown = record.data.strip()
        return [*self._parts.close(), Unknown("record", record.data)] if shown else []

    def _token(self, told: JsonObject) -> list[Event]:
        token = mapping(told, "token")
        events = [] if token.get("special") is True else self._grow(text(token, "text"))
        whole = told.get("generated_text")
        if not isinstance(whole, str):
            return events
        if not self._any_text:
            events += self._grow(whole)
        details = mapping(told, "details")
        self._finish = text_or_none(details, "finish_reason")
        given, made = integer(details, "input_length"), integer(details, "generated_tokens")
        if given is not None or made is not None:
            events.append(Usage(given, made))
        return events + self._end("complete")

    def _grow(self, more: str) -> list[Event]:
        self._any_text = self._any_text or bool(more)
        return self._parts.grow("text", more, None) if more else []

    def _error(self, told: JsonObject) -> list[Event]:
        self._failed = True
        return [*self._parts.close(), provider_failure({**told})]
