"""Secrets of a request, and those that a stream tells, over real HTTP: where they must not be."""

from __future__ import annotations

import json
import logging
import threading
import traceback
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from streamwidget import StreamBoard, StreamView, collect, http, logging_handler
from streamwidget.events import Event, Failure, TextDelta
from unit.http_peer import Peer
from unit.waiting import WAIT_S, wait_records

IN_URL, IN_QUERY, IN_HEADER, IN_BODY = (
    f"{place}-secret-51c9" for place in ("url", "query", "header", "body")
)
IN_EVENT = "event-secret-51c9"
OF_REQUEST = (IN_URL, IN_QUERY, IN_HEADER)


def response(status: str, content_type: str, body: str) -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nConnection: close\r\n\r\n"
    return head.encode() + body.encode()


def said(text: str) -> str:
    return "data: " + json.dumps({"choices": [{"delta": {"content": text}}]}) + "\n\n"


ECHO = f"the key {IN_HEADER} of {IN_URL} with {IN_QUERY} is not valid"
ANSWERS = {
    "an answer": response("200 OK", "text/event-stream", said("hello ") + "data: [DONE]\n\n"),
    "an error status": response(
        "401 Unauthorized", "application/json", json.dumps({"error": {"message": ECHO}})
    ),
    "an error page": response("500 Oops", "text/html", f"<html><body>{ECHO}</body></html>"),
    "an error in the stream": response(
        "200 OK",
        "text/event-stream",
        said("hello ") + "data: " + json.dumps({"error": {"message": ECHO}}) + "\n\n",
    ),
    "a broken stream": response("200 OK", "text/event-stream", said("hello ") + 'data: {"cho'),
}


def redacted(event: Event) -> Event:
    """A function for `redact=`."""
    if isinstance(event, TextDelta):
        return replace(event, text=event.text.replace(IN_EVENT, "[secret]"))
    if isinstance(event, Failure):
        detail = (event.detail or "").replace(IN_EVENT, "[secret]")
        return replace(event, message=event.message.replace(IN_EVENT, "[secret]"), detail=detail)
    return event


def everything(view: StreamView, folder: Path) -> dict[str, str]:
    """All that leaves the process of a run, by its name."""
    result, port = view.result(), view._port
    made: dict[str, Callable[[], object]] = {
        "the state of the widget": lambda: view.get_state(),
        "the output of the cell": lambda: view._repr_mimebundle_(),
        "the record": lambda: record(view),
        "the record of a board": lambda: StreamBoard([view])._repr_mimebundle_(),
        "a message to the page": lambda: port.message(repeat=True),
        "the snapshot": lambda: port.snapshot(),
        "Markdown": view.to_markdown,
        "HTML": view.to_html,
        "JSON lines": view.to_jsonl,
        "ATIF": view.to_atif,
        "OTLP": view.to_otlp,
        "AG-UI": lambda: view.to_ag_ui(folder / "ag-ui.jsonl"),
        "the result": lambda: (repr(result), result.summary, repr(result.events)),
        "the view": lambda: (repr(view), view.title, view.summary),
        "the error": lambda: (
            (repr(view.error), *traceback.format_exception(view.error)) if view.error else ""
        ),
    }
    found = {name: str(make()) for name, make in made.items()}
    files = [path for path in folder.rglob("*") if path.is_file()]
    return found | {str(path): path.name + path.read_text() for path in files}


def record(view: StreamView) -> object:
    port = view._port
    port.on_command({"cmd": "record", "run_id": port.run_id, "request_id": "r"})
    wait_records()
    return port.answers.take()


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS.keys())
def test_no_secret_of_a_request_leaves_the_process(
    answer: bytes,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG, logger="streamwidget")
    with Peer(answer) as peer:
        address = peer.url.replace("http://", f"http://reader:{IN_URL}@")
        source = http(
            f"{address}?api_key={IN_QUERY}",
            headers={"Authorization": f"Bearer {IN_HEADER}", "X-Api-Key": IN_HEADER},
            json={"prompt": "hello", "password": IN_BODY},
        )
        view = StreamView(source, journal=tmp_path / "run.jsonl")
        view.wait(WAIT_S)
        sent = b"".join(peer.requests).decode()
    assert all(secret in sent for secret in (IN_QUERY, IN_HEADER, IN_BODY)), "the peer has them"
    places = everything(view, tmp_path)
    places["the log"] = "\n".join(
        line.getMessage() + str(line.exc_text)
        for line in caplog.records
        if line.name.startswith("streamwidget")
    )
    places["what was printed"] = "".join(capfd.readouterr())
    assert len(places["Markdown"]) > 20
    assert any(name.endswith("run.jsonl") for name in places)
    for name, text in places.items():
        for secret in (*OF_REQUEST, IN_BODY):
            assert secret not in text, f"{secret} is in {name}"


def test_no_secret_of_a_request_leaves_in_an_exception_or_a_log_line_of_the_callers(
    tmp_path: Path,
) -> None:
    logger = logging.getLogger("job of a test")

    attached = threading.Event()

    def hook(_response: object) -> None:
        attached.wait(WAIT_S)
        logger.warning("sent %s with %s", IN_HEADER, IN_QUERY)
        raise ValueError(f"the key {IN_HEADER} for {IN_QUERY} is not mine")

    with (
        Peer(ANSWERS["an answer"]) as peer,
        httpx.Client(event_hooks={"response": [hook]}, headers={"X-Api-Key": IN_HEADER}) as client,
    ):
        source = http(peer.url, params={"api_key": IN_QUERY}, client=client)
        view = StreamView(lambda: source, journal=tmp_path / "run.jsonl")
        with logging_handler(view, logger=logger):
            attached.set()
            view.wait(WAIT_S)
    assert view.status == "failed"
    assert view.error is not None
    assert view.error.message == "ValueError: the key … for … is not mine"
    assert [line.message for line in view.logs] == ["sent … with …"]
    places = everything(view, tmp_path)
    del places["the error"]  # its cause is the caller's exception, which stays as it is
    for name, text in places.items():
        for secret in (IN_HEADER, IN_QUERY):
            assert secret not in text, f"{secret} is in {name}"


def test_a_secret_that_a_stream_tells_is_not_in_its_journal(tmp_path: Path) -> None:
    words = [said(f"the token is {IN_EVENT[:9]}"), said(IN_EVENT[9:] + " and "), said("more ")]
    failed = "data: " + json.dumps({"error": {"message": f"token {IN_EVENT} is used up"}}) + "\n\n"
    body = "".join(words) + failed
    with Peer(response("200 OK", "text/event-stream", body)) as peer:
        result = collect(http(peer.url), journal=tmp_path / "run.jsonl", redact=redacted)
    assert IN_EVENT in result.text
    assert result.error is not None
    data = (tmp_path / "run.jsonl").read_text()
    assert IN_EVENT not in data
    assert IN_EVENT[9:] not in data
    assert "[secret] and more" in data
    for shown in (
        StreamView.attach(tmp_path / "run.jsonl"),
        StreamView.replay(tmp_path / "run.jsonl", None),
    ):
        shown.wait(WAIT_S)
        assert shown.text == result.text.replace(IN_EVENT, "[secret]")
        assert not [name for name, text in everything(shown, tmp_path).items() if IN_EVENT in text]
