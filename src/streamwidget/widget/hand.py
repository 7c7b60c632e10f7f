"""The emitter of a view without a source: the user's own code is the producer."""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import StopRequested, UsageError
from ..events import Event
from ..run import TERMINAL, Run
from ..sources.emitter import Emitter
from .cells import fed_by_cell


class HandEmitter(Emitter):
    """An emitter that knows the cell it is called from, and tells the run when it lets go."""

    def __init__(self, run: Run) -> None:
        super().__init__(
            self._push_from_cell,
            run.new_id,
            run.stop_requested,
            check=self._check,
            limits=run.limits,
        )
        self._run = run
        self.inside_with = False
        """Then the end of the block is the end of the producer, and not the refused call."""

    def _push_from_cell(self, events: Sequence[Event]) -> None:
        fed_by_cell(self._run)
        self._run.push(events)

    def _check(self) -> None:
        run = self._run
        if run.stats.stop is not None:
            if not self.inside_with:
                run.producer_closed()
            raise StopRequested
        if run.status in TERMINAL:
            raise UsageError("This view has ended: make a new StreamView to show more.")
