"""The methods of a view for questions of its run, and where a question can be answered."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from ..emit.asking import Ask
from ..emit.prompts import in_terminal
from ..errors import UsageError
from ..run import Run
from ..threads import IN_BROWSER
from .hosts import is_headless, kernel
from .marimo_export import is_exporting

_SERVERS = frozenset({"panel", "solara", "shiny", "marimo", "voila", "streamlit"})
"""Programs that serve pages."""


class Asked:
    """The questions of a run, for people who answer them in Python."""

    @property
    def _run(self) -> Run:
        raise NotImplementedError

    @property
    def asks(self) -> tuple[Ask, ...]:
        """The questions of the job that wait for an answer, oldest first: `ask.question`,
        `ask.options`, `ask.answer(value)`."""
        return self._run.asks.waiting

    def answer(self, value: object) -> bool:
        """Answer the oldest open question; return False if it was answered elsewhere meanwhile.

        `value` is an option or its label, a dict of the fields of a form, or the value of its only
        field.

        Raises:
            UsageError: no question is open, or this one does not take the answer.
        """
        return answer_oldest(self.asks, value, asker="run")


def answer_oldest(asks: Sequence[Ask], value: object, *, asker: str) -> bool:
    """Answer the first of the open questions of a run or a chat, which `asker` says.

    Raises:
        UsageError: no question is open, or this one does not take the answer.
    """
    if not asks:
        raise UsageError(f"No question of this {asker} waits for an answer.")
    return asks[0].answer(value)


def presenter(run: Run) -> Callable[[Ask], bool]:
    """Return the function that shows a question to the reader of `run`, if there is one."""
    return _on_page if _has_page() else in_terminal(run.finished.is_set)


def _on_page(_: Ask) -> bool:
    """Return True: a page draws the form, now or when it is opened."""
    return True


def _has_page() -> bool:
    """True where a page shows the widgets that this process creates."""
    if IN_BROWSER:
        return True
    if is_headless() or is_exporting():
        return False
    return kernel() is not None or not _SERVERS.isdisjoint(sys.modules)
