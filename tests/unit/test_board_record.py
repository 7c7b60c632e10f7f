"""The record of a board: a row for each run, each run in full below it, within its bounds."""

from __future__ import annotations

import dataclasses

import pytest
from test_export import HOSTILE, run_of
from test_record import FACTS, parts_of, small_job

from readers.rules import code_host, jupyterlab, missing, words_of_html, words_of_markdown
from streamwidget import Emitter, StreamView
from streamwidget.export.tree import read
from streamwidget.record import BoardRun, Record, make_board
from streamwidget.record.board_record import last_words
from streamwidget.record.bounds import DIGEST_BYTES, HTML_BYTES, TEXT_BYTES
from streamwidget.record.make import written as written_record


def run_with(source: object, **facts: str) -> BoardRun:
    view = StreamView(source)
    view.wait()
    known = {"title": "model-a", "status": "finished", "sentence": "Finished.", **facts}
    return BoardRun(
        time="2.40 s", tokens="1,204", cost="", parts=parts_of(view._run), **known
    )  # fmt: skip


@pytest.fixture(scope="module")
def board() -> Record:
    failed = run_with(["half"], title="model-b", status="failed", sentence="The server said no.")
    return make_board(FACTS, [run_with(small_job), failed])


def test_a_board_is_a_table_of_its_runs_and_each_run_folded(board: Record) -> None:
    html = board.html
    assert html.count("<details>") >= 2
    assert "<summary>model-a (finished): Finished.</summary>" in html
    assert "<summary>model-b (failed): The server said no.</summary>" in html
    head = html[html.index("<thead>") : html.index("</thead>")]
    for name in ("run", "status", "time", "tokens", "loss", "last text"):
        assert f">{name}</th>" in head
    assert "cost" not in head
    assert '<td align="right">0.02</td>' in html


def test_every_form_of_a_board_holds_the_same_words(board: Record) -> None:
    html, markdown = words_of_html(board.html), words_of_markdown(board.text)
    assert missing(html, markdown) == []
    assert missing(markdown, html) == ["json"], "the language of a code block"
    assert words_of_html(code_host(board.html)) == html
    assert words_of_html(jupyterlab(board.html)[0]) == html
    for word in ("model-a", "model-b", "The server said no."):
        assert word in board.digest


def test_ids_that_two_runs_share_stay_apart() -> None:
    def job(emit: Emitter) -> None:
        with emit.step("Outer"), emit.step("Inner"):
            emit.source("https://example.org/a", title="Quoted")
            emit.text("deep words")

    markdown = make_board(FACTS, [run_with(job, title=name) for name in ("one", "two")]).text
    first, second = markdown.split("#### two")
    assert [half.count("deep words") for half in (first, second)] == [3, 1], "and the two rows"
    assert [half.count("1. [Quoted](<https://example.org/a>)") for half in (first, second)] == [
        1,
        1,
    ]
    assert [half.count("Inner") for half in (first, second)] == [1, 1]


def test_the_last_words_are_the_last_text_or_why_the_run_failed() -> None:
    def job(emit: Emitter) -> None:
        emit.text("first")
        emit.rows("t", [{"a": 1}])
        emit.text("second\n\nparagraph " + "x" * 1000)

    run = run_with(job)
    assert last_words(run).startswith("second paragraph xxx")
    assert len(last_words(run)) == 200
    assert last_words(dataclasses.replace(run, status="failed", sentence="Refused.")) == "Refused."


@pytest.mark.parametrize("count", [0, 1, 3, 25, 1000])
def test_a_board_of_any_size_stays_within_its_bounds_and_counts_what_is_left_out(
    count: int,
) -> None:
    long = run_with(["日本語 words " * 3000])
    runs = [dataclasses.replace(long, title=f"Run {at} " + "t" * 100) for at in range(count)]
    record = make_board(FACTS, runs)
    assert len(record.html.encode()) <= HTML_BYTES
    assert len(record.text.encode()) <= HTML_BYTES
    assert len(record.text.encode()) <= TEXT_BYTES
    assert len(record.digest.encode()) <= DIGEST_BYTES
    assert f"Runs ({count:,} row" in record.html or f"of {count:,} rows" in record.html
    if 0 < count <= 25:
        assert record.html.count("<summary>") == count, "every run is there"
    if count == 1000:
        assert "runs." in record.html
        assert "more runs" in record.digest


def test_what_is_too_long_is_not_written_to_its_end() -> None:
    """Each shorter reading is tried in turn, and a board of 1,000 runs has 18 of them."""
    written = 0

    class Counted(dict[str, object]):
        def __getitem__(self, key: str) -> object:
            nonlocal written
            written += key == "text"
            return super().__getitem__(key)

    parts = [Counted(id=f"{at}", kind="text", text="words " * 1000) for at in range(1000)]
    record = written_record(FACTS, [read("a", "b", parts), read("a", "b", parts[:1])], "")
    assert "words" in record.html
    assert 1 < written < 50


def test_what_a_run_leaves_out_is_counted_in_the_run_and_names_its_journal() -> None:
    run = dataclasses.replace(run_with(["x" * 100_000]), journal="runs/q3.jsonl")
    html = make_board(FACTS, [run_with(["short"]), run]).html
    assert html.count("characters left out …") == 1
    assert "The whole run is in runs/q3.jsonl." in html[html.index("characters left out …") :]


def test_hostile_words_bring_no_element_and_no_request_to_a_board() -> None:
    hostile = BoardRun(
        title="<script>alert(1)</script>",
        status="finished",
        sentence="![x](https://evil.example/p.png)",
        time="1 s",
        tokens="1",
        cost="",
        parts=parts_of(run_of(HOSTILE)),
    )
    record = make_board(FACTS, [hostile])
    assert "<script" not in record.html
    assert 'href="javascript' not in record.html
    assert '<img src="http' not in record.html
    assert "![x](" not in record.text
