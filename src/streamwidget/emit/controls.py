"""The controls that a run offers its reader: its questions and its knobs."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..events import Event
from .asking import Asks
from .knobs import Knobs


@dataclass(frozen=True, slots=True)
class Controls:
    """The questions and the knobs of one run."""

    asks: Asks
    knobs: Knobs


def controls_of(
    push: Callable[[Sequence[Event]], None],
    new_id: Callable[[str], str],
    is_over: Callable[[], bool],
) -> Controls:
    """Return controls without a run: nobody is there to answer, and no time limit is watched."""
    lock = threading.RLock()
    asks = Asks(
        push=push,
        new_id=new_id,
        lock=lock,
        is_over=is_over,
        later=lambda _name, _delay_s, _call: None,
        on_change=lambda: None,
    )
    return Controls(asks, Knobs(push=push, lock=lock, is_over=is_over))
