"""The record of a run: the same words in every form, within its bounds, safe, and stable."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_export import HOSTILE, PNG, run_of

from readers.rules import code_host, jupyterlab, missing, words_of_html, words_of_markdown
from streamwidget import Emitter, StreamView
from streamwidget.record import Facts, Record, make
from streamwidget.record.bounds import DIGEST_BYTES, HTML_BYTES, TEXT_BYTES
from streamwidget.record.cut import cut_text

FACTS = Facts(
    title="Review of papers",
    sentence="Finished: 1,204 tokens in 12.3 s.",
    status="finished",
    run_id="abc.1",
)
JOURNAL = Facts(
    title="Review", sentence="Finished.", status="finished", run_id="a.1", journal="runs/q3.jsonl"
)


def parts_of(run: Any) -> list[Any]:
    with run.reading():
        return list(run.document.snapshot()["parts"])


def record_of(source: object, facts: Facts = FACTS) -> Record:
    view = StreamView(source)
    view.wait()
    return make(facts, parts_of(view._run))


def small_job(emit: Emitter) -> None:
    emit.text("# The answer\n\nThe *sky* is **blue** because of `Rayleigh` scattering.\n")
    with emit.step("Search"):
        emit.progress(12, total=40, unit="papers")
        emit.rows("papers", [{"title": f"Paper {n}", "year": 2000 + n} for n in range(10)])
    for n in range(50):
        emit.metric("loss", 1 / (n + 1))
    emit.value("verdict", {"blue": True})
    emit.notice("mind the gap")


def test_every_form_of_a_record_holds_the_same_words() -> None:
    record = record_of(small_job)
    html, markdown = words_of_html(record.html), words_of_markdown(record.text)
    assert missing(html, markdown) == []
    assert missing(markdown, html) == ["json"], "the language of a code block"
    assert record.text == record.text
    for word in ("Review", "1", "204", "Rayleigh", "Paper", "2009", "loss", "verdict", "gap"):
        assert word in html
    for word in ("Review of papers", "1,204", "papers (10 rows)", "loss", "Rayleigh", "finished"):
        assert word in record.digest


def test_every_kind_of_part_has_the_same_words_in_html_and_markdown() -> None:
    record = make(FACTS, parts_of(run_of("harmless")))
    assert missing(words_of_html(record.html), words_of_markdown(record.text)) == []
    of_markdown = words_of_markdown(record.text)
    assert missing(of_markdown, words_of_html(record.html)) == ["json"]


def test_the_html_of_a_record_passes_the_sanitizer_of_jupyterlab_whole() -> None:
    record = make(FACTS, parts_of(run_of("harmless")))
    clean, lost = jupyterlab(record.html)
    assert [what for what in lost if "sw-" not in what] == []
    assert words_of_html(clean) == words_of_html(record.html)


def test_a_code_host_that_strips_all_styles_shows_the_same_words() -> None:
    record = make(FACTS, parts_of(run_of("harmless")))
    assert words_of_html(code_host(record.html)) == words_of_html(record.html)


def test_a_record_has_structure_without_any_style() -> None:
    html = record_of(small_job).html
    assert "<h3>Review of papers</h3>" in html
    assert "<h4>The answer</h4>" in html
    assert "<details open>\n<summary>Search (done" in html
    assert '<td align="right">2009</td>' in html
    assert '<img src="data:image/svg+xml;base64,' in html
    assert 'alt="loss (50 points). loss: last 0.02, least 0.02, greatest 1"' in html


def long_table(emit: Emitter) -> None:
    emit.rows("papers", [{"title": f"Paper {n}"} for n in range(100_000)])


def test_a_record_counts_what_it_leaves_out_and_says_where_the_rest_is() -> None:
    record = record_of(long_table, JOURNAL)
    for form in (record.html, record.text, record.text):
        assert "… 99,950 more rows" in form
        assert "Left out in this record: 99,950 rows." in form
        assert "runs/q3.jsonl" in form.replace("\\", "")
    assert "runs/q3.jsonl" in record.digest


def test_a_record_without_a_journal_says_how_to_keep_the_rest() -> None:
    assert "to\\_jsonl" in record_of(long_table).text


def huge(emit: Emitter) -> None:
    for n in range(300):
        with emit.step(f"step {n} " + "s" * 500):
            emit.text(f"# Text {n}\n\n" + "日本語 word " * 400)
            emit.notice("n" * 5000)
        emit.rows(f"t{n}", [{f"c{c}": "x" * 2000 for c in range(40)} for _ in range(20)])
    emit.text("The last words are the conclusion.")


def test_a_record_of_anything_stays_within_its_bounds_and_keeps_the_end() -> None:
    record = record_of(huge)
    assert len(record.html.encode()) <= HTML_BYTES
    assert len(record.text.encode()) <= HTML_BYTES
    assert len(record.text.encode()) <= TEXT_BYTES
    assert len(record.digest.encode()) <= DIGEST_BYTES
    for form in record.data.values():
        assert "The last words are the conclusion." in form
    assert "more parts" in record.html


def test_pictures_are_there_whole_or_as_words() -> None:
    def job(emit: Emitter) -> None:
        emit.artifact(PNG, title="small")
        emit.artifact(PNG + b"x" * 100_000, title="large")

    record = record_of(job)
    assert record.html.count("data:image/png") == 1
    for form in (record.html, record.text):
        assert "left out here" in form
        assert "1 picture" in form


def test_the_same_document_gives_the_same_bytes() -> None:
    parts = parts_of(run_of("harmless"))
    assert make(FACTS, parts) == make(FACTS, json.loads(json.dumps(parts)))


def test_metadata_names_the_run_its_journal_its_status_and_its_hash() -> None:
    record = record_of(["words"], JOURNAL)
    assert record.output_metadata == {
        "streamwidget": {
            "v": 1,
            "run": "a.1",
            "journal": "runs/q3.jsonl",
            "sha256": hashlib.sha256(record.html.encode()).hexdigest(),
            "status": "finished",
        }
    }


def test_hostile_words_bring_no_element_and_no_request() -> None:
    record = make(FACTS, parts_of(run_of(HOSTILE)))
    assert "<script" not in record.html
    assert 'href="javascript' not in record.html


@pytest.mark.parametrize(
    "text",
    [
        "![beacon](https://evil.example/p.png)",
        "a <img src='https://evil.example/p.png'>",
        "![x][y]",
    ],
)
def test_markdown_of_a_record_fetches_nothing(text: str) -> None:
    record = record_of([f"before {text} after\n\n[y]: https://evil.example/p.png"])
    assert f"```\nbefore {text}" in record.text
    assert "<img" not in record.html


CONTROLS = "a\x1b[31mb\x00c\x07\x9bd\x7f \u202ee\u2066 \tf\r\ng"


def test_a_record_holds_no_control_characters() -> None:
    def job(emit: Emitter) -> None:
        emit.text(f"{CONTROLS}\n")
        emit.row(CONTROLS, {CONTROLS: CONTROLS})
        emit.log(CONTROLS)
        emit.value("v", {"k": CONTROLS})
        with emit.step(CONTROLS):
            emit.notice(CONTROLS)

    facts = Facts(title=CONTROLS, sentence=CONTROLS, status="finished", run_id="a.1")
    record = record_of(job, facts)
    for mime, text in record.data.items():
        if mime != "text/html":  # a page shows no control characters
            found = [char for char in text if char not in "\n\t" and not char.isprintable()]
            assert found == [], mime
    assert "a[31mbcd \\u202ee\\u2066 \tf\ng" in record.text


@pytest.mark.parametrize("fence", ["```", "~~~~"])
def test_a_cut_through_a_code_block_closes_it_and_opens_it_again(fence: str) -> None:
    text = f"before\n{fence}python\n" + "x = 1\n" * 1000 + f"{fence}\nafter"
    cut = cut_text(text, 400, Counter())
    assert cut.splitlines().count(fence) == 3
    assert "characters left out" in cut


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=3000), st.integers(20, 400))
def test_a_cut_text_counts_exactly_what_is_missing(text: str, most: int) -> None:
    omitted: Counter[str] = Counter()
    cut = cut_text(text, most, omitted)
    if len(text) <= most:
        assert (cut, omitted["character"]) == (text, 0)
    else:
        assert f"… {omitted['character']:,} characters left out …" in cut
        assert omitted["character"] >= len(text) - most


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(max_size=200), max_size=30))
def test_a_record_of_any_text_can_be_sent_and_is_bounded(pieces: list[str]) -> None:
    record = record_of(iter(pieces))
    json.dumps(record.data).encode()
    assert len(record.html.encode()) <= HTML_BYTES
