"""A file that others write to, read as it grows, until somebody stops it.

Looks at the file every so often, because change notices do not exist for network file systems.
"""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import AsyncIterator, Sequence
from typing import BinaryIO, Final

from ..errors import SourceError, UsageError, excerpt
from ..events import Event, Notice
from .base import AsyncSource, Context
from .chunks import Reader

READ_BYTES: Final = 64 * 1024
"""How much is read at once: others have the loop in between."""


def follow(
    path: str | os.PathLike[str], *, from_start: bool = True, poll_s: float = 0.1
) -> AsyncSource:
    """A source of what is in the file at `path`, and of all that is appended to it.

    It ends when it is stopped, or at the end marker of a format that has one. Without `from_start`
    what is there at the start is left out. `poll_s` is the time between two looks, in seconds. A
    file that does not exist yet is waited for. One that got shorter is read again from its start
    (one that was emptied and has outgrown its old length between two looks cannot be told); one
    that was replaced is read to its end, and then the new one from its start.

    Streaming it raises SourceError if the file cannot be read or is no regular file, and LimitError
    for `Limits.record_bytes`.

    Raises:
        UsageError: `poll_s` is not above 0.
    """
    if not poll_s > 0:
        raise UsageError(f"follow(poll_s={poll_s!r}): it must be above 0 seconds.")
    return _FollowSource(os.fspath(path), from_start=from_start, poll_s=poll_s)


class _FollowSource:
    """Reads the file and looks for more."""

    noun = "file"
    restartable = True
    home_loop: asyncio.AbstractEventLoop | None = None

    def __init__(self, path: str, *, from_start: bool, poll_s: float) -> None:
        self.name = os.path.basename(path) or path
        self._path = path
        self._from_start = from_start
        self._poll_s = poll_s

    async def stream(self, context: Context, /) -> AsyncIterator[Sequence[Event]]:
        markdown = self.name.lower().endswith((".md", ".markdown"))
        reader = Reader(self.name, context, None, printed=not markdown)
        tail = _Tail(self._path)
        try:
            if not tail.open(at_end=not self._from_start):
                yield [
                    Notice(f"Waiting for the file {excerpt(self.name)}, which is not there yet.")
                ]
                while not tail.open():
                    await asyncio.sleep(self._poll_s)
            while True:
                if data := tail.read():
                    if events := reader.feed(data):
                        yield events
                    if reader.ended:
                        return
                    await asyncio.sleep(0)
                elif notice := tail.look():
                    yield [*reader.feed(tail.separator()), notice]
                else:
                    await asyncio.sleep(self._poll_s)
        finally:
            tail.close()


class _Tail:
    """The open file, and whether the path still leads to it."""

    def __init__(self, path: str) -> None:
        self._replaced = False
        """Whether the path leads to a new file, and the old one has to be read to its end first."""
        self._path = path
        self._file: BinaryIO | None = None
        self._position = 0
        self._last = b"\n"

    def open(self, *, at_end: bool = False) -> bool:
        """Opens what the path leads to; False if there is nothing."""
        try:
            told = os.stat(self._path)
            if not stat.S_ISREG(told.st_mode):  # opening a pipe would block the loop
                raise SourceError(
                    f"{excerpt(self._path)} is no regular file: follow() takes files only."
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
        """The next bytes; none at the present end."""
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

    def look(self) -> Notice | None:
        """What happened to the file at its end; None: nothing that changes where to read on.

        A replaced file is noticed first and left at the second look: what was written to it
        between the last read and the first look would be lost otherwise.
        """
        assert self._file is not None
        ours = os.fstat(self._file.fileno())
        if ours.st_size < self._position:
            self._file.seek(0)
            self._position = 0
            return Notice("The file was cut: it is read again from its start.")
        if self._replaced:
            return Notice("The file was replaced: the new one is read.") if self.open() else None
        try:
            self._replaced = not os.path.samestat(ours, os.stat(self._path))
        except OSError:  # moved away, and the new one is still to come
            pass
        return None

    def separator(self) -> bytes:
        """What keeps the last line of the old text from running into the first of the new."""
        last, self._last = self._last, b"\n"
        return b"" if last == b"\n" else b"\n"

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
