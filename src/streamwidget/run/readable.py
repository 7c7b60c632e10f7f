"""Interfaces for reading a run: a live one, or the saved state of one."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from ..document import Document
from ..errors import StreamWidgetError
from ..ledger import Spent
from .eventlog import EventLog
from .states import Status


class Readable(Protocol):
    """The document of a run, and a way to hold it still."""

    @property
    def document(self) -> Document:
        """The document of the run."""

    def reading(self) -> AbstractContextManager[object]:
        """Hold the document still, for a moment: everything else waits."""

    def still(self) -> Document:
        """Return the document as it is now; it never changes."""


class Measures(Protocol):
    """The times and counts of a run."""

    @property
    def elapsed_s(self) -> float:
        """Seconds since the start, up to the end of the run."""

    @property
    def first_token_s(self) -> float | None:
        """Seconds from the start to the first token; None: no token yet."""

    @property
    def token_count(self) -> int:
        """Number of tokens so far, estimated by us."""


class State(Readable, Protocol):
    """Everything that `Readings` reads: from a live run, or from saved state."""

    @property
    def run_id(self) -> str:
        """Identifies the run."""

    @property
    def title(self) -> str:
        """The title that the view shows."""

    @property
    def started(self) -> datetime:
        """Time of the start."""

    @property
    def status(self) -> Status:
        """Current status of the run."""

    @property
    def summary(self) -> str | None:
        """How the run ended, in one sentence; None while it is live."""

    @property
    def error(self) -> StreamWidgetError | None:
        """The last error; None: no error."""

    @property
    def stats(self) -> Measures:
        """Times and counts of the run."""

    @property
    def events(self) -> EventLog:
        """The log of events."""

    def spent(self) -> Spent:
        """Return the tokens, the time and the cost so far."""
