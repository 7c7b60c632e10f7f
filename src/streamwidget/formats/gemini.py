"""Google's Gemini, `streamGenerateContent`: the same responses over SSE and as a JSON array.

Only the first candidate is shown. A record is one `GenerateContentResponse`:

| in a record | becomes |
|---|---|
| part with `text`; with `thought: true` | text; reasoning |
| part with `functionCall{name, args}` | a whole tool call |
| `functionCall{name, willContinue}`, then `{partialArgs}` | a tool call that grows; `{}` ends it |
| `executableCode`, `toolCall` | a tool call that the provider runs |
| `codeExecutionResult`, `toolResponse` | its result |
| part of another kind, such as `inlineData` | unknown |
| `thoughtSignature`, ratings, log probabilities | nothing |
| `groundingMetadata`, `citationMetadata` | sources, each once |
| `usageMetadata`, cumulative | usage: the output counts thoughts too |
| `finishReason`, a word or a number | the finish reason; may be repeated, the last one counts |
| `promptFeedback.blockReason` | a notice; the finish reason if there is no other |
| `error` | a failure |

There is no end marker. At the end of the bytes a run is complete if a finish or block reason was
seen, else it is cut; after an error it has failed. A call in patches that nothing ended is ended
there with what has come, because some streams never end it.

Source: https://ai.google.dev/api/generate-content, "GenerateContentResponse".
"""

from __future__ import annotations

from typing import Final

from ..events import Citation, Event, Notice, Outcome, RunEnd, ToolResult, Unknown, Usage
from .calls import ToolCalls
from .failures import provider_failure
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
from .finish import FinishReason, normalised
from .gemini_arguments import PartialArguments
from .parts import Kind, OpenParts
from .records import NewId, Record

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
_NOT_SHOWN: Final = frozenset({"thought", "thoughtSignature", "videoMetadata", "partMetadata"})


def recognises(record: Record) -> bool:
    """Whether the record is a response: parts in a candidate, or a blocked prompt."""
    response = record.object
    contents = [mapping(one, "content") for one in objects(response, "candidates")]
    if any(isinstance(content.get("parts"), list) for content in contents):
        return True
    if text(mapping(response, "promptFeedback"), "blockReason"):
        return True
    return bool(mapping(response, "usageMetadata")) and bool(text(response, "modelVersion"))


class GeminiFormat:
    """Responses to events; `new_id` makes ids that are unique in the run."""

    def __init__(self, new_id: NewId) -> None:
        self._new_id = new_id
        self._parts = OpenParts(new_id)
        self._calls = ToolCalls(self._parts)
        self._call_count = 0
        self._partial: PartialArguments | None = None  # of the call that was started last
        self._provider_parts: dict[str, str] = {}  # from the wire's id of a call to our part
        self._last_provider_part: str | None = None
        self._cited: set[tuple[str | None, str | None]] = set()
        self._usage_told: Usage | None = None
        self._finish: str | None = None
        self._blocked: str | None = None
        self._failed = False
        self.ended = False

    def feed(self, record: Record, /) -> list[Event]:
        if self.ended:
            return []
        response = record.object
        if record.data.strip() == "[DONE]":  # of proxies; Google sends none
            return []
        if not response or ("error" not in response and _KNOWN.isdisjoint(response)):
            return self._other(record.type or "record", record.data)
        events: list[Event] = []
        for candidate in objects(response, "candidates"):
            if (integer(candidate, "index") or 0) == 0:
                events += self._candidate(candidate)
        events += self._feedback(mapping(response, "promptFeedback"))
        events += self._usage(mapping(response, "usageMetadata"))
        return events + self._error(response) if response.get("error") else events

    def flush(self, *, half_record: bool = False) -> list[Event]:
        """See the top for what the end of the bytes means."""
        if self.ended:
            return []
        self.ended = True
        raw = self._finish or self._blocked
        meaning = _NUMBERED.get(raw or "") or normalised(raw)
        if self._finish is None and self._blocked:
            meaning = "content-filter"
        done = raw is not None and not half_record
        outcome: Outcome = "failed" if self._failed else "complete" if done else "cut"
        ends = self._end_partial()
        return [*self._parts.close(), *ends, RunEnd(outcome, meaning, raw_finish_reason=raw)]

    # --- one candidate

    def _candidate(self, candidate: JsonObject) -> list[Event]:
        events: list[Event] = []
        for part in sequence(mapping(candidate, "content"), "parts"):
            events += self._part(as_mapping(part))
        events += self._sources(candidate)
        finish = code(candidate, "finishReason")
        if finish is None or finish in _UNSPECIFIED:
            return events
        self._finish = finish
        message = text(candidate, "finishMessage")
        if message and finish not in _STOP:
            events.append(Notice(message, "warning"))
        return events

    def _part(self, part: JsonObject) -> list[Event]:
        kind: Kind = "reasoning" if part.get("thought") is True else "text"
        more = text(part, "text")
        events = self._parts.grow(kind, more, None) if more else []
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
        return events + (self._other(other[0], json_text({**part})) if other else [])

    # --- tool calls that the caller is asked to make

    def _function_call(self, call: JsonObject) -> list[Event]:
        call_id = text_or_none(call, "id")
        if text(call, "name") and not self._goes_on(call_id):
            return self._start(call, call_id)
        patches = objects(call, "partialArgs")
        if self._partial is None and not patches:
            return []  # the end of a call that has ended, or was never started
        events = [] if self._partial else self._start({"willContinue": True}, call_id)
        return events + self._patch(patches, goes_on=call.get("willContinue") is True)

    def _goes_on(self, call_id: str | None) -> bool:
        """Whether a name repeats that of the growing call, by its id."""
        known = self._calls.tool_call_id(self._call_count)
        return self._partial is not None and call_id is not None and call_id == known

    def _start(self, call: JsonObject, call_id: str | None) -> list[Event]:
        events = self._end_partial()
        events += self._new_call(text(call, "name"), call_id)
        patches = objects(call, "partialArgs")
        if not patches and call.get("willContinue") is not True:
            arguments = json_text({**mapping(call, "args")})
            return events + self._calls.end(self._call_count, arguments)
        self._partial = PartialArguments(mapping(call, "args"))
        return events + self._patch(patches, goes_on=call.get("willContinue") is True)

    def _patch(self, patches: list[JsonObject], *, goes_on: bool) -> list[Event]:
        partial = self._partial
        more = "".join(partial.apply(patch) for patch in patches) if partial else ""
        events = self._calls.grow(self._call_count, more) if more else []
        return events if goes_on else events + self._end_partial()

    def _end_partial(self) -> list[Event]:
        """The end of the growing call; some streams never give it."""
        if self._partial is None:
            return []
        key, rest, arguments = self._call_count, self._partial.close(), self._partial.to_text()
        self._partial = None
        events: list[Event] = self._calls.grow(key, rest) if rest else []
        return events + self._calls.end(key, arguments)

    def _new_call(
        self, name: str, call_id: str | None, *, by_provider: bool = False
    ) -> list[Event]:
        self._call_count += 1
        return self._calls.start(self._call_count, name, call_id, by_provider=by_provider)

    # --- tools that the provider runs

    def _code(self, call: JsonObject) -> list[Event]:
        arguments = {key: call[key] for key in ("language", "code") if key in call}
        return self._provider_call("code_execution", call, arguments)

    def _tool_call(self, call: JsonObject) -> list[Event]:
        return self._provider_call(text(call, "toolType", "name"), call, mapping(call, "args"))

    def _provider_call(self, name: str, call: JsonObject, arguments: JsonObject) -> list[Event]:
        events = self._end_partial()
        events += self._new_call(name, text_or_none(call, "id"), by_provider=True)
        part_id = self._calls.part_id(self._call_count) or ""
        self._provider_parts[text(call, "id")] = self._last_provider_part = part_id
        return events + self._calls.end(self._call_count, json_text({**arguments}))

    def _code_result(self, result: JsonObject) -> list[Event]:
        outcome = code(result, "outcome") or ""
        return self._result(result, text(result, "output"), is_error=outcome not in _OK)

    def _tool_response(self, result: JsonObject) -> list[Event]:
        return self._result(result, json_text(result.get("response")), is_error=False)

    def _result(self, told: JsonObject, result: str, *, is_error: bool) -> list[Event]:
        """The result of the call of that id, else of the last one that the provider ran."""
        known = self._provider_parts.get(text(told, "id")) or self._last_provider_part
        return [*self._parts.close(), ToolResult(known or self._new_id("c"), result, is_error)]

    # --- the rest

    def _sources(self, candidate: JsonObject) -> list[Event]:
        events: list[Event] = []
        for chunk in objects(mapping(candidate, "groundingMetadata"), "groundingChunks"):
            for kind in ("web", "retrievedContext", "maps"):
                events += self._cite(mapping(chunk, kind))
        cited = mapping(candidate, "citationMetadata")
        for source in objects(cited, "citationSources") or objects(cited, "citations"):
            events += self._cite(source)
        return events

    def _cite(self, source: JsonObject) -> list[Event]:
        url, title = text_or_none(source, "uri"), text_or_none(source, "title")
        if (url or title) is None or (url, title) in self._cited:
            return []
        self._cited.add((url, title))
        return [Citation(url, title)]

    def _usage(self, told: JsonObject) -> list[Event]:
        made = [integer(told, key) for key in ("candidatesTokenCount", "thoughtsTokenCount")]
        counted = [count for count in made if count is not None]
        usage = Usage(integer(told, "promptTokenCount"), sum(counted) if counted else None)
        if (usage.input_tokens, usage.output_tokens) == (None, None) or usage == self._usage_told:
            return []
        self._usage_told = usage
        return [usage]

    def _feedback(self, feedback: JsonObject) -> list[Event]:
        reason = code(feedback, "blockReason")
        if reason is None or reason in _UNSPECIFIED or self._blocked:
            return []
        self._blocked = reason
        message = text(feedback, "blockReasonMessage")
        return [Notice(f"The prompt was blocked: {message or reason}", "warning")]

    def _error(self, response: JsonObject) -> list[Event]:
        self._failed = True
        error = mapping(response, "error")
        told = {"error": {**error, "type": text(error, "status")}} if error else response
        return [*self._parts.close(), provider_failure(told)]

    def _other(self, name: str, data: str) -> list[Event]:
        return [*self._parts.close(), Unknown(name, data)] if data.strip() else []
