"""Runs: from the start to a single terminal status. Must not know the widget."""

from .collect import acollect, begin, check_blocking, check_not_on_our_loop, collect
from .result import Result
from .run import Run
from .states import TERMINAL, Status, StopCause

__all__ = [
    "TERMINAL",
    "Result",
    "Run",
    "Status",
    "StopCause",
    "acollect",
    "begin",
    "check_blocking",
    "check_not_on_our_loop",
    "collect",
]
