"""Hugging Face Text Generation Inference, `/generate_stream`: one token per record.

Its Messages API uses the vocabulary of Chat Completions and is read there.

| record | becomes |
|---|---|
| `token.text` | text, unless the token is `special` |
| `generated_text`, not null | the end; `details.finish_reason` is its reason, on request |
| `details.generated_tokens`, `.input_length` | usage |
| `error` | a failure |
| any other | unknown |

`generated_text` may begin with the prompt, so it is shown only if no token was shown. It is the end
marker; without it the stream is cut.

Source: https://huggingface.github.io/text-generation-inference, "StreamResponse".
"""

from __future__ import annotations

from typing import Final

from ..decode.records import Record
from ..events import Event
from .base import BaseFormat
from .fields import JsonObject, mapping, text, text_or_none

NAME: Final = "tgi"

_ERROR_TYPES: Final = frozenset({"validation", "generation", "overloaded", "incomplete_generation"})


def recognises(record: Record) -> bool:
    """True if the record is a token with a `generated_text` member, or an error of TGI."""
    value = record.object
    if value.keys() == {"error", "error_type"}:
        return text(value, "error_type") in _ERROR_TYPES
    token = mapping(value, "token")
    return {"text", "special"} <= token.keys() and "generated_text" in value


class TGIFormat(BaseFormat):
    """A decoder from tokens to canonical events."""

    def feed(self, record: Record, /) -> list[Event]:
        """Return the events of one record."""
        if self.ended:
            return []
        value = record.object
        if value.get("error"):
            return self.fail(value)
        if "token" in value or "generated_text" in value:
            return self._token(value)
        if record.data.strip() == "[DONE]":
            return self.end("complete")
        return self.unknown("record", record.data)

    def _token(self, value: JsonObject) -> list[Event]:
        token = mapping(value, "token")
        events = [] if token.get("special") is True else self.say(text(token, "text"))
        whole = value.get("generated_text")
        if not isinstance(whole, str):
            return events
        if not self.has_said("text"):
            events += self.say(whole)
        details = mapping(value, "details")
        self.finish_reason = text_or_none(details, "finish_reason")
        return [*events, *self.usage(details), *self.end("complete")]
