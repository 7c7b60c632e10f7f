"""The calls of an emitter for tables, values and metrics."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from ..events import Metric, RowsEnd, ValueDelta, ValueEnd, ValueStart
from . import convert, tables
from .emitter_base import EmitterBase
from .tables import TableHandle


class DataCalls(EmitterBase):
    """Tables, JSON values and charts."""

    def rows(
        self,
        name: str,
        rows: object,
        key: str | None = None,
        *,
        columns: Sequence[str] | None = None,
        units: Mapping[str, str] | None = None,
        replace: bool = False,
    ) -> None:
        """Add rows to the table `name`; the first rows create it.

        Args:
            name: of the table, as in `view.tables[name]`.
            rows: dicts, models, dataclasses, named tuples; tuples or lists with `columns`; a dict
                of columns; or a data frame (pandas, polars, Arrow, DuckDB).
            key: the column that identifies a row. A row whose key exists replaces the cells that
                it has; others are appended. Keys are compared as in JSON: `True` is not 1, and 1.0
                is. None: all rows are appended.
            columns: names of the cells, if the rows have none.
            units: units by column name; names such as `size (MB)` and `latency_ms` include theirs.
                Texts of a column whose unit is `"markdown"` are shown as Markdown, on one line.
            replace: True to remove all earlier rows.

        Raises:
            StopRequested: a stop was requested.
            UsageError: `rows` are not rows, or lack the key column.
            LimitError: all tables together passed `Limits.table_rows_count`.
        """
        tables.send_rows(
            self._sink,
            self._step(),
            name,
            rows,
            key=key,
            columns=columns,
            units=units,
            replace=replace,
        )

    def row(
        self,
        name: str,
        row: object,
        key: str | None = None,
        *,
        columns: Sequence[str] | None = None,
        units: Mapping[str, str] | None = None,
    ) -> None:
        """Add one row to the table `name`: see `rows`.

        Raises:
            StopRequested: a stop was requested.
            UsageError: `row` is not a row, or lacks the key column.
        """
        if columns is not None or units or not tables.send_dict(self._sink, self, name, row, key):
            self.rows(name, [row], key, columns=columns, units=units)

    @contextmanager
    def table(
        self, name: str, key: str | None = None, *, units: Mapping[str, str] | None = None
    ) -> Iterator[TableHandle]:
        """Open a table that is complete at the end of the block; until then the page shows that it
        is loading.

        Raises:
            StopRequested: a stop was requested.
        """
        self.rows(name, [], key, units=units)
        yield TableHandle(self.rows, self.row, name, key)
        self._sink.push([RowsEnd(f"table:{name}")])

    def value(self, name: str, value: object) -> None:
        """Show a JSON value; a later value of the same name replaces it.

        Call it again whenever the value has grown, or use `growing_value` for JSON text that is
        still arriving.

        Raises:
            StopRequested: a stop was requested.
            UsageError: `value` cannot be written as JSON.
        """
        name = convert.message_text("emit.value", name)
        part_id, step_id = f"value:{name}", self._step()
        text = convert.json_text("emit.value", value)
        events = ValueStart(part_id, name, step_id), ValueEnd(part_id, text)
        self._sink.send_part(part_id, step_id, *events)

    @contextmanager
    def growing_value(self, name: str) -> Iterator[Callable[[str], None]]:
        """Open a JSON value whose text is still arriving; it is complete at the end of the block.

        `with emit.growing_value("answer") as write:` yields a function that takes more text.

        Raises:
            StopRequested: a stop was requested.
            TypeError: `write` was called with something that is not a `str`.
        """
        name = convert.message_text("emit.growing_value", name)
        part_id, step_id = f"value:{name}", self._step()
        self._sink.send_part(part_id, step_id, ValueStart(part_id, name, step_id))

        def write(text: str) -> None:
            self._sink.send(ValueDelta(part_id, convert.exact_text("write", text)))

        try:
            yield write
        finally:
            self._sink.push([ValueEnd(part_id)])

    def metric(
        self,
        name: str,
        value: float | Mapping[str, float | None] | None,
        step: float | None = None,
        *,
        by_time: bool = False,
    ) -> None:
        """Add a point to a chart.

        `loss/train` and `loss/val` are two series of one chart, and so are the items of a dict.

        Args:
            name: the chart, or `chart/series`.
            value: the point's y, or a dict from series to y; None, NaN and infinity are gaps.
            step: the point's x; None: the number of the point.
            by_time: True to use the time as x, in seconds since the run started.

        Raises:
            StopRequested: a stop was requested.
            TypeError: `value` or `step` is not a number.
            UsageError: `step` is not finite.
            LimitError: all metrics together passed `Limits.metric_points_count`.
        """
        name = convert.message_text("emit.metric", name)
        chart, _, series = name.partition("/")
        if isinstance(value, Mapping):
            chart = name
            points = tuple(
                (
                    convert.message_text("emit.metric", key),
                    convert.number_or_none("emit.metric", y),
                )
                for key, y in value.items()
            )
        else:
            points = ((series or chart, convert.number_or_none("emit.metric", value)),)
        x = None if step is None else float(convert.number("emit.metric(step=)", step))
        part_id, step_id = f"metric:{chart}", self._step()
        event = Metric(part_id, chart, points, x, by_time and x is None, step_id)
        self._sink.send_part(part_id, step_id, event)
