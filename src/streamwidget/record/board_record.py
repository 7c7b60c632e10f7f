"""Makes the record of a board: a table with a row for each run, then each run, folded. Pure.

A board is written as a document in which each run is a step, so a run reads as it does alone.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..errors import excerpt
from ..export.as_markdown import source_lines
from ..export.tree import Part, Reading, number, read
from .bounds import DIGEST_BYTES, LADDER, NAME_CHARS, Bounds
from .cut import cut_parts
from .make import Facts, Record, rest, written

_METRICS_COUNT = 4
"""Series that have a column of their own: those that most runs have."""
_TITLE_CHARS = 80
_SERIES_CHARS = 40
_LAST_CHARS = 200
_LINE_CHARS = 200
_ROWS_COUNTS = (200, 100, 40, 10)
"""Rows of the table alone, where not even the shortest of the runs have their place beside it."""
_FAILED = frozenset({"failed", "incomplete"})


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardRun:
    """One run of a board."""

    title: str
    status: str
    sentence: str
    """How the run ended, or how far it is."""
    time: str
    tokens: str
    cost: str
    """"" if it is not known."""
    parts: Sequence[Part]
    """Its document, as wire values."""
    journal: str | None = None


def make_board(facts: Facts, runs: Sequence[BoardRun]) -> Record:
    """Return the record of a board with `runs`, in their order."""
    return written(facts, _readings(facts, runs), _digest(facts, runs))


def last_words(run: BoardRun) -> str:
    """Return why a run failed, or the beginning of its last text, on one line."""
    kind, key = ("error", "message") if run.status in _FAILED else ("text", "text")
    found = (str(part[key]) for part in reversed(run.parts) if part["kind"] == kind)
    words = next((line for text in found if (line := excerpt(text, _LAST_CHARS))), "")
    return words or (run.sentence if run.status in _FAILED else "")


# --- from the longest reading to the shortest


def _readings(facts: Facts, runs: Sequence[BoardRun]) -> Iterator[Reading]:
    for bounds in LADDER:
        yield _reading(facts, runs, len(runs), bounds)
    count = len(runs) // 2
    while count:
        yield _reading(facts, runs, count, LADDER[-1])
        count //= 2
    for rows_count in _ROWS_COUNTS:
        yield _reading(facts, runs[:rows_count], 0, LADDER[-1], len(runs))


def _reading(
    facts: Facts,
    runs: Sequence[BoardRun],
    whole_count: int,
    bounds: Bounds,
    total: int | None = None,
) -> Reading:
    """Return the table of `runs`, `total` of which there are, and the first runs themselves."""
    most = min(_LAST_CHARS, bounds.data_chars)
    parts = [_table(runs, len(runs) if total is None else total, most)]
    for at, run in enumerate(runs[:whole_count], 1):
        parts += _run_parts(f"run-{at}", run, _share(bounds, whole_count))
    missing = (len(runs) if total is None else total) - whole_count
    if missing:
        parts += rest(Counter(run=missing), None)
    return read(facts.title[:NAME_CHARS], facts.sentence, parts)


def _share(bounds: Bounds, count: int) -> Bounds:
    return dataclasses.replace(bounds, pictures_bytes=bounds.pictures_bytes // count)


def _run_parts(run_id: str, run: BoardRun, bounds: Bounds) -> list[Part]:
    """Return a run as a step that holds its parts; its citations stand at its end, as text."""
    step = {
        "id": run_id,
        "kind": "step",
        "name": excerpt(run.title, NAME_CHARS),
        "state": run.status,
        "message": run.sentence,
        "is_run": True,
    }
    kept, omitted = cut_parts(run.parts, bounds)
    inside = [_moved(part, run_id) for part in kept if part["kind"] != "source"]
    sources = [part for part in kept if part["kind"] == "source"]
    if sources:
        text = source_lines(sources)
        inside.append({"id": f"{run_id}.sources", "kind": "text", "text": text, "step_id": run_id})
    inside += [_moved(part, run_id) for part in rest(omitted, run.journal)]
    return [step, *inside]


def _moved(part: Part, run_id: str) -> Part:
    """Return a part inside the run: ids are unique in one run only."""
    step_id = part.get("step_id")
    inside = f"{run_id}.{step_id}" if step_id else run_id
    return {**part, "id": f"{run_id}.{part['id']}", "step_id": inside}


# --- the table


def _table(runs: Sequence[BoardRun], total: int, most_chars: int) -> Part:
    names = _metric_names(runs)
    has_cost = any(run.cost for run in runs)
    numbers = ["time", "tokens", *(["cost"] if has_cost else []), *names]
    rows = [
        [
            excerpt(run.title, _TITLE_CHARS),
            run.status,
            run.time,
            run.tokens,
            *([run.cost] if has_cost else []),
            *_metric_cells(run, names),
            excerpt(last_words(run), most_chars),
        ]
        for run in runs
    ]
    columns = [
        *({"name": name, "type": "text"} for name in ("run", "status")),
        *({"name": excerpt(name, _SERIES_CHARS), "type": "number"} for name in numbers),
        {"name": "last text", "type": "text"},
    ]
    return {
        "id": "runs",
        "kind": "table",
        "name": "Runs",
        "columns": columns,
        "column_count": len(columns),
        "items": rows,
        "row_count": total,
    }


def _metric_names(runs: Sequence[BoardRun]) -> list[str]:
    counts = Counter(name for run in runs for name in _last_values(run))
    return [name for name, _ in counts.most_common(_METRICS_COUNT)]


def _metric_cells(run: BoardRun, names: Sequence[str]) -> list[str]:
    values = _last_values(run)
    return [number(values[name]) if name in values else "" for name in names]


def _last_values(run: BoardRun) -> dict[str, float | None]:
    """Return the last value of each series, by the names of `StreamView.metrics`."""
    return {
        str(name) if name == part["name"] else f"{part['name']}/{name}": last
        for part in run.parts
        if part["kind"] == "metric"
        for name, last in zip(part["series"], part["last"], strict=True)
    }


# --- for programs


def _digest(facts: Facts, runs: Sequence[BoardRun]) -> str:
    lines = [facts.title, facts.sentence, f"status: {facts.status}"]
    more = f"… {len(runs):,} more runs"
    room = DIGEST_BYTES - len("\n".join([*lines, more]).encode()) - 1
    for at, run in enumerate(runs):
        words = last_words(run)
        line = excerpt(f"{run.title}: {run.sentence}{f' {words}' if words else ''}", _LINE_CHARS)
        room -= len(line.encode()) + 1
        if room < 0:
            return "\n".join([*lines, f"… {len(runs) - at:,} more runs"])
        lines.append(line)
    return "\n".join(lines)
