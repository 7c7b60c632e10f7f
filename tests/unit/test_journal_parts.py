"""A long journal continues in further files, which are read as one; the oldest can be dropped."""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path
from typing import Any

import pytest

from streamwidget import Limits, StreamView, collect, journals
from streamwidget.document import Document
from streamwidget.errors import IncompleteError
from streamwidget.events import Notice, TextDelta
from streamwidget.journal.journal_file import JournalFile
from streamwidget.journal.writer import Journal
from streamwidget.limits import JournalLimits
from streamwidget.run import Run
from unit.journals import Clock, any_event, content, journal_of, recorded_run
from unit.waiting import until

WHOLE = JournalLimits(snapshot_bytes=2_000)
IN_PARTS = JournalLimits(snapshot_bytes=2_000, part_bytes=30_000)
DROPPING = JournalLimits(snapshot_bytes=2_000, part_bytes=30_000, kept_bytes=150_000)


def written(path: Path, limits: JournalLimits, count: int = 1500, **more: Any) -> Run:
    """A finished run of `count` events, one each millisecond, and its journal."""
    rng, clock = random.Random(1), Clock()
    run = recorded_run(clock)
    journal = journal_of(run, path, limits, **more)
    for number in range(count):
        clock.now_s = number / 1000
        run.push([any_event(rng, number)])
        if number % 20 == 0:
            journal.flush()
    run.producer_closed()
    journal.flush()
    assert journal.error is None
    return run


def files_of(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_parts_are_read_as_one_journal_from_whichever_is_named(tmp_path: Path) -> None:
    run = written(tmp_path / "run.jsonl", IN_PARTS)
    written(tmp_path / "whole.jsonl", WHOLE)
    names = [name for name in files_of(tmp_path) if name.startswith("run.")]
    assert len(names) >= 4
    for name in (names[0], names[2], names[-1]):
        with JournalFile(tmp_path / name) as file, JournalFile(tmp_path / "whole.jsonl") as whole:
            assert content(file.latest().document) == content(run.document)
            assert repr([each[:2] for each in file.events(file.start())]) == repr(
                [each[:2] for each in whole.events(whole.start())]
            )
            kinds = frozenset({"step-start", "error"})
            assert file.marks(kinds) == whole.marks(kinds)
            assert file.duration_ms() == whole.duration_ms()
            assert file.first_token_ms() == whole.first_token_ms()
            assert file.end() == {**(whole.end() or {}), "snapshot": (file.end() or {})["snapshot"]}
            rng = random.Random(3)
            for moment in [rng.randrange(1600) for _ in range(100)]:
                found = content(file.at(moment).document)
                assert found == content(whole.at(moment).document), moment


def test_beyond_its_bound_the_oldest_parts_are_dropped_and_the_run_says_so(tmp_path: Path) -> None:
    notices: list[str] = []
    run = written(tmp_path / "run.jsonl", DROPPING, 4000, notify=notices.append)
    written(tmp_path / "whole.jsonl", WHOLE, 4000)
    assert len(notices) == 1
    assert "oldest events are dropped" in notices[0]
    parts = [tmp_path / name for name in files_of(tmp_path) if name.startswith("run.")]
    assert not (tmp_path / "run.2.jsonl").exists()
    assert json.loads((tmp_path / "run.jsonl").read_text())["dropped"] is True
    assert sum(path.stat().st_size for path in parts) < 3 * DROPPING.kept_bytes
    with (
        JournalFile(tmp_path / "run.jsonl") as file,
        JournalFile(tmp_path / "whole.jsonl") as whole,
    ):
        assert content(file.latest().document) == content(run.document)
        assert 0 < file.starts_ms < 3999
        rng = random.Random(3)
        for moment in [rng.randrange(file.starts_ms, 4000) for _ in range(100)]:
            assert content(file.at(moment).document) == content(whole.at(moment).document), moment
        oldest = content(whole.at(file.starts_ms).document)
        assert content(file.at(0).document) == content(file.start().document) == oldest
        fold = file.start()
        for event, _, _ in file.events(fold):
            fold.document.apply(event)
        assert content(fold.document) == content(run.document)


def test_a_live_run_is_followed_from_part_to_part(tmp_path: Path) -> None:
    run = recorded_run(Clock())
    journal = journal_of(run, tmp_path / "run.jsonl", IN_PARTS)
    view = StreamView.attach(tmp_path / "run.jsonl")
    for number in range(4000):
        run.push([TextDelta("t", f"{number} "), Notice(f"notice {number}")])
        if number % 200 == 0:
            journal.flush()
            until(lambda: view.text == run.document.text)
    assert len(files_of(tmp_path)) > 3
    assert view.status == "streaming"
    run.producer_closed()
    journal.flush()
    view.wait(30)
    assert view.status == "finished"
    assert content(view.document) == content(run.document)


def test_a_follower_that_missed_a_dropped_part_says_so(tmp_path: Path) -> None:
    run = recorded_run(Clock())
    journal = journal_of(run, tmp_path / "run.jsonl", DROPPING)

    def push(count: int) -> None:
        for number in range(count):
            run.push([TextDelta("t", f"{number} "), Notice(f"notice {number}")])
        journal.flush()

    push(100)
    with JournalFile(tmp_path / "run.jsonl") as file:
        assert file.writer() == "live"
        push(20_000)
        assert not (tmp_path / "run.2.jsonl").exists()
        with pytest.raises(IncompleteError, match="dropped before they were read"):
            file.writer()
    run.producer_closed()
    journal.flush()


def test_the_table_of_runs_has_one_row_for_all_parts(tmp_path: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    del duckdb
    written(tmp_path / "run.jsonl", IN_PARTS)
    written(tmp_path / "dropped.jsonl", DROPPING, 4000)
    (dropped, run) = sorted(journals(tmp_path), key=lambda one: one.path)
    assert (run.path.name, run.status, run.duration_s) == ("run.jsonl", "finished", 1.499)
    assert (dropped.path.name, dropped.duration_s) == ("dropped.jsonl", 3.999)
    with JournalFile(run.path) as file:
        expected = [at_ms for _, at_ms, _ in file.events(file.start())]
    query = "SELECT at_ms FROM events WHERE path LIKE '%run.jsonl' ORDER BY seq"
    assert [row[0] for row in journals(tmp_path).sql(query).fetchall()] == expected
    query = "SELECT max(at_ms) FROM events WHERE path LIKE '%dropped.jsonl'"
    assert journals(tmp_path).sql(query).fetchall() == [(3999,)]


def test_parts_of_another_run_are_left_alone(tmp_path: Path) -> None:
    written(tmp_path / "run.jsonl", IN_PARTS)
    before = {name: (tmp_path / name).read_bytes() for name in files_of(tmp_path)}
    (tmp_path / "run.jsonl").unlink()
    run = Run()
    run.start("test")
    journal: Journal = journal_of(run, tmp_path / "run.jsonl")
    assert journal.path.name == "run-2.jsonl"
    run.producer_closed()
    journal.flush()
    shutil.copy(tmp_path / "run-2.jsonl", tmp_path / "run.jsonl")
    header = json.loads((tmp_path / "run.jsonl").read_text().splitlines()[0])
    rest = (tmp_path / "run.jsonl").read_text().splitlines(keepends=True)[1:]
    (tmp_path / "run.jsonl").write_text(
        "".join([json.dumps({**header, "run_id": "x"}), "\n", *rest])
    )
    with JournalFile(tmp_path / "run.jsonl") as file:
        assert len(file.files) == 1
    del before["run.jsonl"]
    for name, data in before.items():
        assert (tmp_path / name).read_bytes() == data


def test_the_bounds_of_a_journal_are_limits_of_its_run(tmp_path: Path) -> None:
    limits = Limits(journal=JournalLimits(part_bytes=2000, snapshot_bytes=500))
    whole = collect((f"{n} " for n in range(3000)), journal=tmp_path / "run.jsonl", limits=limits)
    assert whole.status == "finished"
    document = Document()
    with JournalFile(tmp_path / "run.jsonl") as file:
        for event, _, _ in file.events(file.start()):
            document.apply(event)
    assert document.text == whole.text


@pytest.mark.parametrize("play", [False, True], ids=["attached", "replayed"])
@pytest.mark.parametrize("kept_bytes", [0, 200])
def test_a_journal_that_is_cut_while_it_is_read_says_so(
    tmp_path: Path, kept_bytes: int, play: bool
) -> None:
    run = recorded_run(Clock())
    path = tmp_path / "run.jsonl"
    journal = journal_of(run, path)
    run.push([TextDelta("t", "before ")])
    journal.flush()
    view = StreamView.replay(path, None) if play else StreamView.attach(path)
    until(lambda: view.text == "before ")
    with path.open("rb+") as file:
        file.truncate(kept_bytes)
    result = view.wait(30)
    assert (result.status, result.text) == ("incomplete", "before ")
    assert result.error is not None
    assert "was cut to" in result.error.message
    run.push([TextDelta("t", "after")])
    run.producer_closed()
    journal.flush()
