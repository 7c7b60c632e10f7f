"""Amazon Bedrock, `InvokeModelWithResponseStream`: another vocabulary in envelopes.

A record is an object with one member, `chunk`, whose `bytes` are a record of the model's
vocabulary: base64 in frames, plain in boto3's dicts. The inner format reads it; this format adds
what only Bedrock reports, and reads the models without a vocabulary:

| record inside | becomes |
|---|---|
| of a vocabulary (Anthropic, Chat Completions, Converse for Nova, Cohere) | as in that vocabulary |
| `outputText` (Titan), `generation` (Llama), `outputs[].text` (Mistral) | text |
| `completionReason`, `stop_reason` beside that text | the finish reason |
| `amazon-bedrock-invocationMetrics` where nothing else reported it | usage |
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

from ..decode.records import NO_JSON, NewId, Record, parse, record_of_line, record_of_value
from ..events import Event, Outcome, RunEnd, Usage
from .bedrock import ExceptionsFormat
from .detect import Detected
from .fields import JsonObject, as_mapping, as_text, json_text, mapping, objects, text

NAME: Final = "bedrock-invoke"

_METRICS: Final = "amazon-bedrock-invocationMetrics"
_TEXTS: Final = ("outputText", "generation")


def recognises(record: Record) -> bool:
    """True if the record is one chunk whose bytes hold JSON."""
    if set(record.object) != {"chunk"}:
        return False
    return inner(mapping(record.object, "chunk")).value is not NO_JSON


def inner(chunk: JsonObject) -> Record:
    """Return the record inside a chunk; its value is `NO_JSON` if there is none."""
    carried = as_text(chunk.get("bytes"))
    if parse(carried) is not NO_JSON:
        return record_of_line(carried)
    try:
        return record_of_line(base64.b64decode(carried, validate=True).decode(errors="replace"))
    except (ValueError, binascii.Error):
        return Record(carried, NO_JSON)


class BedrockInvokeFormat(ExceptionsFormat):
    """A decoder from chunks to events; `detected` returns the format for their content."""

    def __init__(self, new_id: NewId, detected: Callable[[NewId], Detected]) -> None:
        super().__init__(new_id)
        self._inner = detected(new_id)
        self._is_bare = False
        """True for a model without a vocabulary."""
        self._has_usage = False

    def feed(self, record: Record, /) -> list[Event]:
        """Return the events of one record."""
        if not record.object:
            return [] if self.ended else self.unknown("record", record.data)
        events: list[Event] = []
        for name, value in record.object.items():
            if self.ended:
                break
            events += self._event(name, as_mapping(value))
        return events

    def _outcome(self, half_record: bool) -> Outcome:
        if not self._is_bare:
            return self._inner.outcome(half_record=half_record)
        return "complete" if self.finish_reason is not None and not half_record else "cut"

    def flush(self, *, half_record: bool = False) -> list[Event]:
        """Return the end of the inner format, or of the run for a model without a vocabulary."""
        if self.ended or self._is_bare:
            return super().flush(half_record=half_record)
        return self._checked(self._inner.flush(half_record=half_record))

    def _event(self, name: str, event: JsonObject) -> list[Event]:
        if name == "chunk":
            return self._chunk(inner(event))
        if name.endswith("Exception"):
            return self.exception(name, event)
        return self.unknown(name, json_text({**event}))

    def _chunk(self, record: Record) -> list[Event]:
        metrics = mapping(record.object, _METRICS)
        if metrics:
            kept = {key: value for key, value in record.object.items() if key != _METRICS}
            record = record_of_value(kept)
        counted = [] if self._has_usage else self.usage(metrics, cache_apart=True)
        if _is_outputs(record.object):
            return [*counted, *self._outputs(record.object)]
        if self._is_bare or any(isinstance(record.object.get(key), str) for key in _TEXTS):
            return [*counted, *self._bare_text(record.object)]
        events = self._inner.feed(record) if record.object else []
        self._has_usage |= any(
            isinstance(event, Usage) and event.output_tokens is not None for event in events
        )
        return self._checked([*([] if self._has_usage else counted), *events])

    def _bare_text(self, value: JsonObject) -> list[Event]:
        self._is_bare = True
        reason = text(value, "completionReason", "stop_reason")
        self.finish_reason = reason or self.finish_reason
        return self.say(next((as_text(value[key]) for key in _TEXTS if value.get(key)), ""))

    def _outputs(self, value: JsonObject) -> list[Event]:
        events: list[Event] = []
        for output in objects(value, "outputs")[:1]:
            events += self._bare_text({**output, "generation": output.get("text")})
        return events

    def _checked(self, events: list[Event]) -> list[Event]:
        """Return `events`, with the inner format's end as `failed` after an exception of
        Bedrock."""
        if events and isinstance(events[-1], RunEnd):
            self.ended = True
            if self.failed:
                events[-1] = replace(events[-1], outcome="failed")
        return events


def _is_outputs(value: JsonObject) -> bool:
    outputs = objects(value, "outputs")
    return bool(outputs) and all(isinstance(output.get("text"), str) for output in outputs)
