"""The complete state of a document as JSON, and a document from it.

Beside what a page shows (`Document.snapshot`) the state holds all that a later event can depend on:
all rows of the tables, all points of the charts, counters and usage. Folding the same events onto a
restored document gives the same document as onto the original. Pure.
"""

from __future__ import annotations

import dataclasses
import json
import math
from array import array
from collections.abc import Iterator, Mapping
from typing import Any

from ..events import LogLine, Usage
from ..limits import DEFAULT_LIMITS, Limits
from .json_cells import cell_from_json, cell_to_json
from .metric import MetricData, SeriesData
from .model import Document
from .part import Part
from .table_data import Column, TableData
from .values import ValueData

_COUNTERS = (
    "made_count",
    "line_count",
    "row_count",
    "point_count",
    "series_count",
    "removed_count",
)
_TABLE = ("name", "key", "row_count", "columns_rev", "row_cap")
_COLUMN = ("name", "is_shown", "type", "unit")
_METRIC = ("name", "by_time", "point_count", "thin_at")
_SERIES = ("index", "last", "least", "greatest")


def state_pieces(document: Document) -> Iterator[str]:
    """Yield the state as JSON text in pieces of about one part each.

    In pieces, because encoding a large document at once would hold all other threads for as long.
    """
    facts = {name: getattr(document, name) for name in _COUNTERS}
    yield f'{{"run":{_dump(document.run)},"printed":{_dump(document.printed)}'
    yield f',"counters":{_dump(facts)},"source_ids":{_dump(document.source_ids)}'
    usage = [dataclasses.asdict(event) for event in document.usage_by_call.values()]
    yield f',"usage":{_dump(usage)},"parts":'
    yield from _list(part.to_wire() for part in document.parts)
    yield ',"tables":'
    yield from _object((key, _table(table)) for key, table in document.tables.items())
    yield ',"metrics":'
    yield from _object((key, _metric(metric)) for key, metric in document.metrics.items())
    yield ',"values":'
    yield from _object((key, _value(value)) for key, value in document.values.items())
    yield ',"logs":'
    yield from _list([e.message, e.level, e.logger, e.at_s] for e in document.log_lines)
    yield "}"


def restored(state: Mapping[str, Any], limits: Limits = DEFAULT_LIMITS) -> Document:
    """Return the document that a state describes.

    Raises:
        KeyError, TypeError, ValueError: it is not the state of a document.
    """
    document = Document(limits)
    document.run = dict(state["run"])
    document.printed = bool(state["printed"])
    for name in _COUNTERS:
        setattr(document, name, int(state["counters"][name]))
    document.source_ids = dict(state["source_ids"])
    document.usage_by_call = {fields["call"]: Usage(**fields) for fields in state["usage"]}
    document.restore_parts(Part(fields) for fields in state["parts"])
    for key, table in state["tables"].items():
        document.adopt(document.tables, key, _restored_table(table, limits))
    for key, metric in state["metrics"].items():
        document.adopt(document.metrics, key, _restored_metric(metric))
    for key, value in state["values"].items():
        part = document.part(key)
        text = part.text if part else ""
        document.adopt(document.values, key, _restored_value(value, text))
    document.log_lines.extend(LogLine(*line) for line in state["logs"])
    return document


def _table(table: TableData) -> dict[str, Any]:
    units, indexed_by = table.lookups()
    return {
        **_fields(table, _TABLE),
        "units": units,
        "indexed_by": indexed_by,
        "columns": [
            [*_fields(column, _COLUMN).values(), start, list(map(cell_to_json, values))]
            for column in table.columns
            for start, values in [column.stored()]
        ],
    }


def _restored_table(state: Mapping[str, Any], limits: Limits) -> TableData:
    table = TableData(
        state["name"],
        shown_rows_count=limits.shown_rows_count,
        shown_cells_count=limits.shown_cells_count,
    )
    columns = []
    for name, is_shown, kind, unit, start, values in state["columns"]:
        column = Column(name, unit, is_shown=is_shown)
        column.type, column.unit = kind, unit
        column.extend(start, list(map(cell_from_json, values)))
        columns.append(column)
    _set_fields(table, state, _TABLE)
    table.restore(columns, state["units"], state["indexed_by"])
    return table


def _metric(metric: MetricData) -> dict[str, Any]:
    series = {
        name: [
            *_fields(data, _SERIES).values(),
            data.x.tolist(),
            [None if math.isnan(y) else y for y in data.y],
        ]
        for name, data in metric.series.items()
    }
    return {**_fields(metric, _METRIC), "series": series}


def _restored_metric(state: Mapping[str, Any]) -> MetricData:
    metric = MetricData(state["name"])
    _set_fields(metric, state, _METRIC)
    for name, (index, last, least, greatest, xs, ys) in state["series"].items():
        series = metric.series[name] = SeriesData(index)
        series.last, series.least, series.greatest = last, least, greatest
        series.x = array("d", xs)
        series.y = array("d", [math.nan if y is None else y for y in ys])
    return metric


def _value(value: ValueData) -> dict[str, Any]:
    return {"name": value.name, "is_closed": value.is_closed}


def _restored_value(state: Mapping[str, Any], text: str) -> ValueData:
    value = ValueData(state["name"])
    if text:
        value.feed(text)
    if state["is_closed"]:
        value.close(text)
    return value


def _fields(thing: object, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(thing, name) for name in names}


def _set_fields(thing: object, state: Mapping[str, Any], names: tuple[str, ...]) -> None:
    for name in names:
        setattr(thing, name, state[name])


def _list(items: Iterator[Any]) -> Iterator[str]:
    separator = "["
    for item in items:
        yield separator + _dump(item)
        separator = ","
    yield "[]" if separator == "[" else "]"


def _object(items: Iterator[tuple[str, Any]]) -> Iterator[str]:
    separator = "{"
    for key, item in items:
        yield f"{separator}{_dump(key)}:{_dump(item)}"
        separator = ","
    yield "{}" if separator == "{" else "}"


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
