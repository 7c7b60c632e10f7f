"""Coze's chat API, version 3: server-sent events named `conversation...`.

| event | becomes |
|---|---|
| `message.delta` of type `answer`: `content`; `reasoning_content` | text; reasoning |
| `message.completed` of type `answer` | what it has beyond the deltas |
| of type `function_call`; `tool_output`, `tool_response` | a tool call; its result |
| of type `follow_up` | a notice |
| `chat.completed`: `usage` | usage; the finish reason |
| `chat.failed`: `last_error`; `error` | a failure |
| `chat.requires_action` | the finish reason |
| `done` | the end |
| `chat.created`, `chat.in_progress`, messages of type `verbose` | nothing |
| any other | unknown |

The end marker is `done`; without it, a completed chat stands for it.

Source: https://www.coze.com/docs/developer_guides/chat_v3, "streaming response".
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Final

from ..decode.records import NO_JSON, Record, parse
from ..events import Event, Outcome
from .base import BaseFormat, notice_of
from .fields import JsonObject, as_mapping, json_text, mapping, text, text_or_none

NAME: Final = "coze"

_PREFIX: Final = "conversation."


def recognises(record: Record) -> bool:
    """True if the record is named an event of a chat or of a message in it."""
    return record.name.startswith((_PREFIX + "chat.", _PREFIX + "message."))


class CozeFormat(BaseFormat):
    """Turns events of Coze into canonical ones; `new_id` makes ids that are unique in the run."""

    def feed(self, record: Record, /) -> list[Event]:
        """Return the events of one record."""
        if self.ended:
            return []
        value, name = record.object, record.name.removeprefix(_PREFIX)
        if name == "done" or record.data.strip().strip('"') == "[DONE]":
            return self.end()
        if name == "error":
            return self.fail(record.data if record.value is NO_JSON else record.value)
        if name in ("message.delta", "message.completed"):
            return self._message(value, record.data, is_whole=name == "message.completed")
        if name in ("chat.completed", "chat.requires_action"):
            return self._completed(value)
        if name == "chat.failed":
            return self.fail(value.get("last_error") or "The chat has failed.")
        if name in ("chat.created", "chat.in_progress"):
            return []
        return self.unknown(record.type or "record", record.data)

    def _outcome(self, half_record: bool) -> Outcome:
        return "complete" if self.finish_reason is not None and not half_record else "cut"

    def _message(self, message: JsonObject, raw: str, *, is_whole: bool) -> list[Event]:
        flow: Hashable = text_or_none(message, "id")
        content = text(message, "content")
        match text(message, "type"):
            case "answer" if is_whole:
                thought = self.snapshot("reasoning", text(message, "reasoning_content"), flow)
                return [*thought, *self.snapshot("text", content, flow), *self.close(flow)]
            case "answer":
                thought = self.think(text(message, "reasoning_content"), flow)
                return [*thought, *self.say(content, flow)]
            case "function_call":
                call = as_mapping(parse(content))
                key = flow or ("call", len(self.calls))
                events = self.call(key, text(call, "name"), text_or_none(message, "id"))
                return events + self.end_call(key, json_text(call.get("arguments") or content))
            case "tool_output" | "tool_response" if self.last_call is not None:
                return self.result(self.last_call, content)
            case "follow_up":
                return [notice_of(content)] if content else []
            case "verbose":
                return []
            case kind:
                return self.unknown(kind or "message", raw)

    def _completed(self, chat: JsonObject) -> list[Event]:
        self.finish_reason = text(chat, "status") or "completed"
        counts = mapping(chat, "usage")
        return self.usage(
            {
                "input_tokens": counts.get("input_count"),
                "output_tokens": counts.get("output_count"),
            }
        )
