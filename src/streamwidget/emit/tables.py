"""Tables: emitted rows to events, one batch at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from ..document.table_cells import SCALARS
from ..errors import UsageError
from ..events import Rows, RowsMode
from . import convert
from .event_sink import EventSink
from .rows import batches, plain_rows

NO_UNITS: Mapping[str, str] = {}


class _HasStep(Protocol):
    def _step(self) -> str | None: ...


def send_rows(
    sink: EventSink,
    step_id: str | None,
    name: str,
    rows: object,
    *,
    key: str | None,
    columns: Sequence[str] | None,
    units: Mapping[str, str] | None,
    replace: bool,
) -> None:
    """Send rows of any shape to the table `name`.

    Raises:
        StopRequested: a stop was requested.
        UsageError: `rows` are not rows, or lack the key column.
    """
    name = convert.message_text("emit.rows", name)
    key = convert.optional_text("emit.rows(key=)", key)
    part_id, mode = f"table:{name}", _mode(key, replace)
    known_units = convert.units_of("emit.rows", units)

    def send(names: tuple[str, ...], cells: tuple[tuple[object, ...], ...]) -> None:
        cells = plain_rows(names, cells)
        event = Rows(part_id, name, names, cells, mode, key, known_units, step_id)
        sink.send_part(part_id, step_id, event)

    sent = False
    for names, cells in batches(rows, columns, by_keys=mode == "upsert"):
        if key is not None and key not in names:
            raise UsageError(f"Row in table {name!r} is missing its key column {key!r}.")
        send(names, cells)
        mode = "append" if mode == "replace" else mode
        sent = True
    if not sent:
        send(tuple(map(str, columns or ())), ())


def send_dict(sink: EventSink, emitter: _HasStep, name: str, row: object, key: str | None) -> bool:
    """Send a plain dict as one row, without the cost of a batch; False if `row` is not one."""
    if type(row) is not dict or type(name) is not str or (key is not None and key not in row):
        return False
    names = tuple(row)
    for column in names:  # cheaper than all(): this runs for each row of a job
        if type(column) is not str:
            return False
    if not names:
        return False
    part_id, step_id = f"table:{name}", emitter._step()
    mode: RowsMode = "append" if key is None else "upsert"
    rows: tuple[tuple[object, ...], ...] = (tuple(row.values()),)
    for cell in rows[0]:
        if type(cell) not in SCALARS:
            rows = plain_rows(names, rows)
            break
    event = Rows(part_id, name, names, rows, mode, key, NO_UNITS, step_id)
    sink.send_part(part_id, step_id, event)
    return True


class TableHandle:
    """One table of an emitter: the same calls without the name."""

    def __init__(
        self, rows: Callable[..., None], row: Callable[..., None], name: str, key: str | None
    ) -> None:
        self._rows, self._row = rows, row
        self._name, self._key = name, key

    def rows(
        self, rows: object, *, columns: Sequence[str] | None = None, replace: bool = False
    ) -> None:
        """Add rows: see `Emitter.rows`."""
        self._rows(self._name, rows, self._key, columns=columns, replace=replace)

    def row(self, row: object, *, columns: Sequence[str] | None = None) -> None:
        """Add one row: see `Emitter.row`."""
        self._row(self._name, row, self._key, columns=columns)


def _mode(key: str | None, replace: bool) -> RowsMode:
    if replace:
        return "replace"
    return "append" if key is None else "upsert"
