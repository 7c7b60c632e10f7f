"""Every design, without sockets: a stream that dies at every byte gives the same document."""

from __future__ import annotations

import os
import random
from typing import Any

import pytest
from exchange import exchange, killing
from resumable import MAKERS, Keeper

RUNS = 8
LONG = 200
KILLS = 1000
SEED = os.environ.get("STREAMWIDGET_SEED", "20261125")
ADDRESS = "http://a.test"


def whole(keeper: Keeper) -> dict[str, Any]:
    ending = exchange(keeper.source(ADDRESS, None), killing(keeper, []))
    assert ending.error is None
    assert ending.outcome == "complete"
    return ending.content


@pytest.mark.parametrize("end", ["rst", "clean"])
@pytest.mark.parametrize("name", MAKERS)
def test_death_at_every_byte_of_fifty_events_changes_nothing(name: str, end: str) -> None:
    keeper = MAKERS[name](50)
    if end == "clean" and not keeper.is_marked:
        return  # nothing tells its end from any other
    wanted = whole(keeper)
    killed, marker_bytes = 0, 50  # what comes after the end marker is not read
    for n in range(RUNS):  # each run dies at every eighth byte; together they have every byte
        places = range(keeper.resumable_from + n, len(keeper.whole), RUNS)
        ending = exchange(keeper.source(ADDRESS, None), killing(keeper, places, [end]))
        assert ending.error is None
        assert ending.content == wanted, n
        killed += len(ending.requests) - 1
    assert killed >= len(keeper.whole) - keeper.resumable_from - marker_bytes


@pytest.mark.parametrize("name", sorted(set(MAKERS) - {"chat"}))
def test_a_thousand_random_deaths_in_random_pieces_change_nothing(name: str) -> None:
    keeper = MAKERS[name](LONG)
    wanted = whole(keeper)
    dice = random.Random(f"{SEED} {name}")
    left = KILLS
    while left:
        count = min(left, dice.choice((10, 90, 300)))
        left -= count
        places = sorted(
            dice.randrange(keeper.resumable_from, len(keeper.whole)) for _ in range(count)
        )
        ends = ("rst", "clean") if keeper.is_marked else ("rst",)
        answer = killing(keeper, places, ends, dice.choice((0, 7, 64)))
        ending = exchange(keeper.source(ADDRESS, None), answer)
        assert ending.error is None, places
        assert ending.content == wanted, places


@pytest.mark.parametrize("name", MAKERS)
def test_before_there_is_anything_to_continue_from_a_post_is_not_sent_again(name: str) -> None:
    keeper = MAKERS[name](50)
    for place in range(keeper.resumable_from):
        ending = exchange(keeper.source(ADDRESS, None), killing(keeper, [place]))
        assert ending.error is not None
        assert [request.method for request in ending.requests] == ["POST"]
        assert ending.document.snapshot()["parts"] == []
