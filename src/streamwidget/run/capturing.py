"""The capture of a run: from its start until its producer has closed."""

from __future__ import annotations

from contextvars import Context

from ..decode.terminal import Terminal
from ..emit import EventSink
from ..emit.capture import Capture
from ..emit.routing import close_capture, open_capture, set_running
from ..io.redaction import without_secrets
from ..sources.bars import Bars
from ..threads import has_threads
from .run import Run


def _nothing() -> None:
    pass


def begin_capture(run: Run, variables: Context, *, blocks: bool) -> Capture:
    """Capture what code that runs in `variables` prints and displays.

    `blocks`: a pause may hold the thread that prints.
    """
    sink = EventSink(run.push, run.new_id, run.stop_requested, limits=run.limits)
    capture = Capture(
        sink,
        new_screen=lambda: Terminal(Bars(run.new_id)),
        wake=lambda: run.on_change(),
        hold=run.gate.wait if blocks and has_threads() else _nothing,
        conceal=lambda text: without_secrets(run.hide(text)),
    )
    variables.run(set_running, capture)
    open_capture(capture)
    return capture


def end_capture(capture: Capture) -> None:
    """Send the rest; what is written from now on goes where it went before."""
    capture.finish()
    close_capture(capture)
