"""Amazon Bedrock, `ConverseStream`: dicts as boto3 gives them, or the frames they come from.

A record is an object with one member, the event's name; `record_of_frame` makes it of a frame.

| record | becomes |
|---|---|
| `contentBlockDelta`: `delta.text` | text; its block has no start |
| `delta.reasoningContent.text` | reasoning |
| `delta.reasoningContent.signature`, `.redactedContent` | nothing: nobody can read them |
| `contentBlockStart`: `start.toolUse`, then `delta.toolUse.input` | a tool call |
| `start.toolResult`, then `delta.toolResult[]` | the result of a tool that the provider ran |
| `delta.citation` | a source, once |
| a block or a delta of another kind, such as `image` | unknown |
| `contentBlockStop` | the end of a tool call or of a result |
| `messageStop` | the finish reason |
| `metadata` | usage; the end, if `messageStop` came before |
| `...Exception` | a failure |
| `messageStart`, the padding `p` | nothing |
| any other | unknown |

The end marker is `messageStop`: a stream that ends after it without `metadata` is complete, one
that ends before it is cut.

Source: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from ..events import Citation, Event, Failure, Outcome, ToolResult, Unknown, Usage
from ..framing.aws_event_stream import EventStreamFrame
from .calls import ToolCalls
from .failures import provider_failure
from .fields import JsonObject, as_mapping, integer, json_text, mapping, objects, text, text_or_none
from .finish import run_end
from .parts import Kind, OpenParts
from .records import NO_JSON, NewId, Record, parse

NAME: Final = "bedrock-converse"

_MARKS: Final = {
    "messageStart": ("role",),
    "contentBlockStart": ("contentBlockIndex", "start"),
    "contentBlockDelta": ("contentBlockIndex", "delta"),
    "contentBlockStop": ("contentBlockIndex",),
    "messageStop": ("stopReason",),
    "metadata": ("usage", "metrics"),
    "internalServerException": ("message",),
    "modelStreamErrorException": ("message",),
    "serviceUnavailableException": ("message",),
    "throttlingException": ("message",),
    "validationException": ("message",),
}
"""What an event of each name has at least."""

_RETRY: Final = "modelStreamErrorException"
"""AWS says of it: retry your request. Its name does not tell."""
_BY_PROVIDER: Final = "server_tool_use"


def recognises(record: Record) -> bool:
    """Whether the record has one member, of a known name, with what an event of it has."""
    if len(record.object) != 1:
        return False
    name = next(iter(record.object))
    event = mapping(record.object, name)
    return name in _MARKS and all(key in event for key in _MARKS[name])


def record_of_frame(frame: EventStreamFrame) -> Record:
    """A frame as a record: `{<event or exception type>: <payload>}`."""
    headers = frame.headers
    payload = frame.payload.decode(errors="replace")
    if headers.get(":message-type") == "error":  # of the connection: it has no payload
        name = headers.get(":error-code", "error")
        told = {"message": headers.get(":error-message", name), "code": name}
        return _record("connectionException", told)
    name = headers.get(":event-type") or headers.get(":exception-type") or "frame"
    value = parse(payload)
    return _record(name, payload if value is NO_JSON else value)


def failure_of(name: str, event: JsonObject) -> Failure:
    """The failure that the exception `name` of Bedrock tells."""
    code = text(event, "code") or name
    failure = provider_failure({**event, "code": code, "type": name})
    return replace(failure, retryable=failure.retryable or name == _RETRY)


def _record(name: str, value: object) -> Record:
    whole = {name: value}
    return Record(json_text(whole), whole)


class BedrockFormat:
    """Converse events to canonical ones; `new_id` makes ids that are unique in the run."""

    def __init__(self, new_id: NewId) -> None:
        self._new_id = new_id
        self._parts = OpenParts(new_id)
        self._calls = ToolCalls(self._parts)
        self._call_ids: dict[str, str] = {}  # from the wire's id of a call to our part
        self._results: dict[int, _Result] = {}
        self._cited: set[tuple[str | None, str | None]] = set()
        self._finish: str | None = None
        self._stopped = False
        self._failed = False
        self.ended = False

    def feed(self, record: Record, /) -> list[Event]:
        events: list[Event] = []
        for name, value in record.object.items():
            if not self.ended:
                events += self._event(name, value)
        if record.object or self.ended or not record.data.strip():
            return events
        return self._unknown("record", record.data)

    def flush(self, *, half_record: bool = False) -> list[Event]:
        """See the top for what the end of the bytes means; `half_record` says nothing more."""
        del half_record
        if self.ended:
            return []
        return self._end("complete" if self._stopped else "cut")

    def _end(self, outcome: Outcome) -> list[Event]:
        self.ended = True
        ends = self._calls.end_all() if outcome == "complete" else []
        outcome = "failed" if self._failed else outcome
        return [*self._parts.close(), *ends, run_end(outcome, self._finish)]

    def _event(self, name: str, value: object) -> list[Event]:
        if handler := _BY_NAME.get(name):
            return handler(self, as_mapping(value))
        if name.endswith("Exception"):
            return self._error(name, as_mapping(value))
        return [] if name == "p" else self._unknown(name, json_text(value))

    # --- blocks

    def _nothing(self, _event: JsonObject) -> list[Event]:
        return []

    def _start(self, event: JsonObject) -> list[Event]:
        index, start = _index(event), mapping(event, "start")
        if use := mapping(start, "toolUse"):
            return self._call(index, use)
        if result := mapping(start, "toolResult"):
            self._results[index] = _Result(result)
            return []
        return self._unknown(next(iter(start)), json_text({**start})) if start else []

    def _call(self, index: int, use: JsonObject) -> list[Event]:
        call_id = text_or_none(use, "toolUseId")
        by_provider = use.get("type") == _BY_PROVIDER
        events = self._calls.start(index, text(use, "name"), call_id, by_provider=by_provider)
        self._call_ids[call_id or ""] = self._calls.part_id(index) or ""
        return events

    def _delta(self, event: JsonObject) -> list[Event]:
        index, delta = _index(event), mapping(event, "delta")
        reasoning = mapping(delta, "reasoningContent")
        events = self._grow("reasoning", text(reasoning, "text"))
        events += self._grow("text", text(delta, "text"))
        if "toolUse" in delta:
            events += self._calls.grow(index, text(mapping(delta, "toolUse"), "input"))
        if "toolResult" in delta:
            self._results.setdefault(index, _Result({})).add(delta)
        if "citation" in delta:
            events += self._cite(mapping(delta, "citation"))
        other = [key for key in delta if key not in _DELTAS]
        return events + (self._unknown(other[0], json_text({**delta})) if other else [])

    def _grow(self, kind: Kind, more: str) -> list[Event]:
        return self._parts.grow(kind, more, None) if more else []

    def _cite(self, citation: JsonObject) -> list[Event]:
        location = mapping(citation, "location")
        url = text_or_none(mapping(location, "web"), "url")
        title = text_or_none(citation, "title", "source")
        if (url or title) is None or (url, title) in self._cited:
            return []
        self._cited.add((url, title))
        return [Citation(url, title)]

    def _stop(self, event: JsonObject) -> list[Event]:
        index = _index(event)
        result = self._results.pop(index, None)
        if result is None:
            return self._calls.end(index)
        part_id = self._call_ids.get(result.call_id) or self._new_id("c")
        return [*self._parts.close(), ToolResult(part_id, result.to_text(), result.is_error)]

    # --- the message

    def _message_stop(self, event: JsonObject) -> list[Event]:
        self._finish = text_or_none(event, "stopReason")
        self._stopped = True
        return [*self._parts.close(), *self._calls.end_all()]

    def _metadata(self, event: JsonObject) -> list[Event]:
        usage = mapping(event, "usage")
        given, made = integer(usage, "inputTokens"), integer(usage, "outputTokens")
        told = given is not None or made is not None
        events: list[Event] = [Usage(given, made)] if told else []
        return events + self._end("complete") if self._stopped else events

    def _error(self, name: str, event: JsonObject) -> list[Event]:
        self._failed = True
        return [*self._parts.close(), failure_of(name, event)]

    def _unknown(self, name: str, data: str) -> list[Event]:
        return [*self._parts.close(), Unknown(name, data)]


class _Result:
    """What a tool of the provider gave, as it comes in."""

    def __init__(self, start: JsonObject) -> None:
        self.call_id = text(start, "toolUseId")
        self.is_error = start.get("status") == "error"
        self._pieces: list[str] = []

    def add(self, delta: JsonObject) -> None:
        for piece in objects(delta, "toolResult"):
            self._pieces.append(text(piece, "text") or json_text(piece.get("json", {**piece})))

    def to_text(self) -> str:
        return "".join(self._pieces)


def _index(event: JsonObject) -> int:
    return integer(event, "contentBlockIndex") or 0


_DELTAS: Final = frozenset({"text", "toolUse", "toolResult", "reasoningContent", "citation"})
_F = BedrockFormat
_BY_NAME: Final[dict[str, Callable[[BedrockFormat, JsonObject], list[Event]]]] = {
    "messageStart": _F._nothing,
    "contentBlockStart": _F._start,
    "contentBlockDelta": _F._delta,
    "contentBlockStop": _F._stop,
    "messageStop": _F._message_stop,
    "metadata": _F._metadata,
}
