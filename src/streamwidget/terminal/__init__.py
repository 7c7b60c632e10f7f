"""A run in a plain terminal or script: live text, a wait at exit, an exit code. No widget."""

from .json_lines import print_jsonl
from .printer import Printer
from .screens import Screen, SplitScreen, screen_for
from .scripts import follow_here, follow_in_script

__all__ = [
    "Printer",
    "Screen",
    "SplitScreen",
    "follow_here",
    "follow_in_script",
    "print_jsonl",
    "screen_for",
]
