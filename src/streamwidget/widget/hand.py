"""A view without a source is fed by hand: the user's own code is the producer."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from ..emit import Emitter, EventSink
from ..emit.event_sink import current_sink, set_current_sink
from ..errors import StopRequested, UsageError
from ..events import Event
from ..run import TERMINAL, Run
from ..threads import Turns
from .notebook_cells import end_fed, fed_by_cell


class _HandFed:
    """The source of a view that has none."""

    def __repr__(self) -> str:
        return "<fed by hand>"


HAND_FED = _HandFed()


_PACKAGE = str(Path(__file__).resolve().parents[1])
_AWAITS = inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR


def _check_await() -> None:
    """Refuse a question of a cell that does not await it: the kernel would have to wait.

    Raises:
        UsageError: the code that called the emitter is not a coroutine.
    """
    frame = inspect.currentframe()
    while frame is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        frame = frame.f_back
    if frame is not None and not frame.f_code.co_flags & _AWAITS:
        raise UsageError("This question would block the kernel. Write: await emit.ask(...).")


class HandEmitter(Emitter):
    """An emitter that records the cell it is called from, and closes the producer after a stop."""

    def __init__(self, run: Run) -> None:
        super().__init__(
            EventSink(
                self._push_from_cell,
                run.new_id,
                run.stop_requested,
                self._check,
                run.limits,
                run.controls,
            )
        )
        self._sink.check_await = _check_await
        self._run = run
        self._turns = Turns()
        self.inside_with = False
        """Inside `with`, leaving the block closes the producer; a refused call does not."""

    def _push_from_cell(self, events: Sequence[Event]) -> None:
        fed_by_cell(self._run)
        self._run.push(events)

    def _check(self) -> None:
        run = self._run
        self._turns()
        if run.stop_times is not None:
            if not self.inside_with:
                run.producer_closed()
            raise StopRequested
        if run.status in TERMINAL:
            raise UsageError("This view has ended. Create a new StreamView to show more.")


class Fed:
    """Feeding a view that has no source: `with view as emit`, `view.emit`, `view.finish()`."""

    _emitter: HandEmitter | None
    """None: the view has a source."""
    _outer_sink: EventSink | None = None
    """The sink of the job around the `with` block; None: outside of jobs."""

    @property
    def _run(self) -> Run:
        raise NotImplementedError

    def _show(self, *, again: bool = False) -> None:
        raise NotImplementedError

    @property
    def emit(self) -> Emitter:
        """The emitter of a view that is fed by hand.

        Raises:
            UsageError: the view has a source.
        """
        return self._hand()

    def finish(self) -> None:
        """End a view that is fed by hand.

        Raises:
            UsageError: the view has a source.
        """
        self._hand()
        end_fed(self._run, None)

    def __enter__(self) -> Emitter:
        emitter = self._hand()
        emitter.inside_with = True
        self._outer_sink = current_sink()
        set_current_sink(emitter._sink)
        self._show()
        return emitter

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> bool:
        set_current_sink(self._outer_sink)
        end_fed(self._run, error)
        # a stop ends only the block; an interrupt also ends the cell
        return isinstance(error, StopRequested) and self._run.stop_times is not None

    def _hand(self) -> HandEmitter:
        if self._emitter is None:
            raise UsageError(
                "This view has a source. Create a StreamView without a source to feed it by hand, "
                "or pass a function that takes an emitter."
            )
        return self._emitter
