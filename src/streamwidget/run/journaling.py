"""The `journal=` argument: the path of a run's journal, and the facts of its header."""

from __future__ import annotations

import os
from datetime import datetime, timezone
from pathlib import Path
from typing import TypeAlias

from ..events import Notice
from ..journal.writer import Journal, Redact, header_facts
from .exporting import file_name
from .run import Run

JournalOption: TypeAlias = bool | str | Path | None
"""None or False: no journal. True: a file in `runs/`. A folder: a file in it. Else the file."""

FOLDER = "runs"


def start_journal(
    run: Run,
    option: JournalOption,
    *,
    title: str | None = None,
    redact: Redact | None = None,
    parent: str | None = None,
    is_detached: bool = False,
) -> Journal | None:
    """Record a run that has started, and return its journal; None if `option` is None or False.

    If the file cannot be written, the run shows a notice and continues.
    """
    if option is None or option is False:
        return None
    source = str(run.document.run.get("source") or "stream")
    started = run.started.astimezone()
    facts = header_facts(
        run_id=run.run_id,
        started=started.astimezone(timezone.utc).isoformat(timespec="seconds"),
        source=source,
        format=run.document.format,
        title=title or source,
        parent=parent,
    )
    if is_detached:
        facts["detached"] = True  # an attached view may stop it
    journal = Journal(
        run,
        journal_path(option, started, title or source),
        facts=facts,
        redact=redact,
        notify=lambda message: run.push([Notice(message, "warning")]),
        limits=run.limits.journal,
    )
    run.hold_events_for(journal)
    return journal


def expect_journal(run: Run, option: JournalOption) -> None:
    """Make a run that is about to start keep all events until its journal exists."""
    if option is not None and option is not False:
        run.hold_events()


def journal_path(option: bool | str | Path, started: datetime, title: str) -> Path:
    """Return the path of the journal for `journal=`; relative to the current working directory.

    A path without a suffix, with a slash at its end, or of an existing folder names a folder; the
    file in it is named by the local time and the title: `2026-11-28T10-02-11_title.jsonl`.
    """
    path = Path(FOLDER if isinstance(option, bool) else option)
    is_folder = isinstance(option, bool) or str(option).endswith("/") or not path.suffix
    if is_folder or os.path.isdir(path):  # Path.is_dir raises without permission to read
        path = path / f"{started:%Y-%m-%dT%H-%M-%S}_{file_name(title)}.jsonl"
    return path.absolute()
