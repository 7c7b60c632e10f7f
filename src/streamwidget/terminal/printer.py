"""Prints one run as it arrives, on a thread or in the foreground."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from ..emit.prompts import add_hold, terminal_turn
from ..phrases import duration
from ..run import Run
from ..run.words import amount
from .closing import closing_lines
from .screens import Screen
from .transcript import Piece, Style, Transcript

_TICK_S = 0.1
_END_STYLE: dict[str, Style] = {"finished": "good", "failed": "bad"}


class Printer:
    """Prints a run by reading its event log, so that the run itself does no work for it."""

    def __init__(self, run: Run, screen: Screen, title: str) -> None:
        self.run = run
        self.done = threading.Event()
        """Set when everything is printed."""
        self._screen, self._title = screen, title
        self._transcript = Transcript()
        self._position = 0

    def start(self) -> None:
        """Print on a daemon thread."""
        threading.Thread(target=self.follow, name="streamwidget-terminal", daemon=True).start()

    def follow(self) -> None:
        """Print until the run has ended and its end is printed.

        Raises:
            OSError: the output cannot be written.
            KeyboardInterrupt: this thread was interrupted; the run continues.
        """
        forget = add_hold(self._held)
        try:
            while True:
                over = self.run.finished.is_set()  # first, so that everything before it is read
                with terminal_turn():
                    while self._print_new():
                        pass
                    if not over:
                        self._screen.tick(self._status())
                if over:
                    break
                self.run.finished.wait(_TICK_S)
            with terminal_turn():
                self._print_end()
        finally:
            forget()
            self._screen.close()
            self.done.set()

    @contextmanager
    def _held(self) -> Iterator[None]:
        """Print everything so far, and leave the terminal to others until the end of the block.

        Called in the turn of the question.
        """
        while self._print_new():
            pass
        self._screen.hold()
        try:
            yield
        finally:
            self._screen.resume()

    def _print_new(self) -> bool:
        events, self._position = self.run.read_events(self._position)
        for event in events:
            for piece in self._transcript.feed(event):
                self._screen.put(piece)
        return bool(events)

    def _print_end(self) -> None:
        parts = self.run.still().snapshot()["parts"]
        for line in closing_lines(parts):
            self._screen.put(Piece(line))
        style = _END_STYLE.get(self.run.status, "warning")
        self._screen.put(Piece(f"{self._title}: {self.run.summary}", style))

    def _status(self) -> str:
        run = self.run
        with run.lock:
            words = [
                self._title,
                str(run.status),
                duration(run.stats.elapsed_s),
                amount(run.tokens()),
            ]
        return ", ".join(words)
