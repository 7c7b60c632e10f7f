"""Finds the snapshots of a journal: the last one is searched for, and each has the offset of the
previous one."""

from __future__ import annotations

from .journal_lines import SNAPSHOT_LINE
from .line_reader import LineReader
from .parts import Parts

BLOCK_BYTES = 1024 * 1024
HEAD_BYTES = 200
"""Longest beginning of a snapshot's line, up to its state."""
_IN_SNAPSHOT = b',"snapshot",{"t_ms":'


class Snapshots:
    """The snapshots of a journal, each as its time in milliseconds and the offset of its line."""

    def __init__(self, parts: Parts, reader: LineReader, body: int) -> None:
        """`body` is the offset after the first header."""
        self._parts, self._reader, self._body = parts, reader, body
        self._found: list[tuple[int, int]] = []
        self._listed_bytes = 0
        """Size of the journal when they were listed."""

    def all(self) -> list[tuple[int, int]]:
        """All snapshots as pairs of time and offset, in order; listed once, and what the file has
        grown by since then."""
        size = self._reader.size
        if size == self._listed_bytes:
            return self._found
        known = self._found[-1][1] if self._found else -1
        chain: list[tuple[int, int]] = []
        found = self.last(size, after=max(known, self._body - 1))
        while found is not None and found[1] > known:
            chain.append(found)
            head = SNAPSHOT_LINE.match(self._reader.read(found[1], HEAD_BYTES))
            base = self._parts.base_of(found[1])
            if head is None or (head[4] != b"null" and base + int(head[4]) >= found[1]):
                break  # a damaged line, which would lead around in a circle
            if head[4] == b"null":  # the first one of its file
                found = self.last(base, after=max(known, self._body - 1))
            else:
                found = self._at(base + int(head[4]))
        self._found += chain[::-1]
        self._listed_bytes = size
        return self._found

    def _at(self, offset: int) -> tuple[int, int] | None:
        head = SNAPSHOT_LINE.match(self._reader.read(offset, HEAD_BYTES))
        return None if head is None else (int(head[3]), offset)

    def last(self, size: int, after: int | None = None) -> tuple[int, int] | None:
        """The last complete snapshot that begins before `size`, as time and offset; None if there
        is none whose line begins beyond `after`."""
        floor = self._body - 1 if after is None else after
        stop = size
        while stop > floor + 1:
            start = max(self._body, stop - BLOCK_BYTES)
            block = self._reader.read(start, stop - start + HEAD_BYTES)
            at = len(block)
            while (at := block.rfind(_IN_SNAPSHOT, 0, at)) >= 0:
                line = block.rfind(b"\n", 0, at) + 1
                if line == 0 and start != self._body:
                    break  # the line begins in the block before
                head = SNAPSHOT_LINE.match(block[line : line + HEAD_BYTES])
                begins = start + line
                if head and floor < begins < size and self._is_complete(begins):
                    return int(head[3]), begins
            # the beginning of a line that lies across the two blocks is found in the next one
            stop = start + HEAD_BYTES if start > self._body and stop - start > HEAD_BYTES else start
            if start == self._body:
                break
        return None

    def _is_complete(self, offset: int) -> bool:
        while block := self._reader.read(offset, BLOCK_BYTES):
            if b"\n" in block:
                return True
            offset += len(block)
        return False
