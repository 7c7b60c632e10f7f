"""Responses to a resumed request: gone, busy, wrong, silent, from the start. No sockets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from exchange import BROKEN, Ending, exchange
from faults import Answer, Request
from resumable import sse

from streamwidget import Limits, UsageError, http
from streamwidget.errors import ResponseError, StreamWidgetError, TransportError
from streamwidget.events import Notice

URL = "http://a.test/s"
FIRST = sse("a", id="1") + sse("b", id="2")
REST = sse("c", id="3") + sse("[DONE]")
DROPPED = Answer(FIRST, cut=len(FIRST), end="rst")
WHOLE = Answer(REST)


def play(*answers: Answer | StreamWidgetError, source: Any = None, **options: Any) -> Ending:
    """The result of these responses, one after the other; the last one is repeated."""
    left = list(answers)

    def answer(_request: Request) -> Answer | StreamWidgetError:
        return left.pop(0) if len(left) > 1 else left[0]

    return exchange(source or http(URL, resume="last-event-id"), answer, **options)


def busy(status: int, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(b"busy", status, named, "text/plain")


GOES_ON: dict[str, tuple[Answer | StreamWidgetError, ...]] = {
    "a reset": (DROPPED, WHOLE),
    "an end without the marker": (Answer(FIRST), WHOLE),
    "a good end inside an event": (Answer(FIRST + b"data: c"), WHOLE),
    "no connection for a while": (DROPPED, TransportError("refused"), WHOLE),
    "503 in between": (DROPPED, busy(503), busy(502), WHOLE),
    "429 in between": (DROPPED, busy(429, Retry_After="1"), WHOLE),
    "503 at first, with Retry-After": (busy(503, Retry_After="1"), DROPPED, WHOLE),
    "an empty answer": (DROPPED, Answer(b""), WHOLE),
    "comments only": (DROPPED, Answer(b": still there\n\n", end="fin"), WHOLE),
    "everything again": (DROPPED, Answer(FIRST + REST)),
    "the last event again": (DROPPED, Answer(sse("b", id="2") + REST)),
    "no answer at first": (TransportError("reset"), DROPPED, WHOLE),
}


@pytest.mark.parametrize("answers", GOES_ON.values(), ids=GOES_ON.keys())
def test_the_text_is_whole_after(answers: tuple[Any, ...]) -> None:
    ending = play(*answers)
    assert ending.error is None
    assert (ending.document.text, ending.outcome) == ("abc", "complete")


GIVES_UP: dict[str, tuple[tuple[Any, ...], type[StreamWidgetError], str]] = {
    "404": (
        (DROPPED, busy(404)),
        ResponseError,
        "(“busy”). Check the URL. The",
    ),
    "410": ((DROPPED, busy(410)), ResponseError, "410 Gone (“busy”). The stream could not be"),
    "401": ((DROPPED, busy(401)), ResponseError, "Check the credentials. The stream could not"),
    "a page": (
        (DROPPED, Answer(b"<title>Hi</title>", content_type="text/html")),
        ResponseError,
        "an HTML page",
    ),
    "JSON": (
        (DROPPED, Answer(b"{}", content_type="application/json")),
        ResponseError,
        "returned application/json, not text/event-stream. The stream could",
    ),
    "503 at first": ((busy(503),), ResponseError, "Try again later."),
    "another stream": (
        (Answer(sse("a") + sse("b"), end="rst"), Answer(sse("x"))),
        TransportError,
        "restarted with different content",
    ),
}


@pytest.mark.parametrize(("answers", "kind", "message"), GIVES_UP.values(), ids=GIVES_UP.keys())
def test_what_will_not_get_better_is_not_tried_again(
    answers: tuple[Any, ...], kind: type[StreamWidgetError], message: str
) -> None:
    ending = play(*answers)
    assert type(ending.error) is kind
    assert message in ending.error.message
    assert len(ending.requests) == len(answers)


def test_204_says_that_nothing_more_comes_and_the_format_what_that_means() -> None:
    ending = play(DROPPED, Answer(status=204))
    assert (ending.error, ending.outcome, len(ending.requests)) == (None, "complete", 2)
    promised = Answer(sse({"type": "start"}, id="1"), end="rst")
    ending = play(promised, Answer(status=204))
    assert ending.outcome == "cut"
    assert ending.advice == "The server has no more of this stream."


def test_an_end_without_a_marker_is_asked_about_once() -> None:
    unmarked = Answer(FIRST)
    for reply in (Answer(b""), Answer(status=204), busy(404), TransportError("refused")):
        ending = play(unmarked, reply)
        assert (ending.error, ending.outcome) == (None, "complete")
        assert (ending.document.text, len(ending.requests)) == ("ab", 2)
        assert not [event for event in ending.events if isinstance(event, Notice)]


SAYS_NOTHING: dict[str, Answer | StreamWidgetError] = {
    "a break before the answer": TransportError("reset"),
    "a break before the first byte": Answer(b"", end="rst"),
    "a break after a comment": Answer(b": hello\n\n", end="rst"),
    "503": busy(503, Retry_After="1"),
}
GOES_ON_AFTER_ALL: dict[str, tuple[bytes, Any]] = {
    "half of the next event": (b"data: c", "clean"),
    "half of it, by a break": (b"data: c", "rst"),
    "its id": (b"id: 2.5\n\n", "clean"),
    "an event of white space": (b"data:  \nid: 2.5\n\n", "clean"),
    "an event without data": (b"data:\nid: 2.5\n\n", "rst"),
}


@pytest.mark.parametrize("answer", SAYS_NOTHING.values(), ids=SAYS_NOTHING.keys())
def test_an_end_that_was_neither_confirmed_nor_denied_is_asked_about_again(answer: Any) -> None:
    ending = play(Answer(FIRST), answer, Answer(REST))
    assert (ending.error, ending.document.text) == (None, "abc")
    limits = Limits(resume_attempts_count=3, resume_wait_s=0)
    ending = play(Answer(FIRST), answer, limits=limits)  # and at last it is taken for the end
    assert (ending.error, ending.outcome, ending.document.text) == (None, "complete", "ab")
    assert len(ending.requests) == 4


@pytest.mark.parametrize(("body", "end"), GOES_ON_AFTER_ALL.values(), ids=GOES_ON_AFTER_ALL.keys())
def test_whatever_more_of_the_stream_comes_denies_that_the_end_was_one(
    body: bytes, end: Any
) -> None:
    ending = play(Answer(FIRST), Answer(body, end=end), Answer(REST))
    assert (ending.error, len(ending.requests)) == (None, 3)
    assert ending.document.text.replace(" ", "") == "abc"


def test_half_an_event_is_not_an_end_even_when_all_attempts_are_used_up() -> None:
    limits = Limits(resume_attempts_count=2, resume_wait_s=0)
    half = Answer(b"data: c")
    ending = play(Answer(FIRST + b"data: c"), half, limits=limits)
    assert (ending.outcome, ending.document.text, len(ending.requests)) == ("cut", "ab", 3)


@pytest.mark.parametrize("end", ["rst", "clean"])
def test_a_server_that_takes_and_drops_every_connection_is_abandoned(end: Any) -> None:
    limits = Limits(resume_attempts_count=3, resume_wait_s=1)
    start = Answer(sse({"type": "start"}, id="1"), end="rst")
    ending = play(start, Answer(b": hello\n\n", end=end), limits=limits)
    assert len(ending.requests) == 4
    assert ending.waits_s == [0.75, 1.5, 3.0]
    message = "3 attempts to resume brought nothing new."
    if end == "clean":
        assert (ending.outcome, ending.advice) == ("cut", message)
    else:
        assert ending.error is not None
        assert ending.error.message.endswith(message)


def test_attempts_are_counted_again_after_progress_and_not_after_a_connection() -> None:
    limits = Limits(resume_attempts_count=2, resume_wait_s=0)
    nothing = Answer(b"", end="rst")
    third = Answer(sse("c", id="3"), end="rst")
    ending = play(DROPPED, nothing, third, nothing, Answer(sse("[DONE]")), limits=limits)
    assert (ending.error, ending.document.text) == (None, "abc")


def test_retry_and_retry_after_are_least_waits() -> None:
    limits = Limits(resume_wait_s=1)
    told = Answer(b"retry: 2500\n" + FIRST, end="rst")
    ending = play(told, busy(503, Retry_After="7"), WHOLE, limits=limits)
    assert ending.waits_s == [2.5, 7.0]
    assert play(DROPPED, WHOLE, limits=limits, dice=lambda: 0.0).waits_s == [0.5]


def test_the_id_commits_at_the_blank_line_and_half_an_event_is_dropped() -> None:
    cut = FIRST + "data: ¢id: 3".encode().replace(b"id", b"\nid")
    ending = play(Answer(cut, end="rst"), WHOLE)
    assert ending.requests[1].headers["last-event-id"] == "2"
    assert ending.document.text == "abc"


def test_drops_are_reported_in_one_notice_where_the_first_one_was() -> None:
    limits = Limits(resume_wait_s=0.4)
    second = Answer(sse("c", id="3"), end="rst")
    ending = play(DROPPED, second, Answer(sse("[DONE]")), limits=limits, dice=lambda: 1.0)
    message = [event.message for event in ending.events if isinstance(event, Notice)]
    assert message == [
        "The connection was lost after 2 events; resumed 0.4 s later.",
        "The connection was lost 2 times, last after 3 events; resumed 0.4 s later.",
    ]
    (notice,) = (part for part in ending.document.parts if part.kind == "notice")
    assert notice.fields["message"] == message[-1]


# --- designs


def openai(n: int, **more: Any) -> bytes:
    return sse({"type": "response.in_progress", "sequence_number": n, **more})


def post(resume: Any, **body: Any) -> Any:
    return http(URL, method="POST", json=body, resume=resume)


def test_a_response_that_is_not_in_the_background_is_not_asked_for() -> None:
    created = sse({"type": "response.created", "response": {"id": "r", "object": "response"}})
    ending = play(Answer(created, end="rst"), source=post("openai-responses", model="m"))
    assert ending.error is not None
    assert "created without background: true" in ending.error.message
    assert len(ending.requests) == 1


def test_an_id_from_the_stream_cannot_lead_elsewhere() -> None:
    evil = {"type": "response.created", "response": {"id": "../../x?y#z", "object": "response"}}
    first = Answer(sse({**evil, "sequence_number": 0}), end="rst")
    source = post("openai-responses", background=True)
    ending = play(first, busy(404), source=source)
    assert ending.requests[1].path == "/s/..%2F..%2Fx%3Fy%23z"
    assert ending.error is not None
    assert "Only responses created with background: true" in ending.error.message


def test_events_that_a_server_skipped_are_reported() -> None:
    created = {"type": "response.created", "response": {"id": "r", "object": "response"}}
    last = {"type": "response.completed", "response": {"id": "r", "object": "response"}}
    first = Answer(sse({**created, "sequence_number": 0}), end="rst")
    later = Answer(sse({**last, "sequence_number": 3}))
    ending = play(first, later, source=post("openai-responses", background=True))
    notices = [event for event in ending.events if isinstance(event, Notice)]
    assert notices[-1].level == "warning"
    assert notices[-1].message.startswith("2 events were lost")


def test_mcp_is_polled_without_losing_attempts_while_it_lasts() -> None:
    prime = Answer(b"id: 1\nretry: 250\ndata: \n\n")
    empty = Answer(b"")
    result = {"content": [{"type": "text", "text": "done"}]}
    last = Answer(sse({"jsonrpc": "2.0", "id": 1, "result": result}, id="9"))
    source = post("mcp", jsonrpc="2.0", id=1, method="tools/call")
    ending = play(prime, *[empty] * 20, last, source=source, lasts_s=6.0)
    assert (ending.error, ending.document.text) == (None, "done")
    assert set(ending.waits_s) == {0.25}
    hasty = play(prime, empty, source=source, lasts_s=0.1, limits=Limits(resume_wait_s=0))
    assert hasty.outcome == "cut"
    assert len(hasty.requests) == 6


def test_durable_streams_are_read_body_by_body_and_then_live() -> None:
    def body(text: str, offset: str, cut: int | None = None, **headers: str) -> Answer:
        told = {
            "Stream-Next-Offset": offset,
            **{k.replace("_", "-"): v for k, v in headers.items()},
        }
        end: Any = "clean" if cut is None else "rst"
        return Answer(text.encode(), 200, told, "text/plain", end, cut)

    control = sse({"streamNextOffset": "o4", "streamClosed": True}, name="control")
    ending = play(
        body("one ", "o1", cut=2),
        body("one ", "o1"),
        body("two 🦆", "o2", cut=5),
        body("two 🦆", "o2"),
        body("", "o3", Stream_Up_To_Date="true"),
        Answer(sse("three", name="data") + control),
        source=http(f"{URL}?x=1", resume="durable-streams"),
    )
    assert (ending.error, ending.document.text, ending.outcome) == (
        None,
        "one two 🦆three",
        "complete",
    )
    offsets = [request.query.get("offset") for request in ending.requests]
    assert offsets == [None, "-1", "o1", "o1", "o2", "o3"]
    assert [request.query.get("live") for request in ending.requests] == [None] * 5 + ["sse"]


def test_durable_long_polls_that_time_out_are_not_attempts_lost() -> None:
    idle = Answer(status=204, headers={"Stream-Next-Offset": "o1", "Stream-Cursor": "7"})
    last = Answer(b"hi", 200, {"Stream-Next-Offset": "o2", "Stream-Closed": "true"}, "text/plain")
    source = http(f"{URL}?offset=o0&live=long-poll", resume="durable-streams")
    ending = play(*[idle] * 20, last, source=source, lasts_s=20.0)
    assert (ending.error, ending.document.text) == (None, "hi")
    assert ending.requests[-1].query == {"offset": "o1", "live": "long-poll", "cursor": "7"}


def test_a_chat_that_is_over_when_it_is_asked_for_is_cut() -> None:
    first = Answer(sse({"type": "start"}) + sse({"type": "text-start", "id": "0"}), end="rst")
    for status in (204, 422):
        ending = play(first, Answer(status=status), source=post("resumable-stream", id="c1"))
        assert (ending.error, ending.outcome) == (None, "cut")


# --- functions


def test_a_function_gets_the_position_and_gives_the_request() -> None:
    seen: list[Any] = []

    def go_on(position: Any) -> Any:
        seen.append(position)
        return httpx.Request("POST", f"{URL}/next", json={"after": position.last_event_id})

    ending = play(DROPPED, WHOLE, source=http(URL, resume=go_on))
    assert ending.document.text == "abc"
    (position,) = seen
    assert (position.last_event_id, position.records_count) == ("2", 2)
    assert (position.bytes, position.chars) == (len(FIRST), len(FIRST))
    assert ending.requests[1].path == "/s/next"


def test_a_function_that_returns_none_or_something_else_is_reported() -> None:
    ending = play(DROPPED, source=http(URL, resume=lambda _: None))
    assert ending.error is not None
    assert "returned None, so no request is made" in ending.error.message
    ending = play(DROPPED, source=http(URL, resume=lambda _: "http://x"))
    assert isinstance(ending.error, UsageError)
    assert "returned a str: return a request" in ending.error.message


def test_an_answer_without_a_byte_is_not_an_end() -> None:
    def go_on(position: Any) -> Any:
        return http(f"{URL}?after={position.records_count}")

    lines = Answer(b'{"text":"a"}\n{"text":"b"}\n', content_type="application/x-ndjson")
    nothing = Answer(b"", content_type="application/x-ndjson")
    ending = play(nothing, lines, source=http(URL, resume=go_on))
    assert (ending.error, ending.document.text, len(ending.requests)) == (None, "ab", 2)
    limits = Limits(resume_attempts_count=2, resume_wait_s=0)
    ending = play(nothing, source=http(URL, resume=go_on), limits=limits)
    assert ending.error is not None
    assert "was closed without sending anything" in ending.error.message
    assert len(ending.requests) == 3


def test_a_last_line_without_its_line_end_counts_where_the_stream_continues_after_it() -> None:
    def go_on(position: Any) -> Any:
        return http(f"{URL}?after={position.records_count}")

    lines = Answer(b'{"text":"a"}\n{"text":"b"}', content_type="application/x-ndjson")
    promised = Answer(b'{"type":"start"}\n{"type":"data"}', content_type="application/x-ndjson")
    ending = play(lines, source=http(URL, resume=go_on))
    assert (ending.outcome, ending.document.text, len(ending.requests)) == ("complete", "ab", 1)
    marked = http(URL, method="POST", json={"background": True}, resume="openai-responses")
    ending = play(promised, lines, source=marked)
    assert len(ending.requests) == 1
    assert ending.advice.startswith("The connection was lost before the id")


def test_a_stream_that_cannot_continue_in_the_middle_is_not_asked_for_again() -> None:
    array = Answer(b'[{"text": "a"}, {"text": "b"}', content_type="application/json", end="rst")
    ending = play(array)
    assert ending.error is not None
    assert ending.error.message.startswith(BROKEN)
    assert "cannot continue in the middle" in ending.error.message
    assert (ending.document.text, len(ending.requests)) == ("ab", 1)


def test_a_server_that_ignores_a_range_is_not_believed() -> None:
    lines = Answer(b'{"text":"a"}\n{"te', content_type="application/x-ndjson", end="rst")
    again = Answer(b'{"text":"a"}\n{"text":"b"}\n', content_type="application/x-ndjson")

    def go_on(position: Any) -> Any:
        return http(URL, headers={"Range": f"bytes={position.bytes}-"})

    ending = play(lines, again, source=http(URL, resume=go_on))
    assert ending.error is not None
    assert "ignored the Range" in ending.error.message


# --- what is refused when it is declared

REFUSED: dict[str, tuple[Callable[[], object], str]] = {
    "unknown": (lambda: http(URL, resume="sse"), "pass one of 'last-event-id', 'openai-"),  # type: ignore[arg-type]
    "a POST": (lambda: post("last-event-id"), "never sent twice"),
    "MCP of 2026": (
        lambda: http(
            URL, method="POST", headers={"MCP-Protocol-Version": "2026-07-28"}, resume="mcp"
        ),
        "MCP 2026-07-28 cannot resume",
    ),
    "a chat without an id": (lambda: post("resumable-stream"), "has no 'id'"),
}


@pytest.mark.parametrize(("declare", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_a_design_that_is_not_possible_is_refused_at_once(
    declare: Callable[[], object], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        declare()
