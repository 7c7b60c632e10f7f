"""The line of the user's code that a thread is executing, for messages about blocking code."""

from __future__ import annotations

import sys
import sysconfig
from pathlib import Path

_OURS = (
    str(Path(__file__).resolve().parents[1]),
    sysconfig.get_path("stdlib"),
    "<frozen",
)


def place_of(thread_id: int | None) -> str | None:
    """Return the innermost line of the user's code on a thread, as `job.py, line 12`.

    None: the thread has ended, or is not in the user's code.
    """
    frame = None if thread_id is None else sys._current_frames().get(thread_id)
    while frame is not None:
        file = frame.f_code.co_filename
        if "site-packages" not in file and not file.startswith(_OURS):
            return f"{Path(file).name}, line {frame.f_lineno}"
        frame = frame.f_back
    return None
