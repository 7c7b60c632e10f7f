"""The state table: every end is reached once, and nothing leaves it."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamwidget.run.states import TERMINAL, TRANSITIONS, Status, Trigger, follow

triggers = st.lists(st.sampled_from(get_args(Trigger)), max_size=20)


def test_the_table_has_a_row_for_every_status() -> None:
    assert set(TRANSITIONS) == set(get_args(Status))


@given(triggers)
def test_nothing_follows_an_end(walk: list[Trigger]) -> None:
    status: Status = "idle"
    ended: Status | None = None
    for trigger in walk:
        status = follow(status, trigger)
        if ended is not None:
            assert status == ended
        if status in TERMINAL:
            ended = status


@pytest.mark.parametrize("status", sorted(set(TRANSITIONS) - TERMINAL - {"idle"}))
def test_every_live_status_can_be_stopped_and_can_end(status: Status) -> None:
    assert status == "stopping" or follow(status, "stop") == "stopping"
    for trigger in ("complete", "fail", "cut"):
        assert follow(status, trigger) in TERMINAL


@pytest.mark.parametrize("trigger", ["complete", "fail", "cut", "closed"])
def test_after_a_stop_every_end_is_a_stop(trigger: Trigger) -> None:
    assert follow("stopping", trigger) == "stopped"
