"""Attaching continues a stream whose reader was lost, where the server can continue it."""

from __future__ import annotations

import asyncio
import json
import random
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import parse_qs

import pytest

from streamwidget import Position, StreamView, UsageError, http, websocket
from streamwidget.journal.journal_file import JournalFile
from streamwidget.run.waiting import iterate
from unit.test_websocket import sending, serving
from unit.waiting import WAIT_S, until

Attached: TypeAlias = "Callable[[Path, Server], StreamView]"

WORDS = [f"word-{number} " for number in range(400)]
WHOLE = "".join(WORDS)


class Server(ThreadingHTTPServer):
    """Sends numbered words from the one after `Last-Event-ID`, with a pause every few of them.

    A POST makes a response of OpenAI's kind, which GETs below its address read further.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.origin = f"http://127.0.0.1:{self.server_address[1]}"
        self.url = f"{self.origin}/stream"
        self.is_over = False
        self.asked: list[int] = []
        self.posted_count = 0
        self.stops_at = len(WORDS)
        """Number of the word before which a connection waits."""
        self.closing = threading.Event()


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    server: Server

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        if path == "/responses/resp_7":
            after = int(parse_qs(query)["starting_after"][0])
            self.server.asked.append(after + 1)
            self._respond(after + 1)
            return
        if self.server.is_over:
            self.send_response(204)
            self.end_headers()
            return
        first = int(self.headers.get("Last-Event-ID", "-1")) + 1
        self.server.asked.append(first)
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        for number in range(first, len(WORDS)):
            if number == self.server.stops_at:
                self.wfile.flush()
                self.server.closing.wait(WAIT_S)
                return
            data = json.dumps({"choices": [{"delta": {"content": WORDS[number]}}]})
            self.wfile.write(f"id: {number}\ndata: {data}\n\n".encode())
            if number % 7 == 0:
                self.wfile.flush()
                self.server.closing.wait(0.002)
        self.wfile.write(b"data: [DONE]\n\n")

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.posted_count += 1
        self._respond(0)

    def _respond(self, first: int) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        response = {"id": "resp_7", "object": "response", "output": [], "status": "completed"}
        made = {"type": "response.created", "response": response}
        for number in range(first, len(WORDS) + 1):
            if number == self.server.stops_at:
                self.wfile.flush()
                self.server.closing.wait(WAIT_S)
                return
            delta = {"type": "response.output_text.delta", "item_id": "m", "output_index": 0}
            data = {**delta, "delta": WORDS[number - 1]} if number else made
            self.wfile.write(
                f"data: {json.dumps({**data, 'sequence_number': number})}\n\n".encode()
            )
            if number % 7 == 0:
                self.wfile.flush()
                self.server.closing.wait(0.002)
        end = {"type": "response.completed", "response": response}
        number = len(WORDS) + 1
        self.wfile.write(f"data: {json.dumps({**end, 'sequence_number': number})}\n\n".encode())

    def log_message(self, *_: object) -> None:
        """Print nothing."""


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.closing.set()
    server.shutdown()
    server.server_close()
    thread.join(WAIT_S)


def with_source(path: Path, server: Server) -> StreamView:
    """The view of a journal that continues with the source of the first run."""
    source = http(server.url, params={"room": "a b"}, resume="last-event-id")
    return StreamView.attach(path, resume=source)


def continued(path: Path, server: Server) -> StreamView:
    """The view of a journal that continues at the recorded position."""

    def resume(position: Position) -> object:
        headers = {"Last-Event-ID": position.last_event_id} if position.last_event_id else {}
        return http(server.url, headers=headers, resume="last-event-id")

    return StreamView.attach(path, resume=resume)


@pytest.mark.parametrize("attached", [continued, with_source])
def test_nothing_is_lost_or_repeated_wherever_the_journal_was_cut(
    tmp_path: Path, server: Server, attached: Attached
) -> None:
    path = tmp_path / "run.jsonl"
    view = StreamView(http(server.url, resume="last-event-id"), journal=path)
    assert view.journal is not None
    for _ in iterate(view._run):
        view.journal.flush()
    view.wait(WAIT_S)
    assert view.text == WHOLE
    data, rng = path.read_bytes(), random.Random(1)
    positions = data.count(b',"position",{')
    assert positions > 10
    match = re.search(rb'"position",\{"last_event_id":"\d+"[^\n]*\n', data)
    assert match is not None
    first = match.end()  # before it, the stream is read from its start
    for cut in [first, len(data) - 3, *(rng.randrange(first, len(data)) for _ in range(8))]:
        torn = tmp_path / "torn.jsonl"
        torn.write_bytes(data[:cut])
        again = attached(torn, server)
        result = again.wait(WAIT_S)
        assert (again.text, result.status) == (WHOLE, "finished"), (cut, result.error)
        assert len([part for part in again.document.parts if part.kind == "text"]) == 1
        assert server.asked[-1] > 0


WRITER = """
import sys
from streamwidget import collect, http
collect(http(sys.argv[1], resume="last-event-id"), journal=sys.argv[2])
"""


@pytest.mark.parametrize("attached", [continued, with_source])
def test_a_stream_whose_reader_was_killed_is_continued(
    tmp_path: Path, server: Server, attached: Attached
) -> None:
    path = tmp_path / "run.jsonl"
    server.stops_at = 150
    with subprocess.Popen([sys.executable, "-c", WRITER, server.url, str(path)]) as writer:
        until(lambda: path.exists() and b"word-140 " in path.read_bytes())
        view = attached(path, server)
        until(lambda: "word-140 " in view.text)
        assert view.status == "streaming"
        server.stops_at = len(WORDS)
        writer.kill()
    assert view.wait(WAIT_S).status == "finished"
    assert view.text == WHOLE
    assert server.asked[0] == 0
    assert 0 < server.asked[1] <= 150


def unfinished(folder: Path, words: list[str]) -> Path:
    """The journal of a run without its end."""
    path = folder / "run.jsonl"
    StreamView(words, journal=path).wait(WAIT_S)
    data = path.read_bytes()
    path.write_bytes(data[: data.index(b'{"end"')])
    return path


def test_without_a_position_the_view_says_what_is_missing(tmp_path: Path, server: Server) -> None:
    path = unfinished(tmp_path, ["some ", "text"])
    view = continued(path, server)
    assert view.wait(WAIT_S).status == "incomplete"
    assert view.error is not None
    assert "no position to continue from" in view.error.message
    assert server.asked == []


def test_a_source_without_a_recorded_position_is_read_from_its_start(
    tmp_path: Path, server: Server
) -> None:
    path = unfinished(tmp_path, ["some ", "text"])
    view = with_source(path, server)
    assert view.wait(WAIT_S).status == "finished"
    assert view.text == WHOLE
    assert server.asked == [0]


def test_a_response_that_a_post_made_is_continued_and_the_post_is_not_sent_again(
    tmp_path: Path, server: Server
) -> None:
    def source() -> object:
        body = {"stream": True, "background": True}
        return http(f"{server.origin}/responses", json=body, resume="openai-responses")

    path = tmp_path / "run.jsonl"
    server.stops_at = 150
    view = StreamView(source(), journal=path)
    until(lambda: "word-140 " in view.text)
    assert view.journal is not None
    until(lambda: view.journal.flush() is None and b"word-140 " in path.read_bytes())
    torn = tmp_path / "torn.jsonl"
    torn.write_bytes(path.read_bytes())
    server.stops_at = len(WORDS) + 5
    again = StreamView.attach(torn, resume=source())  # type: ignore[arg-type]
    assert again.wait(WAIT_S).status == "finished"
    assert again.text == WHOLE
    assert (server.posted_count, len(server.asked)) == (1, 1)
    assert 100 < server.asked[0] <= 150
    assert b'"resource":"resp_7"' in torn.read_bytes()
    view.stop()


def test_a_post_that_cannot_be_continued_is_not_sent_again(tmp_path: Path, server: Server) -> None:
    path = unfinished(tmp_path, ["some ", "text"])
    source = http(f"{server.origin}/responses", json={}, resume="openai-responses")
    view = StreamView.attach(path, resume=source)
    assert view.wait(WAIT_S).status == "incomplete"
    assert (view.text, server.posted_count, server.asked) == ("some text", 0, [])
    assert view.error is not None
    assert "the id of the response" in view.error.message


def test_a_server_that_has_no_more_leaves_the_view_incomplete(
    tmp_path: Path, server: Server
) -> None:
    path = tmp_path / "run.jsonl"
    StreamView(http(server.url, resume="last-event-id"), journal=path).wait(WAIT_S)
    data = path.read_bytes()
    path.write_bytes(data[: data.rindex(b'"position",{')])  # its line is torn
    server.is_over = True
    view = with_source(path, server)
    assert view.wait(WAIT_S).status == "incomplete"
    assert WHOLE.startswith(view.text)
    assert view.error is not None
    assert "no more of this stream" in view.error.message


def test_a_websocket_is_connected_again_and_what_is_missing_is_said(tmp_path: Path) -> None:
    async def main() -> StreamView:
        async with serving(sending("more ", "words")) as url:
            path = unfinished(tmp_path, ["some ", "text "])
            view = StreamView.attach(path, resume=websocket(url))
            await asyncio.wait_for(view, WAIT_S)
            return view

    view = asyncio.run(main())
    assert (view.status, view.text) == ("finished", "some text more words")
    assert "what the server sent in the meantime is missing" in view.to_markdown()


def _nothing() -> object:
    return http("http://127.0.0.1/")


@pytest.mark.parametrize(
    ("resume", "sentence"),
    [
        (_nothing, "takes no position"),
        (lambda: http("http://127.0.0.1/"), "takes no position"),
        (http("http://127.0.0.1/"), "Pass http\\(url, resume=...\\), websocket\\(url\\), or"),
        ("http://127.0.0.1/", "resume= is a str, which cannot continue a stream"),
        (iter(["a"]), "which cannot continue a stream"),
    ],
)
def test_what_cannot_continue_a_stream_is_refused(
    tmp_path: Path, resume: Any, sentence: str
) -> None:
    path = unfinished(tmp_path, ["text"])
    with pytest.raises(UsageError, match=sentence):
        StreamView.attach(path, resume=resume)


def test_positions_hold_no_secret_and_are_no_events(tmp_path: Path, server: Server) -> None:
    path = tmp_path / "run.jsonl"
    source = http(f"{server.url}?key=s3cret", headers={"X-Key": "s3cret"}, resume="last-event-id")
    view = StreamView(source, journal=path)
    assert view.journal is not None
    for _ in iterate(view._run):
        view.journal.flush()
    view.wait(WAIT_S)
    assert b',"position",{' in path.read_bytes()
    assert b"s3cret" not in path.read_bytes()
    with JournalFile(path) as file:
        assert not [event for event, _, _ in file.events(file.start()) if event.type == "unknown"]
        assert file.latest().document.text == WHOLE


def test_a_position_survives_its_way_through_json() -> None:
    position = Position(last_event_id="7", records_count=3, bytes=9, cursor="x")
    assert Position.of(json.loads(json.dumps(position.facts()))) == position
    assert Position.of({"last_event_id": 5, "records_count": "x", "odd": 1}) == Position()
