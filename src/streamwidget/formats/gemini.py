"""Google's Gemini, `streamGenerateContent`: the same responses over SSE and as a JSON array.

Each candidate is a text. A record is one `GenerateContentResponse`, with names in camel case as on
the wire or in snake case as SDKs write them:

| in a record | becomes |
|---|---|
| part with `text`; with `thought: true` | text; reasoning |
| part with `functionCall{name, args}` | a whole tool call; one of the same `id` is the same |
| `functionCall{name, willContinue}`, then `{partialArgs}` | a growing tool call; `{}` ends it |
| `executableCode`, `toolCall` | a tool call that the provider runs |
| `codeExecutionResult`, `toolResponse` | its result |
| part of another kind, such as `inlineData` | unknown |
| `thoughtSignature`, ratings, log probabilities | nothing |
| `groundingMetadata`, `citationMetadata` | sources, each once |
| `usageMetadata`, cumulative | usage: the output counts thoughts too |
| `finishReason`, a word or a number | the finish reason; may be repeated, the last one counts |
| `promptFeedback.blockReason` | a notice; the finish reason if there is no other |
| `error` | a failure |

There is no end marker. At the end of the bytes a run is complete after a finish or block reason,
else it is cut; after an error it has failed. A call in patches that is still open ends there,
because some streams never end it.

Source: https://ai.google.dev/api/generate-content, "GenerateContentResponse".
"""

from __future__ import annotations

import re
from collections.abc import Hashable
from typing import Any, Final

from ..decode.records import NewId, Record
from ..events import Event, Notice, Outcome
from .base import BaseFormat
from .fields import (
    JsonObject,
    as_mapping,
    code,
    integer,
    json_text,
    mapping,
    objects,
    sequence,
    text,
    text_or_none,
)
from .finish import FinishReason
from .flows import Kind
from .gemini_arguments import PartialArguments

NAME: Final = "gemini"

_UNSPECIFIED: Final = frozenset({"0", "FINISH_REASON_UNSPECIFIED", "BLOCK_REASON_UNSPECIFIED"})
_STOP: Final = frozenset({"STOP", "1"})

# With enum-encoding=int; 6 and 9 mean different things in the two Gemini APIs.
_NUMBERED: Final[dict[str, FinishReason]] = {
    "1": "stop",
    "2": "length",
    "3": "content-filter",
    "4": "content-filter",
    "7": "content-filter",
    "8": "content-filter",
}
_OK: Final = frozenset({"OUTCOME_OK", "1", ""})
_KNOWN: Final = frozenset(
    {"candidates", "promptFeedback", "usageMetadata", "modelVersion", "responseId", "createTime"}
)
MAX_DEPTH: Final = 8
"""Levels of a response that have names; deeper ones are data."""
_UNDERSCORE: Final = re.compile(r"(?<=\w)_([a-z])")
_NOT_SHOWN: Final = frozenset({"thought", "thoughtSignature", "videoMetadata", "partMetadata"})


def recognises(record: Record) -> bool:
    """True if the record is a response: a candidate with parts or an end, or a blocked prompt."""
    response = camel_cased(record.object)
    candidates = objects(response, "candidates")
    if any(isinstance(mapping(c, "content").get("parts"), list) for c in candidates):
        return True
    if any(text(candidate, "finishReason") for candidate in candidates):
        return True
    if text(mapping(response, "promptFeedback"), "blockReason"):
        return True
    return bool(mapping(response, "usageMetadata")) and bool(text(response, "modelVersion"))


class GeminiFormat(BaseFormat):
    """A decoder from responses to canonical events."""

    def __init__(self, new_id: NewId) -> None:
        super().__init__(new_id)
        self._call_count = 0
        self._partial: PartialArguments | None = None
        """Arguments of the last started call, while they grow in patches."""
        self._provider_call: Hashable = None
        """The last call that the provider ran."""
        self._blocked: str | None = None
        self._flow: Hashable = None
        """The candidate that is being read; None for the first."""

    def feed(self, record: Record, /) -> list[Event]:
        """Return the events of one record."""
        if self.ended:
            return []
        response = camel_cased(record.object)
        if record.data.strip() == "[DONE]":  # from proxies; Google sends none
            return []
        if not response or ("error" not in response and _KNOWN.isdisjoint(response)):
            return self.unknown(record.type or "record", record.data)
        events = self.answered_by(text(response, "modelVersion"))
        for candidate in objects(response, "candidates"):
            self._flow = integer(candidate, "index") or None
            events += self._candidate(candidate)
        events += self._feedback(mapping(response, "promptFeedback"))
        events += self.usage(mapping(response, "usageMetadata"), reasoning_apart=True)
        return events + self._error(response) if response.get("error") else events

    def _outcome(self, half_record: bool) -> Outcome:
        has_reason = self.finish_reason is not None or self._blocked is not None
        return "complete" if has_reason and not half_record else "cut"

    def end(self, outcome: Outcome = "complete") -> list[Event]:
        """End the run after the growing call, which some streams never end."""
        self.finish_reason = self.finish_reason or self._blocked
        return [*self._end_partial(), *super().end(outcome)]

    def meaning(self) -> FinishReason | None:
        """Return the normalised finish reason, which may be a number or a blocked prompt."""
        if self._blocked and self.finish_reason in (None, self._blocked):
            return "content-filter"
        return _NUMBERED.get(self.finish_reason or "") or super().meaning()

    # --- one candidate

    def _candidate(self, candidate: JsonObject) -> list[Event]:
        events: list[Event] = []
        for part in sequence(mapping(candidate, "content"), "parts"):
            events += self._part(as_mapping(part))
        events += self._sources(candidate)
        finish = code(candidate, "finishReason")
        if finish is None or finish in _UNSPECIFIED:
            return events
        self.finish_reason = finish
        message = text(candidate, "finishMessage")
        if message and finish not in _STOP:
            events.append(Notice(message, "warning"))
        return events

    def _part(self, part: JsonObject) -> list[Event]:
        kind: Kind = "reasoning" if part.get("thought") is True else "text"
        events = self.receive(kind, text(part, "text"), self._flow)
        if "functionCall" in part:
            return events + self._function_call(mapping(part, "functionCall"))
        if "executableCode" in part:
            return events + self._code(mapping(part, "executableCode"))
        if "codeExecutionResult" in part:
            return events + self._code_result(mapping(part, "codeExecutionResult"))
        if "toolCall" in part:
            return events + self._tool_call(mapping(part, "toolCall"))
        if "toolResponse" in part:
            return events + self._tool_response(mapping(part, "toolResponse"))
        other = [key for key in part if key not in _NOT_SHOWN and key != "text"]
        return events + (self.unknown(other[0], json_text({**part})) if other else [])

    # --- tool calls that the caller should run

    def _function_call(self, call: JsonObject) -> list[Event]:
        call_id = text_or_none(call, "id")
        if text(call, "name") and not self._continues(call_id):
            return self._start(call, call_id)
        patches = objects(call, "partialArgs")
        if self._partial is None and not patches:
            return []  # the end of a call that has ended, or never started
        events = [] if self._partial else self._start({"willContinue": True}, call_id)
        return events + self._patch(patches, will_grow=call.get("willContinue") is True)

    def _continues(self, call_id: str | None) -> bool:
        """True if a name repeats that of the growing call, by its id."""
        known = self.calls.get(self._call_count)
        return (
            self._partial is not None
            and call_id is not None
            and known is not None
            and known.tool_call_id == call_id
        )

    def _start(self, call: JsonObject, call_id: str | None) -> list[Event]:
        if call_id is not None and self._has_called(text(call, "name"), call_id, call.get("args")):
            return []
        events = self._end_partial()
        events += self._new_call(text(call, "name"), call_id)
        self.calls[("id", call_id)] = self.calls[self._call_count]
        patches = objects(call, "partialArgs")
        if not patches and call.get("willContinue") is not True:
            arguments = json_text({**mapping(call, "args")})
            return events + self.end_call(self._call_count, arguments)
        self._partial = PartialArguments(mapping(call, "args"))
        return events + self._patch(patches, will_grow=call.get("willContinue") is True)

    def _has_called(self, name: str, call_id: str, arguments: object) -> bool:
        """True if a complete call with that id, name and arguments arrived before."""
        known = self.calls.get(("id", call_id))
        whole = json_text({**as_mapping(arguments)})
        return known is not None and (known.tool_name, known.whole) == (name, whole)

    def _patch(self, patches: list[JsonObject], *, will_grow: bool) -> list[Event]:
        partial = self._partial
        more = "".join(partial.apply(patch) for patch in patches) if partial else ""
        events = self.arguments(self._call_count, more) if more else []
        return events if will_grow else events + self._end_partial()

    def _end_partial(self) -> list[Event]:
        """End the growing call; some streams never do."""
        if self._partial is None:
            return []
        key, rest, arguments = self._call_count, self._partial.close(), self._partial.to_text()
        self._partial = None
        events: list[Event] = self.arguments(key, rest) if rest else []
        return events + self.end_call(key, arguments)

    def _new_call(
        self, name: str, call_id: str | None, *, by_provider: bool = False
    ) -> list[Event]:
        self._call_count += 1
        return self.call(self._call_count, name, call_id, by_provider=by_provider)

    # --- tools that the provider runs

    def _code(self, call: JsonObject) -> list[Event]:
        arguments = {key: call[key] for key in ("language", "code") if key in call}
        return self._of_provider("code_execution", call, arguments)

    def _tool_call(self, call: JsonObject) -> list[Event]:
        return self._of_provider(text(call, "toolType", "name"), call, mapping(call, "args"))

    def _of_provider(self, name: str, call: JsonObject, arguments: JsonObject) -> list[Event]:
        events = self._end_partial()
        events += self._new_call(name, text_or_none(call, "id"), by_provider=True)
        self._provider_call = ("provider", text(call, "id"))
        self.calls[self._provider_call] = self.calls[self._call_count]
        return events + self.end_call(self._call_count, json_text({**arguments}))

    def _code_result(self, result: JsonObject) -> list[Event]:
        outcome = code(result, "outcome") or ""
        return self._result(result, text(result, "output"), is_error=outcome not in _OK)

    def _tool_response(self, result: JsonObject) -> list[Event]:
        return self._result(result, json_text(result.get("response")), is_error=False)

    def _result(self, holder: JsonObject, result: str, *, is_error: bool) -> list[Event]:
        """Return the result of the call of that id, else of the last one the provider ran."""
        key: Hashable = ("provider", text(holder, "id"))
        if key not in self.calls:
            key = self._provider_call or key
        return [*self.close(), *self.result(key, result, is_error=is_error)]

    # --- the rest

    def _sources(self, candidate: JsonObject) -> list[Event]:
        cited = mapping(candidate, "citationMetadata")
        return [
            *self.cite_all(mapping(candidate, "groundingMetadata").get("groundingChunks")),
            *self.cite_all(cited.get("citationSources")),
            *self.cite_all(cited.get("citations")),
        ]

    def _feedback(self, feedback: JsonObject) -> list[Event]:
        reason = code(feedback, "blockReason")
        if reason is None or reason in _UNSPECIFIED or self._blocked:
            return []
        self._blocked = reason
        message = text(feedback, "blockReasonMessage")
        return [Notice(f"The prompt was blocked: {message or reason}", "warning")]

    def _error(self, response: JsonObject) -> list[Event]:
        error = mapping(response, "error")
        status = text_or_none(error, "status")
        return self.fail({**error, "status": None} if error else response, error_type=status)


def camel_cased(response: JsonObject) -> JsonObject:
    """Return a response with camel-case names; the content of calls is unchanged."""
    return _camel_cased(response) if _is_snake_cased(response) else response


def _is_snake_cased(response: JsonObject) -> bool:
    candidates = objects(response, "candidates")
    parts = [part for item in candidates for part in objects(mapping(item, "content"), "parts")]
    return any("_" in key for value in (response, *candidates, *parts) for key in value)


def _camel_cased(value: Any, depth: int = MAX_DEPTH) -> Any:
    if isinstance(value, list) and depth:
        return [_camel_cased(item, depth - 1) for item in value]
    if not isinstance(value, dict) or not depth:
        return value
    return {
        _UNDERSCORE.sub(lambda match: match[1].upper(), key): item
        if key in ("args", "response")
        else _camel_cased(item, depth - 1)
        for key, item in value.items()
    }
