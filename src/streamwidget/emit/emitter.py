"""The emitter: passed to a job function, and returned by a view without a source.

Thread-safe. Must not know runs or widgets: it sends events through its sink.
"""

from __future__ import annotations

from collections.abc import (
    AsyncIterable,
    AsyncIterator,
    Callable,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import contextmanager
from typing import TypeVar, overload

from ..errors import StopRequested
from ..events import (
    Artifact,
    Citation,
    Custom,
    Event,
    Failure,
    LogLevel,
    LogLine,
    Metric,
    Notice,
    NoticeLevel,
    Progress,
    RowsEnd,
    StepEnd,
    StepStart,
    StepState,
    ToolCallEnd,
    ToolCallStart,
    Usage,
    ValueDelta,
    ValueEnd,
    ValueStart,
)
from . import convert, tables
from .event_sink import EventSink
from .mime import mime_bundle
from .progress_loops import tracked
from .tables import TableHandle
from .tool_calls import ToolCallHandle

T = TypeVar("T")


class Emitter:
    """Turns calls into events of a run.

    Every call raises `StopRequested` once a stop was requested, which ends a plain loop; code that
    cleans up first checks `stopped`. All calls are safe from any thread or task, and belong to the
    step that the thread or task is in.

    Arguments are converted where they are passed: an exception or a path becomes text, a numpy
    scalar a number. A value that cannot be converted raises `TypeError` or `UsageError` in the
    call.
    """

    def __init__(self, sink: EventSink) -> None:
        self._sink = sink

    def _step(self) -> str | None:
        return self._sink.current_step()

    @property
    def stopped(self) -> bool:
        """True once a stop was requested."""
        return self._sink.stop_requested()

    # --- text and messages

    def text(self, text: str) -> None:
        """Append to the text.

        Raises:
            StopRequested: a stop was requested.
            TypeError: `text` is not a `str`.
        """
        if type(text) is not str:
            text = convert.exact_text("emit.text", text)
        self._sink.grow("text", text, self._step())

    def reasoning(self, text: str) -> None:
        """Append to the reasoning, which is shown folded.

        Raises:
            StopRequested: a stop was requested.
            TypeError: `text` is not a `str`.
        """
        if type(text) is not str:
            text = convert.exact_text("emit.reasoning", text)
        self._sink.grow("reasoning", text, self._step())

    def notice(self, message: object, level: NoticeLevel = "info") -> None:
        """Show a message that is not a failure; an exception or a path is shown as text.

        Raises:
            StopRequested: a stop was requested.
            TypeError: `message` is None, bytes, or has no usable `str()`.
            UsageError: there is no such level.
        """
        text = convert.message_text("emit.notice", message)
        self._sink.send_below(self._step(), Notice(text, convert.notice_level(level)))

    def error(
        self, message: object, hint: object | None = None, *, detail: object | None = None
    ) -> None:
        """Show an error; the run continues. To end the run, raise an exception.

        Args:
            message: text, or the exception itself.
            hint: what the reader can do about it, in one sentence.
            detail: details for diagnosis, such as a traceback; shown folded.

        Raises:
            StopRequested: a stop was requested.
            TypeError: an argument is bytes, or has no usable `str()`.
        """
        step_id = self._step()
        failure = Failure(
            convert.message_text("emit.error", message),
            "source",
            error_type=type(message).__name__
            if isinstance(message, BaseException)
            else "StreamWidgetError",
            detail=convert.optional_text("emit.error(detail=)", detail),
            fatal=False,
            hint=convert.optional_text("emit.error(hint=)", hint),
            step_id=step_id,
        )
        self._sink.send_below(step_id, failure)

    def log(self, message: object, level: LogLevel | int = "info", *, logger: str = "") -> None:
        """Add a line to the log, which is shown separately from the text.

        `level` is a name or a number of `logging`.

        Raises:
            StopRequested: a stop was requested.
            TypeError: `message` is None, bytes, or has no usable `str()`.
            UsageError: there is no such level.
        """
        text = convert.message_text("emit.log", message)
        name = convert.message_text("emit.log(logger=)", logger)
        self._sink.send(LogLine(text, convert.log_level(level), name))

    def source(self, url: object, title: object | None = None) -> None:
        """Cite a source; citations are numbered in order, and a known `url` keeps its number.

        `url` may be a path.

        Raises:
            StopRequested: a stop was requested.
            TypeError: an argument is bytes, or has no usable `str()`.
        """
        address = convert.message_text("emit.source", url)
        name = convert.optional_text("emit.source(title=)", title)
        self._sink.send(Citation(address, name, self._step()))

    def usage(
        self,
        input_tokens: int | None = None,
        output_tokens: int | None = None,
        *,
        call: str = "",
        estimated: bool = False,
    ) -> None:
        """Report the tokens of one model call; the last report of a `call` wins, different calls
        add up.

        Raises:
            StopRequested: a stop was requested.
            TypeError: a count is not a number.
            UsageError: a count is negative or not finite.
        """
        usage = Usage(
            convert.token_count("emit.usage(input_tokens=)", input_tokens),
            convert.token_count("emit.usage(output_tokens=)", output_tokens),
            convert.message_text("emit.usage(call=)", call),
            bool(estimated),
        )
        self._sink.send(usage)

    # --- progress and steps

    def progress(
        self,
        completed: float,
        total: float | None = None,
        unit: str | None = None,
        message: object | None = None,
    ) -> None:
        """Show the progress of the current step, or of the run outside of all steps.

        A `total` of None, NaN or infinity means that the end is unknown.

        Raises:
            StopRequested: a stop was requested.
            TypeError: `completed` or `total` is not a number, or a text has no usable `str()`.
            UsageError: `completed` is not finite.
        """
        step_id = self._step()
        part_id = f"p:{step_id or ''}"
        event = Progress(
            part_id,
            convert.number("emit.progress", completed),
            convert.number_or_none("emit.progress(total=)", total),
            convert.optional_text("emit.progress(unit=)", unit),
            convert.optional_text("emit.progress(message=)", message),
            step_id,
        )
        self._sink.send_part(part_id, step_id, event)

    @overload
    def track(
        self,
        iterable: Iterable[T],
        desc: str | None = None,
        *,
        total: float | None = None,
        unit: str | None = None,
        leave: bool = True,
    ) -> Iterator[T]: ...

    @overload
    def track(
        self,
        iterable: AsyncIterable[T],
        desc: str | None = None,
        *,
        total: float | None = None,
        unit: str | None = None,
        leave: bool = True,
    ) -> AsyncIterator[T]: ...

    def track(
        self,
        iterable: Iterable[T] | AsyncIterable[T],
        desc: str | None = None,
        *,
        total: float | None = None,
        unit: str | None = None,
        leave: bool = True,
    ) -> Iterator[T] | AsyncIterator[T]:
        """Yield the items of `iterable` and show the progress, as tqdm does.

        The page is updated about 30 times a second, however fast the loop is.

        Args:
            iterable: anything to iterate over, also asynchronous.
            desc: heading of the bar.
            total: number of items; None: the length of the iterable, if it has one.
            unit: name of the items, such as `"papers"`.
            leave: True to keep the bar after the loop.

        Raises:
            StopRequested: a stop was requested.
            TypeError: `total` is not a number, or `desc` or `unit` has no usable `str()`.
        """
        return tracked(
            self._sink,
            self._step(),
            iterable,
            total=convert.number_or_none("emit.track(total=)", total),
            label=convert.optional_text("emit.track(desc=)", desc),
            unit=convert.optional_text("emit.track(unit=)", unit),
            leave=leave,
        )

    @contextmanager
    def step(self, name: object) -> Iterator[StepEmitter]:
        """Open a named step; what is emitted inside the block belongs to it. Steps nest.

        Only notices and lines of the log belong to the run itself, wherever they are emitted.

        Yields the emitter of the step, for threads that were started without a copy of the context:
        `step.text(...)` belongs to the step wherever it is called.

        Raises:
            StopRequested: a stop was requested.
            TypeError: `name` is None, bytes, or has no usable `str()`.
        """
        sink, parent = self._sink, self._step()
        step_id = sink.new_id("s")
        start = StepStart(step_id, convert.message_text("emit.step", name), parent)
        sink.send_part(step_id, parent, start)
        handle = StepEmitter(sink, step_id)
        state: StepState = "done"
        failure: str | None = None
        try:
            with sink.inside(step_id):
                yield handle
        except (StopRequested, KeyboardInterrupt, GeneratorExit):
            state = "stopped"
            raise
        except BaseException as error:
            state = "failed"
            failure = convert.line_of(error)
            raise
        finally:
            end = StepEnd(step_id, state, message=failure or handle.outcome)
            sink.settle()
            sink.push([*sink.close(step_id), end])

    # --- tables, values and metrics

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

    # --- tool calls, artifacts and custom parts

    def tool_call(
        self, name: str, arguments: object = None, *, tool_call_id: str | None = None
    ) -> ToolCallHandle:
        """Start a tool call; end it with `call.result(value)` or `call.error(error)`.

        Without `arguments`, append their JSON text with `call.write(text)`. In a `with` block, an
        exception becomes the error of the call.

        Raises:
            StopRequested: a stop was requested.
            UsageError: the arguments cannot be written as JSON.
        """
        part_id, step_id = self._sink.new_id("c"), self._step()
        start = ToolCallStart(
            part_id,
            convert.message_text("emit.tool_call", name),
            convert.optional_text("emit.tool_call(tool_call_id=)", tool_call_id),
            False,
            step_id,
        )
        events: list[Event] = [start]
        if arguments is not None:
            text = convert.json_text("emit.tool_call", arguments)
            events.append(ToolCallEnd(part_id, text))
        self._sink.send_part(part_id, step_id, *events)
        return ToolCallHandle(self._sink, part_id)

    def artifact(self, obj: object, title: object | None = None, *, key: str | None = None) -> None:
        """Show anything with a rich representation: figures, charts, images, styled tables.

        A later call with the same `key` replaces the artifact. A representation larger than
        `Limits.artifact_bytes` is left out, and the page says so.

        Raises:
            StopRequested: a stop was requested.
        """
        step_id = self._step()
        part_id = self._sink.new_id("a") if key is None else f"artifact:{key}"
        name = convert.optional_text("emit.artifact(title=)", title)
        self._sink.check()
        data, metadata, omitted = mime_bundle(obj, self._sink.limits.artifact_bytes)
        event = Artifact(part_id, data, name, metadata, omitted, step_id)
        self._sink.send_part(part_id, step_id, event)

    def custom(self, kind: str, data: object, *, key: str | None = None) -> None:
        """Show `data`, a JSON value, by the renderer that was registered for `kind`.

        A later call with the same `key` replaces the data.

        Raises:
            StopRequested: a stop was requested.
            UsageError: `data` cannot be written as JSON.
        """
        step_id = self._step()
        kind = convert.message_text("emit.custom", kind)
        part_id = self._sink.new_id("x") if key is None else f"custom:{kind}:{key}"
        event = Custom(part_id, kind, convert.json_value("emit.custom", data), step_id)
        self._sink.send_part(part_id, step_id, event)

    def push_events(self, events: Sequence[Event]) -> None:
        """Add events unchanged, even after a stop was requested; events after the end are
        dropped."""
        self._sink.push(events)


class StepEmitter(Emitter):
    """The emitter of one step: its events belong to that step from any thread."""

    def __init__(self, sink: EventSink, step_id: str) -> None:
        super().__init__(sink)
        self._step_id = step_id
        self.outcome: str | None = None
        """The result of the step in one line; None: no message."""

    def _step(self) -> str | None:
        return self._step_id

    def message(self, text: object) -> None:
        """Set the result of the step in one line; it is shown beside the name at the end."""
        self.outcome = convert.line_of(text)
