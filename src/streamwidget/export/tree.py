"""The parts of a document in reading order, nested in their steps. Pure.

Static forms begin with `read`: parts as wire values, nested by their steps, sources apart.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..catalogue import ask_outcome_words, by_default_words, waiting_for_reader_words
from ..phrases import counted, duration

Part = Mapping[str, Any]

_DIGITS = 6
"""Significant digits of a number for people."""
_FEW_DECIMALS = 4
_DECIMALS = 6
"""Most decimals of a column: a smaller number than they can show has its column use exponents."""
_LEAST_FIXED = 10.0**-_DECIMALS
_GREATEST_FIXED = 1e15

STEP_DEPTH = 64
"""Deepest nesting of steps in an export: nobody reads deeper, and writers recurse."""


@dataclass(slots=True)
class Node:
    """One part and, if it is a step, the parts inside it."""

    part: Part
    depth: int
    children: list[Node] = field(default_factory=list)

    @property
    def kind(self) -> str:
        """Kind of the part, such as `text` or `table`."""
        return str(self.part["kind"])


@dataclass(frozen=True, slots=True)
class Reading:
    """A whole document, ready for a writer."""

    title: str
    sentence: str
    """How the run ended, or its current state."""
    nodes: Sequence[Node]
    sources: Sequence[Part]


def read(title: str, sentence: str, parts: Sequence[Part]) -> Reading:
    """Return `parts` in order, each inside its step.

    Beyond `STEP_DEPTH` levels the parts of a step stand after it, not inside it. A step that names
    itself as its parent has none.
    """
    steps: dict[str, Node] = {}
    nodes: list[Node] = []
    for part in parts:
        if part["kind"] == "source":
            continue
        parent = steps.get(part.get("step_id") or "")
        node = Node(part, 0 if parent is None else parent.depth + 1)
        (nodes if parent is None else parent.children).append(node)
        if part["kind"] == "step":
            steps[part["id"]] = node if parent is None or node.depth < STEP_DEPTH else parent
    return Reading(title, sentence, nodes, [part for part in parts if part["kind"] == "source"])


def took(part: Part) -> str:
    """Return how long a part took, as `2.4 s`; "" if its start or end is unknown."""
    start_s, end_s = part.get("started_s"), part.get("ended_s")
    if isinstance(start_s, (int, float)) and isinstance(end_s, (int, float)):
        return duration(end_s - start_s)
    return ""


def reasoning_words(part: Part) -> str:
    """Return `Reasoning (2.4 s)`."""
    time = took(part)
    return f"Reasoning ({time})" if time else "Reasoning"


def tool_call_words(part: Part) -> str:
    """Return `Tool call: search (2.4 s)`."""
    time = took(part)
    words = f"Tool call: {part['tool_name'] or 'unnamed'}"
    return f"{words} ({time})" if time else words


def log_words(part: Part) -> str:
    """Return `Log (12 lines)`."""
    return f"Log ({counted(part['line_count'], 'line')})"


def notice_word(part: Part) -> str:
    """Return `Note` or `Warning`; "" for a message that the reader sent."""
    if part["level"] == "sent":
        return ""
    return "Warning" if part["level"] == "warning" else "Note"


def number(value: object) -> str:
    """Return a number with grouped digits; "–" for anything else."""
    return f"{value:,.6g}" if isinstance(value, (int, float)) else "–"


def progress_words(part: Part) -> str:
    """Return `papers: 12 of 40 MB, reading`."""
    words = number(part["completed"])
    if part.get("total") is not None:
        words += f" of {number(part['total'])}"
    if part.get("unit"):
        words += f" {part['unit']}"
    if part.get("label"):
        words = f"{part['label']}: {words}"
    return f"{words}, {part['message']}" if part.get("message") else words


def ask_words(part: Part) -> str:
    """Return how a question ended: `Answered: newest`, `No answer in time; default used: all`.

    `Waiting for you` while it is open.
    """
    outcome, answer = part.get("outcome"), part.get("answer")
    if part.get("state") == "open":
        return waiting_for_reader_words()
    words = ask_outcome_words(str(outcome or "withdrawn"))
    if outcome is None and part.get("hint"):
        return f"{words}. {part['hint']}"
    if part.get("by_default"):
        words += f"; {by_default_words()}"
    return f"{words}: {answer_words(answer)}" if answer is not None else words


def answer_words(answer: object) -> str:
    """Return an answer on one line: `name: Ada, age: 36` for a form."""
    if isinstance(answer, Mapping):
        return ", ".join(f"{name}: {answer_words(value)}" for name, value in answer.items())
    if isinstance(answer, bool):
        return "yes" if answer else "no"
    return answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False)


def knob_words(part: Part) -> str:
    """Return `lr: 0.001`."""
    return f"{part['name']}: {number(part['value'])}"


def step_words(part: Part) -> str:
    """Return `Searching (done, 2.4 s): 12 papers`."""
    words = f"{part['name']} ({', '.join(filter(None, (part['state'], took(part))))})"
    return f"{words}: {part['message']}" if part.get("message") else words


def rows_words(part: Part, shown_count: int) -> str:
    """Return `3 rows`, or how many of the rows and columns are shown."""
    words = _shown_words(shown_count, part["row_count"], "row")
    column_count = part.get("column_count", 0)
    if column_count > len(part["columns"]):
        words += f", {_shown_words(len(part['columns']), column_count, 'column')}"
    return words


def more_rows_words(part: Part, shown_count: int) -> str:
    """Return `… 9,990 more rows`; "" if all are shown."""
    rest = part["row_count"] - shown_count
    return f"… {counted(rest, 'more row')}" if rest > 0 else ""


METRIC_WORDS = ("series", "last", "least", "greatest")
"""Headings of a metric's table."""


def series_words(part: Part) -> list[tuple[str, str, str, str]]:
    """Return the name and the last, least and greatest value of each series of a metric."""
    facts = zip(part["series"], part["last"], part["min"], part["max"], strict=True)
    return [(str(name), *map(number, values)) for name, *values in facts]  # type: ignore[misc]


def series_lines(part: Part) -> list[str]:
    """Return `loss: last 0.1, least 0.1, greatest 2` for each series of a metric."""
    return [
        f"{name or part['name']}: last {last}, least {least}, greatest {greatest}"
        for name, last, least, greatest in series_words(part)
    ]


def chart_words(part: Part) -> str:
    """Return a description of a chart for people who cannot see it."""
    return f"{part['name']} ({points_words(part)}). {'; '.join(series_lines(part))}"


def is_number(column: Mapping[str, Any]) -> bool:
    """True if the cells of a table's column are numbers."""
    return column["type"] in ("number", "integer")


def points_words(part: Part) -> str:
    """Return `120 points`, and how many of the series are shown where that is not all."""
    words = counted(part["point_count"], "point")
    series_count = part.get("series_count", 0)
    if series_count > len(part["series"]):
        words += f", {_shown_words(len(part['series']), series_count, 'series')}"
    return words


def _shown_words(shown_count: int, total: int, unit: str) -> str:
    words = counted(total, unit)
    return f"the first {shown_count:,} of {words}" if shown_count < total else words


def column_names(part: Part) -> list[str]:
    """Return the headings of a table, with a unit where the name does not include it."""
    return [
        f"{column['name']} ({unit})"
        if (unit := column.get("unit")) and unit not in column["name"]
        else str(column["name"])
        for column in part["columns"]
    ]


def cell_texts(part: Part, rows: Sequence[Sequence[object]]) -> list[list[str]]:
    """Return the cells of `rows` as text, one for each column; "" for null.

    The floats of a column have the same decimals, so that they can be compared: see `_decimals`. A
    CSV has all their digits.
    """
    count = len(part["columns"])
    texts = [
        [_cell_text(cell) for cell in [*row[:count], *[None] * (count - len(row))]] for row in rows
    ]
    for at, column in enumerate(part["columns"]):
        if column["type"] == "number":
            cells = [row[at] if at < len(row) else None for row in rows]
            for line, text in zip(texts, _number_texts(cells), strict=True):
                line[at] = text
    return texts


def _cell_text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return str(cell)


def _number_texts(cells: Sequence[object]) -> list[str]:
    floats = [abs(cell) for cell in cells if isinstance(cell, float) and cell]
    fixed = all(_LEAST_FIXED <= size < _GREATEST_FIXED for size in floats)
    decimals = max((_decimals(size) for size in floats), default=0) if fixed else 0
    return [
        (f"{cell:.{decimals}f}" if fixed else f"{cell:.{_DIGITS}g}")
        if isinstance(cell, float)
        else _cell_text(cell)
        for cell in cells
    ]


def _decimals(size: float) -> int:
    """Return how many decimals `size` is shown with: all of few, else enough for `_DIGITS` digits,
    and the two of an amount of money."""
    shortest = _written_decimals(repr(size))
    if shortest <= _FEW_DECIMALS:
        return shortest
    mantissa, _, exponent = f"{size:.{_DIGITS - 1}e}".partition("e")
    digits = len(mantissa.rstrip("0").replace(".", ""))
    wanted = max(digits - 1 - int(exponent), _written_decimals(repr(round(size, 2))))
    return min(_DECIMALS, wanted)


def _written_decimals(text: str) -> int:
    if "e" in text:
        return _DECIMALS
    return 0 if text.endswith(".0") else len(text.partition(".")[2])


def series_of(part: Part) -> list[tuple[str, list[tuple[float, float | None]]]]:
    """Return the `(x, y)` points of each series of a metric; y None is a gap."""
    series: list[tuple[str, list[tuple[float, float | None]]]] = [
        (name, []) for name in part["series"]
    ]
    for index, x, y in part["items"]:
        series[index][1].append((x, y))
    return series
