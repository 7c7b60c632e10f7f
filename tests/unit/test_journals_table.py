"""A folder of journals as a table."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from streamwidget import Emitter, StreamView, UsageError, journals
from unit.journals import Clock, journal_of, recorded_run
from unit.waiting import WAIT_S


def failing(emit: Emitter) -> None:
    emit.text("it's <b>text</b>\n")
    emit.log("a line")
    raise RuntimeError("it broke")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("it's runs")
    StreamView(["one ", "two"], title="<first>", journal=folder / "a.jsonl").wait(WAIT_S)
    StreamView(failing, title="second", journal=folder / "b.jsonl").wait(WAIT_S)
    (folder / "other.jsonl").write_text('{"streamwidget": "events", "version": 1}\n')
    (folder / "notes.txt").write_text("no journal")
    return folder


def test_the_table_has_a_row_for_each_journal(folder: Path) -> None:
    runs = journals(folder)
    assert [run.title for run in runs] == ["<first>", "second"]
    assert [run.status for run in runs] == ["finished", "failed"]
    assert [run.error for run in runs] == [None, "RuntimeError: it broke"]
    assert [run.token_count for run in runs] == [2, 5]
    assert all(run.started is not None and run.duration_s >= 0 for run in runs)
    assert runs[:1][0].path.name == "a.jsonl"
    assert "finished" in repr(runs)
    assert "<first>" not in runs._repr_html_()
    assert "&lt;first&gt;" in runs._repr_html_()


def test_a_run_without_an_end_is_live_while_its_writer_is(tmp_path: Path) -> None:
    run = recorded_run(Clock())
    journal = journal_of(run, tmp_path / "run.jsonl")
    assert [row.status for row in journals(tmp_path)] == ["live"]
    journal._fail("as if its process had ended")
    assert [row.status for row in journals(tmp_path)] == ["incomplete"]


def test_the_table_is_a_data_frame(folder: Path) -> None:
    frame = journals(folder).to_pandas()
    assert list(frame["title"]) == ["<first>", "second"]
    assert list(journals(folder)[:0].to_pandas().columns) == list(frame.columns)


def test_a_query_sees_runs_and_events(folder: Path) -> None:
    runs = journals(folder)
    assert runs.sql("SELECT title FROM runs ORDER BY title").fetchall() == [
        ("<first>",),
        ("second",),
    ]
    kinds = runs.sql(
        "SELECT kind, data->>'$.message' FROM events JOIN runs USING (path) "
        "WHERE title = 'second' AND kind IN ('log', 'error') ORDER BY seq"
    ).fetchall()
    assert kinds == [("log", "a line"), ("error", "RuntimeError: it broke")]
    ((text,),) = runs.sql("SELECT string_agg(data->>'$.text', '') FROM events WHERE kind = "
                       "'text-delta' AND path LIKE '%a.jsonl'").fetchall()  # fmt: skip
    assert text == "one two"
    assert runs[:0].sql("SELECT count(*) FROM runs").fetchall() == [(0,)]


def test_a_folder_that_does_not_exist_is_an_error_of_the_caller(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no folder"):
        journals(tmp_path / "runs")


HEADER = b'{"streamwidget":1,"run_id":"r","title":"t","started":"2026-01-02T03:04:05Z"}\n'
LINE = b'[5,0,"text-delta",{"part_id":"t","text":"a"}]\n'


@pytest.mark.parametrize(
    "content",
    [
        b"",
        HEADER,
        HEADER + LINE + b'{"end":{"status":"finished"}}\n',
        HEADER + LINE + b'{"end":{"t_ms":null,"status":7,"summary":{"a":1},"token_count":"x"}}\n',
        HEADER + LINE + b'{"end":{"t_ms":1e400,"token_count":NaN,"elapsed_s":Infinity}}\n',
        HEADER + bytes(range(128, 256)) + b"\0\n" + LINE,
        HEADER + random.Random(1).randbytes(5000) + b"\n" + LINE,
        HEADER + b'[-5000,1,"a",{}]\n[1e400,1,"a",{}]\n[1%s,1,"a",{}]\n' % (b"0" * 400) + LINE,
        HEADER + b'[1,1%s,"a",{}]\n' % (b"0" * 400) + LINE,
        b'{"streamwidget":1,"title":["a"],"run_id":5,"source":"\\ud800","parent":{},'
        b'"started":"0001-01-01T00:00:00+00:00"}\n' + LINE,
        HEADER + b'[0,1,"snapshot",{"t_ms":5,"prev":null,"state":{"x":1}}]\n' + LINE,
    ],
)
def test_an_odd_file_breaks_neither_the_table_nor_a_query(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "odd.jsonl").write_bytes(content)
    (tmp_path / "good.jsonl").write_bytes(HEADER + LINE)
    runs = journals(tmp_path)
    assert "good.jsonl" in [run.path.name for run in runs]
    assert repr(runs)
    assert runs._repr_html_()
    assert len(runs.to_pandas()) == len(runs)
    assert len(runs.sql("SELECT * FROM runs").fetchall()) == len(runs)
    texts = runs.sql("SELECT at_ms FROM events WHERE path LIKE '%good.jsonl'").fetchall()
    assert texts == [(5,)]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (b'[0,1,"snapshot",{"t_ms":5,"prev":null,"state":{"x":1}}]\n', "(snapshot) of the journal"),
        (b'[5,3,"text-delta",{}]\n', "Line 3 (text-delta) of the journal is damaged"),
        (b'[1,0,"rows",{"part_id":"t","rows":7}]\n', "Line 0 (rows) of the journal is damaged"),
    ],
)
def test_a_damaged_line_ends_a_view_with_one_clear_error(
    tmp_path: Path, lines: bytes, message: str, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "odd.jsonl"
    path.write_bytes(HEADER + LINE + lines + b'{"end":{"status":"finished"}}\n')
    views = [StreamView.attach(path)]
    if b"snapshot" not in lines:  # a replay from the start reads no snapshot
        views.append(StreamView.replay(path, speed=None))
    for view in views:
        result = view.wait(WAIT_S)
        assert result.status == "failed"
        assert result.error is not None
        assert message in result.error.message
    assert not caplog.records


def test_a_query_over_no_journals_finds_no_events(tmp_path: Path) -> None:
    assert journals(tmp_path).sql("SELECT count(*) FROM events").fetchall() == [(0,)]


def test_a_file_that_cannot_be_read_is_left_out_with_one_warning(folder: Path) -> None:
    link = folder / "loop.jsonl"
    link.symlink_to(link)
    try:
        with pytest.warns(UserWarning, match=r"1 file left out: loop\.jsonl cannot be read"):
            assert len(journals(folder)) == 2
    finally:
        link.unlink()


def test_a_folder_that_cannot_be_read_is_an_error_of_the_caller(tmp_path: Path) -> None:
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    with pytest.raises(UsageError, match="cannot be read"):
        journals(loop)
