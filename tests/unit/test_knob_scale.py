"""A knob over several powers of ten has a logarithmic slider, unless the caller says otherwise."""

from __future__ import annotations

from typing import Any

import pytest

from streamwidget import Emitter, StreamView
from streamwidget.events import Knob


@pytest.mark.parametrize(
    ("value", "options", "is_log"),
    [
        (1e-3, {"min": 1e-5, "max": 0.1}, True),
        (1e-3, {"min": 1e-5, "max": 0.1, "log": False}, False),
        (1e-3, {"min": 1e-5, "max": 0.1, "step": 1e-5}, False),
        (0.5, {"min": 0, "max": 1}, False),
        (0.5, {"min": -1000.0, "max": 1000.0}, False),
        (10, {"min": 1, "max": 5000}, False),
        (10, {"min": 1, "max": 50, "log": True}, True),
        (0.5, {"min": 1e-9}, False),
    ],
)
def test_the_scale_of_a_knob(value: float, options: dict[str, Any], is_log: bool) -> None:
    def job(emit: Emitter) -> None:
        emit.knob("rate", value, **options)

    view = StreamView(job)
    view.wait()
    knob = next(event for event in view.events if isinstance(event, Knob))
    assert (knob.value, knob.is_log) == (value, is_log)
