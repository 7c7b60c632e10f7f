"""A run as a widget: its traits, its display, and what is sent to pages.

Must not know how runs are started. `StreamView` adds what people call.
"""

from __future__ import annotations

import contextvars
import sys
import threading
from collections.abc import Iterator
from typing import Any

from ..errors import UsageError
from ..io.source import Source
from ..run import Run, StopCause, check_blocking, check_not_on_our_loop
from ..sources.journal_source import AttachSource
from ..terminal import follow_here
from ..threads import check_can_block, has_threads
from . import headless, notebook_cells
from .attempt import Attempt
from .detaching import DetachedJob
from .hosts import ends_at_error, kernel
from .marimo_export import Exported
from .page_widget import SentWidget
from .port import Port
from .publisher import Channel
from .saved_output import SavedOutput
from .saved_view import SavedView

CLOSING_S = 5.0
"""How long a cell that an error ended waits for the producer to close."""
FLUSH_S = 1.0
"""How long a wait stays for the end to be sent, so that a headless run has it in its output."""


class Shown(SentWidget):
    """The widget of a view."""

    _attempt: Attempt
    """The run that is shown; a retry replaces it."""
    _saved: SavedView
    _boards: list[tuple[SavedOutput[Any], Any]]
    """The outputs of boards that show this view, each with what it is about."""
    _channel: Channel
    _cell: int | None
    """The cell in whose context messages are sent."""
    _detached: DetachedJob | None
    _max_time: float | None
    _shown: bool
    """True once the view was displayed."""

    @property
    def _port(self) -> Port:
        return self._attempt.port

    @property
    def _run(self) -> Run:
        return self._attempt.run

    @property
    def _source(self) -> Source | None:
        return self._attempt.source

    # --- how it is displayed

    def _about(self) -> Port:
        return self._port

    def reopen(self) -> None:
        """Show the live view again in this cell, as `view` at the end of a cell does.

        A saved notebook shows only the record of a run; this needs its kernel.
        """
        self._show(again=True)

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        self._shown = True
        return super()._repr_mimebundle_()

    def _ipython_display_(self) -> None:
        """Display the view in a way that lets the kernel replace the saved output."""
        if kernel() is None and sys.stdout.isatty():
            follow_here(self._run, self._run.title)  # IPython in a terminal
            return
        super()._ipython_display_()

    def _record_for_marimo(self) -> Exported:
        """Wait for the end of the run, and return its record: the `_display_` in an export."""
        self._last(None, headless.max_time_s(self._max_time))
        return self._exported()

    def _show(self, *, again: bool = False) -> None:
        if notebook_cells.shell() is not None and (again or not self._shown):
            from IPython.display import display

            display(self)  # type: ignore[no-untyped-call]

    # --- a cell that a program executes waits for the run

    def _end_of_cell(self, error: BaseException | None) -> None:
        """Wait for the end of the run in the cell that shows it, if a program executes the cell."""
        self._last(error, headless.max_time_s(self._max_time))
        self._keep_recorded()

    def _end_of_later_cell(self, error: BaseException | None) -> None:
        self._last(error, 0)
        self._keep_recorded()

    def _keep_recorded(self) -> None:
        """Write the record, and again at the end of each cell until the run is over."""
        self._settle_here()
        if not self._port.over:
            notebook_cells.at_end_of_cell(self._end_of_later_cell)

    def _last(self, error: BaseException | None, limit_s: float) -> None:
        """Let the cell that `error` ended last until the run is over, at most `limit_s`."""
        self._send_in_this_cell()
        if self._stop_at_error(error):
            self._run.finished.wait(CLOSING_S)
        elif limit_s > 0 and self._can_block():
            headless.follow(self._run, self._port.title, limit_s)

    def _stop_at_error(self, error: BaseException | None) -> bool:
        """Stop the run if `error` ends the notebook, and so its kernel; True if it is stopped."""
        ends = isinstance(error, KeyboardInterrupt) or (error is not None and ends_at_error())
        if not ends or self._outlives_kernel:
            return False
        self._run.request_stop(by=StopCause("notebook"))
        return True

    @property
    def _outlives_kernel(self) -> bool:
        return self._detached is not None or isinstance(self._source, AttachSource)

    def _can_block(self) -> bool:
        if self._run.sender is not None or self._run.status == "paused":
            return False  # a later cell may have to send a message first
        try:
            self._check_blocking()
        except UsageError:
            return False  # the source needs the event loop of this thread: use `await view`
        return True

    def _check_blocking(self) -> None:
        if not self._run.finished.is_set():
            check_can_block("`await view`, or `async for event in view`")
            check_not_on_our_loop()
            if self._source is not None:
                check_blocking(self._source)

    def _settle_here(self) -> None:
        if self._saved.is_headless:
            self._saved.write(self._port)
        if self._run.finished.is_set() and has_threads():
            for sent in self._settle():
                sent.wait(FLUSH_S)

    def _settle(self) -> Iterator[threading.Event]:
        """Yield the event that a wait waits for after the end: the end was sent. Without a front
        end it is sent in the waiting cell, so that a headless run has it in its saved state."""
        yield self._channel.flushed
        if not self._port.attached and self._port.final_cell != notebook_cells.number():
            self._port.ask_snapshot()
            self._channel.flush_again()
            yield self._channel.flushed

    def _send_in_this_cell(self) -> None:
        self._cell = notebook_cells.number()
        self._channel.context = contextvars.copy_context()

    # --- called by the publisher and the front end

    @property
    def unseen(self) -> bool:
        """True if the view is visible on no page; for the publisher."""
        return self._port.unseen

    def flush(self, *, repeat: bool) -> bool:
        """Send all changes, for the publisher; return True once the end was acknowledged."""
        port = self._port  # read once, because a retry replaces it
        port.run.take_output()
        over = port.over
        message = port.message(repeat=repeat)
        if message is not None:
            self.patch = message
        if port.take_snapshot_asked() or (over and not port.final_sent):
            port.final_sent, port.final_cell = over, self._cell
            self.send_state("snapshot")
        self._send_code(port.take_code_asked())
        for content, buffers in port.answers.take():
            self.send(content, buffers=buffers)
        if over:
            for saved, kept in [(self._saved, port), *self._boards]:
                if saved.is_due(kept):
                    saved.write_soon(kept)
        return port.final_seen

    def flush_failed(self, error: Exception) -> None:
        """Show that an update could not be sent; for the publisher."""
        if self.comm is not None:  # a closed view has no page
            self._port.flush_failed(error)

    def _snapshot(self) -> dict[str, Any]:
        return self._port.snapshot()

    def _on_message(self, _: object, content: object, __: object) -> None:
        self._note_code(content)
        self._port.on_command(content)
