"""Ollama: one JSON object a line, from `/api/chat`, `/api/generate` and `/api/pull`.

| line | becomes |
|---|---|
| `message.content`; `response` | text |
| `message.thinking`; `thinking` | reasoning |
| `message.tool_calls[]`, each whole, its arguments an object | tool calls |
| `done: true` with `done_reason`, `prompt_eval_count`, `eval_count` | usage, the end |
| `status` with `digest`, `total`, `completed` | the progress of one layer |
| `status` alone | the progress of the whole, without numbers |
| `status: success` | the end of a pull, a push or a creation |
| `error` | a failure; nothing follows it |

`done: true`, or the status `success`, is the end marker; without it the stream is cut. A finish
reason `load` or `unload` is complete too: it is what was asked for.

Source: https://github.com/ollama/ollama/blob/main/docs/api.md; server/routes.go, `streamResponse`.
"""

from __future__ import annotations

from typing import Final

from ..events import Event, Progress, Unknown, Usage
from .answer import OneAnswer
from .calls import ToolCalls
from .failures import provider_failure
from .fields import JsonObject, integer, json_text, mapping, number, objects, text, text_or_none
from .parts import Kind
from .records import NewId, Record

NAME: Final = "ollama"

_SUCCESS: Final = "success"
_PULLING: Final = ("pulling manifest", "retrieving manifest", "pushing manifest")


def recognises(record: Record) -> bool:
    """Whether the line is of a chat, of a generation, or of a model that is moved."""
    line = record.object
    if isinstance(line.get("done"), bool) and text(line, "model") and "created_at" in line:
        return isinstance(line.get("response"), str) or isinstance(line.get("message"), dict)
    if text(line, "status") in _PULLING:
        return line.keys() == {"status"}
    layer = text(line, "digest").startswith("sha256:") and number(line, "total") is not None
    return layer and bool(text(line, "status"))


class OllamaFormat(OneAnswer):
    """Lines to events; `new_id` makes ids that are unique in the run."""

    def __init__(self, new_id: NewId) -> None:
        self._new_id = new_id
        super().__init__(new_id)
        self._calls = ToolCalls(self._parts)
        self._call_count = 0
        self._progress_ids: dict[str, str] = {}  # by digest; "" for the whole

    def feed(self, record: Record, /) -> list[Event]:
        if self.ended:
            return []
        line = record.object
        if line.get("error"):
            return self._error(line)
        if isinstance(line.get("done"), bool) or _has_output(line):
            return self._output(line)
        if text(line, "status"):
            return self._status(line)
        shown = record.data.strip()
        return [*self._parts.close(), Unknown("line", record.data)] if shown else []

    # --- chat and generate

    def _output(self, line: JsonObject) -> list[Event]:
        message = mapping(line, "message") or {"content": line.get("response"), **line}
        events = self._grow("reasoning", text(message, "thinking"))
        events += self._grow("text", text(message, "content"))
        for call in objects(message, "tool_calls"):
            events += self._call(call)
        return events + self._done(line) if line.get("done") is True else events

    def _grow(self, kind: Kind, more: str) -> list[Event]:
        return self._parts.grow(kind, more, None) if more else []

    def _call(self, call: JsonObject) -> list[Event]:
        function = mapping(call, "function")
        self._call_count += 1
        name, call_id = text(function, "name"), text_or_none(call, "id")
        arguments = function.get("arguments")
        start = self._calls.start(self._call_count, name, call_id)
        told = json_text({} if arguments is None else arguments)
        return start + self._calls.end(self._call_count, told)

    def _done(self, line: JsonObject) -> list[Event]:
        self._finish = text_or_none(line, "done_reason")
        given, made = integer(line, "prompt_eval_count"), integer(line, "eval_count")
        told = given is not None or made is not None
        usage: list[Event] = [Usage(given, made)] if told else []
        return [*usage, *self._end("complete")]

    # --- pull, push and create

    def _status(self, line: JsonObject) -> list[Event]:
        status = text(line, "status")
        if status == _SUCCESS:
            self._finish = status
            return [*self._whole(status, 1, 1), *self._end("complete")]
        digest = text(line, "digest")
        total = number(line, "total")
        if not digest and total is None:
            return self._whole(status, 0, None)
        completed = number(line, "completed") or 0
        return [Progress(self._progress_id(digest or status), completed, total, "bytes", status)]

    def _whole(self, status: str, completed: float, total: float | None) -> list[Event]:
        """What is being done beside the layers: the one line of all steps without numbers."""
        if completed and "" not in self._progress_ids:
            return []
        return [Progress(self._progress_id(""), completed, total, None, status)]

    def _progress_id(self, digest: str) -> str:
        if digest not in self._progress_ids:
            self._progress_ids[digest] = self._new_id("p")
        return self._progress_ids[digest]

    def _error(self, line: JsonObject) -> list[Event]:
        self._failed = True
        return [*self._parts.close(), provider_failure({**line})]


def _has_output(line: JsonObject) -> bool:
    return isinstance(line.get("message"), dict) or isinstance(line.get("response"), str)
