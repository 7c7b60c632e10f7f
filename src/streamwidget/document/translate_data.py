"""Events of tables, values, metrics, logs and other data to ops.

Data that only Python keeps (all rows, all points) is stored here too.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

from ..characters import clean
from ..events import (
    Artifact,
    Citation,
    Custom,
    LogLine,
    Metric,
    Rows,
    RowsEnd,
    TextEnd,
    ValueDelta,
    ValueEnd,
    ValueStart,
)
from ..ops import Fields, Op, add_op, set_op
from ..phrases import capped
from .metric import SHOWN_SERIES, MetricData, thinned
from .table_cells import plain_json
from .table_data import SHOWN_COLUMNS, TableData
from .values import ValueData

if TYPE_CHECKING:
    from .model import Document
    from .part import Part

LOG_ID = "_log"
LINE_CHARS = 4_000
"""Most characters of a log line that are sent to the page; Python keeps them all."""


def _rows(document: Document, event: Rows) -> list[Op]:
    table = document.own(document.tables, event.part_id)
    is_new = table is None
    if table is None:
        limits = document.limits
        table = TableData(
            event.name,
            shown_rows_count=limits.shown_rows_count,
            shown_cells_count=limits.shown_cells_count,
        )
        document.adopt(document.tables, event.part_id, table)
    count, columns_rev = table.row_count, table.columns_rev
    changes = table.take(event)
    document.row_count += table.row_count - count
    fields: Fields = {"row_count": table.row_count}
    if is_new or table.columns_rev != columns_rev:
        fields["columns"] = table.columns_to_wire()
    if len(table.columns) > SHOWN_COLUMNS:
        fields["column_count"] = len(table.columns)
    if "columns" in fields:
        fields |= {"row_cap": table.row_cap, "key": table.key}
    if is_new:
        facts = {"step_id": event.step_id, "name": table.name, "items": changes.rows}
        return [add_op(event.part_id, "table", "open", **facts, **fields)]
    if event.mode == "replace":
        return [set_op(event.part_id, {**fields, "items": changes.rows, "state": "open"})]
    ops: list[Op] = []
    if changes.puts:
        ops.append({"op": "put", "id": event.part_id, "items": changes.puts})
    if changes.rows:
        ops.append({"op": "extend", "id": event.part_id, "items": changes.rows})
    return [*ops, set_op(event.part_id, fields)]


def close_open(document: Document, part_id: str, fields: Fields) -> list[Op]:
    """Return the op that closes a part and sets `fields`; none if the part is not open."""
    part = document.part(part_id)
    if part is None or part.state != "open":
        return []  # an end without a start, or a second end
    return [set_op(part_id, {"state": "closed", **fields})]


def close_part(document: Document, event: TextEnd | RowsEnd) -> list[Op]:
    """Return the op that closes the part of an end event; none if the part is not open."""
    return close_open(document, event.part_id, {})


def _value_start(document: Document, event: ValueStart) -> list[Op]:
    known = document.values.get(event.part_id)
    if known is None:
        document.adopt(document.values, event.part_id, ValueData(event.name))
        facts = {"step_id": event.step_id, "name": event.name, "text": "", "is_json": True}
        return [add_op(event.part_id, "value", "open", **facts)]
    if not known.is_closed:
        return []  # two starts are one
    document.adopt(document.values, event.part_id, ValueData(known.name))
    return [set_op(event.part_id, {"state": "open", "text": "", "is_json": True})]


def _value_delta(document: Document, event: ValueDelta) -> list[Op]:
    ops: list[Op] = []
    value = document.own(document.values, event.part_id)
    if value is None:
        ops = _value_start(document, ValueStart(event.part_id, event.part_id))
        value = document.values[event.part_id]
    value.feed(event.text)
    return [*ops, {"op": "append", "id": event.part_id, "text": event.text}]


def _value_end(document: Document, event: ValueEnd) -> list[Op]:
    ops: list[Op] = []
    if event.part_id not in document.values:
        ops = _value_start(document, ValueStart(event.part_id, event.part_id))
    return [*ops, *close_value(document, event.part_id, event.text)]


def close_value(document: Document, part_id: str, final: str | None = None) -> list[Op]:
    """Return the ops that complete a value; `final`, unless it is None, replaces its text."""
    value, part = document.own(document.values, part_id), document.part(part_id)
    assert value is not None
    text = part.text if part else ""
    fields: Fields = {"state": "closed"}
    if final is not None and final != text:
        fields["text"] = text = final
    fields["is_json"] = value.close(text)
    return [set_op(part_id, fields)]


def _metric(document: Document, event: Metric) -> list[Op]:
    metric = document.own(document.metrics, event.part_id)
    is_new = metric is None
    if metric is None:
        metric = document.adopt(document.metrics, event.part_id, MetricData(event.name))
    series_count, count = len(metric.series), metric.point_count
    points = metric.take(event)
    document.point_count += metric.point_count - count
    document.series_count += len(metric.series) - series_count
    fields = metric.summary()
    if is_new or series_count < min(len(metric.series), SHOWN_SERIES):
        fields["series"] = [clean(name) for name in islice(metric.series, SHOWN_SERIES)]
        fields["x_label"] = "s" if metric.by_time else "step"
    if len(metric.series) > SHOWN_SERIES:
        fields["series_count"] = len(metric.series)
    if is_new:
        cap: Fields = {"point_cap": document.limits.shown_points_count, "name": event.name}
        cap |= fields
        return [add_op(event.part_id, "metric", "open", step_id=event.step_id, items=points, **cap)]
    part = document.part(event.part_id)
    held = part.items.kept if part is not None and part.items is not None else []
    most = document.limits.shown_points_count
    if len(held) + len(points) <= max(most, metric.thin_at):
        return [
            {"op": "extend", "id": event.part_id, "items": [*points]},
            set_op(event.part_id, fields),
        ]
    fields["items"] = fewer = thinned([*held, *points], most // 2)
    metric.thin_at = 2 * len(fewer)
    return [set_op(event.part_id, fields)]


def _log(document: Document, event: LogLine) -> list[Op]:
    document.log_lines.append(event)
    document.line_count += 1
    message = capped(event.message, LINE_CHARS)
    items: list[Any] = [[event.at_s, event.level, event.logger, message]]
    fields: Fields = {"line_count": document.line_count}
    if document.part(LOG_ID) is None:
        keep = document.limits.shown_log_lines_count
        return [add_op(LOG_ID, "log", "open", step_id=None, keep=keep, items=items, **fields)]
    return [{"op": "extend", "id": LOG_ID, "items": items}, set_op(LOG_ID, fields)]


def _citation(document: Document, event: Citation) -> list[Op]:
    """Add a citation; a known address keeps its number and only gains a missing title."""
    key = event.url or f" {event.title}"
    known = document.part(document.source_ids.get(key, ""))
    if known is not None:
        late = event.title is not None and known.fields["title"] is None
        return [set_op(known.id, {"title": event.title})] if late else []
    part_id = document.source_ids[key] = document.made_id()
    fields = {"url": event.url, "title": event.title, "number": len(document.source_ids)}
    return [add_op(part_id, "source", "closed", step_id=event.step_id, **fields)]


def _artifact(document: Document, event: Artifact) -> list[Op]:
    data = {mime: clean(text) for mime, text in event.data.items()}
    fields: Fields = {
        "title": event.title,
        "data": {**data},
        "metadata": _clean_json(event.metadata),
        "bytes": sum(map(len, data.values())),
        "omitted": list(event.omitted),
    }
    return _shown(document, "artifact", event.part_id, event.step_id, fields)


def _custom(document: Document, event: Custom) -> list[Op]:
    fields: Fields = {
        "name": event.name,
        "data": _clean_json(event.data),
        "renderer": document.renderer_of(event.name),
    }
    return _shown(document, "custom", event.part_id, event.step_id, fields, state="open")


def _shown(
    document: Document,
    kind: str,
    part_id: str,
    step_id: str | None,
    fields: Fields,
    *,
    state: str = "closed",
) -> list[Op]:
    """Add a part that is shown whole, or replace the part with the same id."""
    if document.part(part_id) is not None:
        return [set_op(part_id, fields)]
    return [add_op(part_id, kind, state, step_id=step_id, **fields)]


def _clean_json(value: object) -> Any:
    """Return `value` as JSON with surrogates repaired."""
    return json.loads(clean(json.dumps(plain_json(value), ensure_ascii=False)))


CLOSE: Mapping[str, Callable[[Document, Part], list[Op]]] = {
    "value": lambda document, part: (
        close_value(document, part.id)
        if part.id in document.values
        else [set_op(part.id, {"state": "closed"})]
    ),
}
"""How parts of some kinds are closed at the end of the run; others only become `closed`."""

DATA_OPS_OF: dict[type, Callable[[Document, Any], list[Op]]] = {
    Rows: _rows,
    RowsEnd: close_part,
    ValueStart: _value_start,
    ValueDelta: _value_delta,
    ValueEnd: _value_end,
    Metric: _metric,
    LogLine: _log,
    Citation: _citation,
    Artifact: _artifact,
    Custom: _custom,
}

KIND_OF_DATA: dict[type, tuple[str, str]] = {
    Rows: ("table", "part_id"),
    RowsEnd: ("table", "part_id"),
    ValueStart: ("value", "part_id"),
    ValueDelta: ("value", "part_id"),
    ValueEnd: ("value", "part_id"),
    Metric: ("metric", "part_id"),
    Artifact: ("artifact", "part_id"),
    Custom: ("custom", "part_id"),
}
