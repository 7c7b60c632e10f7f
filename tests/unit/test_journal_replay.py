"""Replay: a recorded run is played at its times, and can be moved in."""

from __future__ import annotations

import io
import json
import random
import time
from pathlib import Path
from typing import Any

import pytest

from streamwidget import StreamView, UsageError
from streamwidget.document import Document
from streamwidget.events import Failure, RunEnd, StepEnd, StepStart, TextDelta, ToolCallStart
from streamwidget.export.jsonl import to_json
from streamwidget.journal import fold as folds
from streamwidget.journal import journal_file
from streamwidget.journal.fold import Checkpoints, Fold
from streamwidget.journal.journal_file import JournalFile
from streamwidget.run import Run
from streamwidget.terminal.json_lines import print_jsonl
from streamwidget.widget.status import status_of
from unit.journals import Clock, any_event, content, journal_of, recorded_run
from unit.waiting import WAIT_S, until


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """100 seconds with a step every 10 s, tool calls at 25 and 75 s, and an error at 60 s."""
    path = tmp_path_factory.mktemp("runs") / "run.jsonl"
    clock = Clock()
    run = recorded_run(clock)
    journal = journal_of(run, path)
    for second in range(100):
        clock.now_s = float(second)
        run.push([TextDelta("t", f"{second} ")])
        if second % 10 == 0:
            run.push([StepEnd(f"s{second - 10}"), StepStart(f"s{second}", f"step {second}")])
        if second in (25, 75):
            run.push([ToolCallStart(f"c{second}", "search")])
        if second == 60:
            run.push([Failure("a tool failed", "source", fatal=False)])
        journal.flush()
    clock.now_s = 100.0
    run.producer_closed()
    journal.flush()
    return path


def paused(path: Path) -> StreamView:
    """A replay that is paused, somewhere at its start."""
    view = StreamView.replay(path, 0.001)
    until(lambda: view.status == "streaming")
    view.pause()
    return view


def shown(path: Path, at_ms: int) -> Document:
    """The fold of all events up to a time."""
    document = Document()
    with JournalFile(path) as file:
        for event, time_ms, _ in file.events(file.start()):
            if time_ms > at_ms:
                break
            document.apply(event)
    return document


def test_a_replay_at_once_gives_the_run_and_its_end(recording: Path) -> None:
    view = StreamView.replay(recording, None)
    result = view.wait(WAIT_S)
    assert result.status == "finished"
    assert result.elapsed_s == 100
    assert content(view.document) == content(shown(recording, 100_000))
    assert view.duration_s == 100


def test_a_seek_shows_the_run_as_it_was(recording: Path) -> None:
    view = paused(recording)
    for second in (50, 3, 99, 0.5, 42):
        view.seek(second)
        assert view.document == shown(recording, round(second * 1000))
        assert view.elapsed_s == pytest.approx(second, abs=0.5)
        assert view.status == "paused"
    view.stop()
    assert view.wait(WAIT_S).text == "".join(f"{second} " for second in range(43))


@pytest.mark.parametrize("seed", range(2))
def test_a_seek_of_anything_is_exact(tmp_path: Path, seed: int) -> None:
    clock, rng = Clock(), random.Random(seed)
    run = recorded_run(clock)
    journal = journal_of(run, tmp_path / "run.jsonl")
    for number in range(500):
        clock.now_s = float(number)
        run.push([any_event(rng, number)])
        journal.flush()
    run.producer_closed()
    journal.flush()
    view = paused(tmp_path / "run.jsonl")
    for _ in range(40):
        second = rng.randrange(510)
        view.seek(second)
        assert content(view.document) == content(shown(tmp_path / "run.jsonl", second * 1000))
    view.speed = 1e9
    view.resume()
    view.wait(WAIT_S)
    assert content(view.document) == content(run.document)


def test_an_index_makes_every_seek_short_and_changes_no_state(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, rng = Clock(), random.Random(1)
    run = recorded_run(clock)
    journal = journal_of(run, tmp_path / "run.jsonl")
    for number in range(4000):
        clock.now_s = float(number)
        run.push([any_event(rng, number)])
        journal.flush()
    run.producer_closed()
    journal.flush()
    monkeypatch.setattr(journal_file, "CHECKPOINT_BYTES", 2000)
    monkeypatch.setattr(journal_file, "INDEXED_COUNT", 10)
    folded: list[int] = []
    advance = JournalFile._advance

    def counted(file: JournalFile, fold: Fold, **options: Any) -> int:
        before = fold.offset
        marked = advance(file, fold, **options)
        folded.append(fold.offset - before)
        return marked

    monkeypatch.setattr(JournalFile, "_advance", counted)
    with JournalFile(tmp_path / "run.jsonl") as file, JournalFile(tmp_path / "run.jsonl") as other:
        file.index()
        folded.clear()
        for _ in range(30):
            second = rng.randrange(4000)
            assert content(file.at(second * 1000).document) == content(
                shown(tmp_path / "run.jsonl", second * 1000)
            )
        assert max(folded) <= 3 * file._step()
        assert file._snapshots.all()[0][1] < file._indexed_bytes, "there are snapshots"
        assert len(file._checkpoints) < 1.5 * file.byte_count / file._step(), "none was restored"
        other.at(3999_000)
        assert folded[-1] > 3 * other._step(), "without an index, more is folded"
        folded.clear()
        restored: list[object] = []
        monkeypatch.setattr(journal_file, "restored", restored.append)
        assert content(file.at(3999_000).document) == content(run.document)
        assert max(folded) == 0
        assert not restored, "the last snapshot is not parsed"


def test_an_index_ends_when_its_file_is_closed(recording: Path) -> None:
    file = JournalFile(recording)
    file.close()
    file.index()  # reads nothing: its file is closed


def test_a_replay_keeps_the_recorded_pace_and_takes_a_new_one(recording: Path) -> None:
    began = time.monotonic()
    view = StreamView.replay(recording, 50)
    until(lambda: len(view.text.split()) > 30)
    assert len(view.text.split()) <= 1 + (time.monotonic() - began) * 50
    view.speed = 1e9
    assert view.wait(WAIT_S).status == "finished"
    assert view.speed == 1e9
    with pytest.raises(UsageError, match="above 0"):
        view.speed = 0


def test_a_pause_holds_the_recorded_time(recording: Path) -> None:
    view = StreamView.replay(recording, 100)
    until(lambda: len(view.text.split()) > 10)
    view.pause()
    until(lambda: view.status == "paused")
    text = shown(recording, round(view.elapsed_s * 1000)).text
    until(lambda: view.text == text)
    time.sleep(0.3)  # 30 recorded seconds
    assert view.text == text
    resumed = time.monotonic()
    view.resume()
    until(lambda: len(view.text) > len(text))
    passed_s = (time.monotonic() - resumed) * 100
    assert len(view.text.split()) <= len(text.split()) + 1 + passed_s
    view.stop()
    view.wait(WAIT_S)


def test_the_marks_lead_to_errors_steps_and_tool_calls(recording: Path) -> None:
    view = paused(recording)
    view.seek(0)
    assert view.next_mark("error") == 60
    assert view.document == shown(recording, 60_000)
    assert view.next_mark("error") is None
    view.seek(33)
    assert view.next_mark("step") == 40
    assert view.next_mark("step") == 50
    view.seek(33)
    assert view.next_mark("step", back=True) == 30
    assert view.next_mark("tool-call") == 75
    assert view.next_mark("tool-call", back=True) == 25
    assert view.next_mark("tool-call", back=True) is None
    with pytest.raises(UsageError, match="no mark 'nonsense'"):
        view.next_mark("nonsense")  # type: ignore[arg-type]
    view.stop()


def test_a_seek_to_the_time_of_an_event_shows_it(tmp_path: Path) -> None:
    clock = Clock()
    run = recorded_run(clock)
    journal = journal_of(run, tmp_path / "run.jsonl")
    clock.now_s = 1.001  # times 1000 it is 1000.9999999999999
    run.push([TextDelta("t", "here")])
    journal.flush()
    view = paused(tmp_path / "run.jsonl")
    view.seek(1.001)
    assert view.text == "here"
    view.stop()
    run.producer_closed()
    journal.flush()


def test_a_seek_after_the_end_plays_again_from_there(recording: Path) -> None:
    view = StreamView.replay(recording, None)
    view.wait(WAIT_S)
    view.speed = 0.001
    view.seek(20)
    until(lambda: view.status == "streaming")
    assert view.text.split()[-1] == "20"
    view.stop()


def test_a_file_of_events_is_played_and_moved_in_like_a_journal(
    recording: Path, tmp_path: Path
) -> None:
    whole = StreamView.replay(recording, None)
    whole.wait(WAIT_S)
    events = tmp_path / "events.jsonl"
    first = json.dumps({"streamwidget": "events", "version": 1, "title": "t"})
    with JournalFile(recording) as file:
        timed = [(event, at_ms / 1000) for event, at_ms, _ in file.events(file.start())]
    lines = [json.dumps(to_json(*each)) for each in timed]
    events.write_text("\n".join([first, *lines, ""]))
    again = StreamView.replay(events, None)
    result = again.wait(WAIT_S)
    assert (result.status, result.elapsed_s) == ("finished", 100)
    assert content(again.document) == content(whole.document)
    view = paused(events)
    for second in (50, 3, 99, 42):
        view.seek(second)
        assert view.document == shown(recording, second * 1000)
        time.sleep(0.1)  # the clock of a paused replay stands
        assert (view.status, view.elapsed_s) == ("paused", second)
    assert view.next_mark("error") == 60
    assert view._port.snapshot()["status"]["replay"]["duration_s"] == 100
    view.stop()


@pytest.mark.parametrize("outcome", ["complete", "cut", "stopped", "failed"])
def test_a_file_of_events_ends_as_the_run_did(tmp_path: Path, outcome: Any) -> None:
    lines = [
        {"streamwidget": "events", "version": 1},
        to_json(TextDelta("t", "text"), 1.0),
        to_json(RunEnd(outcome, at_s=2.0), 2.0),
    ]
    (tmp_path / "events.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    statuses = {"complete": "finished", "cut": "incomplete", "stopped": "stopped"}
    result = StreamView.replay(tmp_path / "events.jsonl", None).wait(WAIT_S)
    assert (result.status, result.text) == (statuses.get(outcome, "failed"), "text")
    assert result.elapsed_s == 2
    assert result.summary


def test_a_stopped_command_line_run_replays_as_stopped(tmp_path: Path) -> None:
    stream = io.BytesIO()
    run = Run()
    run.start("test")
    run.push([TextDelta("t", "text")])
    run.request_stop()
    run.producer_closed()
    print_jsonl(run, "title", stream)
    (tmp_path / "events.jsonl").write_bytes(stream.getvalue())
    result = StreamView.replay(tmp_path / "events.jsonl", None).wait(WAIT_S)
    assert (result.status, result.text) == ("stopped", "text")


def test_a_recording_without_an_end_is_incomplete(recording: Path, tmp_path: Path) -> None:
    torn = tmp_path / "torn.jsonl"
    torn.write_bytes(recording.read_bytes()[:5000])
    view = StreamView.replay(torn, None)
    assert view.wait(WAIT_S).status == "incomplete"


def test_a_page_moves_in_a_replay_by_commands(recording: Path) -> None:
    view = paused(recording)

    def ask(**command: Any) -> None:
        view._on_message(view, {"run_id": view._port.run_id, **command}, [])

    ask(cmd="seek", at_s=30, request_id="1")
    until(lambda: view.text.endswith(" 30 "))
    ask(cmd="mark", kind="error", request_id="2")
    until(lambda: view.text.endswith(" 60 "))
    ask(cmd="speed", speed=20, request_id="3")
    assert status_of(view._port)["replay"] == {"duration_s": 100.0, "speed": 20}
    for number, odd in enumerate([None, "x", -1, 1e9, [1]]):
        for command in ("seek", "mark", "speed"):
            ask(cmd=command, at_s=str(odd), kind=odd, speed=odd, request_id=f"odd{number}{command}")
    assert view.text.endswith(" 60 ")
    assert view.speed == 20
    view.stop()


def test_a_recording_is_shown_with_its_title(tmp_path: Path) -> None:
    first = StreamView(["text"], title="Eight seconds", journal=tmp_path / "run.jsonl")
    first.wait(WAIT_S)
    assert first.journal is not None
    first.to_jsonl(tmp_path / "events.jsonl")
    for path in (first.journal.path, tmp_path / "events.jsonl"):
        assert StreamView.replay(path, None).title == "Eight seconds"
        assert StreamView.replay(path, None, title="Mine").title == "Mine"
    assert StreamView.attach(first.journal.path).title == "Eight seconds"
    assert StreamView.attach(first.journal.path, title="Mine").title == "Mine"
    assert StreamView.attach(tmp_path / "none.jsonl").title == "none.jsonl"


def test_a_snapshot_that_names_itself_as_the_one_before_does_not_hang(tmp_path: Path) -> None:
    header = b'{"streamwidget":1}\n'
    snapshot = b'[0,1,"snapshot",{"t_ms":5,"prev":%d,"token_count":1,"state":{}}]\n' % len(header)
    (tmp_path / "run.jsonl").write_bytes(header + snapshot)
    with JournalFile(tmp_path / "run.jsonl") as file:
        assert file.at(1).at_ms == 0


def test_the_clock_of_a_paused_replay_stands_still(recording: Path) -> None:
    began = time.monotonic()
    view = StreamView.replay(recording, 100)
    until(lambda: len(view.text.split()) > 10)
    view.pause()
    assert view.elapsed_s <= min(100, 1 + (time.monotonic() - began) * 100)
    view.seek(21.0)
    time.sleep(0.2)  # 20 recorded seconds
    assert view.elapsed_s == 21.0
    assert view.next_mark("step") == 30
    time.sleep(0.2)
    assert view.elapsed_s == 30
    assert view.next_mark("step") == 40
    view.speed = 1
    view.resume()
    until(lambda: view.elapsed_s > 40)
    view.stop()
    assert view.wait(WAIT_S).elapsed_s < 100


@pytest.mark.parametrize("_attempt", range(5))
def test_a_replay_can_be_paused_at_once(recording: Path, _attempt: int) -> None:
    view = StreamView.replay(recording, 1000)
    view.pause()
    assert view.status == "paused"
    view.seek(33)
    assert view.next_mark("step") == 40
    until(lambda: view.document == shown(recording, 40_000))
    assert (view.status, view.elapsed_s) == ("paused", 40)
    view.resume()
    assert view.wait(WAIT_S).status == "finished"


def test_a_replay_knows_the_recorded_time_of_the_first_token(tmp_path: Path) -> None:
    clock = Clock()
    run = recorded_run(clock)
    journal = journal_of(run, tmp_path / "run.jsonl")
    clock.now_s = 2.0
    run.push([StepStart("s", "step")])
    clock.now_s = 7.5
    run.push([TextDelta("t", "text")])
    clock.now_s = 10.0
    run.push([StepEnd("s")])
    journal.flush()
    live = StreamView.attach(tmp_path / "run.jsonl")
    until(lambda: live.text == "text")
    assert live.first_token_s == 7.5
    run.producer_closed()
    journal.flush()
    for view in (live, StreamView.attach(journal.path), StreamView.replay(journal.path, None)):
        assert view.wait(WAIT_S).first_token_s == 7.5
    view = paused(journal.path)
    for second, first_s in ((9, 7.5), (3, None), (7.5, 7.5)):
        view.seek(second)
        assert view.first_token_s == first_s
    view.stop()


def test_a_recording_that_is_deleted_while_it_plays_is_played_on(
    recording: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "run.jsonl"
    path.write_bytes(recording.read_bytes())
    view = StreamView.replay(path, 0.001)
    until(lambda: view.text)
    path.unlink()
    assert view.duration_s == 100
    view.speed = 100_000
    assert view.wait(WAIT_S).status == "finished"
    assert not caplog.records


def test_many_seeks_leave_the_kept_states_near_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """States are kept on the way to each time sought: they must not displace the others."""
    monkeypatch.setattr(folds, "KEPT_POINTERS", 100 * folds._pointers(Document()))
    kept, rng = Checkpoints(), random.Random(1)

    def keep(seq: int) -> None:
        kept.keep(Fold(Document(), at_ms=seq, seq=seq, offset=seq))

    for seq in range(0, 100_001, 100):
        keep(seq)
    for _ in range(1000):
        keep(rng.randrange(100_000) if rng.random() < 0.5 else 50_000 + rng.randrange(1000))
    assert len(kept) <= 100
    nearest = (kept.before(seq) for seq in range(100_000))
    assert max(seq - one.offset for seq, one in enumerate(nearest) if one is not None) <= 2200
