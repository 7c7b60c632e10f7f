"""Hand-made streams for the formats: rows of records, and records of any shape for Hypothesis.

A row is a dict or a list (its JSON), a string (the data as it came), or a pair of an SSE event's
name and one of those.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from feeding import ids
from hypothesis import strategies as st
from recordings import Make, outcome_of

from streamwidget.decode.records import Record, parse
from streamwidget.document import Document
from streamwidget.events import Event, RunEnd

Row = Any
NOTHING: dict[str, Any] = {
    "text": None,
    "reasoning": None,
    "tool_calls": [],
    "usage": None,
    "finish": None,
    "error": None,
}


def record(row: Row) -> Record:
    name, row = row if isinstance(row, tuple) else ("", row)
    data = row if isinstance(row, str) else json.dumps(row)
    return Record(data, parse(data), name)


def events_of(make: Make, *rows: Row, half_record: bool = False) -> list[Event]:
    """All events of `rows` and of the end of the bytes; the run ends once, at the end."""
    format_ = make(ids())
    events = [event for row in rows for event in format_.feed(record(row))]
    events += format_.flush(half_record=half_record)
    assert [event for event in events if isinstance(event, RunEnd)] == events[-1:]
    assert format_.ended
    assert format_.feed(record(rows[0] if rows else "x")) == format_.flush() == []
    return events


def outcome(make: Make, *rows: Row) -> dict[str, Any]:
    """The result of reading `rows`, without empty fields; `outcome` is how the run ended."""
    events = events_of(make, *rows)
    facts = {key: value for key, value in outcome_of(events).items() if value != NOTHING[key]}
    return {"outcome": end_of(events).outcome, **facts}


def end_of(events: Sequence[Event]) -> RunEnd:
    assert isinstance(events[-1], RunEnd)
    return events[-1]


def of_kind(events: Sequence[Event], kind: type) -> list[Any]:
    return [event for event in events if isinstance(event, kind)]


def document_of(events: Sequence[Event]) -> Document:
    document = Document()
    for event in events:
        document.apply(event)
    return document


def survives(make: Make, rows: Sequence[Row]) -> None:
    """Holds a format to ending once, with events that a document can take, whatever comes."""
    document_of(events_of(make, *rows))


_LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-3, 10**20)
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["", "text", "0", "error", "id", "[DONE]"])
)
ANY_JSON = st.recursive(
    _LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)


@st.composite
def _changed(draw: Any, value: Any) -> Any:
    """`value` with something inside it replaced, or left out."""
    if isinstance(value, dict) and value and draw(st.integers(0, 3)):
        key = draw(st.sampled_from(sorted(value)))
        if not draw(st.integers(0, 4)):
            return {k: v for k, v in value.items() if k != key}
        return {**value, key: draw(_changed(value[key]))}
    if isinstance(value, list) and value and draw(st.integers(0, 3)):
        return [draw(_changed(value[0])), *value[1:]]
    return draw(ANY_JSON)


def any_rows(*shapes: Row) -> st.SearchStrategy[list[Row]]:
    """Lists of rows: of these shapes, of these shapes with changes, and of any JSON."""
    shape = st.sampled_from(shapes)
    row = shape | shape.flatmap(_changed) | ANY_JSON.map(json.dumps)
    named = st.tuples(st.sampled_from(["", "error", "ping", "x"]), row)
    return st.lists(row | named, max_size=8)
