"""A run as events of AG-UI 1.0, one line of JSON each. Pure.

Text, reasoning, tool calls and steps have events there. Everything else is a `CUSTOM` event named
`streamwidget.<kind>` with the part as its value, so that nothing is lost.

Source: AG-UI 1.0, spec/1.0/schema.json.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from .exchange import Part, RunFacts, call_id
from .tree import Node, read


def ag_ui_lines(facts: RunFacts) -> Iterator[str]:
    """Yield the lines, without their line ends."""
    for event in _events(facts):
        yield json.dumps(event, ensure_ascii=False, separators=(",", ":"), default=str)


def _events(facts: RunFacts) -> Iterator[dict[str, Any]]:
    run = {"threadId": facts.run_id, "runId": facts.run_id}
    yield {"type": "RUN_STARTED", **run}
    reading = read(facts.title, "", facts.parts)
    for node in reading.nodes:
        yield from _node(node)
    for part in reading.sources:
        yield _custom(part)
    if facts.status in ("failed", "incomplete"):
        yield {"type": "RUN_ERROR", "message": facts.error or facts.summary or facts.status}
    else:
        usage = _usage(facts)
        yield {"type": "RUN_FINISHED", **run, **({"usage": [usage]} if usage else {})}


def _node(node: Node) -> Iterator[dict[str, Any]]:
    part = node.part
    if node.kind == "step":
        yield {"type": "STEP_STARTED", "stepName": part["name"]}
        for child in node.children:
            yield from _node(child)
        yield {"type": "STEP_FINISHED", "stepName": part["name"]}
        return
    if node.kind in _WRITERS:
        yield from _WRITERS[node.kind](part)
    else:
        yield _custom(part)
    for child in node.children:
        yield from _node(child)


def _text(part: Part) -> Iterator[dict[str, Any]]:
    yield {"type": "TEXT_MESSAGE_START", "messageId": part["id"], "role": "assistant"}
    if part["text"]:
        yield {"type": "TEXT_MESSAGE_CONTENT", "messageId": part["id"], "delta": part["text"]}
    yield {"type": "TEXT_MESSAGE_END", "messageId": part["id"]}


def _reasoning(part: Part) -> Iterator[dict[str, Any]]:
    id_ = part["id"]
    yield {"type": "REASONING_MESSAGE_START", "messageId": id_, "role": "reasoning"}
    if part["text"]:
        yield {"type": "REASONING_MESSAGE_CONTENT", "messageId": id_, "delta": part["text"]}
    yield {"type": "REASONING_MESSAGE_END", "messageId": id_}


def _tool_call(part: Part) -> Iterator[dict[str, Any]]:
    call = {"toolCallId": call_id(part)}
    yield {"type": "TOOL_CALL_START", **call, "toolCallName": part.get("tool_name") or ""}
    if part["text"]:
        yield {"type": "TOOL_CALL_ARGS", **call, "delta": part["text"]}
    yield {"type": "TOOL_CALL_END", **call}
    if part.get("result") is not None:
        result = {"messageId": f"{part['id']}.result", "content": part["result"], "role": "tool"}
        yield {"type": "TOOL_CALL_RESULT", **call, **result}


_WRITERS = {"text": _text, "reasoning": _reasoning, "tool-call": _tool_call}


def _custom(part: Part) -> dict[str, Any]:
    return {"type": "CUSTOM", "name": f"streamwidget.{part['kind']}", "value": dict(part)}


def _usage(facts: RunFacts) -> dict[str, Any]:
    names = {"inputTokens": "input_tokens", "outputTokens": "output_tokens"}
    counts = {name: facts.run.get(ours) for name, ours in names.items()}
    return {name: count for name, count in counts.items() if count is not None}
