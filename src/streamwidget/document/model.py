"""Parts and the document, and the table that turns each event into ops.

Growing text is a list of pieces, joined when it is read, so that a delta costs the same however
long the document is. `apply` makes ops and lets `apply_ops` carry them out: there is one way in
which a document changes, and replaying all ops on an empty document gives the document.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, cast

from ..events import (
    Event,
    Failure,
    Notice,
    Progress,
    ReasoningDelta,
    ReasoningEnd,
    ReasoningStart,
    RunEnd,
    RunStart,
    StepEnd,
    StepStart,
    TextDelta,
    TextEnd,
    TextStart,
    Unknown,
)
from ..ops import Fields, Op

TEXT_KINDS = frozenset({"text", "reasoning"})
ALIVE_STATES = frozenset({"open", "running"})


class Part:
    """One ordered piece of the document: its fields, and its growing text if its kind has one."""

    __slots__ = ("_pieces", "fields")

    def __init__(self, fields: Fields) -> None:
        self.fields = {key: value for key, value in fields.items() if key != "text"}
        self._pieces: list[str] = []
        if text := fields.get("text"):
            self._pieces.append(str(text))

    @property
    def id(self) -> str:
        return str(self.fields["id"])

    @property
    def kind(self) -> str:
        return str(self.fields["kind"])

    @property
    def state(self) -> str:
        return str(self.fields["state"])

    @property
    def text(self) -> str:
        """The text so far; "" for kinds that have none."""
        if len(self._pieces) > 1:
            self._pieces[:] = ["".join(self._pieces)]
        return self._pieces[0] if self._pieces else ""

    def append(self, text: str) -> None:
        self._pieces.append(text)

    def to_wire(self) -> Fields:
        """All fields, with the joined text where the kind has one."""
        return {**self.fields, "text": self.text} if self.kind in TEXT_KINDS else dict(self.fields)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Part) and self.to_wire() == other.to_wire()

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Part({self.id!r}, {self.kind!r}, {self.state!r}, {len(self.text)} chars)"


class Document:
    """What a run has given so far; two documents are equal when their content is."""

    def __init__(self) -> None:
        self.run: Fields = {}
        """Facts of the run: `source`, `format`, `outcome`, `finish_reason`."""
        self.parts: list[Part] = []
        self.char_count = 0
        """Characters (code points) in all parts' text."""
        self._by_id: dict[str, Part] = {}
        self._made_count = 0

    @property
    def text(self) -> str:
        """All text parts in order, with nothing between them."""
        return self._joined("text")

    @property
    def reasoning(self) -> str:
        """All reasoning parts in order, with nothing between them."""
        return self._joined("reasoning")

    @property
    def format(self) -> str | None:
        """Name of the format that was told or detected; None while it is not known."""
        return cast("str | None", self.run.get("format"))

    def part(self, part_id: str) -> Part | None:
        """The part of that id; None if there is none."""
        return self._by_id.get(part_id)

    def alive_parts(self) -> list[Part]:
        """Parts and steps that were started and have not ended, in order."""
        return [part for part in self.parts if part.state in ALIVE_STATES]

    def apply(self, event: Event) -> list[Op]:
        """Takes an event in and gives the ops that did it."""
        ops = _OPS_OF[type(event)](self, event)
        self.apply_ops(ops)
        return ops

    def apply_ops(self, ops: Iterable[Op]) -> None:
        """Carries ops out; ids that the document does not have are ignored."""
        for op in ops:
            if op["op"] == "append":
                if part := self._by_id.get(op["id"]):
                    part.append(op["text"])
                    self.char_count += len(op["text"])
            elif op["op"] == "add":
                self._add(Part(op["part"]))
            elif op["op"] == "set":
                if part := self._by_id.get(op["id"]):
                    part.fields.update(op["fields"])
            else:
                self.run.update(op["fields"])

    def snapshot(self) -> dict[str, Any]:
        """The whole document as wire values: `{run, parts}`."""
        return {"run": dict(self.run), "parts": [part.to_wire() for part in self.parts]}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Document) and self.snapshot() == other.snapshot()

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Document({len(self.parts)} parts, {self.char_count} chars, format={self.format!r})"

    def made_id(self) -> str:
        """An id for a part whose event brings none (notices, errors, unknown records)."""
        self._made_count += 1
        return f"_{self._made_count}"

    def _add(self, part: Part) -> None:
        self.parts.append(part)
        self._by_id[part.id] = part
        self.char_count += len(part.text)

    def _joined(self, kind: str) -> str:
        return "".join(part.text for part in self.parts if part.kind == kind)


# --- events to ops: one function per event, found by its class --------------------------------


def _add(part_id: str, kind: str, state: str, **fields: Any) -> Op:
    return {"op": "add", "part": {"id": part_id, "kind": kind, "state": state, **fields}}


def _start(kind: str) -> Callable[[Document, Any], list[Op]]:
    def ops(document: Document, event: TextStart | ReasoningStart) -> list[Op]:
        if document.part(event.part_id):
            return []  # two starts are one
        return [_add(event.part_id, kind, "open", step_id=event.step_id, text="")]

    return ops


def _delta(kind: str) -> Callable[[Document, Any], list[Op]]:
    def ops(document: Document, event: TextDelta | ReasoningDelta) -> list[Op]:
        append: Op = {"op": "append", "id": event.part_id, "text": event.text}
        if document.part(event.part_id):
            return [append]
        return [_add(event.part_id, kind, "open", step_id=None, text=""), append]

    return ops


def _end(document: Document, event: TextEnd | ReasoningEnd) -> list[Op]:
    part = document.part(event.part_id)
    if part is None or part.state != "open":
        return []  # an end without a start, or the second one
    return [{"op": "set", "id": event.part_id, "fields": {"state": "closed"}}]


def _step_start(document: Document, event: StepStart) -> list[Op]:
    if document.part(event.step_id):
        return []
    return [
        _add(
            event.step_id,
            "step",
            "running",
            step_id=event.parent_id,
            parent_id=event.parent_id,
            name=event.name,
            started_s=event.at_s,
            ended_s=None,
        )
    ]


def _step_end(document: Document, event: StepEnd) -> list[Op]:
    part = document.part(event.step_id)
    if part is None or part.state != "running":
        return []
    fields: Fields = {"state": event.state, "ended_s": event.at_s}
    return [{"op": "set", "id": event.step_id, "fields": fields}]


def _progress(document: Document, event: Progress) -> list[Op]:
    done = event.total is not None and event.completed >= event.total
    fields: Fields = {
        "state": "closed" if done else "open",
        "completed": event.completed,
        "total": event.total,
        "unit": event.unit,
        "message": event.message,
    }
    if document.part(event.part_id):
        return [{"op": "set", "id": event.part_id, "fields": fields}]
    identity: Fields = {"id": event.part_id, "kind": "progress", "step_id": event.step_id}
    return [{"op": "add", "part": identity | fields}]


def _notice(document: Document, event: Notice) -> list[Op]:
    fields = {"message": event.message, "level": event.level}
    return [_add(document.made_id(), "notice", "closed", step_id=None, **fields)]


def _failure(document: Document, event: Failure) -> list[Op]:
    return [
        _add(
            document.made_id(),
            "error",
            "closed",
            step_id=None,
            message=event.message,
            fault=event.fault,
            error_type=event.error_type,
            retryable=event.retryable,
            code=event.code,
            detail=event.detail,
        )
    ]


def _unknown(document: Document, event: Unknown) -> list[Op]:
    fields = {"name": event.name, "data": event.data}
    return [_add(document.made_id(), "unknown", "closed", step_id=None, **fields)]


def _run_start(_: Document, event: RunStart) -> list[Op]:
    return [{"op": "run", "fields": {"source": event.source, "format": event.format}}]


def _run_end(document: Document, event: RunEnd) -> list[Op]:
    ops: list[Op] = [_close(part, event) for part in document.alive_parts()]
    fields: Fields = {"outcome": event.outcome, "finish_reason": event.finish_reason}
    return [*ops, {"op": "run", "fields": fields}]


def _close(part: Part, event: RunEnd) -> Op:
    if part.kind != "step":
        return {"op": "set", "id": part.id, "fields": {"state": "closed"}}
    fields: Fields = {"state": _STEP_STATE[event.outcome], "ended_s": event.at_s}
    return {"op": "set", "id": part.id, "fields": fields}


_STEP_STATE = {"complete": "done", "failed": "failed", "cut": "failed", "stopped": "stopped"}


_OPS_OF: dict[type, Callable[[Document, Any], list[Op]]] = {
    RunStart: _run_start,
    RunEnd: _run_end,
    StepStart: _step_start,
    StepEnd: _step_end,
    TextStart: _start("text"),
    TextDelta: _delta("text"),
    TextEnd: _end,
    ReasoningStart: _start("reasoning"),
    ReasoningDelta: _delta("reasoning"),
    ReasoningEnd: _end,
    Progress: _progress,
    Notice: _notice,
    Failure: _failure,
    Unknown: _unknown,
}
