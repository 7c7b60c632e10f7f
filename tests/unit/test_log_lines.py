"""The newest lines of a log, and their copies."""

from __future__ import annotations

import random
from collections import deque

import pytest

from streamwidget.document.log_lines import BLOCK_COUNT, LogLines
from streamwidget.events import LogLine


@pytest.mark.parametrize("keep", [0, 1, 10, BLOCK_COUNT, 2 * BLOCK_COUNT + 7])
def test_the_newest_lines_are_kept_and_a_copy_never_changes(keep: int) -> None:
    rng, lines, expected = random.Random(keep), LogLines(keep), deque[LogLine](maxlen=keep)
    copies: list[tuple[LogLines, list[LogLine]]] = []
    for number in range(5 * BLOCK_COUNT):
        lines.append(LogLine(str(number)))
        expected.append(LogLine(str(number)))
        assert len(lines) == len(expected)
        if rng.random() < 0.01:
            assert list(lines) == list(expected)
            copies.append((lines.copy(), list(expected)))
    lines, _ = copies[0]
    lines.extend([LogLine("more")])
    for copied, lines_then in copies[1:]:
        assert list(copied) == lines_then


def test_copies_share_their_lines() -> None:
    lines = LogLines(100_000)
    lines.extend(LogLine(str(number)) for number in range(3 * BLOCK_COUNT))
    copied = lines.copy()
    assert copied._blocks[0] is lines._blocks[0]
    assert copied._blocks is not lines._blocks
