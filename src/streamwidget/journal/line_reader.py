"""Reads the lines of a journal from an offset on, block by block: it is never read as a whole."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from .journal_lines import POSITION, SNAPSHOT_LINE, Line, parse_all
from .parts import Parts

FIRST_BYTES = 32 * 1024
"""The first block that is read from a place: most often a few lines are wanted."""
LINES_BYTES = 256 * 1024
"""Lines that are read at once from then on."""
BATCH_COUNT = 128
"""Lines that are parsed at once. More would live long enough to be looked at by the garbage
collector, which costs more than parsing them."""
SNAPSHOT_BYTES = 200
"""Shortest line that is looked at as a snapshot: its counters alone are longer."""
_NO_ENTRY = b"null"
"""Parsed in place of a snapshot, whose state is not needed between two events."""


class LineReader:
    """The lines of all files of a journal; safe to use from several threads."""

    def __init__(self, parts: Parts, lock: threading.RLock) -> None:
        self._parts, self._lock = parts, lock

    @property
    def size(self) -> int:
        """Size of all its files now, in bytes."""
        with self._lock:
            while self._parts.find_next():
                pass
            return self._parts.size

    def entries(self, offset: int) -> Iterator[tuple[Line | None, int]]:
        """Yield the entries of complete lines from an offset on, each with the offset after it.

        None for a line that holds no event, such as a snapshot.
        """
        for lines in self._blocks(offset):
            for start in range(0, len(lines), BATCH_COUNT):
                batch = lines[start : start + BATCH_COUNT]
                entries = parse_all([_NO_ENTRY if _is_snapshot(line) else line for line in batch])
                for line, entry in zip(batch, entries, strict=True):
                    offset += len(line)
                    is_event = entry is not None and entry.kind != POSITION
                    yield (entry if is_event else None), offset

    def lines(self, offset: int) -> Iterator[tuple[bytes, int]]:
        """Yield complete lines from an offset on, each with the offset after it."""
        for lines in self._blocks(offset):
            for line in lines:
                offset += len(line)
                yield line, offset

    def _blocks(self, offset: int) -> Iterator[list[bytes]]:
        """Yield complete lines from an offset on, as many at once as one read gives."""
        rest: list[bytes] = []
        position, count = offset, FIRST_BYTES
        while block := self.read(position, count):
            position += len(block)
            count = min(2 * count, LINES_BYTES)
            cut = block.rfind(b"\n") + 1
            if not cut:
                rest.append(block)
                continue
            whole = b"".join([*rest, block[:cut]])
            rest = [block[cut:]]
            yield [line + b"\n" for line in whole.split(b"\n")[:-1]]

    def read(self, offset: int, count: int) -> bytes:
        """Return up to `count` bytes; fewer only at the end."""
        with self._lock:
            return self._parts.read(offset, count)


def _is_snapshot(line: bytes) -> bool:
    return len(line) > SNAPSHOT_BYTES and SNAPSHOT_LINE.match(line) is not None
