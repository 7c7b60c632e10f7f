"""The height of a view: a fact of the run that only the page uses."""

from __future__ import annotations

import pytest

from streamwidget import StreamView
from streamwidget.errors import UsageError
from unit.waiting import WAIT_S


def test_the_page_gets_the_height_with_the_first_facts() -> None:
    view = StreamView(iter(["a"]), height=240)
    view.wait(WAIT_S)
    assert view.get_state()["snapshot"]["run"]["height"] == 240


def test_a_view_without_a_height_says_none() -> None:
    view = StreamView(iter(["a"]))
    view.wait(WAIT_S)
    assert "height" not in view.get_state()["snapshot"]["run"]


@pytest.mark.parametrize("height", [0, -1])
def test_a_height_that_is_not_positive_is_refused(height: int) -> None:
    with pytest.raises(UsageError, match="CSS pixels"):
        StreamView(iter(["a"]), height=height)
