"""Going back in a run that is recorded, while it continues."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from streamwidget import Emitter, LimitError, Limits, StreamView
from streamwidget.document import Document
from streamwidget.journal.journal_file import JournalFile
from streamwidget.widget import rewind

WAIT_S = 30.0


def until(condition: Any) -> None:
    deadline = time.monotonic() + WAIT_S
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.005)
    assert condition()


class Page:
    """The state of a page that receives the messages of a view; their numbers never decrease."""

    def __init__(self, view: StreamView) -> None:
        self.port = view._port
        self.document = Document()
        self.seq = self.rev = 0
        self.status: dict[str, Any] = {}

    def update(self) -> None:
        """Take all messages that are due."""
        message = self.port.message()
        if message is not None:
            self._take_status(message["status"])
            have, ops = self.seq, message["ops"]
            assert message["seq"] >= have
            if message["from_seq"] <= have < message["seq"]:
                for patch in ops[have - message["from_seq"] :]:
                    self.document.apply_ops(patch)
                self.seq = message["seq"]
            elif message["from_seq"] > have:
                self.port.resync(have)
                self.port.message()
        if self.port.take_snapshot_asked() or self.seq < self.port._last_seq:
            snapshot = self.port.snapshot()
            assert snapshot["seq"] >= self.seq
            self._take_status(snapshot["status"])
            self.document = Document()
            self.document.run = snapshot["run"]
            for part in snapshot["parts"]:
                self.document.apply_ops([{"op": "add", "part": part}])
            self.seq = snapshot["seq"]

    def _take_status(self, status: dict[str, Any]) -> None:
        assert status["rev"] >= self.rev
        self.rev, self.status = status["rev"], status


class Job:
    """Counts until it is stopped, a number every few milliseconds."""

    def __init__(self) -> None:
        self.done = threading.Event()

    def __call__(self, emit: Emitter) -> None:
        number = 0
        while not self.done.wait(0.004):
            emit.text(f"{number} ")
            if number % 25 == 0:
                with emit.step(f"step {number}"):
                    emit.row("rows", {"n": number})
            number += 1


@pytest.fixture
def job() -> Iterator[Job]:
    job = Job()
    yield job
    job.done.set()


def fold(path: Path, at_s: float) -> dict[str, Any]:
    """The document after all events up to a time."""
    document = Document()
    with JournalFile(path) as file:
        for event, at_ms, _ in file.events(file.start()):
            if at_ms > at_s * 1000:
                break
            document.apply(event)
    return document.snapshot()


def test_a_live_run_is_shown_as_it_was_while_it_continues(tmp_path: Path, job: Job) -> None:
    view = StreamView(job, journal=tmp_path / "run.jsonl")
    page, rng = Page(view), random.Random(1)
    until(lambda: view.elapsed_s > 1.5)
    page.update()
    assert page.status["replay"]["live"] is True
    for _ in range(20):
        at_s = rng.randrange(1200) / 1000
        before = view.text
        view.seek(at_s)
        page.update()
        assert page.document.snapshot() == fold(tmp_path / "run.jsonl", at_s)
        assert page.status["state"] == "streaming"
        assert page.status["elapsed_s"] == at_s
        assert (page.status["replay"]["live"], page.status["replay"]["playing"]) == (False, False)
        until(lambda before=before: len(view.text) > len(before))
        page.update()
        assert page.document.snapshot() == fold(tmp_path / "run.jsonl", at_s)
        assert page.status["replay"]["duration_s"] > at_s
        if rng.random() < 0.3:
            view.go_live()
            page.update()
            assert page.status["replay"]["live"] is True
            assert page.document.text in view.text
            assert len(page.document.text) >= len(before)
    view.go_live()
    job.done.set()
    view.wait(WAIT_S)
    page.update()
    assert page.document.snapshot() == view.document.snapshot()
    assert page.status["state"] == view.status == "finished"


def test_the_past_plays_and_goes_live_when_it_has_caught_up(tmp_path: Path, job: Job) -> None:
    view = StreamView(job, journal=tmp_path / "run.jsonl")
    page = Page(view)
    until(lambda: view.elapsed_s > 2)
    view.seek(0.5)
    page.update()
    shown = page.document.text
    view._on_message(view, {"run_id": page.port.run_id, "cmd": "play", "on": True}, [])
    until(lambda: page.update() is None and len(page.document.text) > len(shown))
    assert page.status["replay"]["playing"] is True
    assert len(page.document.text) < len(view.text)
    view.speed = 100
    until(lambda: page.update() is None and page.status["replay"]["live"])
    assert view.speed == 1
    view.seek(0.5)
    view._on_message(view, {"run_id": page.port.run_id, "cmd": "live"}, [])
    until(lambda: page.update() is None and page.status["replay"]["live"])


def test_marks_lead_through_a_live_run(tmp_path: Path, job: Job) -> None:
    view = StreamView(job, journal=tmp_path / "run.jsonl")
    until(lambda: len(view.steps) > 4)
    last = view.next_mark("step", back=True)
    assert last is not None
    before = view.next_mark("step", back=True)
    assert before is not None
    assert before < last
    assert view.next_mark("step") == last
    assert view.next_mark("error") is None


def test_the_past_stays_when_the_run_ends_and_can_be_left(tmp_path: Path, job: Job) -> None:
    view = StreamView(job, journal=tmp_path / "run.jsonl")
    page = Page(view)
    until(lambda: view.elapsed_s > 1)
    view.seek(0.3)
    job.done.set()
    view.wait(WAIT_S)
    page.update()
    assert page.document.snapshot() == fold(tmp_path / "run.jsonl", 0.3)
    assert page.status["state"] == "finished"
    view.go_live()
    page.update()
    assert page.document.snapshot() == view.document.snapshot()
    view.seek(0.5)
    page.update()
    assert page.document.snapshot() == fold(tmp_path / "run.jsonl", 0.5)


def test_an_attached_view_goes_back_too(tmp_path: Path, job: Job) -> None:
    run = StreamView(job, journal=tmp_path / "run.jsonl")
    until(lambda: run.elapsed_s > 1)
    view = StreamView.attach(tmp_path / "run.jsonl")
    until(lambda: view.text)
    view.seek(0.5)
    page = Page(view)
    page.update()
    assert page.document.snapshot() == fold(tmp_path / "run.jsonl", 0.5)
    assert view.status == "streaming"
    view.stop()


def test_a_journal_that_is_deleted_says_so_when_the_past_is_wanted(
    tmp_path: Path, job: Job
) -> None:
    view = StreamView(job, journal=tmp_path / "run.jsonl")
    until(lambda: view.text)
    (tmp_path / "run.jsonl").unlink()
    view.seek(0)
    until(lambda: "The past cannot be shown" in view.to_markdown())
    page = Page(view)
    page.update()
    assert page.status["replay"]["live"] is True


def of_events(view: StreamView, at_s: float) -> dict[str, Any]:
    """The document after all events of a run up to a time."""
    document = Document()
    for event, time_s in view._run.events.timed():
        if round(time_s * 1000) > at_s * 1000:
            break
        document.apply(event)
    return document.snapshot()


def test_a_run_without_a_journal_has_a_past_in_memory(job: Job) -> None:
    view = StreamView(job)
    page, rng = Page(view), random.Random(1)
    until(lambda: view.elapsed_s > 1.5)
    for _ in range(20):
        at_s = rng.randrange(1400) / 1000
        before = view.text
        view.seek(at_s)
        page.update()
        assert page.document.snapshot() == of_events(view, at_s)
        assert page.status["elapsed_s"] == at_s
        until(lambda before=before: len(view.text) > len(before))
    last = view.next_mark("step", back=True)
    assert last is not None
    view._on_message(view, {"run_id": page.port.run_id, "cmd": "play", "on": True}, [])
    view.speed = 100
    until(lambda: page.update() is None and not view._port.rewind.is_past)  # type: ignore[union-attr]
    job.done.set()
    view.wait(WAIT_S)
    view.seek(0.5)
    page.update()
    assert page.document.snapshot() == of_events(view, 0.5)
    view.go_live()
    page.update()
    assert page.document.snapshot() == view.document.snapshot()


def test_pages_get_a_slider_without_a_journal_once_the_run_is_long_enough(
    job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = StreamView(job)
    page = Page(view)
    until(lambda: view.text)
    page.update()
    assert "replay" not in page.status
    monkeypatch.setattr(rewind, "WORTH_S", 0.1)
    until(lambda: view.elapsed_s > 0.1)
    page.update()
    assert page.status["replay"]["live"] is True


def test_a_past_that_is_no_longer_in_memory_says_so(
    job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rewind, "WORTH_S", 0.1)
    view = StreamView(job, limits=Limits(kept_events_bytes=100))
    page = Page(view)
    until(lambda: view._run.events.dropped_count)
    with pytest.raises(LimitError, match=r"its first \d+ events are no longer kept .*_bytes"):
        view.seek(0.1)
    view._on_message(view, {"run_id": page.port.run_id, "cmd": "seek", "at_s": 0.1}, [])
    until(lambda: "record the run with journal=True" in view.to_markdown())
    job.done.set()
    view.wait(WAIT_S)
    page.update()
    assert "replay" not in page.status
