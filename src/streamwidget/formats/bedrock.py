"""Amazon Bedrock, `ConverseStream`: dicts from boto3, or event stream frames.

A record is an object with one member, the name of the event; `record_of_frame` turns a frame into
one.

| record | becomes |
|---|---|
| `contentBlockDelta`: `delta.text` | text; its block has no start |
| `delta.reasoningContent.text` | reasoning |
| `delta.reasoningContent.signature`, `.redactedContent` | nothing: they are encrypted |
| `contentBlockStart`: `start.toolUse`, then `delta.toolUse.input` | a tool call |
| `start.toolResult`, then `delta.toolResult[]` | the result of a tool that the provider ran |
| `delta.citation` | a citation, once |
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

from ..decode.aws import EventStreamFrame
from ..decode.records import NO_JSON, NewId, Record, parse
from ..events import Event, Failure, Outcome
from .base import BaseFormat
from .fields import JsonObject, as_mapping, integer, json_text, mapping, objects, text, text_or_none

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
"""Required members of each event."""

_RETRY: Final = "modelStreamErrorException"
"""AWS documents it as retryable, which its name does not show."""
_BY_PROVIDER: Final = "server_tool_use"


def recognises(record: Record) -> bool:
    """True if the record has one member, a known event with its required members."""
    if {"output", "stopReason"} <= record.object.keys():
        return bool(mapping(mapping(record.object, "output"), "message"))
    if len(record.object) != 1:
        return False
    name = next(iter(record.object))
    event = mapping(record.object, name)
    return name in _MARKS and all(key in event for key in _MARKS[name])


def record_of_frame(frame: EventStreamFrame) -> Record:
    """Return a frame as a record: `{<event or exception type>: <payload>}`."""
    headers = frame.headers
    payload = frame.payload.decode(errors="replace")
    if headers.get(":message-type") == "error":  # of the connection: it has no payload
        name = headers.get(":error-code", "error")
        error = {"message": headers.get(":error-message", name), "code": name}
        return _record("connectionException", error)
    name = headers.get(":event-type") or headers.get(":exception-type") or "frame"
    value = parse(payload)
    return _record(name, payload if value is NO_JSON else value)


def _record(name: str, value: object) -> Record:
    whole = {name: value}
    return Record(json_text(whole), whole)


class ExceptionsFormat(BaseFormat):
    """A format whose failures are Bedrock's exceptions."""

    def exception(self, name: str, event: JsonObject) -> list[Event]:
        """Report the exception `name`."""
        events = self.fail(event, code=text(event, "code") or name, error_type=name)
        if name == _RETRY:
            return [
                replace(event, retryable=True) if isinstance(event, Failure) else event
                for event in events
            ]
        return events


class BedrockFormat(ExceptionsFormat):
    """A decoder from Converse events to canonical events."""

    def __init__(self, new_id: NewId) -> None:
        super().__init__(new_id)
        self._results: dict[int, _Result] = {}
        self._stopped = False

    def feed(self, record: Record, /) -> list[Event]:
        """Return the events of one record."""
        if not record.object:
            return [] if self.ended else self.unknown("record", record.data)
        if "output" in record.object and "stopReason" in record.object and not self.ended:
            return self._whole(record.object)
        events: list[Event] = []
        for name, value in record.object.items():
            if not self.ended:
                events += self._event(name, value)
        return events

    def _outcome(self, half_record: bool) -> Outcome:
        del half_record
        return "complete" if self._stopped else "cut"

    def _event(self, name: str, value: object) -> list[Event]:
        if handler := _BY_NAME.get(name):
            return handler(self, as_mapping(value))
        if name.endswith("Exception"):
            return self.exception(name, as_mapping(value))
        return [] if name == "p" else self.unknown(name, json_text(value))

    def _whole(self, answer: JsonObject) -> list[Event]:
        """Return the events of a complete answer of `Converse`."""
        events: list[Event] = []
        content = objects(mapping(mapping(answer, "output"), "message"), "content")
        for index, block in enumerate(content):
            at: JsonObject = {"contentBlockIndex": index}
            if use := mapping(block, "toolUse"):
                events += self._call(index, use)
                events += self.end_call(("call", index), json_text(use.get("input") or {}))
                continue
            thought = mapping(mapping(block, "reasoningContent"), "reasoningText")
            delta = {"reasoningContent": thought} if thought else block
            events += [*self._delta({**at, "delta": delta}), *self._stop(at)]
        return [*events, *self._message_stop(answer), *self._metadata(answer)]

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
        return self.unknown(next(iter(start)), json_text({**start})) if start else []

    def _call(self, index: int, use: JsonObject) -> list[Event]:
        key, call_id = ("call", index), text_or_none(use, "toolUseId")
        by_provider = use.get("type") == _BY_PROVIDER
        self.forget(key)
        events = self.call(key, text(use, "name"), call_id, by_provider=by_provider, flow=index)
        self.calls[call_id or ""] = self.calls[key]
        return events

    def _delta(self, event: JsonObject) -> list[Event]:
        index, delta = _index(event), mapping(event, "delta")
        reasoning = mapping(delta, "reasoningContent")
        events = self.think(text(reasoning, "text"), index)
        events += self.say(text(delta, "text"), index)
        if "toolUse" in delta:
            events += self.arguments(("call", index), text(mapping(delta, "toolUse"), "input"))
        if "toolResult" in delta:
            self._results.setdefault(index, _Result({})).add(delta)
        if "citation" in delta:
            events += self._cite(mapping(delta, "citation"))
        other = [key for key in delta if key not in _DELTAS]
        return events + (self.unknown(other[0], json_text({**delta})) if other else [])

    def _cite(self, citation: JsonObject) -> list[Event]:
        url = text_or_none(mapping(mapping(citation, "location"), "web"), "url")
        return self.cite(url, text_or_none(citation, "title", "source"))

    def _stop(self, event: JsonObject) -> list[Event]:
        index = _index(event)
        result = self._results.pop(index, None)
        if result is None:
            return [*self.close(index), *self.end_call(("call", index))]
        return self.result(result.call_id, result.to_text(), is_error=result.is_error)

    # --- the message

    def _message_stop(self, event: JsonObject) -> list[Event]:
        self.finish_reason = text_or_none(event, "stopReason")
        self._stopped = True
        return [*self.close_all(), *self.end_calls()]

    def _metadata(self, event: JsonObject) -> list[Event]:
        events = self.usage(mapping(event, "usage"), cache_apart=True)
        return events + self.end("complete") if self._stopped else events


class _Result:
    """The growing result of a tool that the provider runs."""

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
