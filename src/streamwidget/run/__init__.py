"""Runs: from start to a single terminal state. Must not know the widget."""

from .collect import acollect, begin, check_blocking, collect
from .result import Result
from .run import Run
from .states import TERMINAL, Status

__all__ = [
    "TERMINAL",
    "Result",
    "Run",
    "Status",
    "acollect",
    "begin",
    "check_blocking",
    "collect",
]
