"""`StreamView(source, detached=True)`: start a process, and attach to its journal."""

from __future__ import annotations

from pathlib import Path

from ..budget import Budget
from ..errors import DecodeError, UsageError
from ..journal.journal_file import JournalFile
from ..journal.writer import Redact
from ..run.detached import start_detached
from ..run.journaling import JournalOption
from ..sources.journal_source import AttachSource


class DetachedJob:
    """Starts a detached run of one source: the first one, and one for each retry."""

    def __init__(
        self,
        source: object,
        journal: JournalOption,
        *,
        format: str,
        title: str | None,
        redact: Redact | None,
        budget: Budget | None,
    ) -> None:
        """Remember what to run.

        Raises:
            UsageError: there is a budget.
        """
        if budget is not None:
            raise UsageError("A detached run does not support budget=. Limit the job itself.")
        self._source, self._journal, self._format = source, journal, format
        self._title, self._redact = title, redact
        self._path: Path | None = None
        """The journal of the newest run; None before the first."""

    def start(self) -> AttachSource:
        """Start the next run in its own process and journal; return the source that shows it.

        Raises:
            UsageError: the source cannot be sent to another process, or no process can start.
        """
        job = start_detached(
            self._source,
            self._journal,
            format=self._format,
            title=self._title,
            redact=self._redact,
            parent=None if self._path is None else _run_id(self._path),
        )
        self._path = job.path
        return AttachSource(job.path, job.failure)


def _run_id(path: Path) -> str | None:
    """Return the ID of the run in a journal; None if the process ended without writing one."""
    try:
        with JournalFile(path) as file:
            return str(file.header.get("run_id"))
    except (DecodeError, UsageError):
        return None
