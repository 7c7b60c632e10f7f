"""Events of questions and knobs to ops: what a job asks its reader, and what the reader sets.

Reads the document, but changes its parts only through ops.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..characters import clean
from ..events import AskEnd, AskRejected, AskStart, Knob
from ..ops import Fields, Op, add_op, set_op
from .table_cells import plain_json

if TYPE_CHECKING:
    from .model import Document


def _ask_start(document: Document, event: AskStart) -> list[Op]:
    if document.part(event.part_id):
        return []  # two starts are one
    known: Fields = {
        "about_part_id": event.about_part_id,
        "detail": event.detail,
        "default": _plain(event.default),
        "timeout_s": event.timeout_s,
        "decline": event.decline,
        "hint": event.hint,
    }
    return [
        add_op(
            event.part_id,
            "ask",
            "open",
            step_id=event.step_id,
            question=event.question,
            options=[clean(label) for label in event.options],
            fields=_plain(event.fields),
            outcome=None,
            answer=None,
            started_s=event.at_s,
            ended_s=None,
            **{name: value for name, value in known.items() if value is not None},
        )
    ]


def _ask_rejected(document: Document, event: AskRejected) -> list[Op]:
    part = document.part(event.part_id)
    if part is None or part.state != "open":
        return []
    return [set_op(event.part_id, {"problem": event.message, "problem_s": event.at_s})]


def _ask_end(document: Document, event: AskEnd) -> list[Op]:
    part = document.part(event.part_id)
    if part is None or part.state != "open":
        return []
    fields: Fields = {"state": "closed", "outcome": event.outcome, "ended_s": event.at_s}
    fields |= {"answer": _plain(event.answer), "problem": None}
    if event.by_default:
        fields["by_default"] = True
    return [set_op(event.part_id, fields)]


def _knob(document: Document, event: Knob) -> list[Op]:
    fields: Fields = {
        "name": event.name,
        "value": event.value,
        "minimum": event.minimum,
        "maximum": event.maximum,
        "step": event.step,
        "is_log": event.is_log,
        "by_reader": event.by_reader,
        "updated_s": event.at_s,
    }
    part = document.part(event.part_id)
    if part is None:
        return [add_op(event.part_id, "knob", "open", step_id=event.step_id, **fields)]
    changed = {name: value for name, value in fields.items() if part.fields.get(name) != value}
    return [set_op(event.part_id, changed)] if changed else []


def _plain(value: object) -> Any:
    """Return `value` as JSON with surrogates repaired."""
    return json.loads(clean(json.dumps(plain_json(value), ensure_ascii=False)))


CONTROL_OPS_OF: dict[type, Callable[[Document, Any], list[Op]]] = {
    AskStart: _ask_start,
    AskRejected: _ask_rejected,
    AskEnd: _ask_end,
    Knob: _knob,
}

KIND_OF_CONTROLS: dict[type, tuple[str, str]] = {
    AskStart: ("ask", "part_id"),
    AskRejected: ("ask", "part_id"),
    AskEnd: ("ask", "part_id"),
    Knob: ("knob", "part_id"),
}
