"""A run in a process that outlives this one: how to start it, and the main function of the process.

The process reads the job from its standard input, records the run in a journal, and ends with it.
The output of the job goes to a file beside the journal. `SIGTERM` and `SIGINT` stop the run.
"""

from __future__ import annotations

import importlib
import pickle
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ..errors import UsageError, excerpt
from ..journal.writer import Redact
from ..threads import check_not_in_browser
from .collect import begin
from .journaling import JournalOption, expect_journal, journal_path, start_journal
from .run import Run
from .waiting import wait

LOG_CHARS = 2_000
"""Last characters of the process's output in an error."""


@dataclass(frozen=True, slots=True)
class Job:
    """The job of a detached process."""

    source: object
    format: str
    title: str | None
    journal: str
    redact: Redact | None
    parent: str | None
    """ID of the run that this one retries; None: it is the first."""


@dataclass(frozen=True, slots=True)
class Detached:
    """A process that was started, and the journal that it writes."""

    path: Path
    log: Path
    process: subprocess.Popen[bytes]

    def failure(self) -> str | None:
        """Return why the process ended before it wrote a journal; None while it runs."""
        code = self.process.poll()
        if code is None:
            return None
        try:
            text = self.log.read_text("utf-8", "replace")[-LOG_CHARS:].strip()
        except OSError:
            text = ""
        last = text.splitlines()[-1] if text else "it printed nothing"
        return f"The detached process ended with status {code}: {excerpt(last)}"


def start_detached(
    source: object,
    journal: JournalOption,
    *,
    format: str,
    title: str | None,
    redact: Redact | None,
    parent: str | None = None,
) -> Detached:
    """Start a process that runs `source` and records it.

    Raises:
        UsageError: the source cannot be sent to another process.
    """
    check_not_in_browser(
        "A browser runs no processes, so no job can outlive this kernel: leave detached=True out."
    )
    name = title or getattr(source, "__name__", None) or "job"
    path = _free(journal_path(journal or True, datetime.now().astimezone(), name))
    job = _pickled(Job(source, format, title, str(path), redact, parent))
    log = log_path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-c", _MAIN],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
    except OSError as error:
        raise UsageError(f"The detached process cannot be started: {error}.") from None
    assert process.stdin is not None
    with process.stdin as pipe:
        pickle.dump(sys.path, pipe)
        pipe.write(job)
    # It outlives the view; when it ends before this process, it must not stay a zombie.
    threading.Thread(target=process.wait, name="streamwidget-detached", daemon=True).start()
    return Detached(path, log, process)


_MAIN = (
    "import pickle, sys; sys.path[:] = pickle.load(sys.stdin.buffer); "
    "from streamwidget.run.detached import main; main()"
)


def main() -> None:
    """Run the job on standard input to its end; the main function of the detached process."""
    job: Job = pickle.load(sys.stdin.buffer)
    run = Run()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: run.request_stop())
    expect_journal(run, job.journal)
    begin(run, job.source, format=job.format)
    journal = start_journal(
        run,
        job.journal,
        title=job.title,
        redact=job.redact,
        parent=job.parent,
        is_detached=True,
    )
    wait(run)
    if journal is not None:
        journal.flush()
    sys.stdout.flush()
    log = log_path(Path(job.journal))
    if log.exists() and not log.stat().st_size:
        log.unlink()


def log_path(journal: Path) -> Path:
    """Return the file for the output of a job; never its journal."""
    name = f"{journal.stem}.output" if journal.suffix.lower() == ".log" else journal.stem
    return journal.with_name(f"{name}.log")


def _pickled(job: Job) -> bytes:
    dumps: Callable[[Job], bytes] = pickle.dumps
    if any(getattr(part, "__module__", "") == "__main__" for part in (job.source, job.redact)):
        try:
            dumps = importlib.import_module("cloudpickle").dumps
        except ImportError:
            raise UsageError(
                "A function that is defined in the notebook needs cloudpickle to run in another "
                "process: pip install cloudpickle, or put the function in a module."
            ) from None
    try:
        return dumps(job)
    except Exception as error:  # anything that the pickled objects raise
        raise UsageError(
            f"A {type(job.source).__name__} cannot be sent to another process "
            f"({excerpt(str(error), 80)}). Pass a URL, process(...), or a function of a module."
        ) from None


def _free(path: Path) -> Path:
    """Return a path that does not exist yet."""
    number, free = 1, path
    while free.exists() or log_path(free).exists():
        number += 1
        free = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return free
