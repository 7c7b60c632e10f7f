"""Ollama: one JSON object per line, from `/api/chat`, `/api/generate` and `/api/pull`.

| line | becomes |
|---|---|
| `message.content`; `response` | text |
| `message.thinking`; `thinking` | reasoning |
| `message.tool_calls[]`, each whole, its arguments an object | tool calls |
| `done: true` with `done_reason`, `prompt_eval_count`, `eval_count` | usage, the end |
| `status` with `digest`, `total`, `completed` | the progress of one layer |
| `status` alone | a step, until the next line |
| `status: success` | the end of a pull, a push or a creation |
| `error` | a failure; nothing follows it |

`done: true`, or the status `success`, is the end marker; without it the stream is cut. A finish
reason `load` or `unload` is complete too, because the request asked for it.

Source: https://github.com/ollama/ollama/blob/main/docs/api.md; server/routes.go, `streamResponse`.
"""

from __future__ import annotations

from typing import Final

from ..decode.records import NewId, Record
from ..events import Event, Progress
from .base import BaseFormat
from .fields import JsonObject, json_text, mapping, number, objects, text, text_or_none

NAME: Final = "ollama"

_SUCCESS: Final = "success"
_PULLING: Final = ("pulling manifest", "retrieving manifest", "pushing manifest")


def recognises(record: Record) -> bool:
    """True if the line belongs to a chat, a generation, or the transfer of a model."""
    line = record.object
    if isinstance(line.get("done"), bool) and text(line, "model") and "created_at" in line:
        return isinstance(line.get("response"), str) or isinstance(line.get("message"), dict)
    if text(line, "status") in _PULLING:
        return line.keys() == {"status"}
    layer = text(line, "digest").startswith("sha256:") and number(line, "total") is not None
    return layer and bool(text(line, "status"))


class OllamaFormat(BaseFormat):
    """A decoder from lines to canonical events."""

    def __init__(self, new_id: NewId) -> None:
        super().__init__(new_id)
        self._call_count = 0

    def feed(self, record: Record, /) -> list[Event]:
        """Return the events of one line."""
        if self.ended:
            return []
        line = record.object
        if line.get("error"):
            return self.fail(line)
        if isinstance(line.get("done"), bool) or _has_output(line):
            return self._output(line)
        if text(line, "status"):
            return self._status(line)
        return self.unknown("line", record.data)

    # --- chat and generate

    def _output(self, line: JsonObject) -> list[Event]:
        message = mapping(line, "message") or {"content": line.get("response"), **line}
        events = self.answered_by(text(line, "model"))
        grow = self.last if line.get("done") is True else self.grow
        events += grow("reasoning", text(message, "thinking"))
        events += grow("text", text(message, "content"))
        for call in objects(message, "tool_calls"):
            events += self._call(call)
        return events + self._done(line) if line.get("done") is True else events

    def _call(self, call: JsonObject) -> list[Event]:
        function, call_id = mapping(call, "function"), text_or_none(call, "id")
        self._call_count += 1
        key = call_id or self._call_count  # a call that is repeated in the last line is one
        events = self.call(key, text(function, "name"), call_id)
        arguments = function.get("arguments")
        return events + self.end_call(key, json_text({} if arguments is None else arguments))

    def _done(self, line: JsonObject) -> list[Event]:
        self.finish_reason = text_or_none(line, "done_reason")
        return [*self.usage(line), *self.end("complete")]

    # --- pull, push and create

    def _status(self, line: JsonObject) -> list[Event]:
        status = text(line, "status")
        if status in self.steps:  # some servers repeat it while they work
            return []
        events = self.end_step(self.innermost)
        if status == _SUCCESS:
            self.finish_reason = status
            return [*events, *self.end("complete")]
        digest, total = text(line, "digest"), number(line, "total")
        if not digest and total is None:
            return [*events, *self.start_step(status, status)]
        completed = number(line, "completed") or 0
        part_id = self.bars.part_id(digest or status)
        return [*events, Progress(part_id, completed, total, "bytes", status)]


def _has_output(line: JsonObject) -> bool:
    return isinstance(line.get("message"), dict) or isinstance(line.get("response"), str)
