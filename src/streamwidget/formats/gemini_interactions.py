"""Google's Gemini Interactions: server-sent events whose `event_type` repeats the event's name.

An interaction is a list of steps (thoughts, output, calls), each started, grown and stopped under
its `index`. Both revisions are read; the older one says `content.*` for `step.*`.

| `event_type` | becomes |
|---|---|
| `step.start` of `function_call` | a tool call |
| `step.start` of another `*_call` | a tool call that the provider runs |
| `step.start` of `*_result` | nothing yet: its delta has the result |
| `step.delta`: `text` | text |
| `thought_summary` | reasoning |
| `arguments_delta`; a whole `function_call`, `*_call` | arguments of the call |
| `*_result` | the result of the provider's call |
| `text_annotation`, `text_annotation_delta` | sources, each once |
| `thought_signature` | nothing |
| another kind, such as `image` | unknown |
| `step.stop` | the end of a tool call |
| `metadata.usage` of any event, `interaction.usage` | usage; the output counts thoughts too |
| `error` | a failure |
| `interaction.completed` (older: `interaction.complete`) | the end, with its `status` |
| `done`, `[DONE]` | the end, if it did not come before |
| `interaction.created`, `interaction.status_update` | nothing |

Without an end marker the stream is cut. After an error, or with the status `failed`, it has failed.

Source: https://ai.google.dev/api/interactions-api, "Streaming", revision 2026-05-20.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from ..events import Citation, Event, Outcome, ToolResult, Unknown, Usage
from .calls import ToolCalls
from .failures import provider_failure
from .fields import (
    JsonObject,
    as_text,
    code,
    integer,
    json_text,
    mapping,
    objects,
    text,
    text_or_none,
)
from .finish import run_end
from .parts import Kind, OpenParts
from .records import NewId, Record

NAME: Final = "gemini-interactions"

_HOLDERS: Final = {
    "interaction.created": "interaction",
    "interaction.start": "interaction",
    "interaction.completed": "interaction",
    "interaction.complete": "interaction",
    "step.start": "step",
    "step.delta": "delta",
    "content.start": "content",
    "content.delta": "delta",
}


def recognises(record: Record) -> bool:
    """Whether the record is an event: its `event_type`, and the object that belongs to it."""
    kind = as_text(record.object.get("event_type"))
    if kind == "interaction.status_update":
        return bool(text(record.object, "interaction_id"))
    return isinstance(record.object.get(_HOLDERS.get(kind, "")), dict)


class GeminiInteractionsFormat:
    """Events of an interaction to canonical ones; `new_id` makes ids that are unique in the run."""

    def __init__(self, new_id: NewId) -> None:
        self._new_id = new_id
        self._parts = OpenParts(new_id)
        self._calls = ToolCalls(self._parts)
        self._whole: dict[int, str] = {}  # arguments that came as an object, by index
        self._call_ids: dict[str, str] = {}  # from the wire's id of a call to our part
        self._results: dict[int, JsonObject] = {}  # the start of a result's step, by index
        self._cited: set[tuple[str | None, str | None]] = set()
        self._status: str | None = None
        self._failed = False
        self.ended = False

    def feed(self, record: Record, /) -> list[Event]:
        if self.ended:
            return []
        kind = text(record.object, "event_type") or record.name
        if record.data.strip() == "[DONE]" or kind == "done":
            return self._end("complete")
        events = self._usage(mapping(mapping(record.object, "metadata"), "usage"))
        handler = _BY_TYPE.get(kind)
        if handler is not None:
            return events + handler(self, record.object)
        return events + self._unknown(kind or "record", record.data)

    def flush(self, *, half_record: bool = False) -> list[Event]:
        """See the top for what the end of the bytes means; `half_record` says nothing more."""
        del half_record
        return [] if self.ended else self._end("cut")

    def _end(self, outcome: Outcome) -> list[Event]:
        self.ended = True
        ends = self._end_calls() if outcome == "complete" else []
        outcome = "failed" if self._failed or self._status == "failed" else outcome
        return [*self._parts.close(), *ends, run_end(outcome, self._status)]

    # --- one event

    def _nothing(self, _event: JsonObject) -> list[Event]:
        return []

    def _start(self, event: JsonObject) -> list[Event]:
        index = integer(event, "index") or 0
        step = mapping(event, "step") or mapping(event, "content")
        kind = text(step, "type")
        if kind.endswith("_call"):
            return self._call(index, kind, step)
        if kind.endswith("_result"):
            self._results[index] = step
            return self._result(index, step) if "result" in step else []
        return self._content(step)

    def _delta(self, event: JsonObject) -> list[Event]:
        index = integer(event, "index") or 0
        delta = mapping(event, "delta")
        kind = text(delta, "type")
        if kind == "arguments_delta":
            return self._calls.grow(index, text(delta, "arguments", "partial_arguments"))
        if kind.endswith("_call"):
            return self._call(index, kind, delta)
        if kind.endswith("_result"):
            return self._result(index, delta)
        return self._content(delta)

    def _stop(self, event: JsonObject) -> list[Event]:
        return self._end_call(integer(event, "index") or 0)

    def _completed(self, event: JsonObject) -> list[Event]:
        interaction = mapping(event, "interaction")
        self._status = text_or_none(interaction, "status")
        events = self._usage(mapping(interaction, "usage"))
        if interaction.get("error") and not self._failed:
            events += self._error(interaction)
        return events + self._end("complete")

    def _error(self, event: JsonObject) -> list[Event]:
        self._failed = True
        error = mapping(event, "error")
        kind = text(error, "type", "status") or code(error, "code") or ""
        told = {"error": {**error, "type": kind}} if error else {**event}
        return [*self._parts.close(), provider_failure(told)]

    # --- text and what belongs to it

    def _content(self, content: JsonObject) -> list[Event]:
        """What a step begins with or is grown by, if it is neither a call nor a result."""
        kind = text(content, "type")
        if kind in ("thought_summary", "thought"):
            inner = objects(content, "summary") or [mapping(content, "content")]
            return self._grow("reasoning", "".join(text(one, "text") for one in inner))
        if kind == "text":
            return self._grow("text", text(content, "text")) + self._cite_all(content)
        if kind == "model_output":
            return [event for one in objects(content, "content") for event in self._content(one)]
        if kind.startswith("text_annotation"):
            return self._cite_all(content)
        return [] if kind in ("", "thought_signature") else self._unknown(kind, json_text(content))

    def _grow(self, kind: Kind, more: str) -> list[Event]:
        return self._parts.grow(kind, more, None) if more else []

    def _cite_all(self, content: JsonObject) -> list[Event]:
        events: list[Event] = []
        for note in objects(content, "annotations"):
            url = text_or_none(note, "url", "document_uri", "source")
            title = text_or_none(note, "title", "name", "file_name")
            if (url or title) and (url, title) not in self._cited:
                self._cited.add((url, title))
                events.append(Citation(url, title))
        return events

    # --- tool calls

    def _call(self, index: int, kind: str, call: JsonObject) -> list[Event]:
        """The start of a call, or what is told of it later; its arguments may be whole."""
        name, call_id = text(call, "name"), text_or_none(call, "id")
        asked = kind == "function_call"
        if index in self._calls:
            events = self._calls.tell(index, name, call_id)
        else:
            shown = name if asked else name or kind.removesuffix("_call")
            events = self._calls.start(index, shown, call_id, by_provider=not asked)
        self._call_ids[call_id or ""] = self._calls.part_id(index) or ""
        if mapping(call, "arguments"):
            self._whole[index] = json_text({**mapping(call, "arguments")})
        return events

    def _end_call(self, index: int) -> list[Event]:
        whole = None if self._calls.has_text(index) else self._whole.get(index)
        return self._calls.end(index, whole)

    def _end_calls(self) -> list[Event]:
        return [e for index in list(self._whole) for e in self._end_call(index)] + (
            self._calls.end_all()
        )

    def _result(self, index: int, result: JsonObject) -> list[Event]:
        told = {**self._results.get(index, {}), **result}
        call_id = text(told, "call_id")
        part_id = self._call_ids.get(call_id)
        if part_id is None:
            part_id = self._call_ids[call_id] = self._new_id("c")
        is_error = told.get("is_error") is True
        output = told.get("result", told.get("output"))
        return [*self._parts.close(), ToolResult(part_id, json_text(output), is_error)]

    # --- the rest

    def _usage(self, usage: JsonObject) -> list[Event]:
        made = [integer(usage, key) for key in ("total_output_tokens", "total_thought_tokens")]
        counted = [count for count in made if count is not None]
        given = integer(usage, "total_input_tokens")
        if given is None and not counted:
            return []
        return [Usage(given, sum(counted) if counted else None)]

    def _unknown(self, name: str, data: str) -> list[Event]:
        return [*self._parts.close(), Unknown(name, data)] if data.strip() else []


Handler = Callable[[GeminiInteractionsFormat, JsonObject], list[Event]]

_F = GeminiInteractionsFormat
_BY_TYPE: Final[dict[str, Handler]] = {
    **dict.fromkeys(("interaction.created", "interaction.start"), _F._nothing),
    **dict.fromkeys(("interaction.status_update", "ping"), _F._nothing),
    **dict.fromkeys(("interaction.completed", "interaction.complete"), _F._completed),
    **dict.fromkeys(("step.start", "content.start"), _F._start),
    **dict.fromkeys(("step.delta", "content.delta"), _F._delta),
    **dict.fromkeys(("step.stop", "content.stop"), _F._stop),
    "error": _F._error,
}
