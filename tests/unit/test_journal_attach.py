"""Attaching: a run that was recorded, or still is, is shown from any process."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from streamwidget import Emitter, StreamView, acollect, collect
from streamwidget.errors import IncompleteError
from streamwidget.events import Event, TextDelta
from streamwidget.journal.journal_file import JournalFile
from unit.journals import content
from unit.waiting import WAIT_S, until


def job(emit: Emitter) -> None:
    """One of each kind of thing that a job can give."""
    with emit.step("load"):
        for number in range(50):
            emit.text(f"word {number} ")
            emit.row("rows", {"n": number, "square": number * number})
            emit.metric("loss", 1 / (number + 1))
        emit.log("loaded")
    emit.value("answer", {"a": [1, 2, 3]})


def failing(emit: Emitter) -> None:
    emit.text("before ")
    raise RuntimeError("it broke")


@pytest.mark.parametrize("source", [job, failing, lambda: iter(["a ", "b"])])
def test_a_finished_run_is_shown_as_it_ended(tmp_path: Path, source: Any) -> None:
    first = StreamView(source, title="My run", journal=tmp_path / "run.jsonl")
    first.wait(WAIT_S)
    assert first.journal is not None
    assert first.journal.is_closed
    again = StreamView.attach(first.journal.path)
    result = again.wait(WAIT_S)
    assert (again.status, again.summary) == (first.status, first.summary)
    assert content(again.document) == content(first.document)
    assert again.elapsed_s == pytest.approx(first.elapsed_s, abs=0.002)
    assert result.token_count == first.token_count
    assert (again.error is None) == (first.error is None)
    if first.error is not None and again.error is not None:
        assert again.error.message == first.error.message
    for name, table in first.tables.items():
        assert list(again.tables[name]) == list(table)


def test_a_live_run_is_followed_and_stopping_the_view_does_not_stop_it(tmp_path: Path) -> None:
    more = threading.Event()

    def source() -> Iterator[str]:
        yield "first "
        more.wait(WAIT_S)
        yield "second"

    run = StreamView(source, journal=tmp_path)
    assert run.journal is not None
    until(lambda: run.text == "first ")
    view, other = StreamView.attach(run.journal.path), StreamView.attach(run.journal.path)
    until(lambda: view.text == other.text == "first ")
    assert view.status == "streaming"
    other.stop()
    assert other.wait(WAIT_S).status == "stopped"
    assert run.status == "streaming"
    more.set()
    view.wait(WAIT_S)
    assert (view.text, view.status, view.summary) == ("first second", "finished", run.summary)


CHILD = """
import sys, time
from streamwidget import StreamView
def words():
    yield "one "
    yield "two "
    time.sleep(60)
view = StreamView(words, journal=sys.argv[1])
while view.text != "one two ":
    time.sleep(0.01)
view.journal.flush()
print("ready", flush=True)
view.wait()
"""


def test_a_writer_that_was_killed_is_reported_with_what_it_left(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    with subprocess.Popen(
        [sys.executable, "-c", CHILD, str(path)], stdout=subprocess.PIPE
    ) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline().strip() == b"ready"
        view = StreamView.attach(path)
        until(lambda: view.text == "one two ")
        assert view.status == "streaming"
        writer.kill()
    result = view.wait(WAIT_S)
    assert result.status == "incomplete"
    assert result.text == "one two "
    assert isinstance(result.error, IncompleteError)
    assert f"pid {writer.pid}" in result.error.message
    assert "has ended without finishing it" in result.error.message


FORKING_WRITER = """
import os, sys, time
from streamwidget import collect
def job(emit):
    emit.text("before the fork ")
    time.sleep(0.5)  # so that the line is in the file
    if os.fork() == 0:
        print("forked", flush=True)  # by the child, which has given up its copy of the lock by now
        os.close(1)
        sys.stdin.read()  # until the test closes the pipe
        os._exit(0)
    for number in range(3000):
        emit.text(f"{number} ")
        time.sleep(0.02)
collect(job, journal=sys.argv[1])
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="fork of POSIX")
def test_a_forked_child_that_outlives_the_writer_does_not_keep_the_run_live(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    writer = subprocess.Popen(
        [sys.executable, "-c", FORKING_WRITER, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert writer.stdin is not None
    assert writer.stdout is not None
    with writer.stdin, writer.stdout:
        assert writer.stdout.readline() == b"forked\n"
        with JournalFile(path) as file:
            assert file.writer() == "live", "the child has not unlocked the file of its parent"
            assert file.is_open_in(writer.pid)
            writer.kill()
            writer.wait()
            assert file.writer() == "ended"
            assert not file.is_open_in(writer.pid) or not os.path.isdir("/proc/self/fd")


def test_a_folder_gets_a_file_named_by_time_and_title(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    view = StreamView(["text"], title="Q3 report!", journal=True)
    view.wait(WAIT_S)
    (path,) = (tmp_path / "runs").iterdir()
    assert path.name.endswith("_Q3-report.jsonl")
    assert len(path.name.split("_")[0]) == len("2026-11-28T10-02-11")
    assert view.journal is not None
    assert view.journal.path == path
    assert StreamView(["text"]).journal is None


def test_collect_records_too(tmp_path: Path) -> None:
    result = collect(["a ", "b"], journal=tmp_path / "a.jsonl")
    asyncio.run(acollect(["a ", "b"], journal=tmp_path / "b.jsonl"))
    for name in ("a.jsonl", "b.jsonl"):
        with JournalFile(tmp_path / name) as file:
            end = file.end()
            assert end is not None
            assert (end["status"], end["token_count"]) == ("finished", result.token_count)
            assert file.latest().document.text == "a b"


def test_a_retry_is_a_journal_of_its_own_that_names_the_run_before(tmp_path: Path) -> None:
    view = StreamView(lambda: iter(["text"]), journal=tmp_path / "run.jsonl")
    view.wait(WAIT_S)
    view.retry()
    view.wait(WAIT_S)
    with (
        JournalFile(tmp_path / "run.jsonl") as first,
        JournalFile(tmp_path / "run-2.jsonl") as second,
    ):
        assert first.header["parent"] is None
        assert second.header["parent"] == first.header["run_id"]


def test_secrets_of_the_request_and_of_events_are_not_in_the_file(tmp_path: Path) -> None:
    def redact(event: Event) -> Event | None:
        if isinstance(event, TextDelta):
            return TextDelta(event.part_id, event.text.replace("s3cret", "***"))
        return event

    path = tmp_path / "run.jsonl"
    url = "http://user:hunter2@127.0.0.1:9/stream?token=query0secret"
    collect(url, journal=path, timeout=WAIT_S)
    collect(["my ", "s3", "cret", " word"], journal=tmp_path / "text.jsonl", redact=redact)
    data = path.read_text() + (tmp_path / "text.jsonl").read_text()
    assert "my *** word" in data
    for secret in ("hunter2", "query0secret", "s3cret"):
        assert secret not in data


def test_a_missing_file_and_another_file_are_failures_in_the_view(tmp_path: Path) -> None:
    (tmp_path / "other.txt").write_text("hello\n")
    for name in ("missing.jsonl", "other.txt"):
        view = StreamView.attach(tmp_path / name)
        assert view.wait(WAIT_S).status == "failed"
        assert view.error is not None
