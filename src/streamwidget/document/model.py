"""Parts and the document.

Growing text is a list of pieces, joined when it is read, so that a delta costs the same however
long the document is. `apply` makes ops and lets `apply_ops` carry them out: there is one way in
which a document changes, and replaying all ops on an empty document gives the document.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, cast

from ..events import Event, Usage
from ..ops import Fields, Json, Op
from .items import Items
from .translate import OPS_OF
from .values import TokenUsage, ToolCall

TEXT_KINDS = frozenset({"text", "reasoning", "tool-call"})
_GROWING = frozenset({"text", "items", "dropped"})
"""Fields that are kept outside of `Part.fields`, in a form that grows cheaply."""
ALIVE_STATES = frozenset({"open", "running"})


class Part:
    """One ordered piece of the document: its fields, and growing text or items if it has them."""

    __slots__ = ("_pieces", "fields", "items")

    def __init__(self, fields: Fields) -> None:
        self.fields: Fields = {}
        self.items: Items | None = None
        """Rows, points or lines; None for kinds that have none."""
        self._pieces: list[str] = []
        self.set(fields)

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

    def set(self, fields: Fields) -> None:
        """Merges fields; `text` and `items` among them replace the whole."""
        if "text" in fields:
            self._pieces = [str(fields["text"])] if fields["text"] else []
        items, dropped = fields.get("items"), fields.get("dropped")
        if isinstance(items, list):
            self.items = Items(items, dropped if isinstance(dropped, int) else 0)
        self.fields.update(fields)
        for key in _GROWING & fields.keys():
            del self.fields[key]
        if self.items is not None:
            self.items.trim(self.fields.get("keep"))

    def extend(self, items: Sequence[Json]) -> None:
        """Appends items."""
        if self.items is None:
            self.items = Items()
        self.items.extend(items)
        self.items.trim(self.fields.get("keep"))

    def put(self, puts: Iterable[tuple[int, Json]]) -> None:
        """Replaces items at positions that count from the first item ever."""
        if self.items is not None:
            self.items.put(puts)

    def to_wire(self) -> Fields:
        """All fields, with the joined text and the kept items where the kind has them."""
        wire = dict(self.fields)
        if self.kind in TEXT_KINDS:
            wire["text"] = self.text
        if self.items is not None:
            wire["items"] = list(self.items.kept)
            if self.items.dropped:
                wire["dropped"] = self.items.dropped
        return wire

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
        self.usage_by_call: dict[str, Usage] = {}
        """What was reported last for each model call; not part of the content."""

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

    @property
    def tool_calls(self) -> list[ToolCall]:
        """The calls that the caller is asked to make, in order; not those the provider runs."""
        calls = [part for part in self.parts if part.kind == "tool-call"]
        return [tool_call(part) for part in calls if not part.fields.get("by_provider")]

    @property
    def usage(self) -> TokenUsage | None:
        """Tokens of all model calls together; None if none were ever reported."""
        return token_usage(self.run)

    def part(self, part_id: str) -> Part | None:
        """The part of that id; None if there is none."""
        return self._by_id.get(part_id)

    def alive_parts(self) -> list[Part]:
        """Parts and steps that were started and have not ended, in order."""
        return [part for part in self.parts if part.state in ALIVE_STATES]

    def apply(self, event: Event) -> list[Op]:
        """Takes an event in and gives the ops that did it."""
        ops = OPS_OF[type(event)](self, event)
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
                    self.char_count -= len(part.text) if "text" in op["fields"] else 0
                    part.set(op["fields"])
                    self.char_count += len(part.text) if "text" in op["fields"] else 0
            elif op["op"] == "extend":
                if part := self._by_id.get(op["id"]):
                    part.extend(op["items"])
            elif op["op"] == "put":
                if part := self._by_id.get(op["id"]):
                    part.put(op["items"])
            elif op["op"] == "remove":
                self._remove(op["ids"])
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

    def _remove(self, part_ids: Iterable[str]) -> None:
        gone = [part for part_id in part_ids if (part := self._by_id.pop(part_id, None))]
        self.char_count -= sum(len(part.text) for part in gone)
        ids = {part.id for part in gone}
        self.parts = [part for part in self.parts if part.id not in ids]

    def _joined(self, kind: str) -> str:
        return "".join(part.text for part in self.parts if part.kind == kind)


def tool_call(part: Part) -> ToolCall:
    """The tool call that a part of that kind holds."""
    call_id, result = part.fields.get("tool_call_id"), part.fields.get("result")
    return ToolCall(
        tool_call_id=None if call_id is None else str(call_id),
        tool_name=str(part.fields.get("tool_name") or ""),
        arguments_text=part.text,
        result=None if result is None else str(result),
        is_error=bool(part.fields.get("is_error")),
    )


def token_usage(run: Fields) -> TokenUsage | None:
    """The usage that stands in the facts of a run."""
    told, gave = run.get("input_tokens"), run.get("output_tokens")
    if told is None and gave is None:
        return None
    return TokenUsage(
        input_tokens=told if isinstance(told, int) else None,
        output_tokens=gave if isinstance(gave, int) else None,
        estimated=bool(run.get("usage_estimated")),
    )
