"""Deltas and snapshots are distinguished where a server does not say which it sends."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamwidget import StreamView, collect
from streamwidget.formats.growth import Growth
from unit.waiting import WAIT_S

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


def _text(pieces: list[str]) -> Iterator[object]:
    yield from pieces


def _records(pieces: list[str]) -> Iterator[object]:
    yield from ({"choices": [{"index": 0, "delta": {"content": piece}}]} for piece in pieces)


def _bytes(pieces: list[str]) -> Iterator[object]:
    yield from ("".join(pieces).encode()[at : at + 1] for at in range(len("".join(pieces))))


@pytest.mark.parametrize("items", [_text, _records, _bytes])
@pytest.mark.parametrize("end", ["stop", "error"])
def test_a_piece_that_may_be_a_snapshot_is_shown_when_a_run_ends(
    items: Callable[[list[str]], Iterator[object]], end: str
) -> None:
    """A stop and an error may come while a piece waits for the next one."""
    pieces = ["da", "ta"] if items is _bytes else ["The", "The cat"]
    has_sent, may_end = threading.Event(), threading.Event()

    def source() -> Iterator[object]:
        yield from items(pieces)
        has_sent.set()
        may_end.wait(WAIT_S)
        if end == "error":
            raise ValueError("broken")

    view = StreamView(source())
    assert has_sent.wait(WAIT_S)
    if end == "stop":
        view.stop()
    may_end.set()
    result = view.wait(WAIT_S)
    assert result.status == ("stopped" if end == "stop" else "failed")
    assert result.text == ("".join(pieces) if items is _bytes else pieces[-1])


TAGGED: dict[str, tuple[list[str], str, str]] = {
    "whole": (["<think>\nhm ok\n</think>\n\nYes"], "hm ok", "Yes"),
    "in pieces": (["<think>", "\n", "hm", " ok\n", "</think>", "\n\n", "Ye", "s"], "hm ok", "Yes"),
    "cut inside of the tags": (["<th", "ink>hm", " ok</thi", "nk>Y", "es"], "hm ok", "Yes"),
    "another word": (["<thought>hm</thought>Yes"], "hm", "Yes"),
    "nothing between the tags": (["<think>", "\n\n", "</think>", "\n\n", "Yes"], "", "Yes"),
    "no end": (["<think>hm", " ok"], "hm ok", ""),
    "brackets inside": (["<think>a < b", "</x> c</think>d"], "a < b</x> c", "d"),
    "half a tag alone": (["<thi"], "", "<thi"),
    "another tag": (["<b>x", "</b>"], "", "<b>x</b>"),
    "tags later": (["See ", "<think>x</think>"], "", "See <think>x</think>"),
}  # fmt: skip


@pytest.mark.parametrize("items", [_text, _records])
@pytest.mark.parametrize("name", TAGGED)
def test_reasoning_in_tags_at_the_beginning_is_reasoning(
    name: str, items: Callable[[list[str]], Iterator[object]]
) -> None:
    pieces, reasoning, text = TAGGED[name]
    for cut in (pieces, ["".join(pieces)], list("".join(pieces))):
        result = collect(items(cut))
        assert (result.reasoning, result.text) == (reasoning, text)
