"""llama.cpp's own server, `/completion`: a piece of text in each record.

Its `/v1` addresses use the vocabularies of OpenAI and Anthropic and are read there.

| record | becomes |
|---|---|
| `content` | text |
| `stop: true` | the end; `stop_type` is its reason, `limit` for a bound on the tokens |
| `tokens_evaluated`, `tokens_predicted`, beside `stop: true` | usage |
| `error` | a failure |
| any other | unknown |

`stop: true` is the end marker; without it the stream is cut.

Source: llama.cpp, tools/server/README.md, "POST /completion".
"""

from __future__ import annotations

from typing import Final

from ..decode.records import Record
from ..events import Event
from .base import BaseFormat
from .fields import integer, text, text_or_none

NAME: Final = "llama-cpp"


def recognises(record: Record) -> bool:
    """True if the record has text and says whether the answer stops there."""
    value = record.object
    return isinstance(value.get("content"), str) and isinstance(value.get("stop"), bool)


class LlamaCppFormat(BaseFormat):
    """A decoder from pieces of text to canonical events."""

    def feed(self, record: Record, /) -> list[Event]:
        """Return the events of one record."""
        if self.ended:
            return []
        value = record.object
        if value.get("error"):
            return self.fail(value)
        if record.data.strip() == "[DONE]":
            return self.end("complete")
        if not isinstance(value.get("content"), str):
            return self.unknown(record.type or "record", record.data)
        events = [*self.answered_by(text(value, "model")), *self.say(value["content"])]
        if value.get("stop") is not True:
            return events
        self.finish_reason = text_or_none(value, "stop_type") or _older_reason(value)
        counts = {
            "prompt_tokens": integer(value, "tokens_evaluated"),
            "completion_tokens": integer(value, "tokens_predicted"),
        }
        return [*events, *self.usage(counts), *self.end("complete")]


def _older_reason(value: object) -> str:
    """Return the reason that versions before `stop_type` put into members of their own."""
    is_limit = isinstance(value, dict) and value.get("stopped_limit") is True
    return "limit" if is_limit else "stop"
