"""Events to ops: one function for each event, found by its class.

Reads the document, but changes its parts only through ops.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from ..errors import Fault
from ..events import (
    STATUS_OF,
    Failure,
    Notice,
    Progress,
    ReasoningDelta,
    ReasoningEnd,
    ReasoningStart,
    Reset,
    RunEnd,
    RunStart,
    StepEnd,
    StepStart,
    TextDelta,
    TextEnd,
    TextStart,
    ToolCallDelta,
    ToolCallEnd,
    ToolCallStart,
    ToolResult,
    Unknown,
    Usage,
)
from ..limits import is_token_count
from ..ops import Fields, Op, add_op, set_op
from .translate_controls import CONTROL_OPS_OF, KIND_OF_CONTROLS
from .translate_data import CLOSE, DATA_OPS_OF, KIND_OF_DATA, close_open, close_part

if TYPE_CHECKING:
    from .model import Document
    from .part import Part


def _text_start(document: Document, event: TextStart) -> list[Op]:
    if document.part(event.part_id):
        return []  # two starts are one
    fields: Fields = {"plain": True} if document.shows_plain or event.stream else {}
    if event.stream == "stderr":
        fields["stream"] = "stderr"
    return [add_op(event.part_id, "text", "open", step_id=event.step_id, text="", **fields)]


def _reasoning_start(document: Document, event: ReasoningStart) -> list[Op]:
    if document.part(event.part_id):
        return []
    times = {"started_s": event.at_s, "ended_s": None}
    return [add_op(event.part_id, "reasoning", "open", step_id=event.step_id, text="", **times)]


def _text_delta(document: Document, event: TextDelta) -> list[Op]:
    append: Op = {"op": "append", "id": event.part_id, "text": event.text}
    if document.part(event.part_id):
        return [append]
    return [*_text_start(document, TextStart(event.part_id)), append]


def _reasoning_delta(document: Document, event: ReasoningDelta) -> list[Op]:
    append: Op = {"op": "append", "id": event.part_id, "text": event.text}
    if document.part(event.part_id):
        return [append]
    return [*_reasoning_start(document, ReasoningStart(event.part_id)), append]


def _reasoning_end(document: Document, event: ReasoningEnd) -> list[Op]:
    return close_open(document, event.part_id, {"ended_s": event.at_s})


def _tool_call_start(document: Document, event: ToolCallStart) -> list[Op]:
    if part := document.part(event.part_id):
        known = {"tool_name": event.tool_name, "tool_call_id": event.tool_call_id}
        is_late = not part.fields.get("tool_call_id")
        late: Fields = {
            k: v
            for k, v in known.items()
            if v and v != part.fields.get(k) and (k == "tool_name" or is_late)
        }
        return [set_op(event.part_id, late)] if late else []
    return [
        add_op(
            event.part_id,
            "tool-call",
            "open",
            step_id=event.step_id,
            tool_name=event.tool_name,
            tool_call_id=event.tool_call_id,
            by_provider=event.by_provider,
            result=None,
            is_error=False,
            started_s=event.at_s,
            ended_s=None,
            text="",
        )
    ]


def _tool_call_delta(document: Document, event: ToolCallDelta) -> list[Op]:
    ops = _tool_call_start(document, ToolCallStart(event.part_id, event.tool_name or ""))
    if event.arguments_text:
        ops.append({"op": "append", "id": event.part_id, "text": event.arguments_text})
    return ops


def _tool_call_end(document: Document, event: ToolCallEnd) -> list[Op]:
    ops = _tool_call_start(document, ToolCallStart(event.part_id, at_s=event.at_s))
    fields: Fields = {"state": "closed"}
    part = document.part(event.part_id)
    text = event.arguments_text
    if text is not None and (part is None or part.text != text):
        fields["text"] = text
    return [*ops, set_op(event.part_id, fields)]


def _tool_result(document: Document, event: ToolResult) -> list[Op]:
    fields: Fields = {"result": event.result, "is_error": event.is_error, "state": "closed"}
    fields["ended_s"] = event.at_s
    if event.is_denied:
        fields["is_denied"] = True
    ops: list[Op] = []
    if document.part(event.part_id) is None:  # a result without its call
        start = ToolCallStart(event.part_id, by_provider=True, at_s=event.at_s)
        ops = _tool_call_start(document, start)
    return [*ops, set_op(event.part_id, fields)]


_COUNTS: Final = (
    "input_tokens",
    "output_tokens",
    "cached_input_tokens",
    "cache_write_input_tokens",
    "reasoning_tokens",
)
"""The counts of a usage event, which are run facts under the same names."""


def _usage(document: Document, event: Usage) -> list[Op]:
    calls = document.usage_by_call
    impossible: dict[str, Any] = {n: None for n in _COUNTS if not _is_possible(event, n)}
    event = replace(event, **impossible) if impossible else event
    known = calls.get(event.call)
    if known is not None:
        kept = {
            name: getattr(known, name)
            for name in (*_COUNTS, "model")
            if getattr(event, name) is None
        }
        event = replace(event, **kept)
    calls[event.call] = event
    fields: Fields = {
        name: _total(getattr(call, name) for call in calls.values()) for name in _COUNTS
    }
    fields["model"] = event.model or document.run.get("model")
    fields["usage_estimated"] = any(call.estimated for call in calls.values())
    reported = {
        name: value
        for name, value in fields.items()
        if value is not None or name in ("input_tokens", "output_tokens")
    }
    return [{"op": "run", "fields": reported}]


def _is_possible(event: Usage, name: str) -> bool:
    count = getattr(event, name)
    return count is None or is_token_count(count)


def _total(counts: Iterable[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if known else None


def _reset(document: Document, _: Reset) -> list[Op]:
    steps = [at for at, part in enumerate(document.parts) if part.kind == "step"]
    start = steps[-1] + 1 if steps else 0
    ids = [part.id for part in document.parts[start:] if part.kind != "log"]
    return [{"op": "remove", "ids": ids}] if ids else []


def _step_start(document: Document, event: StepStart) -> list[Op]:
    if document.part(event.step_id):
        return []
    return [
        add_op(
            event.step_id,
            "step",
            "running",
            step_id=event.parent_id,
            parent_id=event.parent_id,
            name=event.name,
            message=None,
            started_s=event.at_s,
            ended_s=None,
        )
    ]


def _step_end(document: Document, event: StepEnd) -> list[Op]:
    part = document.part(event.step_id)
    if part is None or part.state != "running":
        return []
    fields: Fields = {"state": event.state, "ended_s": event.at_s}
    if event.message is not None:
        fields["message"] = event.message
    return [set_op(event.step_id, fields)]


def _progress(document: Document, event: Progress) -> list[Op]:
    if event.removed:
        return [{"op": "remove", "ids": [event.part_id]}]
    done = event.ended or (event.total is not None and event.completed >= event.total)
    fields: Fields = {
        "state": "closed" if done else "open",
        "completed": event.completed,
        "total": event.total,
        "unit": event.unit,
        "message": event.message,
        "label": event.label,
        "updated_s": event.at_s,
    }
    if document.part(event.part_id):
        return [set_op(event.part_id, fields)]
    identity: Fields = {"id": event.part_id, "kind": "progress", "step_id": event.step_id}
    identity["started_s"] = event.at_s
    return [{"op": "add", "part": identity | fields}]


def _notice(document: Document, event: Notice) -> list[Op]:
    fields: Fields = {"message": event.message, "level": event.level, "at_s": event.at_s}
    if event.part_id is not None and document.part(event.part_id):
        return [{"op": "set", "id": event.part_id, "fields": fields}]
    part_id = event.part_id or document.made_id()
    return [add_op(part_id, "notice", "closed", step_id=None, **fields)]


def _failure(document: Document, event: Failure) -> list[Op]:
    return [
        add_op(
            document.made_id(),
            "error",
            "closed",
            step_id=event.step_id,
            message=event.message,
            hint=event.hint or (HINTS.get(event.fault) if event.fatal else None),
            fatal=event.fatal,
            at_s=event.at_s,
            fault=event.fault,
            error_type=event.error_type,
            retryable=event.retryable,
            code=event.code,
            detail=event.detail,
        )
    ]


def _unknown(document: Document, event: Unknown) -> list[Op]:
    fields = {"name": event.name, "data": event.data, "at_s": event.at_s}
    return [add_op(document.made_id(), "unknown", "closed", step_id=None, **fields)]


def _run_start(document: Document, event: RunStart) -> list[Op]:
    document.printed = event.printed
    fields: Fields = {"source": event.source, "format": event.format}
    if document.images != "none":
        fields["images"] = (
            list(document.images) if isinstance(document.images, list) else document.images
        )
    if document.height is not None:
        fields["height"] = document.height
    return [{"op": "run", "fields": fields}]


def _run_end(document: Document, event: RunEnd) -> list[Op]:
    ops: list[Op] = []
    for part in document.parts:
        if part.state in ALIVE:
            ops += _close(document, part, event)
        elif part.kind == "tool-call" and part.fields.get("ended_s") is None:
            ops.append(set_op(part.id, {"ended_s": event.at_s}))  # its result never arrived
    fields: Fields = {
        "status": STATUS_OF[event.outcome],
        "finish_reason": event.finish_reason,
        "raw_finish_reason": event.raw_finish_reason,
    }
    return [*ops, {"op": "run", "fields": fields}]


def _close(document: Document, part: Part, event: RunEnd) -> list[Op]:
    if part.kind == "step":
        state = _STEP_STATE[event.outcome]
        return [set_op(part.id, {"state": state, "ended_s": event.at_s})]
    if part.kind in CLOSE:
        return CLOSE[part.kind](document, part)
    fields: Fields = {"state": "closed"}
    if part.kind in TIMED:
        fields["ended_s"] = event.at_s
    return [set_op(part.id, fields)]


ALIVE = frozenset({"open", "running"})
TIMED = frozenset({"ask", "reasoning", "tool-call"})
_STEP_STATE = {"complete": "done", "failed": "failed", "cut": "failed", "stopped": "stopped"}


HINTS: dict[Fault, str] = {
    "decode": "The data matches no known format. Check the URL, or pass format=...",
    "limit": "Request less data, or pass limits=Limits(...) with a greater bound.",
}
"""Default hints for fatal failures by fault; for other faults the message says what to do.

Only a connection error knows whether a retry helps: a general hint could contradict it.
"""


KIND_OF: dict[type, tuple[str, str]] = {
    TextStart: ("text", "part_id"),
    TextDelta: ("text", "part_id"),
    TextEnd: ("text", "part_id"),
    ReasoningStart: ("reasoning", "part_id"),
    ReasoningDelta: ("reasoning", "part_id"),
    ReasoningEnd: ("reasoning", "part_id"),
    ToolCallStart: ("tool-call", "part_id"),
    ToolCallDelta: ("tool-call", "part_id"),
    ToolCallEnd: ("tool-call", "part_id"),
    ToolResult: ("tool-call", "part_id"),
    StepStart: ("step", "step_id"),
    StepEnd: ("step", "step_id"),
    Progress: ("progress", "part_id"),
    **KIND_OF_DATA,
    **KIND_OF_CONTROLS,
}
"""The kind of part that an event addresses, and the field that holds the id."""


OPS_OF: dict[type, Callable[[Document, Any], list[Op]]] = {
    RunStart: _run_start,
    RunEnd: _run_end,
    StepStart: _step_start,
    StepEnd: _step_end,
    TextStart: _text_start,
    TextDelta: _text_delta,
    TextEnd: close_part,
    ReasoningStart: _reasoning_start,
    ReasoningDelta: _reasoning_delta,
    ReasoningEnd: _reasoning_end,
    ToolCallStart: _tool_call_start,
    ToolCallDelta: _tool_call_delta,
    ToolCallEnd: _tool_call_end,
    ToolResult: _tool_result,
    Usage: _usage,
    Reset: _reset,
    Progress: _progress,
    Notice: _notice,
    Failure: _failure,
    Unknown: _unknown,
    **DATA_OPS_OF,
    **CONTROL_OPS_OF,
}
