"""Journals: what is written can be read again, whole, whatever happens to the writer."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from streamwidget.document import Document
from streamwidget.document.state import restored, state_pieces
from streamwidget.errors import DecodeError, UsageError
from streamwidget.events import Event, LogLine, RunEnd, StepStart, TextDelta, ToolCallDelta
from streamwidget.journal.journal_file import JournalFile
from streamwidget.journal.journal_lines import Joiner, parse, parse_all
from streamwidget.limits import JournalLimits
from unit.journals import Clock, any_event, content, journal_of, recorded_run
from unit.waiting import until

SMALL = JournalLimits(snapshot_bytes=2_000)
KILLS = int(os.environ.get("STREAMWIDGET_KILLS", "6"))


@pytest.mark.parametrize("seed", range(6))
def test_a_restored_document_continues_like_the_original(seed: int) -> None:
    rng = random.Random(seed)
    events = [any_event(rng, number) for number in range(600)]
    cut = rng.randrange(600)
    document = Document()
    for event in events[:cut]:
        document.apply(event)
    again = restored(json.loads("".join(state_pieces(document))))
    assert content(again) == content(document)
    for event in [*events[cut:], RunEnd("stopped", at_s=1.0)]:
        assert again.apply(event) == document.apply(event)
    assert content(again) == content(document)


@pytest.mark.parametrize("seed", range(4))
def test_copies_of_a_document_do_not_change_each_other(seed: int) -> None:
    rng = random.Random(seed)
    document, copies = Document(), []
    for number in range(400):
        document.apply(any_event(rng, number))
        if number % 40 == 0:
            copies.append((document.copy(), content(document), number))
    for copy, before, _ in copies:
        assert content(copy) == before
    first, _, number = copies[4]
    for later in range(number + 1, 400):
        first.apply(any_event(rng, later))
    assert [content(copy) for copy, _, _ in copies[5:]] == [before for _, before, _ in copies[5:]]


def write(path: Path, count: int, seed: int = 1, limits: JournalLimits = SMALL) -> Document:
    """A finished journal of `count` events, one each millisecond; the run's document."""
    rng, clock = random.Random(seed), Clock()
    run = recorded_run(clock)
    journal = journal_of(run, path, limits)
    for number in range(count):
        clock.now_s = number / 1000
        run.push([any_event(rng, number)])
        if rng.random() < 0.05:
            journal.flush()
    run.producer_closed()
    journal.flush()
    assert journal.is_closed
    assert journal.error is None
    return run.document


@pytest.mark.parametrize("seed", range(4))
def test_the_newest_state_is_the_document_of_the_run(tmp_path: Path, seed: int) -> None:
    document = write(tmp_path / "run.jsonl", 1500, seed)
    with JournalFile(tmp_path / "run.jsonl") as file:
        assert content(file.latest().document) == content(document)
        end = file.end()
        assert end is not None
        assert end["status"] == "finished"
        assert file.header["run_id"] == "r1"
        assert file.writer() == "ended"


def test_the_state_at_any_time_is_the_fold_of_all_events_up_to_it(tmp_path: Path) -> None:
    write(tmp_path / "run.jsonl", 1200)
    with JournalFile(tmp_path / "run.jsonl") as file:
        events = list(file.events(file.start()))
        duration = file.duration_ms()
        assert duration == 1199
        rng = random.Random(5)
        whole, at, expected = Document(), 0, {}
        wanted = sorted(rng.randrange(duration + 50) for _ in range(1000))
        for moment in wanted:
            while at < len(events) and events[at][1] <= moment:
                whole.apply(events[at][0])
                at += 1
            expected.setdefault(moment, json.dumps(whole.snapshot(), sort_keys=True))
        rng.shuffle(wanted)
        for moment in wanted:
            found = file.at(moment).document.snapshot()
            assert json.dumps(found, sort_keys=True) == expected[moment], moment


def test_times_and_numbers_only_grow_and_joined_text_is_whole(tmp_path: Path) -> None:
    clock = Clock()
    run = recorded_run(clock)
    journal = journal_of(run, tmp_path / "run.jsonl")
    for number in range(100):
        clock.now_s = number / 100
        run.push([TextDelta("a", f"{number} "), TextDelta("b", f"{number},")])
    run.push([ToolCallDelta("c", "[1", "name"), ToolCallDelta("c", ","), ToolCallDelta("c", "2]")])
    journal.flush()
    lines = (tmp_path / "run.jsonl").read_bytes().splitlines(keepends=True)
    entries = [entry for line in lines[1:] if (entry := parse(line))]
    assert [entry.seq for entry in entries] == sorted({entry.seq for entry in entries})
    assert len(entries) <= 8  # the start, the start of the call, and one line for each text
    with JournalFile(tmp_path / "run.jsonl") as file:
        assert file.writer() == "live"
        assert file.latest().document == run.document
    run.producer_closed()
    journal.flush()


def test_half_a_line_at_the_end_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    write(path, 300)
    data = path.read_bytes()
    rng = random.Random(2)
    head = data.index(b"\n") + 1
    for cut in [head, *(rng.randrange(head, len(data)) for _ in range(60))]:
        torn = tmp_path / "torn.jsonl"
        torn.write_bytes(data[:cut])
        whole = Document()
        with JournalFile(torn) as file:
            for event, _, _ in file.events(file.start()):
                whole.apply(event)
            assert content(file.latest().document) == content(whole)


@pytest.mark.parametrize("text", ["", "{}\n", "[1]\n", "hello\n", '{"streamwidget":"events"}\n'])
def test_another_file_is_refused_with_what_it_begins_with(tmp_path: Path, text: str) -> None:
    path = tmp_path / "other.jsonl"
    path.write_text(text)
    with pytest.raises(DecodeError, match="first line of a journal"):
        JournalFile(path)
    with pytest.raises(UsageError, match="cannot be read"):
        JournalFile(tmp_path / "missing.jsonl")


def test_a_redaction_sees_whole_words_and_nothing_of_the_secret_is_written(tmp_path: Path) -> None:
    secret, clock = "sk-SECRET-123456", Clock()

    def redact(event: Event) -> Event | None:
        if isinstance(event, TextDelta):
            return TextDelta(event.part_id, event.text.replace(secret, "[key]"))
        return None if isinstance(event, LogLine) else event

    run = recorded_run(clock)
    limits = JournalLimits(snapshot_bytes=200)
    journal = journal_of(run, tmp_path / "run.jsonl", limits, redact=redact)
    for number in range(40):
        for piece in ("the key is sk-", "SECRET", "-123", f"456 and {number} "):
            run.push([TextDelta("t", piece)])
            journal.flush()
        run.push([LogLine(secret)])
    run.producer_closed()
    journal.flush()
    data = (tmp_path / "run.jsonl").read_text()
    assert data.count('"snapshot",{') >= 2
    assert secret not in data
    assert "SECRET" not in data
    with JournalFile(tmp_path / "run.jsonl") as file:
        assert file.latest().document.text == run.document.text.replace(secret, "[key]")


def test_an_event_whose_redaction_fails_is_not_written(tmp_path: Path) -> None:
    def redact(event: Event) -> Event:
        if isinstance(event, LogLine):
            raise KeyError("secret")
        return event

    notices: list[str] = []
    run = recorded_run(Clock())
    journal = journal_of(run, tmp_path / "run.jsonl", redact=redact, notify=notices.append)
    run.push([LogLine("a"), LogLine("b"), TextDelta("t", "c")])
    run.producer_closed()
    journal.flush()
    data = (tmp_path / "run.jsonl").read_text()
    assert '"log"' not in data
    assert '"text":"c"' in data
    assert notices == ["redact= raised KeyError: such events are not in the journal."]


def test_a_file_that_cannot_be_written_is_one_notice_and_the_run_continues(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    notices: list[str] = []
    run = recorded_run(Clock())
    journal = journal_of(run, tmp_path / "file" / "run.jsonl", notify=notices.append)
    run.push([TextDelta("t", "text")])
    journal.flush()
    assert len(notices) == 1
    assert "cannot be created" in notices[0]
    assert journal.is_closed
    assert run.document.text == "text"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_one_notice_and_the_run_continues(tmp_path: Path) -> None:
    notices: list[str] = []
    run = recorded_run(Clock())
    journal = journal_of(run, tmp_path / "run.jsonl", notify=notices.append)
    full = os.open("/dev/full", os.O_WRONLY)
    assert journal._file is not None
    os.dup2(full, journal._file)
    os.close(full)
    for _ in range(3):
        run.push([TextDelta("t", "text")])
        journal.flush()
    assert len(notices) == 1
    assert "No space left" in notices[0]
    assert run.document.text == "texttexttext"


def test_a_file_that_exists_is_never_overwritten(tmp_path: Path) -> None:
    paths = []
    for _ in range(3):
        run = recorded_run(Clock())
        journal = journal_of(run, tmp_path / "run.jsonl")
        paths.append(journal.path.name)
        run.producer_closed()
        journal.flush()
    assert paths == ["run.jsonl", "run-2.jsonl", "run-3.jsonl"]


def test_the_writer_ends_with_the_last_journal_without_being_asked(tmp_path: Path) -> None:
    run = recorded_run(Clock())
    journal = journal_of(run, tmp_path / "run.jsonl")
    run.push([TextDelta("t", "text")])
    run.producer_closed()
    until(lambda: "streamwidget-journal" not in [one.name for one in threading.enumerate()])
    assert journal.is_closed


def test_snapshots_stay_in_proportion_to_the_events(tmp_path: Path) -> None:
    write(tmp_path / "run.jsonl", 6000, limits=SMALL)
    events = snapshots = 0
    for line in (tmp_path / "run.jsonl").read_bytes().splitlines(keepends=True):
        entry = parse(line)
        if entry is not None and entry.kind == "snapshot":
            snapshots += len(line)
        else:
            events += len(line)
    assert 0 < snapshots <= 3 * events


def test_a_finished_journal_ends_with_a_snapshot_if_much_came_after_the_last_one(
    tmp_path: Path,
) -> None:
    for closing_bytes, ends_with_one in ((1000, True), (10**9, False)):
        path = tmp_path / f"{closing_bytes}.jsonl"
        limits = JournalLimits(snapshot_bytes=10**6, snapshot_s=1e9, closing_bytes=closing_bytes)
        document = write(path, 300, limits=limits)
        before_the_end = parse(path.read_bytes().splitlines(keepends=True)[-2])
        assert before_the_end is not None
        assert (before_the_end.kind == "snapshot") is ends_with_one
        with JournalFile(path) as file:
            assert content(file.latest().document) == content(document)
            assert content(file.at(10**6).document) == content(document)
            end = file.end()
            assert end is not None
            listed = [offset for _, offset in file._snapshots.all()]
            assert listed == ([end["snapshot"]] if ends_with_one else [])


def test_lines_that_are_parsed_together_give_what_each_gives(tmp_path: Path) -> None:
    write(tmp_path / "run.jsonl", 200)
    whole = (tmp_path / "run.jsonl").read_bytes().splitlines(keepends=True)
    damaged = [
        b"[1,2\n",
        b"3,4]\n",
        b'"\xff"\n',
        b"[" * 9999 + b"\n",
        b"\n",
        b"1,2\n",
        b"[-1,0,0]\n",
    ]
    for line in damaged:
        lines = [*whole[:5], line, *whole[5:]]
        assert parse_all(lines) == [parse(each) for each in lines]
    assert parse_all(whole) == [parse(each) for each in whole]
    assert parse_all([]) == []


def test_joined_text_does_not_depend_on_when_it_is_flushed() -> None:
    events: list[Event] = [TextDelta("t", f"{n} ") for n in range(50)]
    events.insert(20, StepStart("s", "step"))
    for seed in range(20):
        rng, joiner = random.Random(seed), Joiner(by_word=seed % 2 == 1)
        entries: list[Any] = []
        at = 0
        while at < len(events):
            count = rng.randrange(1, 9)
            piece = events[at : at + count]
            entries += joiner.feed(piece, [0.0] * len(piece), at)
            entries += joiner.flush(over=False)
            at += count
        entries += joiner.flush(over=True)
        document = Document()
        for entry in entries:
            document.apply(entry.whole())
        assert document.text == "".join(f"{n} " for n in range(50))


WRITER = """
import sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from unit.journals import journal_of
from streamwidget.events import LogLine, TextDelta
from streamwidget.limits import JournalLimits
from streamwidget.run import Run
run = Run()
run.start("test", "events")
limits = JournalLimits(snapshot_bytes=3000, part_bytes=int(sys.argv[3]))
journal = journal_of(run, Path(sys.argv[1]), limits)
number = 0
while True:
    for _ in range(37):
        run.push([TextDelta("t", f"{number} "), LogLine(str(number))])
        number += 1
    journal.flush()
    print(number, flush=True)
"""


@pytest.mark.parametrize("seed", range(KILLS))
def test_a_killed_writer_leaves_every_flushed_event_once_and_in_order(
    tmp_path: Path, seed: int
) -> None:
    path = tmp_path / "run.jsonl"
    tests = str(Path(__file__).resolve().parents[1])
    part_bytes = 10**9 if seed % 2 else 20_000
    command = [sys.executable, "-c", WRITER, str(path), tests, str(part_bytes)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        stop_after = 1 + random.Random(seed).randrange(120)
        flushed = 0
        while flushed < stop_after * 37:
            flushed = int(writer.stdout.readline())
        time.sleep(random.Random(seed).random() * 0.004)  # somewhere in the middle of the next
        writer.kill()
        rest = writer.stdout.read().split()
        flushed = int(rest[-1]) if rest else flushed
    with JournalFile(path) as file:
        assert file.end() is None
        assert file.writer() == "ended"
        document = file.latest().document
        numbers = [int(word) for word in document.text.split()]
        logged = [int(line.message) for line in document.log_lines]
        assert numbers == list(range(len(numbers)))
        assert logged == list(range(len(logged)))
        assert len(numbers) >= flushed
        assert len(logged) >= flushed
        whole = Document()
        for event, _, _ in file.events(file.start()):
            whole.apply(event)
        assert content(whole) == content(document)
