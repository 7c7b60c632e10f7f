"""A run as a trajectory in the Agent Trajectory Interchange Format, and back. Pure.

A step of the agent has reasoning, text, tool calls and their results; text after a tool call
begins the next step. A message that the reader sent is a step of the user. The format has no place
for tables, charts and progress: they are left out, and `extra` counts them.

Source: ATIF v1.8.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from ..events import (
    Event,
    Notice,
    ReasoningDelta,
    ReasoningEnd,
    ReasoningStart,
    RunEnd,
    RunStart,
    TextDelta,
    TextEnd,
    TextStart,
    ToolCallEnd,
    ToolCallStart,
    ToolResult,
    Usage,
)
from .exchange import Part, RunFacts, arguments_of, call_id

VERSION = "ATIF-v1.8"
YOU = "You: "
"""Prefix of a notice that shows the reader's message."""


def to_atif(facts: RunFacts) -> dict[str, Any]:
    """Return the trajectory as JSON values."""
    steps = [_step(number, group, facts) for number, group in enumerate(_groups(facts), 1)]
    final: dict[str, Any] = {
        "total_prompt_tokens": facts.run.get("input_tokens"),
        "total_completion_tokens": facts.run.get("output_tokens"),
        "total_cached_tokens": facts.run.get("cached_input_tokens"),
        "total_cost_usd": facts.cost if facts.currency == "USD" else None,
        "total_steps": len(steps),
    }
    kept = {"text", "reasoning", "tool-call", "notice"}
    left_out = Counter(part["kind"] for part in facts.parts if part["kind"] not in kept)
    extra = {"title": facts.title, "status": facts.status, "summary": facts.summary}
    return {
        "schema_version": VERSION,
        "session_id": facts.run_id,
        "agent": _known(
            {"name": "streamwidget", "version": facts.version, "model_name": facts.model}
        ),
        "steps": steps or [_empty(facts)],
        "final_metrics": _known(final),
        "extra": _known({**extra, "error": facts.error, "left_out": dict(left_out) or None}),
    }


def _groups(facts: RunFacts) -> Iterator[list[Part]]:
    """Yield the parts of each step."""
    group: list[Part] = []
    for part in facts.of_kind("text", "reasoning", "tool-call", "notice"):
        is_sent = part["kind"] == "notice"
        if is_sent and part.get("level") != "sent":
            continue
        has_called = any(other["kind"] == "tool-call" for other in group)
        has_text = any(other["kind"] == "text" for other in group)
        follows = has_called and part["kind"] != "tool-call"
        if group and (is_sent or follows or (has_text and part["kind"] == "reasoning")):
            yield group
            group = []
        if is_sent:
            yield [part]
        else:
            group.append(part)
    if group:
        yield group


def _step(number: int, group: list[Part], facts: RunFacts) -> dict[str, Any]:
    if group[0]["kind"] == "notice":
        message = str(group[0]["message"]).removeprefix(YOU)
        at = facts.iso(group[0].get("at_s"))
        return _known({"step_id": number, "timestamp": at, "source": "user", "message": message})
    calls = [part for part in group if part["kind"] == "tool-call"]
    results = [part for part in calls if part.get("result") is not None]
    started = next((part["started_s"] for part in group if part.get("started_s") is not None), None)
    return _known(
        {
            "step_id": number,
            "timestamp": facts.iso(started),
            "source": "agent",
            "model_name": facts.model,
            "message": _joined(group, "text"),
            "reasoning_content": _joined(group, "reasoning") or None,
            "tool_calls": [_call(part) for part in calls] or None,
            "observation": {"results": [_result(part) for part in results]} if results else None,
        }
    )


def _call(part: Part) -> dict[str, Any]:
    return {
        "tool_call_id": call_id(part),
        "function_name": part.get("tool_name") or "",
        "arguments": arguments_of(part),
    }


def _result(part: Part) -> dict[str, Any]:
    result = {"source_call_id": call_id(part), "content": part["result"]}
    return {**result, "extra": {"is_error": True}} if part.get("is_error") else result


def _empty(facts: RunFacts) -> dict[str, Any]:
    """Return the only step of a run without content: a trajectory needs at least one."""
    return {"step_id": 1, "source": "system", "message": facts.summary or facts.status}


def _joined(group: list[Part], kind: str) -> str:
    return "".join(part.get("text") or "" for part in group if part["kind"] == kind)


def _known(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def is_atif(value: object) -> bool:
    """True if a JSON value declares itself to be a trajectory."""
    return isinstance(value, dict) and str(value.get("schema_version")).startswith("ATIF")


def from_atif(trajectory: Mapping[str, Any]) -> Iterator[Event]:
    """Yield the events of a trajectory; malformed values are left out."""
    agent = _object(trajectory.get("agent"))
    yield RunStart(str(agent.get("name") or "trajectory"), "atif")
    for number, step in enumerate(_objects(trajectory.get("steps")), 1):
        yield from _events_of_step(f"step{number}", step)
    final = _object(trajectory.get("final_metrics"))
    read, written = (_count(final.get(f"total_{name}_tokens")) for name in ("prompt", "completion"))
    if read is not None or written is not None:
        model = agent.get("model_name")
        yield Usage(read, written, model=model if isinstance(model, str) else None)
    yield RunEnd("complete")


def _events_of_step(step_id: str, step: Mapping[str, Any]) -> Iterator[Event]:
    message = _text(step.get("message"))
    if step.get("source") != "agent":
        is_user = step.get("source") == "user"
        if message:
            yield Notice(f"{YOU}{message}" if is_user else message, "sent" if is_user else "info")
        return
    reasoning = _text(step.get("reasoning_content"))
    if reasoning:
        yield ReasoningStart(f"{step_id}.r")
        yield ReasoningDelta(f"{step_id}.r", reasoning)
        yield ReasoningEnd(f"{step_id}.r")
    if message:
        yield TextStart(f"{step_id}.t")
        yield TextDelta(f"{step_id}.t", message)
        yield TextEnd(f"{step_id}.t")
    calls: dict[str, str] = {}
    for number, call in enumerate(_objects(step.get("tool_calls")), 1):
        id_, part_id = str(call.get("tool_call_id")), f"{step_id}.c{number}"
        calls[id_] = part_id
        yield ToolCallStart(part_id, str(call.get("function_name") or ""), id_)
        yield ToolCallEnd(part_id, json.dumps(call.get("arguments", {}), ensure_ascii=False))
    results = _objects(_object(step.get("observation")).get("results"))
    for number, result in enumerate(results, 1):
        part_id = calls.get(str(result.get("source_call_id")), f"{step_id}.o{number}")
        is_error = bool(_object(result.get("extra")).get("is_error"))
        yield ToolResult(part_id, _text(result.get("content")), is_error)


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _objects(value: object) -> list[Mapping[str, Any]]:
    return [_object(item) for item in value] if isinstance(value, list) else []


def _count(value: object) -> int | None:
    return value if isinstance(value, int) else None


def _text(value: object) -> str:
    """Return the text of a message, or of its text parts."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        texts = (part.get("text") for part in _objects(value))
        return "".join(text for text in texts if isinstance(text, str))
    return ""
