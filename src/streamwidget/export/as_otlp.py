"""A run as OpenTelemetry spans in OTLP/JSON, with the names of the GenAI conventions. Pure.

One trace for each run: the run is `invoke_agent`, tool calls are `execute_tool`, steps are internal
spans. Ids are made from the run's id, so that exporting twice gives the same spans.

Source: OTLP 1.x, JSON encoding; OpenTelemetry semantic conventions for generative AI, status
Development.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timezone
from typing import Any

from .exchange import Part, RunFacts, call_id

INTERNAL = 1
OK, ERROR = 1, 2


def to_otlp(facts: RunFacts) -> dict[str, Any]:
    """Return the body of an OTLP/JSON export request."""
    steps = {part["id"] for part in facts.of_kind("step")}
    spans = [_root(facts)]
    spans += [_span(facts, part, steps) for part in facts.of_kind("step", "tool-call")]
    scope = {"name": "streamwidget", "version": facts.version}
    resource = {"attributes": _attributes({"service.name": "streamwidget"})}
    return {
        "resourceSpans": [{"resource": resource, "scopeSpans": [{"scope": scope, "spans": spans}]}]
    }


def _root(facts: RunFacts) -> dict[str, Any]:
    reason = facts.run.get("finish_reason")
    attributes = {
        "gen_ai.operation.name": "invoke_agent",
        "gen_ai.agent.name": facts.title,
        "gen_ai.conversation.id": facts.run_id,
        "gen_ai.response.model": facts.model,
        "gen_ai.response.finish_reasons": [reason] if reason else None,
        "gen_ai.usage.input_tokens": facts.run.get("input_tokens"),
        "gen_ai.usage.output_tokens": facts.run.get("output_tokens"),
        "gen_ai.usage.cache_read.input_tokens": facts.run.get("cached_input_tokens"),
        "gen_ai.output.messages": _messages(facts),
        "error.type": facts.error_type if facts.status == "failed" else None,
        "streamwidget.status": facts.status,
    }
    return {
        **_times(facts, 0.0, facts.elapsed_s),
        "traceId": _id(facts.run_id, 32),
        "spanId": _id(facts.run_id, 16),
        "name": f"invoke_agent {facts.title}",
        "kind": INTERNAL,
        "attributes": _attributes(attributes),
        "status": _status(facts.status == "failed", facts.error),
    }


def _messages(facts: RunFacts) -> str:
    """Return the answer as the JSON text of messages that the conventions define."""
    parts: list[dict[str, Any]] = []
    for part in facts.of_kind("text", "reasoning", "tool-call"):
        if part["kind"] == "tool-call":
            name, id_ = part.get("tool_name"), call_id(part)
            call = {"type": "tool_call", "id": id_, "name": name, "arguments": part.get("text")}
            parts.append(call)
        elif part.get("text"):
            parts.append({"type": part["kind"], "content": part["text"]})
    reason = facts.run.get("finish_reason") or "stop"
    message = {"role": "assistant", "parts": parts, "finish_reason": reason}
    return json.dumps([message], ensure_ascii=False)


def _span(facts: RunFacts, part: Part, steps: set[str]) -> dict[str, Any]:
    parent = part.get("step_id")
    is_call = part["kind"] == "tool-call"
    name = str((part.get("tool_name") if is_call else part.get("name")) or part["kind"])
    attributes: dict[str, Any] = {"streamwidget.step.message": part.get("message")}
    if is_call:
        attributes = {
            "gen_ai.operation.name": "execute_tool",
            "gen_ai.tool.name": name,
            "gen_ai.tool.call.id": call_id(part),
            "gen_ai.tool.call.arguments": part.get("text"),
            "gen_ai.tool.call.result": part.get("result"),
        }
    has_failed = bool(part.get("is_error")) or part.get("state") == "failed"
    return {
        **_times(facts, part.get("started_s"), part.get("ended_s")),
        "traceId": _id(facts.run_id, 32),
        "spanId": _id(f"{facts.run_id}/{part['id']}", 16),
        "parentSpanId": _id(f"{facts.run_id}/{parent}" if parent in steps else facts.run_id, 16),
        "name": f"execute_tool {name}" if is_call else name,
        "kind": INTERNAL,
        "attributes": _attributes(attributes),
        "status": _status(has_failed, None),
    }


def _status(has_failed: bool, message: str | None) -> dict[str, Any]:
    return {"code": ERROR, "message": message or ""} if has_failed else {"code": OK}


def _times(facts: RunFacts, started_s: float | None, ended_s: float | None) -> dict[str, str]:
    """Return the start and the end of a span; without an end it ends with the run."""
    start, end = started_s or 0.0, facts.elapsed_s if ended_s is None else ended_s
    return {
        "startTimeUnixNano": _nanoseconds(facts.moment(start)),
        "endTimeUnixNano": _nanoseconds(facts.moment(max(start, end))),
    }


def _nanoseconds(moment: datetime) -> str:
    since = moment - datetime(1970, 1, 1, tzinfo=timezone.utc)
    return str((since.days * 86_400 + since.seconds) * 10**9 + since.microseconds * 1000)


def _id(text: str, digits: int) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:digits]


def _attributes(values: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"key": key, "value": _value(value)} for key, value in values.items() if value is not None
    ]


def _value(value: Any) -> dict[str, Any]:
    if isinstance(value, list):
        return {"arrayValue": {"values": [_value(one) for one in value]}}
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    return {"doubleValue": value} if isinstance(value, float) else {"stringValue": str(value)}
