"""The events of a run as lines of JSON, printed as they arrive; `StreamView.replay` reads them."""

from __future__ import annotations

from typing import BinaryIO

from ..export import jsonl
from ..run import Run

_TICK_S = 0.1


def print_jsonl(run: Run, title: str, stream: BinaryIO) -> None:
    """Print until the run has ended, as UTF-8 regardless of the terminal's encoding.

    Raises:
        OSError: `stream` cannot be written.
        KeyboardInterrupt: this thread was interrupted; the run continues.
    """
    position = 0
    is_first = True
    while True:
        over = run.finished.is_set()  # read first, so that all events before the end are read
        events, times, after = run.read_timed(position)
        position = after
        lines = jsonl.lines(zip(events, times, strict=True), title=title)
        head = next(lines)
        if is_first:
            stream.write(f"{head}\n".encode(errors="backslashreplace"))
            is_first = False
        stream.writelines(f"{line}\n".encode(errors="backslashreplace") for line in lines)
        stream.flush()
        if over and not events:
            return
        if not events:
            run.finished.wait(_TICK_S)
