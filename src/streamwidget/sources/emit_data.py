"""The calls of an emitter that give data: tables, values, metrics, tool calls, artifacts."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Literal

from ..document.cells import plain_json
from ..errors import StopRequested, UsageError
from ..events import (
    Artifact,
    Custom,
    Metric,
    Rows,
    RowsEnd,
    RowsMode,
    ToolCallDelta,
    ToolCallEnd,
    ToolCallStart,
    ToolResult,
    ValueDelta,
    ValueEnd,
    ValueStart,
)
from .artifacts import mime_bundle
from .emit_base import Desk
from .rows import batches


class DataCalls:
    """What `Emitter` and its steps have for data. Every call raises `StopRequested` once a stop was
    requested."""

    _desk: Desk

    def _step(self) -> str | None:
        raise NotImplementedError

    # --- tables

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
        """Adds rows to the table `name`; its first rows make it.

        Args:
            name: of the table, as in `view.tables[name]`.
            rows: dicts, models, dataclasses, named tuples; tuples or lists with `columns`; a dict
                of columns; or a data frame (pandas, polars, Arrow, DuckDB).
            key: the column that names a row: a row whose key is known already replaces the columns
                that it brings, others are appended.
            columns: names of the cells, where the rows have none.
            units: units of columns; `size (MB)` and `latency_ms` tell theirs by themselves. Texts
                of a column whose unit is `"markdown"` are shown as that, each on one line.
            replace: whether the table has these rows only.

        Raises:
            StopRequested: a stop was requested.
            UsageError: `rows` are no rows, or rows without the key.
            LimitError: all tables together passed `Limits.table_rows_count`.
        """
        part_id, mode = f"table:{name}", _mode(key, replace)
        sent = False
        for names, cells in batches(rows, columns, by_keys=mode == "upsert"):
            if key is not None and key not in names:
                raise UsageError(f"A row of {name!r} has no {key!r}, which is to name it.")
            self._rows(part_id, name, names, cells, mode, key, units)
            mode = "append" if mode == "replace" else mode
            sent = True
        if not sent:
            told = tuple(map(str, columns or ()))
            self._rows(part_id, name, told, (), mode, key, units)

    def row(
        self,
        name: str,
        row: object,
        key: str | None = None,
        *,
        columns: Sequence[str] | None = None,
        units: Mapping[str, str] | None = None,
    ) -> None:
        """Adds one row to the table `name`: see `rows`.

        Raises:
            StopRequested: a stop was requested.
            UsageError: `row` is no row, or has not the key.
        """
        if type(row) is dict and columns is None and (key is None or key in row):
            names = tuple(row)
            if set(map(type, names)) == {str}:  # the usual case, without what batches need
                part_id, mode = f"table:{name}", _mode(key, False)
                self._rows(part_id, name, names, (tuple(row.values()),), mode, key, units)
                return
        self.rows(name, [row], key, columns=columns, units=units)

    @contextmanager
    def table(
        self, name: str, key: str | None = None, *, units: Mapping[str, str] | None = None
    ) -> Iterator[TableHandle]:
        """A table that has all its rows at the end of the block: the page then stops saying that it
        is loading.

        Raises:
            StopRequested: a stop was requested.
        """
        self.rows(name, [], key, units=units)
        yield TableHandle(self, name, key)
        self._desk.push([RowsEnd(f"table:{name}")])

    def _rows(
        self,
        part_id: str,
        name: str,
        columns: tuple[str, ...],
        rows: tuple[tuple[object, ...], ...],
        mode: RowsMode,
        key: str | None,
        units: Mapping[str, str] | None,
    ) -> None:
        step_id = self._step()
        event = Rows(part_id, name, columns, rows, mode, key, units or {}, step_id)
        self._desk.send_part(part_id, step_id, event)

    # --- values

    def value(self, name: str, value: object) -> None:
        """Shows a JSON value; the same name again replaces what it was.

        Give it as often as it has grown, or use `growing_value` for JSON text that is arriving.

        Raises:
            StopRequested: a stop was requested.
        """
        part_id, step_id = f"value:{name}", self._step()
        text = json.dumps(plain_json(value), ensure_ascii=False)
        events = ValueStart(part_id, name, step_id), ValueEnd(part_id, text)
        self._desk.send_part(part_id, step_id, *events)

    @contextmanager
    def growing_value(self, name: str) -> Iterator[Callable[[str], None]]:
        """A JSON value whose text is arriving: `with emit.growing_value("answer") as write:` gives
        the function that takes more of the text. It is complete at the end of the block.

        Raises:
            StopRequested: a stop was requested.
        """
        part_id, step_id = f"value:{name}", self._step()
        self._desk.send_part(part_id, step_id, ValueStart(part_id, name, step_id))

        def write(text: str) -> None:
            self._desk.send(ValueDelta(part_id, text))

        try:
            yield write
        finally:
            self._desk.push([ValueEnd(part_id)])

    # --- metrics

    def metric(
        self,
        name: str,
        y: float | Mapping[str, float | None] | None,
        x: float | Literal["time"] | None = None,
    ) -> None:
        """Adds a point to a chart.

        `loss/train` and `loss/val` are two series of one chart, and so are the items of a dict.
        `x` is the number of the point if it is None, and seconds since the run began if it is
        `"time"`. A `y` that is None or not finite is a gap.

        Raises:
            StopRequested: a stop was requested.
            LimitError: all metrics together passed `Limits.metric_points_count`.
        """
        chart, _, series = name.partition("/")
        if isinstance(y, Mapping):
            chart, points = name, tuple((str(key), _y(value)) for key, value in y.items())
        else:
            points = ((series or chart, _y(y)),)
        part_id, step_id = f"metric:{chart}", self._step()
        by_time = x == "time"
        at = None if x is None or isinstance(x, str) else float(x)
        event = Metric(part_id, chart, points, at, by_time, step_id)
        self._desk.send_part(part_id, step_id, event)

    # --- tool calls

    def tool_call(
        self, name: str, arguments: object = None, *, tool_call_id: str | None = None
    ) -> ToolCallHandle:
        """Begins a tool call and gives its handle: `call.result(value)` or `call.error(message)`.

        `arguments` None means that their JSON text is arriving: `call.write(text)`. As a `with`
        block, an exception inside is the call's error.

        Raises:
            StopRequested: a stop was requested.
        """
        part_id, step_id = self._desk.new_id("c"), self._step()
        start = ToolCallStart(part_id, name, tool_call_id, False, step_id)
        if arguments is None:
            self._desk.send_part(part_id, step_id, start)
        else:
            self._desk.send_part(part_id, step_id, start, ToolCallEnd(part_id, _json(arguments)))
        return ToolCallHandle(self._desk, part_id)

    # --- artifacts and custom parts

    def artifact(self, obj: object, title: str | None = None, *, key: str | None = None) -> None:
        """Shows anything with a rich representation: figures, charts, images, styled tables.

        The same `key` again replaces what was shown. A representation that is larger than
        `Limits.artifact_bytes` is left out, and the page says so.

        Raises:
            StopRequested: a stop was requested.
        """
        step_id = self._step()
        part_id = self._desk.new_id("a") if key is None else f"artifact:{key}"
        self._desk.check()
        data, metadata, omitted = mime_bundle(obj, self._desk.limits.artifact_bytes)
        event = Artifact(part_id, data, title, metadata, omitted, step_id)
        self._desk.send_part(part_id, step_id, event)

    def custom(self, kind: str, data: object, *, key: str | None = None) -> None:
        """Shows `data`, a JSON value, by the renderer that was registered for `kind`.

        The same `key` again replaces the data.

        Raises:
            StopRequested: a stop was requested.
        """
        step_id = self._step()
        part_id = self._desk.new_id("x") if key is None else f"custom:{kind}:{key}"
        event = Custom(part_id, kind, plain_json(data), step_id)
        self._desk.send_part(part_id, step_id, event)


class TableHandle:
    """One table of an emitter: the same calls without its name."""

    def __init__(self, emitter: DataCalls, name: str, key: str | None) -> None:
        self._emitter = emitter
        self._name = name
        self._key = key

    def rows(
        self, rows: object, *, columns: Sequence[str] | None = None, replace: bool = False
    ) -> None:
        """Adds rows: see `Emitter.rows`."""
        self._emitter.rows(self._name, rows, self._key, columns=columns, replace=replace)

    def row(self, row: object, *, columns: Sequence[str] | None = None) -> None:
        """Adds one row: see `Emitter.row`."""
        self._emitter.row(self._name, row, self._key, columns=columns)


class ToolCallHandle:
    """One tool call that runs; its calls may come from any thread."""

    def __init__(self, desk: Desk, part_id: str) -> None:
        self._desk = desk
        self._part_id = part_id
        self._is_over = False

    def write(self, arguments_text: str) -> None:
        """More of the arguments' JSON text.

        Raises:
            StopRequested: a stop was requested.
        """
        self._desk.send(ToolCallDelta(self._part_id, arguments_text))

    def result(self, value: object) -> None:
        """What the tool gave: text, or anything that JSON can tell. Again replaces it.

        Raises:
            StopRequested: a stop was requested.
        """
        self._is_over = True
        text = value if isinstance(value, str) else _json(value)
        self._desk.send(ToolResult(self._part_id, text))

    def error(self, message: object) -> None:
        """Says that the tool failed."""
        self._is_over = True
        if isinstance(message, BaseException):
            message = f"{type(message).__name__}: {message}"
        self._desk.push([ToolResult(self._part_id, str(message), is_error=True)])

    def __enter__(self) -> ToolCallHandle:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if isinstance(error, Exception) and not isinstance(error, StopRequested):
            self.error(error)
        elif not self._is_over and error is None:
            self._desk.push([ToolCallEnd(self._part_id)])


def _mode(key: str | None, replace: bool) -> RowsMode:
    if replace:
        return "replace"
    return "append" if key is None else "upsert"


def _y(value: float | None) -> float | None:
    return None if value is None else float(value)


def _json(value: object) -> str:
    return json.dumps(plain_json(value), ensure_ascii=False)
