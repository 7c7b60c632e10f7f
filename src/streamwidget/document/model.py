"""Parts and the document.

Growing text is a list of pieces, joined when it is read, so that a delta costs the same however
long the document is. `apply` makes ops and lets `apply_ops` carry them out: there is one way in
which a document changes, and replaying all ops on an empty document gives the document.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Any, cast

from ..events import Event, LogLine, Usage
from ..limits import DEFAULT_LIMITS, Limits
from ..ops import Fields, Json, Op
from .items import Items
from .metric import MetricData
from .table import TableData
from .translate import ALIVE, OPS_OF
from .values import SourceReference, Step, TokenUsage, ToolCall, ValueData

TEXT_KINDS = frozenset({"text", "reasoning", "tool-call", "value"})
_GROWING = frozenset({"text", "items", "dropped"})
"""Fields that are kept outside of `Part.fields`, in a form that grows cheaply."""


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
    """What a run has given so far; two documents are equal when their content is.

    The content is what a page can show. All rows, points and lines are kept beside it, made from
    the events that the document took in.
    """

    def __init__(self, limits: Limits = DEFAULT_LIMITS) -> None:
        self.limits = limits
        self.run: Fields = {}
        """Facts of the run: `source`, `format`, `outcome`, `finish_reason`."""
        self.parts: list[Part] = []
        self.char_count = 0
        """Characters (code points) in all parts' text."""
        self.markdown: bool | None = None
        """Whether text is Markdown; None: all text is, except raw text that a program prints."""
        self.images: str | list[str] = "none"
        """Which pictures in Markdown the page may load: `none`, `data`, `click`, or origins."""
        self.printed = False
        """Whether raw text is what a program prints."""
        self._by_id: dict[str, Part] = {}
        self._made_count = 0
        self.usage_by_call: dict[str, Usage] = {}
        """What was reported last for each model call; not part of the content."""
        self.tables: dict[str, TableData] = {}
        """All rows of each table, by the ids of their parts."""
        self.values: dict[str, ValueData] = {}
        self.metrics: dict[str, MetricData] = {}
        self.log_lines: deque[LogLine] = deque(maxlen=limits.kept_log_lines_count)
        self.line_count = 0
        self.row_count = 0
        """Rows of all tables together."""
        self.point_count = 0
        """Points of all metrics together."""
        self.source_ids: dict[str, str] = {}
        """From a source's address to the id of its part."""
        self.renderer_of: Callable[[str], str | None] = lambda _: None
        """The model that holds the renderer of a custom kind; whoever shows the document knows."""

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
    def shows_plain(self) -> bool:
        """Whether a text part that starts now is shown as it is: monospaced, and no Markdown."""
        if self.markdown is not None:
            return not self.markdown
        return self.printed and self.format in (None, "text")

    @property
    def tool_calls(self) -> list[ToolCall]:
        """The calls that the caller is asked to make, in order; not those the provider runs."""
        calls = [part for part in self.parts if part.kind == "tool-call"]
        return [tool_call(part) for part in calls if not part.fields.get("by_provider")]

    @property
    def steps(self) -> list[Step]:
        """All steps in the order of their starts."""
        return [step_of(part) for part in self.parts if part.kind == "step"]

    @property
    def sources(self) -> list[SourceReference]:
        """What the text refers to, by number."""
        return [source_of(part) for part in self.parts if part.kind == "source"]

    @property
    def usage(self) -> TokenUsage | None:
        """Tokens of all model calls together; None if none were ever reported."""
        return token_usage(self.run)

    def part(self, part_id: str) -> Part | None:
        """The part of that id; None if there is none."""
        return self._by_id.get(part_id)

    def alive_parts(self) -> list[Part]:
        """Parts and steps that were started and have not ended, in order."""
        return [part for part in self.parts if part.state in ALIVE]

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
        for part_id in ids:
            table, metric = self.tables.pop(part_id, None), self.metrics.pop(part_id, None)
            self.row_count -= table.row_count if table else 0
            self.point_count -= metric.point_count if metric else 0
            self.values.pop(part_id, None)
        self.source_ids = {key: id_ for key, id_ in self.source_ids.items() if id_ not in ids}
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


def step_of(part: Part) -> Step:
    """The step that a part of that kind holds."""
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
    """The reference that a part of that kind holds."""
    fields = cast("dict[str, Any]", part.fields)
    return SourceReference(number=fields["number"], url=fields["url"], title=fields["title"])


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
