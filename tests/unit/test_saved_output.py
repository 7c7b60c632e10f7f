"""Who writes the record: the page that asks, or the kernel where no page can."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from streamwidget import StreamBoard, StreamView
from streamwidget.widget import headless, saved_output
from streamwidget.widget.saved_output import NO_PAGE_S
from unit.waiting import WAIT_S, wait_records


@pytest.fixture
def view() -> StreamView:
    view = StreamView(["the words"], title="Report")
    view.wait()
    return view


def ask(view: StreamView, cmd: str, **more: Any) -> None:
    port = view._port
    content = {"cmd": cmd, "run_id": port.run_id, "request_id": f"{cmd}{more}", **more}
    port.on_command(content)


def answers(view: StreamView) -> list[dict[str, Any]]:
    wait_records()
    return [content for content, _ in view._port.answers.take()]


def test_a_page_that_asks_gets_the_record_of_a_run_that_is_over(view: StreamView) -> None:
    view._channel.wake = lambda: None  # type: ignore[method-assign]
    view._port.wake = lambda: None
    ask(view, "record")
    (answer,) = answers(view)
    assert answer["over"] is True
    assert "the words" in answer["data"]["text/html"]
    assert answer["metadata"]["streamwidget"]["run"] == view._port.run_id
    assert "live" not in answer


def test_a_page_that_asks_while_a_run_is_live_gets_its_last_state_and_the_words_beside_it() -> None:
    view = StreamView(title="By hand")
    view._port.wake = lambda: None
    view.emit.text("so far")
    ask(view, "record")
    (answer,) = answers(view)
    assert answer["over"] is False
    assert "The last state known" in answer["data"]["text/plain"]
    assert "so far" in answer["live"]["text/plain"]
    view.finish()


def test_a_view_that_keeps_its_widget_gives_no_record() -> None:
    view = StreamView(["x"], persist="widget")
    view.wait()
    view._port.wake = lambda: None
    ask(view, "record")
    assert answers(view) == []


@pytest.mark.parametrize(
    ("saves", "seen", "after_s", "due"),
    [
        (["page"], True, 60.0, False),
        (["kernel"], True, 0.0, True),
        (["kernel"], False, 60.0, False),
        (["none"], True, 60.0, False),
        (["kernel", "page"], True, 60.0, False),
        ([], False, 0.0, False),
        ([], False, NO_PAGE_S, True),
    ],
    ids=["lab", "vs code", "not seen yet", "voila", "both", "no page yet", "no page"],
)
def test_the_kernel_writes_where_no_page_can(
    view: StreamView,
    saves: list[str],
    seen: bool,
    after_s: float,
    due: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [1000.0]
    monkeypatch.setattr(saved_output.time, "monotonic", lambda: now[0])
    view._saved.displays = {"shown": ""}
    for host in saves:
        ask(view, "hello", seq=0, saves=host)
    if seen:
        ask(view, "seen", rev=9)
    view._saved.is_due(view._port)
    now[0] += after_s
    assert view._saved.is_due(view._port) is due


def test_the_record_of_a_retry_replaces_that_of_the_run_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    written: list[str] = []

    def publish(data: dict[str, str], _: object, display_id: str, **__: object) -> None:
        if display_id == "retried":  # views of other tests may still be written
            written.append(data["text/plain"])

    monkeypatch.setattr(saved_output, "_publish", publish)
    answers = iter(["first", "second"])
    view = StreamView(lambda: iter([next(answers)]))
    view._saved.displays = {"retried": ""}
    for answer in ("first", "second"):
        if answer == "second":
            view.retry()
        view.wait(WAIT_S)
        for _ in range(2):
            view._saved.write(view._port)
        assert len(written) == 1, written
        assert answer in written.pop()


def test_a_record_that_replaces_the_widget_is_replaced_without_a_page(
    view: StreamView,
) -> None:
    """VS Code: the first run's record took the place of the widget, so nobody sees the second."""
    view._saved.displays = {"shown": "the run before"}
    ask(view, "hello", seq=0, saves="kernel")
    assert not view._port.final_seen
    assert view._saved.is_due(view._port)


def test_the_kernel_writes_the_record_of_a_board_once_every_end_was_seen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    written: list[str] = []

    def publish(data: dict[str, str], _: object, display_id: str, **__: object) -> None:
        if display_id == "board":  # views of other tests may still be written
            written.append(data["text/plain"])

    monkeypatch.setattr(saved_output, "_publish", publish)
    views = [StreamView([f"the words of {name}"], title=name) for name in ("one", "two")]
    board = StreamBoard(views)
    board.wait(20)
    board._saved.displays = {"board": ""}
    for view in views:
        assert not board._saved.is_due(board._runs)
        ask(view, "hello", seq=0, saves="kernel")
        ask(view, "seen", rev=9)
    assert board._saved.is_due(board._runs)
    board._saved.write(board._runs)
    board._saved.write(board._runs)
    (record,) = written
    assert "2 runs: 2 finished." in record
    assert "the words of one" in record
    assert "the words of two" in record


def test_progress_lines_say_how_far_a_headless_run_is_and_how_it_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(headless, "LINE_EVERY_S", 0.0)
    view = StreamView(title="Long job")
    lines: list[str] = []

    def write(line: str) -> None:
        lines.append(line)
        if not view._run.finished.is_set():
            view.finish()

    view.emit.text("one")
    with view.emit.step("Reading"):
        assert headless.follow(view._run, "Long job", 20, write)
    assert lines[0].startswith("Long job: streaming, 1 token, ")
    assert lines[0].endswith("s, Reading")
    assert lines[-1].startswith("Long job: Finished: 1 token")


def test_a_bound_of_the_wait_comes_from_the_call_or_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("STREAMWIDGET_MAX_TIME", "7")
    assert [headless.max_time_s(3.0), headless.max_time_s(None)] == [3.0, 7.0]
    monkeypatch.setenv("STREAMWIDGET_MAX_TIME", "soon")
    assert headless.max_time_s(None) == headless.MAX_TIME_S


def test_the_record_says_where_the_journal_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    view = StreamView(["x" * 100_000], journal="runs/q3.jsonl")
    view.wait()
    data, metadata = view._repr_mimebundle_() or ({}, {})
    assert metadata["streamwidget"]["journal"] == "runs/q3.jsonl"
    assert "The whole run is in runs/q3.jsonl." in data["text/plain"]
