"""A growing file that another program writes, read until the run is stopped.

Polls the file, because network file systems have no change notifications.
"""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import AsyncIterator, Sequence
from typing import BinaryIO, Final

from ..errors import SourceError, UsageError, excerpt
from ..events import Event, Notice, Progress
from ..io.reader import Reader
from ..io.source import AsyncSource, Context, Kind
from .bars import terminal_for

READ_BYTES: Final = 64 * 1024
"""How much is read at once; in between, other sources use the event loop."""


def follow(
    path: str | os.PathLike[str], *, from_start: bool = True, poll_s: float = 0.1
) -> AsyncSource:
    """Return a source of the file at `path`: its content, and everything appended to it later.

    The run ends when it is stopped, or at the end marker of a format that has one. If `from_start`
    is False, the current content is skipped. `poll_s` is the time between two checks, in seconds.
    If the file does not exist, the run waits for it. A truncated file is read again from its start,
    if it has not grown beyond its old length between two checks. If the file is replaced, the old
    file is read to its end, and then the new one from its start.

    Text is shown as in a terminal: colours and other escape sequences are dropped, and redrawn text
    is replaced by its last state or becomes a progress bar.

    Streaming it raises SourceError if the file cannot be read or is not a regular file, and
    LimitError for `Limits.record_bytes`.

    Raises:
        UsageError: `poll_s` is not above 0.
    """
    if not poll_s > 0:
        raise UsageError(f"follow: poll_s must be > 0, got {poll_s!r}.")
    return _FollowSource(os.fspath(path), from_start=from_start, poll_s=poll_s)


class _FollowSource:
    """Reads the file and polls for more."""

    kind = Kind(noun="file", is_ours=True)
    restartable = True
    home_loop: asyncio.AbstractEventLoop | None = None

    def __init__(self, path: str, *, from_start: bool, poll_s: float) -> None:
        self.name = os.path.basename(path) or path
        self._path = path
        self._from_start = from_start
        self._poll_s = poll_s

    async def stream(self, context: Context, /) -> AsyncIterator[Sequence[Event]]:
        is_markdown = self.name.lower().endswith((".md", ".markdown"))
        lines = _Lines(Reader(self.name, context, None, printed=not is_markdown), context)
        tail = _Tail(self._path)
        try:
            if not tail.open(at_end=not self._from_start):
                yield [Notice(f"Waiting for {excerpt(self.name)}, which does not exist yet.")]
                while not tail.open():
                    await asyncio.sleep(self._poll_s)
            while True:
                data = tail.read()
                notice = None if data else tail.check()
                if notice:
                    yield [*lines.feed(tail.separator()), notice]
                elif events := lines.feed(data) if data else lines.settle():
                    yield events
                if lines.ended:
                    return
                await asyncio.sleep(0 if data or notice else self._poll_s)
        finally:
            tail.close()


class _Lines:
    """A decoder from bytes of the file to events, as a terminal would show them."""

    def __init__(self, reader: Reader, context: Context) -> None:
        self._reader = reader
        self._terminal = terminal_for(context)
        context.holds(self.settle)

    @property
    def ended(self) -> bool:
        """True once the end marker has arrived."""
        return self._reader.ended

    def feed(self, data: bytes) -> list[Event]:
        """Return the events that these bytes completed."""
        terminal = self._terminal
        return self._read([data] if terminal is None else [*terminal.feed(data), *terminal.pause()])

    def settle(self) -> list[Event]:
        """Return events of a line that has no end yet."""
        return self._read([] if self._terminal is None else self._terminal.settle())

    def _read(self, pieces: Sequence[bytes | Progress]) -> list[Event]:
        events: list[Event] = []
        for piece in pieces:
            if self.ended:
                break
            events += [piece] if isinstance(piece, Progress) else self._reader.feed(piece)
        return events


class _Tail:
    """The open file, and checks for truncation and replacement."""

    def __init__(self, path: str) -> None:
        self._replaced = False
        """True if the path names a new file, but the old one has to be read to its end first."""
        self._path = path
        self._file: BinaryIO | None = None
        self._position = 0
        self._last = b"\n"

    def open(self, *, at_end: bool = False) -> bool:
        """Open the file at the path; False if there is none."""
        try:
            status = os.stat(self._path)
            if not stat.S_ISREG(status.st_mode):  # opening a pipe would block the loop
                raise SourceError(
                    f"{excerpt(self._path)} is not a regular file. Pass the path of a file."
                )
            file = open(self._path, "rb", buffering=0)  # noqa: SIM115
        except FileNotFoundError:
            return False
        except OSError as error:
            raise SourceError(
                f"The file {excerpt(self._path)} cannot be read: {error.strerror or error}."
            ) from error
        self.close()
        self._file = file
        self._replaced = False
        self._position = file.seek(0, os.SEEK_END) if at_end else 0
        return True

    def read(self) -> bytes:
        """Return the next bytes; none at the current end."""
        assert self._file is not None
        try:
            data = self._file.read(READ_BYTES) or b""
        except OSError as error:
            raise SourceError(
                f"The file {excerpt(self._path)} cannot be read: {error.strerror or error}."
            ) from error
        self._position += len(data)
        self._last = data[-1:] or self._last
        return data

    def check(self) -> Notice | None:
        """Return a notice if the file was truncated or replaced; None if not.

        A replaced file is detected by one check and left by the next: data written to it between
        the last read and the first check would be lost otherwise.
        """
        assert self._file is not None
        opened = os.fstat(self._file.fileno())
        if opened.st_size < self._position:
            self._file.seek(0)
            self._position = 0
            return Notice("The file was truncated. Reading it again from its start.")
        if self._replaced:
            return Notice("The file was replaced. Reading the new file.") if self.open() else None
        try:
            self._replaced = not os.path.samestat(opened, os.stat(self._path))
        except OSError:  # moved, and the new file does not exist yet
            pass
        return None

    def separator(self) -> bytes:
        """Return the line end that separates old text from new text, if one is needed."""
        last, self._last = self._last, b"\n"
        return b"" if last == b"\n" else b"\n"

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
