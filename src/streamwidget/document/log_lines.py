"""The newest lines of a log, in a list that is cheap to copy: copies share full blocks. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from ..events import LogLine

BLOCK_COUNT: Final = 1024
"""Lines in a block."""


class LogLines:
    """The newest `keep` lines."""

    __slots__ = ("_blocks", "_dropped", "_keep", "_newest")

    def __init__(self, keep: int) -> None:
        self._keep = keep
        self._blocks: list[tuple[LogLine, ...]] = []
        """Full blocks, oldest first, which never change."""
        self._newest: list[LogLine] = []
        self._dropped = 0
        """Lines of the first block that are no longer kept."""

    def copy(self) -> LogLines:
        """Return an independent list of the same lines."""
        lines = LogLines(self._keep)
        lines._blocks, lines._newest = self._blocks[:], self._newest[:]
        lines._dropped = self._dropped
        return lines

    def append(self, line: LogLine) -> None:
        """Append a line; the oldest beyond `keep` is dropped."""
        self._newest.append(line)
        if len(self._newest) >= BLOCK_COUNT:
            self._blocks.append(tuple(self._newest))
            self._newest = []
        if len(self) > self._keep:
            self._drop_first()

    def extend(self, lines: Iterable[LogLine]) -> None:
        """Append lines."""
        for line in lines:
            self.append(line)

    def __len__(self) -> int:
        return len(self._blocks) * BLOCK_COUNT + len(self._newest) - self._dropped

    def __iter__(self) -> Iterator[LogLine]:
        skip = self._dropped
        for block in self._blocks:
            yield from block[skip:] if skip else block
            skip = 0
        yield from self._newest[skip:]

    def _drop_first(self) -> None:
        if not self._blocks:  # fewer than a block are kept
            del self._newest[0]
            return
        self._dropped += 1
        if self._dropped == BLOCK_COUNT:
            del self._blocks[0]
            self._dropped = 0
