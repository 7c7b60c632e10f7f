"""A command as a source: its output as events, its exit status as the outcome.

Standard output goes through the pipeline that a server's answer goes through; standard error is
told line by line in notices. Progress bars, which redraw their line by a carriage return, become
progress on either. The command leads a process group of its own, which a stop ends as a whole.
Knows nothing of runs and widgets.
"""

from __future__ import annotations

import asyncio
import dataclasses
import os
import signal
import subprocess
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Final

from ..errors import LimitError, SourceError, excerpt
from ..events import Event, Notice, Progress, RunEnd
from ..framing.ndjson import LineDecoder
from .bars import ANSI, Bars
from .base import AsyncSource, Context
from .child import STDOUT, Child
from .chunks import Reader
from .command import arguments_of, program_of

DETAIL_CHARS: Final = 2_000
"""Last characters of standard error that the error of a failed command carries."""


def process(
    command: str | Sequence[str],
    *,
    cwd: str | os.PathLike[str] | None = None,
    env: Mapping[str, str] | None = None,
    shell: bool | None = None,
    format: str = "auto",
) -> AsyncSource:
    """A source that runs `command` anew for each run.

    A str is split into words as a shell would, but no shell runs unless `shell` is True; None
    refuses words that only a shell understands, False passes them on. `cwd` None is the present
    folder. `env` None is this process's environment, else it is all of it, as in `subprocess`;
    `PYTHONUNBUFFERED=1` is added unless it is set. `format` is told of standard output, "auto"
    leaves it to the run. Exit status 0 is the outcome `complete`, whether or not there was output.
    The run goes on while anything that the command left behind holds its output open.

    Streaming it raises SourceError if the command cannot be started, ends with another status or
    is ended by a signal (`detail` has the last 2,000 characters of standard error), and LimitError
    if one line is longer than `Limits.record_bytes`.

    Raises:
        UsageError: `command` is empty, has an open quote, or needs a shell and was given none.
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

    noun = "process"
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
        if self._format != "auto":
            context = dataclasses.replace(context, format=self._format)
        stdout, stderr = _Stdout(self.name, context), _Stderr(context)
        child = await self._start()
        try:
            while (chunk := await child.read()) is not None:
                fd, data = chunk
                if events := stdout.feed(data) if fd == STDOUT else stderr.feed(data):
                    yield events
                if stdout.error is not None:
                    raise stdout.error
            yield [*stderr.flush(), *stdout.flush()]
            if child.status:
                raise SourceError(_ended(self.name, child.status, stderr.tail), detail=stderr.tail)
            child.let_go()
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
            return f"The folder to run in does not exist: {excerpt(os.fspath(self._cwd))}."
        if isinstance(error, FileNotFoundError):
            return (
                f"The program {excerpt(self.name)} was not found: "
                "check its spelling and PATH, or pass its full path."
            )
        if isinstance(error, PermissionError):
            return f"The program {excerpt(self.name)} may not be run: check that it is executable."
        reason = getattr(error, "strerror", None) or error
        return f"The program {excerpt(self.name)} could not be started: {excerpt(str(reason))}."


def _ended(name: str, status: int, tail: str | None) -> str:
    """The sentence for a status that is not 0; a negative one is the signal's number."""
    what = f"ended with exit status {status}" if status > 0 else f"was ended by {_signal(-status)}"
    last = tail.strip().rpartition("\n")[2] if tail else ""
    said = excerpt(last) if last else "it wrote nothing to standard error."
    return f"The process ({excerpt(name)}) {what}: {said}"


def _signal(number: int) -> str:
    try:
        name = signal.Signals(number).name
    except ValueError:
        name = f"signal {number}"
    return f"{name} (memory may have run out)" if name == "SIGKILL" else name


class _Stdout:
    """Bytes of standard output to events; the run's end is held back until the command's."""

    def __init__(self, name: str, context: Context) -> None:
        self.end: RunEnd | None = None
        """What the format said about the end; a missing end marker is no cut here."""
        self.error: LimitError | None = None
        """Owed after the events of the piece that passed the bound."""
        self._reader = Reader(name, context, None, printed=True)
        # other framings are not for eyes: no bar is in them, and a byte 13 may be data
        self._bars = Bars(context.new_id) if context.format in ("auto", "text") else None
        self._limit = context.limits.record_bytes
        self._line_bytes = 0

    def feed(self, data: bytes) -> list[Event]:
        """Raises LimitError where the format does; a long line of text sets `error`."""
        return self._read([data] if self._bars is None else self._bars.feed(data))

    def flush(self) -> list[Event]:
        events = self._read([] if self._bars is None else self._bars.flush())
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
                cut = event.outcome == "cut"
                self.end = dataclasses.replace(event, outcome="complete") if cut else event
        return [event for event in events if not isinstance(event, RunEnd)]


class _Stderr:
    """Bytes of standard error to notices, one for each line that is not blank."""

    def __init__(self, context: Context) -> None:
        self.tail: str | None = None
        """The last `DETAIL_CHARS` characters; None while there are none."""
        self._bars = Bars(context.new_id)
        self._lines = LineDecoder(limits=context.limits)

    def feed(self, data: bytes) -> list[Event]:
        """Raises LimitError for `record_bytes`."""
        return self._read(self._bars.feed(data))

    def flush(self) -> list[Event]:
        return [*self._read(self._bars.flush()), *self._notices(self._lines.flush())]

    def _read(self, pieces: Sequence[bytes | Progress]) -> list[Event]:
        events: list[Event] = []
        for piece in pieces:
            if isinstance(piece, Progress):
                events.append(piece)
            else:
                events += self._notices(self._lines.feed(piece))
        return events

    def _notices(self, lines: list[str]) -> Iterator[Event]:
        for line in lines:
            # as a terminal shows it: what stood before a carriage return is written over
            shown = ANSI.sub("", line.rstrip("\r").rpartition("\r")[2])
            if shown.strip():
                self.tail = f"{self.tail or ''}{shown}\n"[-DETAIL_CHARS:]
                yield Notice(shown, "warning")
