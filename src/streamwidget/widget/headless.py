"""A cell that a program executes: it waits for the end of its run and logs the progress.

The log lines go to the standard error of the kernel's process, and so to the log of the program
that started it. They do not appear in the notebook.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator

from ..phrases import duration
from ..run import TERMINAL, Run
from ..run.words import amount

MAX_TIME_S = 600.0
"""Default limit of the wait: nbmake's own limit is 300 s, papermill and nbclient have none."""

LINE_EVERY_S = 10.0
_TICK_S = 0.1


def max_time_s(given: float | None) -> float:
    """Return the limit of the wait in seconds: `given`, that of the environment, or the default."""
    if given is not None:
        return given
    try:
        return float(os.environ.get("STREAMWIDGET_MAX_TIME", ""))
    except ValueError:
        return MAX_TIME_S


def follow(
    run: Run, title: str, limit_s: float, write: Callable[[str], None] | None = None
) -> bool:
    """Wait for the end of `run`, at most `limit_s` seconds, and log the progress.

    Returns True if the run has ended.

    Raises:
        KeyboardInterrupt: the kernel was interrupted; the run has been stopped first.
    """
    write = write or write_to_log
    deadline = time.monotonic() + limit_s
    lines = _lines(run, title)
    next_line_at = time.monotonic() + LINE_EVERY_S
    try:
        while not run.finished.wait(_TICK_S):
            now = time.monotonic()
            if now >= deadline:
                break
            if now >= next_line_at:
                next_line_at = now + LINE_EVERY_S
                write(next(lines))
    except BaseException:
        run.request_stop()
        run.finished.wait(1.0)
        raise
    write(next(lines))
    return run.status in TERMINAL


def _lines(run: Run, title: str) -> Iterator[str]:
    while True:
        with run.reading():
            steps = [part for part in run.document.parts if part.kind == "step"]
            name = next((s.fields.get("name") for s in reversed(steps) if s.state == "running"), "")
            words = run.summary or f"{run.status}, {amount(run.tokens())}"
            elapsed = duration(run.stats.elapsed_s)
        step = f", {name}" if name else ""
        yield f"{title}: {words}" if run.summary else f"{title}: {words}, {elapsed}{step}"


def write_to_log(line: str) -> None:
    """Write a line to the original standard error of the kernel's process."""
    data = f"streamwidget: {' '.join(line.split())[:300]}\n".encode("utf-8", "replace")
    number = getattr(sys.stderr, "_original_stdstream_copy", None)
    try:
        os.write(2 if number is None else number, data)
    except OSError:
        pass  # standard error is closed
