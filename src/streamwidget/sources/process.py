"""A command as a source: its output as events, its exit status as the end of the run.

Both outputs are read as a terminal would show them. Standard output then goes through the same
pipeline as an HTTP response. Lines of standard error become notices; if there are many, a log. The
command leads a new process group, which a stop ends as a whole.
Must not know runs or widgets.
"""

from __future__ import annotations

import asyncio
import dataclasses
import os
import signal
import subprocess
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from typing import Final

from ..decode.lines import LineDecoder
from ..decode.terminal import Terminal
from ..errors import LimitError, SourceError, excerpt
from ..events import Event, LogLine, Notice, Progress, RunEnd
from ..io.reader import Reader
from ..io.source import AsyncSource, Context, Kind
from ..threads import check_not_in_browser
from .bars import Bars, terminal_for
from .child import STDOUT, Child
from .command import arguments_of, program_of

DETAIL_CHARS: Final = 2_000
"""Last characters of standard error in the error of a failed command."""
NOTICES_COUNT: Final = 50
"""First lines of standard error that become notices; further ones go to the run's log, which shows
the last `Limits.shown_log_lines_count` and counts the dropped ones."""
SETTLE_S: Final = 0.1
"""How long an unfinished line is held back, because a progress bar may be drawn over it."""


def process(
    command: str | Sequence[str],
    *,
    cwd: str | os.PathLike[str] | None = None,
    env: Mapping[str, str] | None = None,
    shell: bool | None = None,
    format: str = "auto",
) -> AsyncSource:
    """Return a source that runs `command`, once for each run.

    A str is split into words as a shell does, but no shell runs unless `shell` is True. If `shell`
    is None, shell syntax is refused; if it is False, it is passed on as arguments. `cwd` None is
    the current folder. `env` None is the environment of this process; a mapping replaces it, as in
    `subprocess`. `PYTHONUNBUFFERED=1` is added unless it is set. `format` is the format of standard
    output; "auto" uses the format of the run. Exit status 0 finishes the run, with or without
    output.

    Text is shown as in a terminal of 64 rows: colours and other escape sequences are dropped, and
    redrawn text is replaced by its last state or becomes a progress bar. The first 50 lines of
    standard error become notices, further ones lines of the log.

    The run continues while any process that the command started holds its output open. A stop ends
    the process group; on Linux also descendants in other groups and sessions, and every process
    that can still write to the output.

    Streaming it raises SourceError if the command cannot be started, fails or is ended by a signal
    (`detail` has the last 2,000 characters of standard error), and LimitError if a line is longer
    than `Limits.record_bytes`.

    Raises:
        UsageError: `command` is empty, has an open quote, or needs a shell and `shell` is None.
    """
    return _ProcessSource(
        arguments_of(command, shell),
        name=program_of(command, bool(shell)),
        cwd=cwd,
        env={"PYTHONUNBUFFERED": "1", **(os.environ if env is None else env)},
        format=format,
    )


class _ProcessSource:
    """Runs the command and reads both of its outputs."""

    kind = Kind(noun="process", is_ours=True)
    restartable = True
    home_loop: asyncio.AbstractEventLoop | None = None

    def __init__(
        self,
        arguments: list[str],
        *,
        name: str,
        cwd: str | os.PathLike[str] | None,
        env: Mapping[str, str],
        format: str,
    ) -> None:
        self.name = name
        self._arguments = arguments
        self._cwd = cwd
        self._env = env
        self._format = format

    async def stream(self, context: Context, /) -> AsyncIterator[Sequence[Event]]:
        check_not_in_browser(
            "A browser runs no processes: run the command on a server, and stream its output from "
            "there over HTTP."
        )
        if self._format != "auto":
            context = dataclasses.replace(context, format=self._format)
        stdout, stderr = _Stdout(self.name, context), _Stderr(context)
        child = await self._start()
        try:
            while True:
                try:
                    chunk = await child.read(SETTLE_S if stdout.is_holding else None)
                except asyncio.TimeoutError:
                    events = stdout.settle()
                else:
                    if chunk is None:
                        break
                    fd, data = chunk
                    events = stdout.feed(data) if fd == STDOUT else stderr.feed(data)
                if events:
                    yield events
                if stdout.error is not None:
                    raise stdout.error
            yield [*stderr.flush(), *stdout.flush()]
            if stdout.error is not None:
                raise stdout.error
            if child.status:
                raise SourceError(_ended(self.name, child.status, stderr.tail), detail=stderr.tail)
            child.leave_background()
            yield [stdout.end or RunEnd("complete")]
        finally:
            await child.close()

    async def _start(self) -> Child:
        loop = asyncio.get_running_loop()
        try:
            _, child = await loop.subprocess_exec(
                Child,
                *self._arguments,
                stdin=subprocess.DEVNULL,
                cwd=self._cwd,
                env=self._env,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            raise SourceError(self._no_start(error)) from error
        return child

    def _no_start(self, error: Exception) -> str:
        if self._cwd is not None and not os.path.isdir(self._cwd):
            return f"The folder {excerpt(os.fspath(self._cwd))} does not exist. Check cwd=..."
        if isinstance(error, FileNotFoundError):
            return (
                f"The program {excerpt(self.name)} was not found. "
                "Check its spelling and PATH, or pass its full path."
            )
        if isinstance(error, PermissionError):
            return f"No permission to run {excerpt(self.name)}. Check that the file is executable."
        reason = getattr(error, "strerror", None) or error
        return f"The program {excerpt(self.name)} could not be started: {excerpt(str(reason))}."


def _ended(name: str, status: int, tail: str | None) -> str:
    """Return the message for a status other than 0; a negative one is a signal's number."""
    end = f"ended with exit status {status}" if status > 0 else f"was ended by {_signal(-status)}"
    last_line = tail.strip().rpartition("\n")[2] if tail else ""
    reason = excerpt(last_line) if last_line else "it wrote nothing to standard error."
    return f"The process ({excerpt(name)}) {end}: {reason}"


def _signal(number: int) -> str:
    try:
        name = signal.Signals(number).name
    except ValueError:
        name = f"signal {number}"
    return f"{name} (memory may have run out)" if name == "SIGKILL" else name


class _Stdout:
    """A decoder from standard output to events; holds back the end of the run."""

    def __init__(self, name: str, context: Context) -> None:
        self.end: RunEnd | None = None
        """The end that the format reported; here a missing end marker does not matter."""
        self.error: LimitError | None = None
        """Error to raise after the events of the piece that passed the bound."""
        self._reader = Reader(name, context, None, printed=True)
        self._terminal = terminal_for(context)
        context.holds(self.settle)
        self._limit = context.limits.record_bytes
        self._line_bytes = 0

    @property
    def is_holding(self) -> bool:
        return self._terminal is not None and self._terminal.is_holding

    def feed(self, data: bytes) -> list[Event]:
        """Return the events that these bytes completed; a too long line of text sets `error`.

        Raises:
            LimitError: a record is longer than `Limits.record_bytes`.
        """
        terminal = self._terminal
        return self._read([data] if terminal is None else [*terminal.feed(data), *terminal.pause()])

    def settle(self) -> list[Event]:
        """Return the events of an unfinished line."""
        return self._read([] if self._terminal is None else self._terminal.settle())

    def flush(self) -> list[Event]:
        events = self._read([] if self._terminal is None else self._terminal.flush())
        return [*events, *self._held_back(self._reader.end())]

    def _read(self, pieces: Sequence[bytes | Progress]) -> list[Event]:
        events: list[Event] = []
        for piece in pieces:
            if isinstance(piece, Progress):
                events.append(piece)
            else:
                self._check(piece)
                events += self._held_back(self._reader.feed(piece))
        return events

    def _check(self, piece: bytes) -> None:
        first, *more = piece.split(b"\n")
        longest = max([self._line_bytes + len(first), *map(len, more)])
        self._line_bytes = len(more[-1]) if more else self._line_bytes + len(first)
        if longest > self._limit:
            self.error = LimitError(
                f"The process wrote a line of more than {self._limit:,} bytes. "
                "Raise Limits(record_bytes=...) if that is expected.",
                bound="record_bytes",
                limit=self._limit,
            )

    def _held_back(self, events: list[Event]) -> list[Event]:
        for event in events:
            if isinstance(event, RunEnd):
                is_cut = event.outcome == "cut"
                self.end = dataclasses.replace(event, outcome="complete") if is_cut else event
        return [event for event in events if not isinstance(event, RunEnd)]


class _Stderr:
    """A decoder from standard error to notices and log lines, one for each line that is not
    blank."""

    def __init__(self, context: Context) -> None:
        self.tail: str | None = None
        """The last `DETAIL_CHARS` characters; None: no output yet."""
        self._terminal = Terminal(Bars(context.new_id))
        self._lines = LineDecoder(limits=context.limits)
        self._line_count = 0

    def feed(self, data: bytes) -> list[Event]:
        """Return the events that these bytes completed.

        Raises:
            LimitError: a line is longer than `Limits.record_bytes`.
        """
        return self._read([*self._terminal.feed(data), *self._terminal.pause()])

    def flush(self) -> list[Event]:
        return [*self._read(self._terminal.flush()), *self._events(self._lines.flush())]

    def _read(self, pieces: Sequence[bytes | Progress]) -> list[Event]:
        events: list[Event] = []
        for piece in pieces:
            if isinstance(piece, Progress):
                events.append(piece)
            else:
                events += self._events(self._lines.feed(piece))
        return events

    def _events(self, lines: Iterable[str]) -> Iterator[Event]:
        for line in map(str.rstrip, lines):
            self.tail = f"{self.tail or ''}{line}\n"[-DETAIL_CHARS:]
            self._line_count += 1
            if self._line_count <= NOTICES_COUNT:
                yield Notice(line, "warning")
            else:
                yield LogLine(line, "warning", "stderr")
