"""A command as a source: its output as events, its exit status as the outcome.

Standard output goes through the pipeline that a server's answer goes through; standard error is
told line by line in notices. Progress bars, which redraw their line by a carriage return, become
progress on either. The command leads a process group of its own, which a stop ends as a whole.
Knows nothing of runs and widgets.
"""

from __future__ import annotations

import asyncio
import atexit
import dataclasses
import os
import shlex
import signal
import subprocess
import sys
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from typing import Final

from ..errors import LimitError, SourceError, UsageError, excerpt
from ..events import Event, Notice, Progress, RunEnd
from ..framing.ndjson import LineDecoder
from .bars import ANSI, Bars
from .base import AsyncSource, Context
from .chunks import Reader

TERM_WAIT_S: Final = 1.0
"""From SIGTERM to SIGKILL: half of `Limits.close_timeout_s`, so that a stop can see both."""
REST_WAIT_S: Final = 0.2
"""The same once the command itself is gone and its output closed: the rest may be dead already, and
not taken note of, because the first process of many containers never does."""
KILL_WAIT_S: Final = 0.5
"""How long a killed command may take to be gone; one stuck in the kernel takes longer."""
POLL_S: Final = 0.01
"""How often is looked whether the group is gone: nothing tells of other members than the leader."""
UNREAD_BYTES: Final = 1024 * 1024
"""Output held for a slow reader; beyond it the pipes are left full, and the command waits."""
DETAIL_CHARS: Final = 2_000
"""Last characters of standard error that the error of a failed command carries."""

_STDOUT, _STDERR = 1, 2
_SHELL_WORDS: Final = frozenset({"|", "||", "&", "&&", ";", "<", ">", ">>", "2>", "2>&1", "&>"})


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
        _arguments(command, shell),
        name=_program(command, bool(shell)),
        cwd=cwd,
        env={"PYTHONUNBUFFERED": "1", **(os.environ if env is None else env)},
        format=format,
    )


def _arguments(command: str | Sequence[str], shell: bool | None) -> list[str]:
    if shell:
        if not isinstance(command, str):
            raise UsageError("process(..., shell=True) takes the command as one str, not a list.")
        if sys.platform == "win32":
            return [os.environ.get("COMSPEC", "cmd.exe"), "/c", command]
        return ["/bin/sh", "-c", command]
    words = _split(command) if isinstance(command, str) else [os.fspath(word) for word in command]
    if not words or not words[0]:
        raise UsageError("process() was given an empty command: pass a program and its arguments.")
    if shell is None and isinstance(command, str):
        for_shell = _SHELL_WORDS.intersection(words, _unquoted(command))
        if for_shell:
            raise UsageError(
                f"The command has shell syntax ({' '.join(sorted(for_shell))}), but process() uses "
                "no shell: pass shell=True, or the program and its arguments as a list."
            )
    return words


def _split(command: str) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError:
        raise UsageError(
            "The command has a quote that is never closed: close it, or pass a list of words."
        ) from None


def _unquoted(command: str) -> list[str]:
    """Words with their quotes, which make an argument of `'|'` and `"a | b"`."""
    try:
        return shlex.split(command, posix=False)
    except ValueError:  # it knows no backslash
        return []


def _program(command: str | Sequence[str], shell: bool) -> str:
    """The program's name, without folder and arguments; never `TOKEN=...` that stands before it."""
    words = str(command).split() if shell else _arguments(command, False)
    told = (os.path.basename(word) for word in words if "=" not in word)
    return next(told, "") or "command"


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
                if events := stdout.feed(data) if fd == _STDOUT else stderr.feed(data):
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

    async def _start(self) -> _Child:
        loop = asyncio.get_running_loop()
        try:
            _, child = await loop.subprocess_exec(
                _Child,
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


class _Child(asyncio.SubprocessProtocol):
    """One running command: its output in the order of arrival, and the end of its group."""

    def __init__(self) -> None:
        self._chunks: deque[tuple[int, bytes]] = deque()
        self._unread_bytes = 0
        self._paused = False
        self._over = False
        self._let_go = False
        self._closing = False
        self._changed = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.SubprocessTransport)
        self._transport = transport
        self._group = transport.get_pid()
        # the loop's thread is a daemon: without this a command would outlive its kernel
        atexit.register(self._signal_at_exit)

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        if self._closing:
            return
        self._chunks.append((fd, data))
        self._unread_bytes += len(data)
        if self._unread_bytes > UNREAD_BYTES and not self._paused:
            self._pause(True)
        self._changed.set()

    def process_exited(self) -> None:
        self._changed.set()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        self._over = True
        self._changed.set()

    @property
    def status(self) -> int | None:
        """Exit status, or the signal's number below 0; None while the command runs."""
        return self._transport.get_returncode()

    async def read(self) -> tuple[int, bytes] | None:
        """File descriptor (1 or 2) and bytes; None once the command and its output are over."""
        while not self._chunks:
            if self._over:
                return None
            self._changed.clear()
            await self._changed.wait()
        fd, data = self._chunks.popleft()
        self._unread_bytes -= len(data)
        if self._paused and not self._chunks:
            self._pause(False)
        return fd, data

    def _pause(self, paused: bool) -> None:
        self._paused = paused
        for fd in (_STDOUT, _STDERR):
            pipe = self._transport.get_pipe_transport(fd)
            if isinstance(pipe, asyncio.ReadTransport) and not pipe.is_closing():
                if paused:
                    pipe.pause_reading()
                else:
                    pipe.resume_reading()

    def let_go(self) -> None:
        """All went well: what the command left in the background may go on."""
        self._let_go = True

    async def close(self) -> None:
        """Ends the whole group, if need be by force, and closes the pipes."""
        try:
            if not self._let_go:
                self._drop_output()
                self._signal(signal.SIGTERM)
                if await _until(lambda: self._over, TERM_WAIT_S):
                    await _until(lambda: not self._signal(0), REST_WAIT_S)
        finally:  # also when the wait is cancelled, because the loop goes down
            if not self._let_go:
                self._kill()
            atexit.unregister(self._signal_at_exit)
            try:
                await _until(lambda: self._over, KILL_WAIT_S)
            finally:
                # after the wait: closing earlier takes the exit status from whoever waits for it
                self._transport.close()

    def _drop_output(self) -> None:
        """Nobody reads any more: a full pipe must not hide that the command is gone."""
        self._closing = True
        self._chunks.clear()
        if self._paused:
            self._pause(False)

    def _kill(self) -> None:
        if sys.platform == "win32":
            self._signal(signal.SIGTERM)  # which ends it at once there
        else:
            self._signal(signal.SIGKILL)

    def _signal_at_exit(self) -> None:
        self._signal(signal.SIGTERM)

    def _signal(self, number: int) -> bool:
        """Whether there was anybody to take it. 0 only asks."""
        if sys.platform == "win32":
            if number and self.status is None:
                self._transport.terminate()
            return self.status is None
        try:
            os.killpg(self._group, number)
        except OSError:  # gone; or, on macOS, nothing but zombies left
            return False
        return True


async def _until(condition: Callable[[], bool], wait_s: float) -> bool:
    """Whether `condition` came true within `wait_s` seconds."""
    loop = asyncio.get_running_loop()
    end = loop.time() + wait_s
    while not (true := condition()) and loop.time() < end:
        await asyncio.sleep(POLL_S)
    return true


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
