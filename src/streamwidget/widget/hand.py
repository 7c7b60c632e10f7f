"""The emitter of a view without a source: the user's own code is the producer."""

from __future__ import annotations

from collections.abc import Sequence

from ..emit import Emitter, EventSink
from ..errors import StopRequested, UsageError
from ..events import Event
from ..run import TERMINAL, Run
from ..threads import Turns
from .notebook_cells import fed_by_cell


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
