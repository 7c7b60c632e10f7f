"""One part of the document, and what callers receive of it: tool calls, steps, citations, usage.

Growing text is a list of pieces, joined when it is read, so that a delta costs the same however
long the text is. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, cast

from ..ops import Fields, Json
from .item_list import Items
from .values import SourceReference, Step, TokenUsage, ToolCall

TEXT_KINDS = frozenset({"text", "reasoning", "tool-call", "value"})
_GROWING = frozenset({"text", "items", "dropped"})
"""Fields that are stored outside of `Part.fields`, in a form that grows cheaply."""
_JOIN_COUNT = 1024
"""When so many pieces of text have arrived, they are joined into one; readers join the rest."""


class Part:
    """One ordered piece of the document: its fields, and growing text or items if it has them."""

    __slots__ = ("fields", "items", "join_at", "owner", "pieces")

    def __init__(self, fields: Fields) -> None:
        self.fields: Fields = {}
        self.items: Items | None = None
        """Rows, points or lines; None for kinds without items."""
        self.owner: object = None
        """Marks the document that may change this part; others copy it first."""
        self.pieces: list[str] = []
        """The text so far, in pieces."""
        self.join_at = _JOIN_COUNT
        """When the text has so many pieces, `append` joins the newest; below, a caller may add to
        `pieces` without it."""
        self.set(fields)

    @property
    def id(self) -> str:
        """Identifies the part within the document."""
        return str(self.fields["id"])

    @property
    def kind(self) -> str:
        """Kind of the part, such as `text` or `table` (ARCHITECTURE.md lists them)."""
        return str(self.fields["kind"])

    @property
    def state(self) -> str:
        """`open` or `closed`; of a step `running`, `done`, `failed` or `stopped`."""
        return str(self.fields["state"])

    @property
    def text(self) -> str:
        """The text so far; "" for kinds without text. Changes nothing: any thread may read."""
        return "".join(self.pieces)

    def append(self, text: str) -> None:
        """Append to the text."""
        pieces = self.pieces
        pieces.append(text)
        if len(pieces) >= self.join_at:
            joined_count = self.join_at - _JOIN_COUNT
            pieces[joined_count:] = ["".join(pieces[joined_count:])]
            self.join_at += 1

    def set(self, fields: Fields) -> None:
        """Merge fields; `text` and `items` among them replace the whole."""
        if "text" in fields:
            self.pieces = [str(fields["text"])] if fields["text"] else []
            self.join_at = len(self.pieces) + _JOIN_COUNT
        items, dropped = fields.get("items"), fields.get("dropped")
        if isinstance(items, list):
            self.items = Items(items, dropped if isinstance(dropped, int) else 0)
        self.fields.update(fields)
        for key in _GROWING & fields.keys():
            del self.fields[key]
        if self.items is not None:
            self.items.trim(self.fields.get("keep"))

    def copy(self) -> Part:
        """Return an independent part of the same content."""
        part = Part.__new__(Part)
        part.fields, part.pieces, part.owner = dict(self.fields), list(self.pieces), None
        part.join_at = self.join_at
        part.items = None if self.items is None else Items(self.items.kept, self.items.dropped)
        return part

    def extend(self, items: Sequence[Json]) -> None:
        """Append items."""
        if self.items is None:
            self.items = Items()
        self.items.extend(items)
        self.items.trim(self.fields.get("keep"))

    def put(self, puts: Iterable[tuple[int, Json]]) -> None:
        """Replace items at positions that count from the first item ever added."""
        if self.items is not None:
            self.items.put(puts)

    def to_wire(self) -> Fields:
        """Return all fields, with the joined text and the kept items if the kind has them."""
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


def tool_call(part: Part) -> ToolCall:
    """Return the tool call in a part of that kind."""
    call_id, result = part.fields.get("tool_call_id"), part.fields.get("result")
    return ToolCall(
        tool_call_id=None if call_id is None else str(call_id),
        tool_name=str(part.fields.get("tool_name") or ""),
        arguments_text=part.text,
        result=None if result is None else str(result),
        is_error=bool(part.fields.get("is_error")),
    )


def step_of(part: Part) -> Step:
    """Return the step in a part of that kind."""
    fields = cast("dict[str, Any]", part.fields)
    return Step(
        step_id=part.id,
        name=fields["name"],
        state=part.state,
        message=fields.get("message"),
        parent_id=fields["parent_id"],
        started_s=fields["started_s"],
        ended_s=fields["ended_s"],
    )


def source_of(part: Part) -> SourceReference:
    """Return the citation in a part of that kind."""
    fields = cast("dict[str, Any]", part.fields)
    return SourceReference(number=fields["number"], url=fields["url"], title=fields["title"])


def token_usage(run: Fields) -> TokenUsage | None:
    """Return the usage among the facts of a run; None if no tokens were reported."""
    if run.get("input_tokens") is None and run.get("output_tokens") is None:
        return None
    model = run.get("model")
    return TokenUsage(
        input_tokens=_count(run.get("input_tokens")),
        output_tokens=_count(run.get("output_tokens")),
        estimated=bool(run.get("usage_estimated")),
        model=model if isinstance(model, str) else None,
        cached_input_tokens=_count(run.get("cached_input_tokens")),
        cache_write_input_tokens=_count(run.get("cache_write_input_tokens")),
        reasoning_tokens=_count(run.get("reasoning_tokens")),
    )


def _count(value: object) -> int | None:
    return value if isinstance(value, int) else None
