"""The emitter: passed to a job function, and returned by a view without a source.

Thread-safe. Must not know runs or widgets: it sends events through its sink.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar, overload

from ..errors import StopRequested
from ..events import (
    Artifact,
    Custom,
    Event,
    Progress,
    StepEnd,
    StepStart,
    StepState,
    ToolCallEnd,
    ToolCallStart,
)
from . import convert
from .data_calls import DataCalls
from .event_sink import EventSink
from .message_calls import MessageCalls
from .mime import mime_bundle
from .progress_loops import tracked
from .reader_calls import ReaderCalls
from .tool_calls import ToolCallHandle

T = TypeVar("T")


class Emitter(MessageCalls, DataCalls, ReaderCalls):
    """Turns calls into events of a run.

    Every call raises `StopRequested` once a stop was requested, which ends a plain loop; code that
    cleans up first checks `stopped`. All calls are safe from any thread or task, and belong to the
    step that the thread or task is in.

    Arguments are converted where they are passed: an exception or a path becomes text, a numpy
    scalar a number. A value that cannot be converted raises `TypeError` or `UsageError` in the
    call.
    """

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
        text = ""
        if arguments is not None:
            text = convert.json_text("emit.tool_call", arguments)
            events.append(ToolCallEnd(part_id, text))
        self._sink.send_part(part_id, step_id, *events)
        return ToolCallHandle(self._sink, part_id, start.tool_name, step_id, text)

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
