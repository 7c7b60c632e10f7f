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

from streamwidget import (
    Budget,
    IncompleteError,
    Limits,
    StreamBoard,
    StreamView,
    UsageError,
)
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
    with pytest.raises(UsageError, match="on_rerun"):
        StreamBoard([], on_rerun="stopp")  # type: ignore[arg-type]


def test_without_ids_a_cell_is_known_by_its_code(shell: InteractiveShell) -> None:
    def run(code: str, allow_stdin: bool = True) -> None:
        content = {"code": code, "allow_stdin": allow_stdin}
        vars(shell)["get_parent"] = lambda: {"metadata": {}, "content": content}
        shell.events.trigger("pre_run_cell", SimpleNamespace())

    run("StreamView(a)")
    first = StreamView(endless())
    run("StreamView(b)")
    assert first.status != "stopping"
    run("StreamView(a)")
    assert first.wait(WAIT_S).status == "stopped"
    run("StreamView(c)", allow_stdin=False)  # a program, which runs each cell once
    second = StreamView(endless())
    run("StreamView(c)", allow_stdin=False)
    assert second.status in ("connecting", "streaming")


def end_cell(shell: InteractiveShell, **names: object) -> None:
    """End the run of a cell that binds `names`."""
    shell.user_ns.update(names)
    shell.events.trigger("post_run_cell", SimpleNamespace())


def test_a_name_that_is_bound_to_a_new_view_stops_the_earlier_one(shell: InteractiveShell) -> None:
    run_cell(shell, "a")
    first, kept = StreamView(endless()), StreamView(endless(), on_rerun="keep")
    end_cell(shell, view=first, other=kept)
    run_cell(shell, "b")
    end_cell(shell, view=StreamView(endless()), other=StreamView(endless()))
    result = first.wait(WAIT_S)
    assert result.summary is not None
    assert result.summary.startswith("Stopped by a new view under its name after ")
    assert kept.status in ("connecting", "streaming")


@pytest.mark.parametrize(
    "elsewhere",
    [
        lambda view: {"other": view},
        lambda view: {"views": [view]},
        lambda view: {"views": {"a": view}},
        lambda view: {"board": StreamBoard([view])},
    ],
    ids=["a name", "a list", "a dict", "a board"],
)
def test_a_view_that_the_notebook_holds_elsewhere_continues(
    shell: InteractiveShell, elsewhere: Any
) -> None:
    run_cell(shell, "a")
    first = StreamView(endless())
    end_cell(shell, view=first)
    run_cell(shell, "b")
    end_cell(shell, view=StreamView(endless()), **elsewhere(first))
    run_cell(shell, "c")
    assert first.status in ("connecting", "streaming")


def test_a_loop_over_views_stops_none_of_them(shell: InteractiveShell) -> None:
    run_cell(shell, "a")
    first, second = StreamView(endless()), StreamView(endless())
    end_cell(shell, view=first)
    run_cell(shell, "b")
    end_cell(shell, view=None)
    run_cell(shell, "c")
    end_cell(shell, view=second)
    assert {first.status, second.status} <= {"connecting", "streaming"}


def test_the_views_of_a_board_belong_to_its_cell_on_request(shell: InteractiveShell) -> None:
    run_cell(shell, "a")
    stopped, kept = StreamView(endless()), StreamView(endless())
    run_cell(shell, "b")
    StreamBoard([stopped], on_rerun="stop")
    StreamBoard([kept], on_rerun="keep")
    run_cell(shell, "b")
    assert stopped.wait(WAIT_S).status == "stopped"
    run_cell(shell, "a")
    assert kept.status in ("connecting", "streaming")


def test_what_is_live_is_listed_with_its_cost_and_stopped_together() -> None:
    before = set(StreamView.live())
    price = Budget(output_price=1_000_000.0)
    views = [
        StreamView(endless(), title="<b>first</b>", budget=price),
        StreamView(endless(), title="second", on_rerun="keep"),
    ]
    StreamView(["ended"]).wait(WAIT_S)
    for view in views:
        next(iter(view))
    live = StreamView.live()
    live[:] = [view for view in live if view not in before]
    assert live == views
    assert live.cost == pytest.approx(views[0].token_count, abs=20)
    assert repr(live).startswith("2 live runs\n  streaming ")
    assert ".00  <b>first</b>" in repr(live)
    assert " $" in repr(live)
    assert "<td>&lt;b&gt;first&lt;/b&gt;</td>" in live._repr_html_()
    board = StreamBoard.live()
    assert [view for view in board.views if view not in before] == views
    live.stop()
    assert [view.wait(WAIT_S).status for view in views] == ["stopped", "stopped"]


def test_a_board_of_what_is_live_has_no_closed_views() -> None:
    go = threading.Event()

    def deaf() -> Iterator[str]:
        yield "a"
        go.wait(WAIT_S)

    view = StreamView(deaf())
    next(iter(view))
    view.close()
    assert view in StreamView.live()
    assert view not in StreamBoard.live().views
    go.set()
    view.wait(WAIT_S)


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
