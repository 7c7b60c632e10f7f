"""Static forms: Markdown, HTML and JSON lines of every kind of part; replay gives it all again."""

from __future__ import annotations

import json
import re
import threading
from datetime import date, datetime, timezone
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamwidget import Emitter, StreamView, UsageError, collect
from streamwidget.emit import EventSink
from streamwidget.errors import DecodeError
from streamwidget.events import Event, Metric, Rows, RunEnd, TextDelta, Unknown
from streamwidget.export import as_html, as_markdown, jsonl
from streamwidget.export.as_markdown import table_lines
from streamwidget.export.tree import STEP_DEPTH, cell_texts, read
from streamwidget.run.exporting import export, file_name
from streamwidget.run.run import Run
from unit.waiting import WAIT_S

PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f"
    b"\x15\xc4\x89\x00\x00\x00\rIDATx\x9cc\xfc\xff\x9f\xa1\x1e\x00\x07\x82\x02\x7f=\xc8H\xef\x00"
    b"\x00\x00\x00IEND\xaeB`\x82"
)
LOOKS = re.findall(r'style="(.*?)"', " ".join(as_html._ATTRIBUTES.values()))
HOSTILE = "<script>alert(1)</script> [x](javascript:alert(1)) ``` | \n# *b* \"' &lt; \u202e"


def job(emit: Emitter, said: str = "harmless") -> None:
    """Every kind of part, with `said` wherever somebody's words can stand."""
    emit.text(f"Text {said}\n\n")
    emit.reasoning(f"Reasoning {said}")
    with emit.step(f"Step {said}") as step:
        with emit.step("Inner"):
            emit.progress(3, 12, f"papers {said}", f"Reading {said}")
        list(emit.track([1, 2], desc=f"Track {said}"))
        step.message(f"Done {said}")
    with emit.tool_call(f"search {said}", {"q": said}) as call:
        call.result(f"Found {said}")
    emit.tool_call("cut").write(said)
    emit.rows(
        f"Papers {said}",
        [{"id": 1, f"name {said}": said, "size (MB)": 1.5, "url": "https://a.example/?a=1&b=2"}],
        units={"id": said},
    )
    with emit.growing_value(f"Answer {said}") as write:
        write(json.dumps({"a": said}))
    emit.value("Cut", {"x": None})
    for n in range(5):
        emit.metric(f"loss {said}".replace("/", ""), {said: n, "val": None if n == 2 else n / 3})
    emit.log(f"Line {said}", "warning", logger=said)
    emit.source("https://a.example/x", f"Source {said}")
    emit.source(f"javascript:alert(1) {said}", "Not a link")
    emit.artifact(PNG, f"Picture {said}")
    emit.artifact(said)
    emit.notice(f"Notice {said}", "warning")
    emit.error(f"Error {said}", f"Hint {said}", detail=f"Detail {said}")
    emit.custom(f"gauge {said}", {"value": said})
    emit.ask(f"Question {said}", [f"Option {said}", "other"], default=f"Option {said}")
    emit.knob(f"Knob {said}", 3)
    emit.push_events([Unknown(f"unknown {said}", said)])
    emit.usage(10, 5)


def run_of(said: str) -> Run:
    run = Run()
    run.start(f"source {said}")
    job(Emitter(EventSink(run.push, run.new_id, run.stop_requested)), said)
    run.producer_closed()
    return run


class Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        self.depth += tag not in ("meta", "img")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        self.depth -= 1

    def handle_data(self, data: str) -> None:
        self.words += data


SAID = ("Text", "Reasoning", "Step", "Inner", "Reading", "Track", "Done", "search", "Found",
        "Papers", "Answer", "loss", "Line", "Source", "Not a link", "Picture", "Notice", "Error",
        "Hint", "Detail", "gauge", "Question", "Option", "Knob", "unknown")  # fmt: skip


@pytest.mark.parametrize("said", ["harmless", HOSTILE])
def test_every_part_is_in_the_markdown_and_in_the_html(said: str) -> None:
    run = run_of(said)
    assert {part.kind for part in run.document.parts} >= set(as_html._WRITERS)
    for form in ("markdown", "html"):
        text = export(run, "A title", form).text
        assert not [word for word in SAID if word not in text], form


def test_hostile_words_stay_words_in_html() -> None:
    page = export(run_of(HOSTILE), f"Title {HOSTILE}", "html").text
    elements = Elements()
    elements.feed(page)
    allowed = {"a", "article", "blockquote", "body", "caption", "details", "div", "h1", "head",
               "html", "img", "li", "meta", "ol", "p", "path", "pre", "style", "summary", "svg",
               "table", "tbody", "td", "th", "thead", "title", "tr"}  # fmt: skip
    of_markdown = {"code", "em", "strong", "ul", "h2", "hr", "br", "section", "span"}
    assert {tag for tag, _ in elements.found} <= allowed | of_markdown
    assert elements.depth == 0, "everything that was opened is closed"
    for tag, attributes in elements.found:
        assert not [name for name in attributes if name.startswith("on")]
        assert attributes.get("style") in {None, *LOOKS}
        assert (attributes.get("href") or "https://a.example/").startswith("https://a.example/"), (
            tag
        )
        src = attributes.get("src")
        assert src is None or src.startswith(("data:image/png;", "data:image/svg+xml;base64,"))
    policies = [attributes["content"] for _, attributes in elements.found
                if attributes.get("http-equiv") == "Content-Security-Policy"]  # fmt: skip
    assert len(policies) == 1
    assert str(policies[0]).startswith("default-src 'none'")
    assert "\u202e" not in elements.words.replace(HOSTILE, "")


def test_hostile_words_cannot_leave_their_place_in_markdown() -> None:
    assert as_markdown.inline("a\n\n# b | <c> [d](e) `f` *g*") == (
        r"a # b \| \<c\> \[d\](e) \`f\` \*g\*"
    )
    assert as_markdown.fenced("a\n````\nb", "json") == "`````json\na\n````\nb\n`````"


def test_a_picture_that_is_not_a_picture_is_not_shown_as_one() -> None:
    part = {"id": "a", "kind": "artifact", "state": "closed", "title": None, "omitted": [],
            "data": {"image/png": '"><script>', "text/plain": "a"}}  # fmt: skip
    page = as_html.to_fragment(read("", "", [part]))
    assert "<img" not in page
    assert "<pre>a</pre>" in page


def test_a_kind_of_a_later_version_is_shown_folded() -> None:
    part = {"id": "a", "kind": "hologram", "state": "open", "data": {"x": "<b>"}}
    reading = read("", "", [part, {**part, "kind": "odd", "step_id": "nobody"}])
    assert "hologram" in as_markdown.to_markdown(reading)
    assert "&lt;b&gt;" in as_html.to_fragment(reading)


def test_a_long_table_says_how_many_rows_it_has() -> None:
    result = collect(lambda emit: emit.rows("t", [{"n": n} for n in range(500)]) or "done")
    assert len(result.tables["t"]) == 500
    view = StreamView(title="t")
    view.emit.rows("t", [{"n": n} for n in range(500)])
    assert "the first 200 of 500 rows" in view.to_markdown()
    assert "the first 200 of 500 rows" in view.to_html()


# --- events as JSON lines


@pytest.mark.parametrize("said", ["harmless", HOSTILE, "日本 👩‍🚀"])
def test_a_replay_gives_the_same_document(said: str, tmp_path: Path) -> None:
    view = StreamView(lambda emit: job(emit, said), title="t")
    view.wait(WAIT_S)
    path = tmp_path / "run.jsonl"
    assert view.to_jsonl(path) == path.read_text("utf-8")
    again = StreamView.replay(path, None)
    result = again.wait(WAIT_S)
    assert result.status == "finished"
    assert again.document == view.document
    assert [table.rows for table in again.tables.values()] == [
        table.rows for table in view.tables.values()
    ]
    assert again.logs == view.logs
    assert dict(again.values) == dict(view.values)
    assert list(again.metrics.values()) == list(view.metrics.values())


CELLS = [1, None, True, "x", 1.5, float("inf"), 2**70, Decimal("1.50"), date(2026, 1, 2),
         datetime(2026, 1, 2, 3, tzinfo=timezone.utc), [1, {"a": None}],
         {"$date": "no"}, {}]  # fmt: skip

fields: dict[str, Any] = {"rows": st.just(((*CELLS,), (1,))), "points": st.just((("a", 1.5),))}


def any_event(kind: type) -> st.SearchStrategy[Any]:
    given_fields = {name: value for name, value in fields.items() if name in kind.__slots__}  # type: ignore[attr-defined]
    return st.builds(kind, **given_fields)


EVENTS = st.one_of(*map(any_event, get_args(Event)))


@settings(deadline=None, max_examples=300)
@given(EVENTS)
def test_any_event_comes_back_as_it_was(event: Event) -> None:
    record = jsonl.to_json(event, 1.5)
    try:
        line = json.dumps(record, allow_nan=False)
    except (TypeError, ValueError):
        return  # fields that should be JSON but are not
    back, at_s = jsonl.from_json(json.loads(line))
    assert at_s == 1.5
    assert repr(back) == repr(event) or json.loads(json.dumps(record)) == jsonl.to_json(back, 1.5)


def test_cells_come_back_as_what_they_were() -> None:
    event = Rows("t", "t", ("a",), tuple((cell,) for cell in CELLS))
    assert jsonl.from_json(json.loads(json.dumps(jsonl.to_json(event))))[0] == event
    odd = Metric("m", "m", (("a", float("nan")), ("b", 1)))
    back = jsonl.from_json(jsonl.to_json(odd))[0]
    assert isinstance(back, Metric)
    assert back.points == (("a", None), ("b", 1))


HEAD = '{"streamwidget":"events","version":1}\n'
TEXT = '{"type":"text-delta","part_id":"t","text":"x"}\n'

BAD = [
    ("", None),
    ("not json\n", "to_jsonl wrote"),
    ('{"type":"text-delta"}\n', "to_jsonl wrote"),
    ('{"streamwidget":"events","version":2}\n', "Upgrade streamwidget"),
    (HEAD + "{}\n" + TEXT, "Line 2 is not an event"),
    (HEAD + TEXT + '{"type":"text-delta"}\n', "Line 3 is not an event"),
    (HEAD + TEXT + '{"type":"te', None),
    (HEAD + '{"type":"later","x":1}\n', None),
]


@pytest.mark.parametrize(("text", "said"), BAD, ids=[row[0][-30:] for row in BAD])
def test_what_is_not_a_recording_is_reported_and_a_half_line_is_left_out(
    text: str, said: str | None
) -> None:
    lines = text.splitlines(keepends=True)
    if said is None:
        list(jsonl.read(lines))
    else:
        with pytest.raises(DecodeError, match=said):
            list(jsonl.read(lines))


def test_a_recording_without_its_end_is_cut(tmp_path: Path) -> None:
    path = tmp_path / "half.jsonl"
    path.write_text(HEAD + TEXT + TEXT[:20], "utf-8")
    result = StreamView.replay(path, None).wait(WAIT_S)
    assert (result.text, result.status) == ("x", "incomplete")


def test_a_replay_keeps_the_pace_and_a_stop_wakes_it(tmp_path: Path) -> None:
    path = tmp_path / "slow.jsonl"
    late = 3_600.0
    events = [(TextDelta("t", "a"), 0.0), (TextDelta("t", "b"), late), (RunEnd("complete"), late)]
    path.write_text("".join(f"{line}\n" for line in jsonl.lines(events)), "utf-8")
    view = StreamView.replay(path)
    for event in view:
        if isinstance(event, TextDelta):
            break
    view.stop()
    assert view.wait(WAIT_S).status == "stopped"
    assert view.text == "a"
    assert StreamView.replay(path, 1e6).wait(WAIT_S).text == "ab"


@pytest.mark.parametrize("speed", [0, -1, float("nan")])
def test_a_speed_is_above_zero(speed: float, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="speed must be"):
        StreamView.replay(tmp_path / "x", speed)


# --- the page's command


@pytest.mark.parametrize(
    ("title", "stem"),
    [("A: *b*/c?", "A-b-c"), ("../..", "stream"), ("日本", "日本"), ("x" * 99, "x" * 60)],
)
def test_a_title_becomes_the_name_of_a_file(title: str, stem: str) -> None:
    assert file_name(title) == stem


def answered(ask: dict[str, object]) -> tuple[dict[str, Any], list[bytes]]:
    view = StreamView(title="A view")
    view.emit.rows("papers", [{"a": 1}])
    ready = threading.Event()
    view._port.wake = ready.set
    view._port.on_command({"cmd": "export", "run_id": view._port.run_id, "request_id": "r1", **ask})
    while not (made := view._port.answers.take()):
        assert ready.wait(WAIT_S)
        ready.clear()
    return made[0]


@pytest.mark.parametrize(
    ("ask", "name", "begins"),
    [
        ({"what": "markdown"}, "A-view.md", b"# A view"),
        ({"what": "html"}, "A-view.html", b"<!doctype html>"),
        ({"what": "jsonl"}, "A-view.jsonl", b'{"streamwidget":"events"'),
        ({"what": "csv"}, "papers.csv", b"a\n1\n"),
        ({"what": "csv", "part_id": "table:papers"}, "papers.csv", b"a\n1\n"),
    ],
)
def test_a_page_that_asks_gets_a_file(ask: dict[str, object], name: str, begins: bytes) -> None:
    content, buffers = answered(ask)
    assert (content["export"], content["name"], content["error"]) == ("r1", name, None)
    assert buffers[0].startswith(begins)


@pytest.mark.parametrize("ask", [{"what": "pdf"}, {}, {"what": "csv", "part_id": "nobody"}])
def test_a_page_that_asks_for_what_is_not_there_is_reported(ask: dict[str, object]) -> None:
    content, buffers = answered(ask)
    assert "does not exist" in content["error"]
    assert buffers == []


def test_steps_are_nested_to_a_bound_and_nothing_below_it_is_lost() -> None:
    steps = [
        {"id": f"s{n}", "kind": "step", "step_id": f"s{n - 1}" if n else None, "name": f"step {n}"}
        | {"state": "done", "message": None, "started_s": 0.0, "ended_s": 1.0}
        for n in range(3_000)
    ]
    text = {"id": "t", "kind": "text", "state": "closed", "step_id": "s2999", "text": "deepest"}
    whole = read("title", "Finished.", [*steps, text])
    depths = []
    pending = list(whole.nodes)
    while pending:
        node = pending.pop()
        depths.append(node.depth)
        pending += node.children
    assert len(depths) == 3_001
    assert max(depths) == STEP_DEPTH
    for written in (as_html.to_page(whole), as_markdown.to_markdown(whole)):
        assert all(f"step {n} (" in written for n in range(3_000))
        assert "deepest" in written


@pytest.mark.parametrize(
    ("cells", "texts"),
    [
        ([1 / 3, 0.5, None, 2 / 3], ["0.333333", "0.500000", "", "0.666667"]),
        ([0.1 + 0.2, 12345.67, 3], ["0.30", "12345.67", "3"]),
        ([12345.123456789, 2.0], ["12345.12", "2.00"]),
        ([1e-9, 3.0], ["1e-09", "3"]),
        ([2e20, 0.25], ["2e+20", "0.25"]),
        ([0.00012345678, -1.5], ["0.000123", "-1.500000"]),
        ([float("inf"), 1.5], ["inf", "1.5"]),
    ],
)
def test_the_floats_of_a_column_have_the_same_decimals_as_far_as_they_matter(
    cells: list[float | None], texts: list[str]
) -> None:
    part = {"columns": [{"name": "x", "type": "number"}]}
    assert [row[0] for row in cell_texts(part, [[cell] for cell in cells])] == texts


def test_a_table_of_markdown_is_aligned_as_plain_text_too() -> None:
    rows = [["日本", "1"], ["x_y", "1,204"], ["w" * 60, "2"]]
    assert table_lines(["name", "n"], rows, [False, True]) == [
        "| name |     n |",
        "| ---- | ----: |",
        "| 日本 |     1 |",
        r"| x\_y | 1,204 |",
        f"| {'w' * 60} |     2 |",
    ]
