"""A notebook that `marimo export` runs: its cells wait for their runs, and show the records.

The exported file has no kernel, and marimo exports as soon as all cells have ended.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import PurePath
from typing import Any

_COMMANDS = frozenset({"convert", "edit", "export", "new", "run", "tutorial"})


@cache
def is_exporting() -> bool:
    """True if `marimo export` runs the notebook.

    marimo runs it in a child process, whose parent has the command line.
    """
    if "marimo" not in sys.modules:
        return False
    try:
        psutil: Any = importlib.import_module("psutil")  # marimo depends on it
        arguments = psutil.Process(os.getppid()).cmdline()
    except Exception:
        return False  # not installed, or the command line may not be read
    return command_of(arguments) == "export"


def command_of(arguments: Sequence[str]) -> str | None:
    """Return the command of marimo in a command line, such as `export`; None: it has none."""
    names = [PurePath(argument).stem for argument in arguments]
    if "marimo" not in names:
        return None
    rest = arguments[names.index("marimo") + 1 :]
    return next((argument for argument in rest if argument in _COMMANDS), None)


class Exported:
    """An output as marimo's protocol for display wants it."""

    def __init__(self, html: str) -> None:
        self.html = html

    def _mime_(self) -> tuple[str, str]:
        return "text/html", self.html
