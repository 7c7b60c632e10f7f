"""The parts of a document as they are read: what belongs to a step inside it. Pure.

Static forms begin with `read`: parts as wire values, nested by their steps, sources apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Part = Mapping[str, Any]


@dataclass(slots=True)
class Node:
    """One part, and the parts of the step that it is."""

    part: Part
    depth: int
    children: list[Node] = field(default_factory=list)

    @property
    def kind(self) -> str:
        return str(self.part["kind"])


@dataclass(frozen=True, slots=True)
class Reading:
    """A whole document, to be written down."""

    title: str
    sentence: str
    """How the run ended, or its state."""
    nodes: Sequence[Node]
    sources: Sequence[Part]


def read(title: str, sentence: str, parts: Sequence[Part]) -> Reading:
    """`parts` in their order, those of a step inside it; a step that is its own parent is none."""
    steps: dict[str, Node] = {}
    nodes: list[Node] = []
    for part in parts:
        if part["kind"] == "source":
            continue
        parent = steps.get(part.get("step_id") or "")
        node = Node(part, 0 if parent is None else parent.depth + 1)
        (nodes if parent is None else parent.children).append(node)
        if part["kind"] == "step":
            steps[part["id"]] = node
    return Reading(title, sentence, nodes, [part for part in parts if part["kind"] == "source"])


def seconds(start_s: object, end_s: object) -> str:
    """`2.4 s` between two moments; "" where one is not known."""
    if isinstance(start_s, (int, float)) and isinstance(end_s, (int, float)):
        return f"{end_s - start_s:.1f} s"
    return ""


def number(value: object) -> str:
    """A number for people; "–" where there is none."""
    return f"{value:,.6g}" if isinstance(value, (int, float)) else "–"


def progress_words(part: Part) -> str:
    """`papers: 12 of 40 MB, reading`."""
    told = number(part["completed"])
    if part.get("total") is not None:
        told += f" of {number(part['total'])}"
    if part.get("unit"):
        told += f" {part['unit']}"
    if part.get("label"):
        told = f"{part['label']}: {told}"
    return f"{told}, {part['message']}" if part.get("message") else told


def step_words(part: Part) -> str:
    """`Searching (done, 2.4 s): 12 papers`."""
    took = seconds(part.get("started_s"), part.get("ended_s"))
    told = f"{part['name']} ({', '.join(word for word in (part['state'], took) if word)})"
    return f"{told}: {part['message']}" if part.get("message") else told


def rows_words(part: Part, shown_count: int) -> str:
    """`3 rows`, or how many of them are shown."""
    total = part["row_count"]
    if shown_count < total:
        return f"the first {shown_count:,} of {total:,} rows"
    return f"{total:,} row{'' if total == 1 else 's'}"


def column_names(part: Part) -> list[str]:
    """Headings of a table, with units that the names do not tell."""
    return [
        f"{column['name']} ({unit})"
        if (unit := column.get("unit")) and unit not in column["name"]
        else str(column["name"])
        for column in part["columns"]
    ]


def cell_text(cell: object) -> str:
    """A cell as text; null is empty."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return str(cell)


def series_of(part: Part) -> list[tuple[str, list[tuple[float, float | None]]]]:
    """The points of each series of a metric."""
    series: list[tuple[str, list[tuple[float, float | None]]]] = [
        (name, []) for name in part["series"]
    ]
    for index, x, y in part["items"]:
        series[index][1].append((x, y))
    return series
