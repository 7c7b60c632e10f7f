"""Deltas and snapshots told apart, where a server does not say which it sends."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamwidget.formats.growth import Growth

TABLE: dict[str, tuple[list[str], str, str]] = {
    "deltas": (["The", " cat", " sat"], "The cat sat", "deltas"),
    "snapshots": (["The", "The cat", "The cat sat"], "The cat sat", "snapshots"),
    "two snapshots": (["The", "The cat"], "The cat", "unknown"),
    "a snapshot twice": (["The", "The cat", "The cat", "The cat sat"], "The cat sat", "snapshots"),
    "a shorter snapshot": (["The", "The cat", "The cat s", "The cat"], "The cat s", "snapshots"),
    "a new beginning": (["The", "The c", "The ca", "Other"], "The caOther", "snapshots"),
    "laughter": (["ha", "haha", "ha", "hahaha"], "hahahahahahaha", "deltas"),
    "numbers": (["1", "10", "100"], "110100", "deltas"),
    "dashes": (["-", "--", "---"], "------", "deltas"),
    "blanks": (["  ", "    x", "    xy"], "      x    xy", "deltas"),
    "a repeated opening": (["Bye", "Bye-bye", " all"], "ByeBye-bye all", "deltas"),
    "empty pieces": (["", "The", "", "The cat", "The cat sat"], "The cat sat", "snapshots"),
    "Chinese": (["你", "你好", "你好吗"], "你好吗", "snapshots"),
    "one piece": (["The"], "The", "unknown"),
}


@pytest.mark.parametrize("name", TABLE)
def test_pieces_amount_to_their_text(name: str) -> None:
    pieces, text, mode = TABLE[name]
    growth = Growth()
    assert "".join([*map(growth.feed, pieces), growth.flush()]) == text
    assert growth.mode == mode


@given(st.text(min_size=1), st.lists(st.text(min_size=1), min_size=2))
def test_nothing_of_a_text_is_lost(first: str, more: list[str]) -> None:
    growth, pieces = Growth(), [first, *more]
    shown = "".join([*map(growth.feed, pieces), growth.flush()])
    if growth.mode == "snapshots":
        assert all(piece in shown for piece in pieces)
    else:
        assert shown in ("".join(pieces), pieces[-1])
