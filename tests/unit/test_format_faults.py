"""Kinds of server faults, whole and at every cut: what a stream amounts to all the same."""

from __future__ import annotations

import json
from typing import Any

import pytest

from streamwidget import Result, collect


def sse(*rows: Any) -> bytes:
    return b"".join(
        row if isinstance(row, bytes) else b"data: %s\n\n" % json.dumps(row).encode()
        for row in rows
    )


def every_cut(body: bytes, content_type: str = "text/event-stream") -> list[Result]:
    """The results of the stream whole, byte by byte, and cut in two at some places."""
    pieces = [[body], [body[at : at + 1] for at in range(len(body))]]
    pieces += [[body[:at], body[at:]] for at in range(1, len(body), 17)]
    return [collect(parts, content_type=content_type) for parts in pieces]


def chunk(delta: Any, finish: str | None = None, **more: Any) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return {"object": "chat.completion.chunk", "choices": [choice], **more}


HI = chunk({"content": "Hi"})
DONE = b"data: [DONE]\n\n"
FAILURES: dict[str, bytes] = {
    "a field outside the standard": sse(HI, b'error: {"message": "Gone"}\n\n', DONE),
    "that field at the end": sse(HI, b'error: {"message": "Gone"}\n'),
    "a bare object": sse(HI, b'{"error": {"message": "Gone"}}\n\n', DONE),
    "an object of a vendor's own": sse(HI, chunk({}, x_groq={"error": "Gone"}), DONE),
    "a deeper one": sse(HI, {"event": {"data": {"error": {"message": "Gone"}}}}, DONE),
    "the choice": sse(HI, {"choices": [{"index": 0, "error": {"message": "Gone"}}]}, DONE),
    "a named event": sse(HI, b"event: error\ndata: Gone\n\n", DONE),
    "a code and a message": sse(HI, {"code": 503, "msg": "Gone"}, DONE),
    "success: false": sse(HI, {"success": False, "message": "Gone"}, DONE),
    "a list of errors": sse(HI, {"errors": [{"message": "Gone"}]}, DONE),
    "an exception": sse(HI, {"exception": {"message": "Gone"}}, DONE),
    "a short word for it": sse(HI, {"err": "Gone"}, DONE),
    "a code of WeChat's kind": sse(HI, {"errcode": 40001, "errmsg": "Gone"}, DONE),
    "a code that is not of HTTP": sse(HI, {"code": 4000, "msg": "Gone", "logid": "x"}, DONE),
    "a header of a vendor": sse(HI, {"header": {"code": 10013, "message": "Gone"}}, DONE),
    "a vendor's envelope of a chunk": sse(
        HI, chunk({}, base_resp={"status_code": 1027, "status_msg": "Gone"}), DONE
    ),
    "a named event of a run": sse(
        HI, b'event: chat.failed\ndata: {"last_error": {"msg": "Gone"}}\n\n', DONE
    ),
    "a result that is not a success": sse(
        HI, {"msg": "completed", "success": False, "output": {"error": "Gone"}}, DONE
    ),
    "a line of text": sse(HI, b"data: Error: Gone\n\n", DONE),
    "a sentence of a proxy": sse(HI, b"Service Unavailable: Gone"),
    "a page of a proxy": sse(HI, b"<html><head><title>504 Gone</title></head></html>\r\n"),
    "a record after the end marker": sse(HI, DONE, {"error": {"message": "Gone"}}),
    "a named event after it": sse(HI, DONE, b"event: error\ndata: Gone\n\n"),
    "its own field after it": sse(HI, DONE, b'error: {"message": "Gone"}\n\n'),
    "half an event after it": sse(HI, DONE, b'data: {"error": {"message": "Gone"}}'),
    "problem details": sse(HI, {"type": "about:blank", "title": "Gone", "status": 500}, DONE),
}


@pytest.mark.parametrize("name", FAILURES)
def test_a_failure_anywhere_is_a_failure_with_its_message(name: str) -> None:
    for result in every_cut(FAILURES[name]):
        assert (result.status, result.text) == ("failed", "Hi"), name
        assert result.error is not None
        assert "Gone" in str(result.error)


BODIES = [
    {"error": {"message": "Gone"}},
    {"error": "Gone"},
    {"detail": "Gone"},
    {"object": "error", "message": "Gone", "code": 400},
    {"status": "error", "message": "Gone"},
    {"base_resp": {"status_code": 1004, "status_msg": "Gone"}},
    {"error_code": 18, "error_msg": "Gone"},
    {"__type": "ThrottlingException", "message": "Gone"},
    {"code": 4000, "msg": "Gone"},
    {"code": 14, "message": "Gone", "details": []},
    {"fault": {"faultstring": "Gone", "detail": {"errorcode": "x"}}},
    {"title": "Bad", "detail": "Gone", "status": 500},
    {"msg": "done", "success": False, "output": {"error": "Gone"}},
]
NO_FAILURES = [
    {"code": 0, "msg": "ok"},
    {"code": 200, "message": "created"},
    {"code": 7, "message": "of Bond", "name": "James"},
    {"status": "failed_over", "message": "fine"},
    {"header": {"code": 0, "message": "Success"}},
    {"error": None, "errors": [], "exception": ""},
    {"type": "tool_failed", "message": "another is tried"},
]


@pytest.mark.parametrize("body", BODIES)
def test_an_error_with_status_200_is_a_failure(body: dict[str, Any]) -> None:
    for result in every_cut(json.dumps(body).encode(), "application/json"):
        assert result.status == "failed"
        assert "Gone" in str(result.error)


@pytest.mark.parametrize("row", NO_FAILURES)
def test_what_only_looks_like_a_failure_is_none(row: dict[str, Any]) -> None:
    assert collect(sse(HI, row, DONE), content_type="text/event-stream").status == "finished"


def test_a_body_of_the_wrong_type_is_not_lost() -> None:
    for result in every_cut(b"Dear reader,\nthis is text."):
        assert (result.text, result.status) == ("Dear reader,\nthis is text.", "finished")
    for result in every_cut(b"upstream connect error or disconnect: Gone"):
        assert (result.status, "Gone" in str(result.error)) == ("failed", True)


def test_chunks_without_index_and_object_are_read() -> None:
    rows = [{"choices": [{"delta": {"content": text}}]} for text in ("Hi", " you")]
    for result in every_cut(sse(*rows, DONE)):
        assert (result.text, [part.kind for part in result.document.parts]) == ("Hi you", ["text"])


def test_neither_a_finish_reason_nor_a_foreign_record_splits_a_text() -> None:
    rows = [
        chunk({"content": "a"}, "stop"),
        {"own": {"status": 1}},
        chunk({"content": "b"}, "stop"),
    ]
    for result in every_cut(sse(*rows, DONE)):
        texts = [part.text for part in result.document.parts if part.kind == "text"]
        assert texts == ["ab"]


def fragment(
    index: object = None, id: object = None, name: str | None = None, arguments: object = None
) -> dict[str, Any]:
    function = {"name": name, "arguments": arguments}
    call = {"index": index, "id": id, "function": {k: v for k, v in function.items() if v}}
    return {key: value for key, value in call.items() if value is not None}


ONE, TWO = '{"q": 1}', '{"q": 2}'
F1, F2, G2 = ("f", {"q": 1}), ("f", {"q": 2}), ("g", {"q": 2})
CALLS: dict[str, tuple[list[dict[str, Any]], list[tuple[str, Any]]]] = {
    "one id at two indexes": (
        [fragment(0, "x", "f"), fragment(1, "x", "f"), fragment(1, "x", "", ONE)], [F1]
    ),
    "arguments again when they are whole": (
        [fragment(0, "x", "f", '{"q"'), fragment(0, "x", "", ": 1}"), fragment(0, "x", "f", ONE)],
        [F1],
    ),
    "one id for two tools": ([fragment(0, "x", "f", ONE), fragment(1, "x", "g", TWO)], [F1, G2]),
    "one index for two ids": ([fragment(0, "x", "f", ONE), fragment(0, "y", "f", TWO)], [F1, F2]),
    "one index for two ids side by side": (
        [fragment(0, "x", "f", '{"q": '), fragment(0, "y", "g", '{"q": ')]
        + [fragment(0, "x", None, "1}"), fragment(0, "y", None, "2}")],
        [F1, G2],
    ),
    "one index, no id": ([fragment(0, None, "f", ONE), fragment(0, None, "f", TWO)], [F1, F2]),
    "one index, no id, the same again": (
        [fragment(0, None, "f", ONE), fragment(0, None, "f", ONE)], [F1]
    ),
    "empty ids after the first": (
        [fragment(0, "x", "f", "{"), fragment(0, "", "", '"q": 1'), fragment(0, "", "", "}")], [F1]
    ),
    "another id in each": (
        [fragment(0, "x", "f", "{"), fragment(0, "y", None, '"q": 1'), fragment(0, "z", None, "}")],
        [F1],
    ),
    "no index, the id in the first": (
        [fragment(None, "x", "f", "{"), fragment(None, None, None, '"q": 1}')]
        + [fragment(None, "y", "g", TWO)],
        [F1, G2],
    ),
    "neither": ([fragment(None, None, "f", ONE), fragment(None, None, "f", TWO)], [F1, F2]),
    "an index that is text": (
        [fragment("0", "x", "f", '{"q": '), fragment("0", None, None, "1}")], [F1]
    ),
    "ids that are numbers": ([fragment(0, 7, "f", ONE), fragment(1, 8, "f", TWO)], [F1, F2]),
    "an id again in the next turn": (
        [fragment(0, "x", "f", ONE), fragment(0, "x", "f", TWO)], [F1, F2]
    ),
    "a name in pieces": (
        [fragment(0, "x", "get_"), fragment(0, None, "it"), fragment(0, None, None, ONE)],
        [("get_it", {"q": 1})],
    ),
    "a name that grows": (
        [fragment(0, "x", "get"), fragment(0, "x", "get_it", ONE)], [("get_it", {"q": 1})]
    ),
    "arguments so far each time": (
        [fragment(0, "x", "f", part) for part in ('{"q"', '{"q": 1', ONE, ONE)], [F1]
    ),
    "arguments that repeat their beginning inside": (
        [fragment(0, "x", "f", part) for part in ('{"q": ', ONE, "}")], [("f", {"q": {"q": 1}})]
    ),
    "an empty object before the arguments": (
        [fragment(0, "x", "f", "{}"), fragment(0, None, None, '{"q"')]
        + [fragment(0, None, None, ": 1}")],
        [F1],
    ),
    "an empty object alone": ([fragment(0, "x", "f", "{}")], [("f", {})]),
    "arguments as an object": ([fragment(0, "x", "f", {"q": 1})], [F1]),
    "no function around them": ([{"index": 0, "id": "x", "name": "f", "arguments": ONE}], [F1]),
}  # fmt: skip


def calls_of(*rows: Any) -> list[list[tuple[str, Any]]]:
    results = every_cut(sse(*rows, chunk({}, "tool_calls"), DONE))
    return [[(call.tool_name, call.arguments) for call in one.tool_calls] for one in results]


@pytest.mark.parametrize("name", CALLS)
def test_calls_are_distinguished(name: str) -> None:
    fragments, wanted = CALLS[name]
    for calls in calls_of(*[chunk({"tool_calls": [one]}) for one in fragments]):
        assert calls == wanted


def test_calls_of_two_choices_are_two() -> None:
    def row(choice: int, call: dict[str, Any]) -> dict[str, Any]:
        return {"choices": [{"index": choice, "delta": {"tool_calls": [call]}}]}

    heads = [row(0, fragment(0, "x", "f", '{"q": ')), row(1, fragment(0, "y", "g", '{"q": '))]
    ends = [row(0, fragment(0, None, None, "1}")), row(1, fragment(0, None, None, "2}"))]
    for calls in calls_of(HI, *heads, *ends):
        assert calls == [F1, G2]


def message(id: str, content: str, index: int = 0) -> dict[str, Any]:
    choice = {"index": index, "delta": {"content": content}}
    return {"id": id, "object": "chat.completion.chunk", "choices": [choice]}


IDS: dict[str, tuple[list[tuple[str, str]], list[str]]] = {
    "two side by side": (
        [("a", "The "), ("b", "A "), ("a", "cat"), ("b", "dog"), ("a", "s")], ["The cats", "A dog"]
    ),
    "one after the other": (
        [("a", "The "), ("a", "cat"), ("b", "A "), ("b", "dog")], ["The cat", "A dog"]
    ),
    "another id in each chunk": ([(f"x{at}", f"{at}") for at in range(12)], ["01234567891011"]),
    "another id in each of a few": ([("a", "Yes"), ("b", " it"), ("c", " is")], ["Yes it is"]),
    "another id in the first": ([("a", ""), ("b", "The "), ("b", "cat")], ["The cat"]),
    "no id in some": ([("a", "The "), ("", "cat"), ("a", "s")], ["The cats"]),
    "eight at once": (
        [(f"{at % 8}", f"{at} ") for at in range(16)], [f"{at} {at + 8} " for at in range(8)]
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", IDS)
def test_each_id_of_a_completion_is_one_text(name: str) -> None:
    chunks, wanted = IDS[name]
    for result in every_cut(sse(*[message(*pair) for pair in chunks], chunk({}, "stop"), DONE)):
        texts = [part.text for part in result.document.parts if part.kind == "text"]
        assert (texts, result.status) == (wanted, "finished")


def texts_of(*rows: Any) -> list[str]:
    (result, *_) = every_cut(sse(*rows, DONE))
    return [part.text for part in result.document.parts if part.kind in ("text", "reasoning")]


def test_each_choice_is_one_text() -> None:
    rows = [
        {"object": "chat.completion.chunk", "choices": [{"index": at, "delta": {"content": text}}]}
        for at, text in [(0, "The "), (1, "Un "), (2, "E"), (0, "cat"), (1, "chat"), (2, "in")]
    ]
    assert texts_of(*rows) == ["The cat", "Un chat", "Ein"]


def test_texts_that_are_whole_so_far_are_not_repeated() -> None:
    thoughts = [chunk({"reasoning_content": text}) for text in ("Hm", "Hm I", "Hm I see")]
    answers = [chunk({"content": text}) for text in ("Yes", "Yes it", "Yes it is")]
    assert texts_of(*thoughts, *answers, chunk({}, "stop")) == ["Hm I see", "Yes it is"]
    parts = [{"candidates": [{"content": {"parts": [{"text": t}]}}]} for t in ("A", "A b", "A b c")]
    assert texts_of(*parts) == ["A b c"]


A = {"title": "A", "url": "https://a.test"}
SOURCES: dict[str, dict[str, Any]] = {
    "results beside addresses": {"search_results": [A], "citations": ["https://a.test"]},
    "citations": {"citations": [A]},
    "a link": {"web_search": [{"title": "A", "link": "https://a.test"}]},
    "an object that holds them": {"search_info": {"search_results": [A]}},
    "another name for results": {"web_results": [A]},
    "documents": {"documents": [{"metadata": {"source": "https://a.test", "title": "A"}}]},
    "grounding of Gemini": {
        "vertex_ai_grounding_metadata": [
            {"groundingChunks": [{"web": {"uri": "https://a.test", "title": "A"}}]}
        ]
    },
}
IN_A_DELTA: list[dict[str, Any]] = [
    {"annotations": [{"type": "url_citation", "url_citation": A}]},
    {"references": [A]},
    {"context": {"citations": [A]}},
    {"executed_tools": [{"type": "search", "search_results": {"results": [A]}}]},
    {"content": [{"type": "tool_reference", "tool": "web_search", **A}]},
]
RECORDS: list[dict[str, Any]] = [
    {"sources": [{"source": A, "document": ["text"]}]},
    {"type": "sources", "sources": [A]},
    {"event": {"type": "citation", "data": {"source": A}}},
]


def sources_of(*rows: Any) -> list[tuple[str | None, str | None]]:
    (result, *_) = every_cut(sse(*rows, DONE))
    assert "unknown" not in {part.kind for part in result.document.parts}
    return [(source.url, source.title) for source in result.sources]


@pytest.mark.parametrize("name", SOURCES)
def test_sources_in_a_vendors_shape_have_their_titles(name: str) -> None:
    shape, wanted = SOURCES[name], [("https://a.test", "A")]
    assert sources_of(chunk({"content": "Yes"}, "stop", **shape)) == wanted
    choice = {"index": 0, "delta": {"content": "Yes"}, "finish_reason": "stop"}
    assert sources_of({"choices": [{**choice, **shape}]}) == wanted


@pytest.mark.parametrize("delta", IN_A_DELTA)
def test_sources_of_a_delta_are_read(delta: dict[str, Any]) -> None:
    assert sources_of(HI, chunk(delta), chunk({}, "stop")) == [("https://a.test", "A")]


@pytest.mark.parametrize("row", RECORDS)
def test_a_record_of_sources_is_not_an_unknown_record(row: dict[str, Any]) -> None:
    assert sources_of(HI, row) == [("https://a.test", "A")]


def test_a_title_may_come_after_its_address() -> None:
    late = chunk({}, "stop", search_results=[A])
    assert sources_of(chunk({"content": "Yes"}, citations=["https://a.test"]), late) == [
        ("https://a.test", "A")
    ]


def test_unknown_records_are_bounded_and_rows_are_one_table() -> None:
    rows = b"".join(b'{"id": %d, "name": "n"}\n' % n for n in range(3_000))
    table = next(iter(collect(rows, content_type="application/x-ndjson").tables.values()))
    assert table.to_dict()["id"] == list(range(3_000))
    odd = b"".join(json.dumps({f"k{n}": {"x": n}}).encode() + b"\n" for n in range(3_000))
    assert len(collect(odd, content_type="application/x-ndjson").document.parts) < 200
