"""The `journal=` argument: where the journal of a run is, and what its header says."""

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
    """Record a run that has started; None if `option` asks for no journal.

    A file that cannot be written is a notice in the run, and no error.
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
    )
    run.hold_events_for(journal)
    return journal


def expect_journal(run: Run, option: JournalOption) -> None:
    """Let a run that is about to start keep all events until its journal is there."""
    if option is not None and option is not False:
        run.hold_events()


def journal_path(option: bool | str | Path, started: datetime, title: str) -> Path:
    """Return the file that `journal=` names; relative to the working directory of now.

    What has no suffix, or ends in a slash, or is a folder, is the folder for a file with a name of
    the local time and the title: `2026-11-28T10-02-11_title.jsonl`.
    """
    path = Path(FOLDER if isinstance(option, bool) else option)
    is_folder = isinstance(option, bool) or str(option).endswith("/") or not path.suffix
    if is_folder or os.path.isdir(path):  # Path.is_dir raises where it may not look
        path = path / f"{started:%Y-%m-%dT%H-%M-%S}_{file_name(title)}.jsonl"
    return path.absolute()
