"""The document: an ordered list of parts, and all rows, points and values behind them.

`apply` turns an event into ops, and only `apply_ops` changes a document: replaying all ops on an
empty document gives an equal document.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast

from ..events import Event, TextDelta, Usage
from ..limits import DEFAULT_LIMITS, Limits
from ..ops import Fields, Op
from .log_lines import LogLines
from .metric import MetricData
from .part import Part, source_of, step_of, token_usage, tool_call
from .table_data import TableData
from .translate import ALIVE, KIND_OF, OPS_OF
from .values import SourceReference, Step, TokenUsage, ToolCall, ValueData

if TYPE_CHECKING:
    from typing_extensions import Self


def _no_renderer(_: str) -> None:
    """Return None: no renderer is registered."""


class _Owned(Protocol):
    owner: object

    def copy(self) -> Self: ...


D = TypeVar("D", bound=_Owned)


class Document:
    """The state of a run so far; two documents are equal if their content is.

    The content is what a page can show. Beside it the document keeps all rows, points and lines of
    the events that it has applied.
    """

    def __init__(self, limits: Limits = DEFAULT_LIMITS) -> None:
        self.limits = limits
        self.run: Fields = {}
        """Facts of the run: `source`, `format`, `status`, `finish_reason`."""
        self.char_count = 0
        """Characters (code points) of text in all parts."""
        self.markdown: bool | None = None
        """True if text is Markdown; None: all text except the raw output of a program."""
        self.images: str | list[str] = "none"
        """Which pictures in Markdown the page may load: `none`, `data`, `click`, or origins."""
        self.height: int | None = None
        """Height of the box that the page shows the run in, in CSS pixels; None: the page's own."""
        self.printed = False
        """True if raw text is the output of a program."""
        self._by_id: dict[str, Part] = {}
        self._token = object()
        """Marks what this document may change; everything else is shared with copies."""
        self.made_count = 0
        """Number of ids created for parts whose events have none."""
        self.usage_by_call: dict[str, Usage] = {}
        """The last usage of each model call; not part of the content."""
        self.tables: dict[str, TableData] = {}
        """All rows of each table, by part id."""
        self.values: dict[str, ValueData] = {}
        self.metrics: dict[str, MetricData] = {}
        self.log_lines = LogLines(limits.kept_log_lines_count)
        self.line_count = 0
        self.row_count = 0
        """Rows of all tables together."""
        self.point_count = 0
        """Points of all metrics together."""
        self.series_count = 0
        """Series of all metrics together."""
        self.removed_count = 0
        """How often parts were removed, for callers that cache lists of parts."""
        self.source_ids: dict[str, str] = {}
        """Part ids of citations by address."""
        self.renderer_of: Callable[[str], str | None] = _no_renderer
        """Returns the model that holds the renderer of a custom kind; set by the view."""

    @property
    def parts(self) -> list[Part]:
        """The parts in order; a new list at each call."""
        return list(self._by_id.values())

    @property
    def part_count(self) -> int:
        """Number of parts."""
        return len(self._by_id)

    @property
    def text(self) -> str:
        """All text parts in order, with nothing between them."""
        return "".join(self.pieces("text"))

    @property
    def reasoning(self) -> str:
        """All reasoning parts in order, with nothing between them."""
        return "".join(self.pieces("reasoning"))

    @property
    def format(self) -> str | None:
        """Name of the format that was passed or detected; None while it is unknown."""
        return cast("str | None", self.run.get("format"))

    @property
    def shows_plain(self) -> bool:
        """True if a text part that starts now is shown unchanged (monospaced) and not as
        Markdown."""
        if self.markdown is not None:
            return not self.markdown
        return self.printed and self.format in (None, "text")

    @property
    def tool_calls(self) -> list[ToolCall]:
        """The tool calls that the caller should run, in order; not those that the provider runs."""
        calls = [part for part in self.parts if part.kind == "tool-call"]
        return [tool_call(part) for part in calls if not part.fields.get("by_provider")]

    @property
    def steps(self) -> list[Step]:
        """All steps in the order of their starts."""
        return [step_of(part) for part in self.parts if part.kind == "step"]

    @property
    def sources(self) -> list[SourceReference]:
        """The citations, by number."""
        return [source_of(part) for part in self.parts if part.kind == "source"]

    @property
    def usage(self) -> TokenUsage | None:
        """Tokens of all model calls together; None if none were reported."""
        return token_usage(self.run)

    def part(self, part_id: str) -> Part | None:
        """Return the part with that id; None if there is none."""
        return self._by_id.get(part_id)

    def alive_parts(self) -> list[Part]:
        """Return the parts and steps that have started and not ended, in order."""
        return [part for part in self.parts if part.state in ALIVE]

    def apply(self, event: Event) -> list[Op]:
        """Apply an event and return the ops that it became."""
        if type(event) is TextDelta:  # most events; the general path costs three times as much
            part = self._by_id.get(event.part_id)
            if part is not None and part.owner is self._token and part.fields["kind"] == "text":
                if len(part.pieces) + 1 < part.join_at:
                    part.pieces.append(event.text)
                else:
                    part.append(event.text)
                self.char_count += len(event.text)
                return [{"op": "append", "id": event.part_id, "text": event.text}]
        addressed = KIND_OF.get(type(event))
        if addressed is not None:
            kind, name = addressed
            part = self._by_id.get(getattr(event, name))
            if part is not None and part.fields["kind"] != kind:
                # the producer of the events used one id for two kinds
                event = replace(cast("Any", event), **{name: f"{part.id}/{kind}"})
        ops = OPS_OF[type(event)](self, event)
        self.apply_ops(ops)
        return ops

    def apply_ops(self, ops: Iterable[Op]) -> None:
        """Apply ops; ids that the document does not have are ignored."""
        for op in ops:
            if op["op"] == "append":
                if part := self._mine(op["id"]):
                    part.append(op["text"])
                    self.char_count += len(op["text"])
            elif op["op"] == "add":
                self._add(Part(op["part"]))
            elif op["op"] == "set":
                if part := self._mine(op["id"]):
                    self.char_count -= len(part.text) if "text" in op["fields"] else 0
                    part.set(op["fields"])
                    self.char_count += len(part.text) if "text" in op["fields"] else 0
            elif op["op"] == "extend":
                if part := self._mine(op["id"]):
                    part.extend(op["items"])
            elif op["op"] == "put":
                if part := self._mine(op["id"]):
                    part.put(op["items"])
            elif op["op"] == "remove":
                self._remove(op["ids"])
            else:
                self.run.update(op["fields"])

    def snapshot(self) -> dict[str, Any]:
        """Return the whole document as wire values: `{run, parts}`."""
        return {"run": dict(self.run), "parts": [part.to_wire() for part in self.parts]}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Document) and self.snapshot() == other.snapshot()

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Document({len(self.parts)} parts, {self.char_count} chars, format={self.format!r})"

    def made_id(self) -> str:
        """Return a new id for a part whose event has none (notices, errors, unknown records)."""
        self.made_count += 1
        while f"_{self.made_count}" in self._by_id:  # a job may have chosen such an id
            self.made_count += 1
        return f"_{self.made_count}"

    def copy(self) -> Document:
        """Return an independent document of the same content; unchanged data stays shared.

        Costs a few pointers for each part, and a copy of each part, table and series that one of
        the two changes afterwards.
        """
        document = Document(self.limits)
        token = document._token
        vars(document).update(
            {
                name: value.copy() if isinstance(value, (dict, LogLines)) else value
                for name, value in vars(self).items()
            }
        )
        document._token, self._token = token, object()
        return document

    def refresh_renderers(self) -> None:
        """Look up the renderers of custom parts again: those of another process are not here."""
        for part in self.parts:
            if part.kind == "custom":
                renderer = self.renderer_of(str(part.fields.get("name")))
                if renderer != part.fields.get("renderer") and (mine := self._mine(part.id)):
                    mine.set({"renderer": renderer})

    def restore_parts(self, parts: Iterable[Part]) -> None:
        """Append saved parts."""
        for part in parts:
            self._add(part)

    def own(self, things: dict[str, D], part_id: str) -> D | None:
        """Return a table, value or metric of this document to change it; None if there is none."""
        thing = things.get(part_id)
        if thing is not None and thing.owner is not self._token:
            thing = things[part_id] = thing.copy()
            thing.owner = self._token
        return thing

    def adopt(self, things: dict[str, D], part_id: str, thing: D) -> D:
        """Put a new table, value or metric into this document."""
        thing.owner = self._token
        things[part_id] = thing
        return thing

    def _mine(self, part_id: str) -> Part | None:
        part = self._by_id.get(part_id)
        if part is not None and part.owner is not self._token:
            part = self._by_id[part_id] = part.copy()
            part.owner = self._token
        return part

    def _add(self, part: Part) -> None:
        part.owner = self._token
        self._by_id[part.id] = part
        self.char_count += len(part.text)

    def _remove(self, part_ids: Iterable[str]) -> None:
        removed = [part for part_id in part_ids if (part := self._by_id.pop(part_id, None))]
        self.char_count -= sum(len(part.text) for part in removed)
        ids = {part.id for part in removed}
        self.removed_count += bool(ids)
        for part_id in ids:
            table, metric = self.tables.pop(part_id, None), self.metrics.pop(part_id, None)
            self.row_count -= table.row_count if table else 0
            self.point_count -= metric.point_count if metric else 0
            self.series_count -= len(metric.series) if metric else 0
            self.values.pop(part_id, None)
        self.source_ids = {key: id_ for key, id_ in self.source_ids.items() if id_ not in ids}

    def pieces(self, kind: str) -> list[str]:
        """Return the text of all parts of a kind in order, in pieces."""
        return [piece for part in self.parts if part.kind == kind for piece in part.pieces]
