"""Amazon Bedrock, `InvokeModelWithResponseStream`: another vocabulary in envelopes.

A record is an object with one member, `chunk`, whose `bytes` are a record of the model's own
vocabulary: base64 in the frames, plain in boto3's dicts. What it says inside is told by its own
format; this one adds what only Bedrock says, and reads the models that have no vocabulary:

| record inside | becomes |
|---|---|
| of a vocabulary (Anthropic, Chat Completions, Converse for Nova, Cohere) | as it has it |
| `outputText` (Titan), `generation` (Llama), `outputs[].text` (Mistral) | text |
| `completionReason`, `stop_reason` beside that text | the finish reason |
| `amazon-bedrock-invocationMetrics` where nothing else told usage | usage |
| an exception beside `chunk` | a failure |

The end marker is the inner vocabulary's; for the models without one it is a finish reason.

Source: Amazon Bedrock user guide, "Inference request parameters and response fields", and the API
reference, ResponseStream.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from ..events import Event, RunEnd, Unknown, Usage
from .bedrock import failure_of
from .detect import Detected
from .fields import JsonObject, as_mapping, as_text, integer, json_text, mapping, objects, text
from .finish import run_end
from .parts import OpenParts
from .records import NO_JSON, NewId, Record, parse, record_of_line, record_of_value

NAME: Final = "bedrock-invoke"

_METRICS: Final = "amazon-bedrock-invocationMetrics"
_TEXTS: Final = ("outputText", "generation")


def recognises(record: Record) -> bool:
    """Whether the record is one chunk whose bytes hold JSON."""
    if set(record.object) != {"chunk"}:
        return False
    return inner(mapping(record.object, "chunk")).value is not NO_JSON


def inner(chunk: JsonObject) -> Record:
    """The record that a chunk carries; one without JSON if it carries none."""
    carried = as_text(chunk.get("bytes"))
    if parse(carried) is not NO_JSON:
        return record_of_line(carried)
    try:
        return record_of_line(base64.b64decode(carried, validate=True).decode(errors="replace"))
    except (ValueError, binascii.Error):
        return Record(carried, NO_JSON)


class BedrockInvokeFormat:
    """Chunks to events; `detected` reads what is inside them."""

    def __init__(self, new_id: NewId, detected: Callable[[NewId], Detected]) -> None:
        self._inner = detected(new_id)
        self._parts = OpenParts(new_id)
        self._finish: str | None = None
        self._bare = False
        self._failed = False
        self._told_usage = False
        self.ended = False

    def feed(self, record: Record, /) -> list[Event]:
        events: list[Event] = []
        for name, value in record.object.items():
            if self.ended:
                break
            events += self._event(name, as_mapping(value))
        if record.object or self.ended or not record.data.strip():
            return events
        return [Unknown("record", record.data)]

    def flush(self, *, half_record: bool = False) -> list[Event]:
        """The inner format's end, or whether a finish reason came."""
        if self.ended:
            return []
        self.ended = True
        if not self._bare:
            return self._checked(self._inner.flush(half_record=half_record))
        done = self._finish is not None and not half_record
        return self._checked(
            [*self._parts.close(), run_end("complete" if done else "cut", self._finish)]
        )

    def _event(self, name: str, event: JsonObject) -> list[Event]:
        if name == "chunk":
            return self._chunk(inner(event))
        if name.endswith("Exception"):
            self._failed = True
            return [*self._parts.close(), failure_of(name, event)]
        return [Unknown(name, json_text({**event}))]

    def _chunk(self, record: Record) -> list[Event]:
        metrics = mapping(record.object, _METRICS)
        if metrics:
            kept = {key: value for key, value in record.object.items() if key != _METRICS}
            record = record_of_value(kept)
        counted = [] if self._told_usage else self._usage(metrics)
        if _is_outputs(record.object):
            return [*counted, *self._outputs(record.object)]
        if self._bare or any(isinstance(record.object.get(key), str) for key in _TEXTS):
            return [*counted, *self._bare_text(record.object)]
        events = self._inner.feed(record) if record.object else []
        self._told_usage |= any(isinstance(event, Usage) for event in events)
        return self._checked([*([] if self._told_usage else counted), *events])

    def _bare_text(self, value: JsonObject) -> list[Event]:
        self._bare = True
        self._finish = text(value, "completionReason", "stop_reason") or self._finish
        said = next((as_text(value.get(key)) for key in _TEXTS if value.get(key)), "")
        return self._parts.grow("text", said, None) if said else []

    def _outputs(self, value: JsonObject) -> list[Event]:
        events: list[Event] = []
        for output in objects(value, "outputs")[:1]:
            events += self._bare_text({**output, "generation": output.get("text")})
        return events

    def _usage(self, metrics: JsonObject) -> list[Event]:
        given, made = integer(metrics, "inputTokenCount"), integer(metrics, "outputTokenCount")
        return [] if given is None and made is None else [Usage(given, made)]

    def _checked(self, events: list[Event]) -> list[Event]:
        """An exception of Bedrock makes the inner vocabulary's end a failure."""
        if events and isinstance(events[-1], RunEnd):
            self.ended = True
            if self._failed:
                events[-1] = replace(events[-1], outcome="failed")
        return events


def _is_outputs(value: JsonObject) -> bool:
    found = objects(value, "outputs")
    return bool(found) and all(isinstance(output.get("text"), str) for output in found)
