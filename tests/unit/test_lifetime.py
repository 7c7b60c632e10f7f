"""How long a run lives: until its end, its cell's next run, or the closing of its view."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import ipywidgets
import pytest
from IPython.core.interactiveshell import InteractiveShell

from streamwidget import Budget, IncompleteError, Limits, StreamView, UsageError
from streamwidget.events import RunEnd, TextDelta
from streamwidget.run import Run, begin
from streamwidget.run.timers import timers
from streamwidget.run.waiting import wait
from streamwidget.widget import notebook_cells
from unit.waiting import WAIT_S, measured_again


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    ipywidgets.Widget.close_all()


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch) -> InteractiveShell:
    """A shell whose front end says which cell runs, as JupyterLab does."""
    shell = InteractiveShell()
    monkeypatch.setattr(notebook_cells, "shell", lambda: shell)
    return shell


def run_cell(shell: InteractiveShell, cell: str) -> None:
    """Begin a run of a cell."""
    vars(shell)["get_parent"] = lambda: {"metadata": {"cellId": cell}}
    shell.events.trigger("pre_run_cell", SimpleNamespace(cell_id=cell))


def endless() -> Iterator[str]:
    never = threading.Event()
    while True:
        yield "x"
        never.wait(0.005)


def test_a_cell_that_runs_again_stops_what_it_left_live(shell: InteractiveShell) -> None:
    run_cell(shell, "a")
    first, kept = StreamView(endless()), StreamView(endless(), on_rerun="keep")
    run_cell(shell, "b")
    other = StreamView(endless())
    ours = {first, kept, other}
    assert [view for view in StreamView.live() if view in ours] == [first, kept, other]
    run_cell(shell, "a")
    result = first.wait(WAIT_S)
    assert result.status == "stopped"
    assert result.summary is not None
    assert result.summary.startswith("Stopped by a new run of its cell after ")
    assert [view for view in StreamView.live() if view in ours] == [kept, other]


def test_on_rerun_is_one_of_two_words() -> None:
    with pytest.raises(UsageError, match="on_rerun"):
        StreamView(["x"], on_rerun="stopp")  # type: ignore[arg-type]


@pytest.mark.parametrize("close", [StreamView.close, lambda _: ipywidgets.Widget.close_all()])
def test_closing_a_view_stops_its_run(close: Any) -> None:
    view = StreamView(endless())
    close(view)
    assert view.wait(WAIT_S).status == "stopped"
    assert view.comm is None


def test_a_wait_that_is_too_short_raises_and_the_run_continues() -> None:
    view = StreamView(endless())
    for wait_briefly in (lambda: view.wait(0.01), lambda: view.wait(timeout_s=0.01)):
        with pytest.raises(TimeoutError, match=r"within 0\.01 s"):
            wait_briefly()
    assert view.status in ("connecting", "streaming")
    view.stop()
    assert view.wait(WAIT_S).status == "stopped"


def test_a_stream_without_its_end_marker_is_incomplete() -> None:
    view = StreamView([TextDelta("t", "half"), RunEnd("cut")])
    result = view.wait(WAIT_S)
    assert (result.status, result.text, view.status) == ("incomplete", "half", "incomplete")
    assert view.get_state()["snapshot"]["status"]["state"] == "incomplete"
    assert isinstance(view.error, IncompleteError)
    with pytest.raises(IncompleteError):
        result.raise_for_error()


@pytest.mark.parametrize(
    "options", [{"budget": Budget(max_time_s=3600)}, {"limits": Limits(stall_s=3600)}], ids=str
)
def test_no_timer_holds_a_run_that_has_ended(options: dict[str, Any]) -> None:
    run = Run(**options)
    run.silence.watch(run.later)
    begin(run, ["x"])
    wait(run, WAIT_S)
    gone = weakref.ref(run)
    del run
    gc.collect()
    assert gone() is None


@measured_again
def test_timers_fire_in_order_and_survive_one_that_fails() -> None:
    fired: list[int] = []
    done = threading.Event()
    for delay_s, call in (
        (0.3, done.set),
        (0.2, lambda: fired.append(2)),
        (0.15, lambda: 1 // 0),
        (0.1, lambda: fired.append(1)),
        (float("inf"), done.clear),
    ):
        timers().call_later(delay_s, call)  # type: ignore[arg-type]
    timers().call_later(0.1, lambda: fired.append(9)).cancel()
    assert done.wait(WAIT_S)
    assert fired == [1, 2]
