"""Google's Gemini Interactions: server-sent events whose `event_type` repeats the event's name.

An interaction is a list of steps (thoughts, output, calls), each with a start, deltas and a stop
under its `index`. Both revisions are read; the older one uses `content.*` for `step.*`.

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

from ..decode.records import NewId, Record
from ..events import Event, Outcome
from .base import BaseFormat
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
    """True if the record is an event: a known `event_type` with its object."""
    kind = as_text(record.object.get("event_type"))
    if kind == "interaction.status_update":
        return bool(text(record.object, "interaction_id"))
    return isinstance(record.object.get(_HOLDERS.get(kind, "")), dict)


class GeminiInteractionsFormat(BaseFormat):
    """A decoder from events of an interaction to canonical events."""

    def __init__(self, new_id: NewId) -> None:
        super().__init__(new_id)
        self._arguments: dict[int, str] = {}
        """Arguments that arrived as an object, by the index of their step."""
        self._results: dict[int, JsonObject] = {}
        """Starts of the steps of results, by index."""

    def feed(self, record: Record, /) -> list[Event]:
        """Return the events of one record."""
        if self.ended:
            return []
        kind = text(record.object, "event_type") or record.name
        if record.data.strip() == "[DONE]" or kind == "done":
            return self.end("complete")
        events = self._counts(mapping(record.object, "metadata"))
        handler = _BY_TYPE.get(kind)
        if handler is not None:
            return events + handler(self, record.object)
        return events + self.unknown(kind or "record", record.data)

    def end(self, outcome: Outcome = "complete") -> list[Event]:
        """End the run after the calls with complete arguments."""
        ends = [event for index in list(self._arguments) for event in self._end_call(index)]
        return [*(ends if outcome == "complete" else []), *super().end(outcome)]

    # --- one event

    def _nothing(self, _event: JsonObject) -> list[Event]:
        return []

    def _begin_interaction(self, event: JsonObject) -> list[Event]:
        return self.answered_by(text(mapping(event, "interaction"), "model"))

    def _start(self, event: JsonObject) -> list[Event]:
        index = integer(event, "index") or 0
        step = mapping(event, "step") or mapping(event, "content")
        kind = text(step, "type")
        if kind.endswith("_call"):
            self.forget(index)
            return self._call(index, kind, step)
        if kind.endswith("_result"):
            self._results[index] = step
            return self._result(index, step) if "result" in step else []
        return [*self.declare(index), *self._content(index, step)]

    def _delta(self, event: JsonObject) -> list[Event]:
        index = integer(event, "index") or 0
        delta = mapping(event, "delta")
        kind = text(delta, "type")
        if kind == "arguments_delta":
            return self.arguments(index, text(delta, "arguments", "partial_arguments"))
        if kind.endswith("_call"):
            return self._call(index, kind, delta)
        if kind.endswith("_result"):
            return self._result(index, delta)
        return self._content(index, delta)

    def _stop(self, event: JsonObject) -> list[Event]:
        index = integer(event, "index") or 0
        return [*self.close(index), *self._end_call(index)]

    def _completed(self, event: JsonObject) -> list[Event]:
        interaction = mapping(event, "interaction")
        self.finish_reason = text_or_none(interaction, "status")
        self.model = text_or_none(interaction, "model") or self.model
        events = self._counts(interaction)
        if not self.failed and (interaction.get("error") or self.finish_reason == "failed"):
            events += self._error(
                interaction if interaction.get("error") else {"message": "The interaction failed."}
            )
        return events + self.end("complete")

    def _error(self, event: JsonObject) -> list[Event]:
        error = mapping(event, "error")
        kind = text(error, "type", "status") or code(error, "code")
        return self.fail(error or event, error_type=kind)

    # --- text, reasoning and citations

    def _content(self, index: int, content: JsonObject) -> list[Event]:
        """Return the events of the content of a step that is neither a call nor a result."""
        kind, flow = text(content, "type"), self.declared(index)
        if kind in ("thought_summary", "thought"):
            inner = objects(content, "summary") or [mapping(content, "content")]
            return self.think("".join(text(part, "text") for part in inner), flow)
        if kind == "text":
            return self.say(text(content, "text"), flow) + self._cite_notes(content)
        if kind == "model_output":
            parts = objects(content, "content")
            return [event for part in parts for event in self._content(index, part)]
        if kind.startswith("text_annotation"):
            return self._cite_notes(content)
        return [] if kind in ("", "thought_signature") else self.unknown(kind, json_text(content))

    def _cite_notes(self, content: JsonObject) -> list[Event]:
        return [
            event
            for note in objects(content, "annotations")
            for event in self.cite(
                text_or_none(note, "url", "document_uri", "source"),
                text_or_none(note, "title", "name", "file_name"),
            )
        ]

    # --- tool calls

    def _call(self, index: int, kind: str, call: JsonObject) -> list[Event]:
        """Start a call or extend it; its arguments may be complete."""
        name, call_id = text(call, "name"), text_or_none(call, "id")
        of_caller = kind == "function_call"
        if index not in self.calls and not of_caller:
            name = name or kind.removesuffix("_call")
        events = self.call(index, name, call_id, by_provider=not of_caller)
        self.calls["id", call_id or ""] = self.calls[index]
        if mapping(call, "arguments"):
            self._arguments[index] = json_text({**mapping(call, "arguments")})
        return events

    def _end_call(self, index: int) -> list[Event]:
        call, whole = self.calls.get(index), self._arguments.pop(index, None)
        return self.end_call(index, None if call is None or call.has_text else whole)

    def _result(self, index: int, result: JsonObject) -> list[Event]:
        result = {**self._results.get(index, {}), **result}
        output = json_text(result.get("result", result.get("output")))
        key = ("id", text(result, "call_id"))
        return self.result(key, output, is_error=result.get("is_error") is True)

    def _counts(self, holder: JsonObject) -> list[Event]:
        return self.usage(mapping(holder, "usage"), reasoning_apart=True)


Handler = Callable[[GeminiInteractionsFormat, JsonObject], list[Event]]

_F = GeminiInteractionsFormat
_BY_TYPE: Final[dict[str, Handler]] = {
    **dict.fromkeys(("interaction.created", "interaction.start"), _F._begin_interaction),
    **dict.fromkeys(("interaction.status_update", "ping"), _F._nothing),
    **dict.fromkeys(("interaction.completed", "interaction.complete"), _F._completed),
    **dict.fromkeys(("step.start", "content.start"), _F._start),
    **dict.fromkeys(("step.delta", "content.delta"), _F._delta),
    **dict.fromkeys(("step.stop", "content.stop"), _F._stop),
    "error": _F._error,
}
