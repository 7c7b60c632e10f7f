"""Detached runs: they outlive the process that started them, and can be stopped from any other."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from streamwidget import Budget, StreamView, UsageError, journals, process
from streamwidget.journal.journal_file import JournalFile
from unit import detached_jobs
from unit.waiting import WAIT_S, until

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")


STARTER = """
import sys
sys.path[:0] = sys.argv[2:]
from unit import detached_jobs
from streamwidget import StreamView
view = StreamView(detached_jobs.counting, detached=True, journal=sys.argv[1])
while "1 " not in view.text:
    pass
print(view.journal_path, flush=True)
"""


def test_a_detached_run_outlives_its_starter_and_is_stopped_from_elsewhere(tmp_path: Path) -> None:
    tests = str(Path(__file__).resolve().parents[1])
    command = [sys.executable, "-c", STARTER, str(tmp_path / "run.jsonl"), tests]
    starter = subprocess.run(command, capture_output=True, text=True, timeout=WAIT_S)
    assert starter.stdout.strip() == str(tmp_path / "run.jsonl"), starter.stderr
    view = StreamView.attach(tmp_path / "run.jsonl")
    until(lambda: len(view.text.split()) > 2)
    seen = len(view.text.split())
    until(lambda: len(view.text.split()) > seen + 5)
    watcher = StreamView.attach(tmp_path / "run.jsonl")
    until(lambda: watcher.text)
    watcher.close()  # only a person's stop ends the job
    assert view.status == "streaming"
    view.stop()
    result = view.wait(WAIT_S)
    assert result.status == "stopped"
    assert result.summary is not None
    assert result.summary.startswith("Stopped by you")
    with JournalFile(tmp_path / "run.jsonl") as file:
        end = file.end()
        assert end is not None
        assert end["status"] == "stopped"
        until(lambda: file.writer() == "ended")
    assert result.text == "".join(f"{n} " for n in range(len(result.text.split())))
    assert not (tmp_path / "run.log").exists()


def test_a_detached_job_ends_with_its_result_and_its_prints_are_kept(tmp_path: Path) -> None:
    view = StreamView(
        detached_jobs.short,
        detached=True,
        journal=tmp_path / "a.jsonl",
        redact=detached_jobs.redact,
    )
    assert view.wait(WAIT_S).text == "*** done"
    assert view.status == "finished"
    assert view.journal_path == tmp_path / "a.jsonl"
    until(lambda: (tmp_path / "a.log").read_text() == "printed by the job\n")
    assert "secret" not in (tmp_path / "a.jsonl").read_text()


def test_a_command_runs_detached(tmp_path: Path) -> None:
    command = process([sys.executable, "-c", "print('hello')"])
    view = StreamView(command, detached=True, journal=tmp_path / "c.jsonl")
    assert view.wait(WAIT_S).text.strip() == "hello"


def test_what_cannot_run_detached_is_refused_in_the_call(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be sent to another process"):
        StreamView(lambda: ["text"], detached=True, journal=tmp_path)
    with pytest.raises(UsageError, match="does not support budget="):
        StreamView(detached_jobs.short, detached=True, budget=Budget(max_tokens=1))


def test_a_process_that_fails_before_the_journal_is_a_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streamwidget.run.detached._MAIN", "raise SystemExit('no module here')")
    view = StreamView(detached_jobs.short, detached=True, journal=tmp_path / "x.jsonl")
    assert view.wait(WAIT_S).status == "failed"
    assert view.error is not None
    assert "no module here" in view.error.message


def test_a_stop_before_the_process_has_started_stops_it_too(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    view = StreamView(detached_jobs.counting, detached=True, journal=path)
    view.stop()
    assert view.wait(WAIT_S).status == "stopped"
    until(path.exists)
    with JournalFile(path) as file:
        until(lambda: file.writer() == "ended")
        end = file.end()
        assert end is not None
        assert end["status"] == "stopped"


def test_a_retry_runs_the_job_again_in_a_journal_that_names_the_run_before(tmp_path: Path) -> None:
    view = StreamView(detached_jobs.short, detached=True, journal=tmp_path / "r.jsonl")
    view.wait(WAIT_S)
    view.retry()
    assert view.journal_path == tmp_path / "r-2.jsonl"
    assert view.wait(WAIT_S).text == "secret done"
    first, second = sorted(journals(tmp_path), key=lambda run: len(run.path.name))
    assert (first.parent, second.parent) == (None, first.run_id)


def test_a_journal_with_the_suffix_of_the_log_does_not_share_its_file(tmp_path: Path) -> None:
    view = StreamView(detached_jobs.short, detached=True, journal=tmp_path / "x.log")
    assert view.wait(WAIT_S).text == "secret done"
    output = tmp_path / "x.output.log"
    until(lambda: output.read_text() == "printed by the job\n")
    with JournalFile(tmp_path / "x.log") as file:
        assert file.end() is not None


@pytest.mark.parametrize("wrong", [{"height": -1}, {"persist": "all"}, {"images": "some"}])
def test_a_wrong_argument_starts_no_process(tmp_path: Path, wrong: dict[str, Any]) -> None:
    path = tmp_path / "run.jsonl"
    with pytest.raises(UsageError):
        StreamView(detached_jobs.counting, detached=True, journal=path, **wrong)
    assert list(tmp_path.iterdir()) == []
