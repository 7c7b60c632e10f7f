"""Interfaces of a run for its readers: of a live run, and of what is kept of one."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from ..budget import Spent
from ..document import Document
from ..errors import StreamWidgetError
from .eventlog import EventLog
from .states import Status


class Readable(Protocol):
    """A run, or what is kept of one, for those who read data from it."""

    @property
    def document(self) -> Document:
        """The document of the run."""

    def reading(self) -> AbstractContextManager[object]:
        """Hold the document still."""


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
    """Where the readings come from: a run, or what is kept of one."""

    @property
    def run_id(self) -> str:
        """Identifies the run."""

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
