"""Attaching continues a stream whose reader was lost, where the server can continue it."""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from streamwidget import Position, StreamView, http
from streamwidget.journal.journal_file import JournalFile
from streamwidget.run.waiting import iterate
from unit.waiting import WAIT_S, until

WORDS = [f"word-{number} " for number in range(400)]
WHOLE = "".join(WORDS)


class Server(ThreadingHTTPServer):
    """Sends numbered words from the one after `Last-Event-ID`, with a pause every few of them."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}/stream"
        self.asked: list[int] = []
        self.stops_at = len(WORDS)
        """Number of the word before which a connection waits."""
        self.closing = threading.Event()


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    server: Server

    def do_GET(self) -> None:
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


def continued(path: Path, server: Server) -> StreamView:
    """The view of a journal that continues at the recorded position."""

    def resume(position: Position) -> object:
        headers = {"Last-Event-ID": position.last_event_id} if position.last_event_id else {}
        return http(server.url, headers=headers, resume="last-event-id")

    return StreamView.attach(path, resume=resume)


def test_nothing_is_lost_or_repeated_wherever_the_journal_was_cut(
    tmp_path: Path, server: Server
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
        again = continued(torn, server)
        result = again.wait(WAIT_S)
        assert (again.text, result.status) == (WHOLE, "finished"), (cut, result.error)
        assert len([part for part in again.document.parts if part.kind == "text"]) == 1
        assert server.asked[-1] > 0


WRITER = """
import sys
from streamwidget import collect, http
collect(http(sys.argv[1], resume="last-event-id"), journal=sys.argv[2])
"""


def test_a_stream_whose_reader_was_killed_is_continued(tmp_path: Path, server: Server) -> None:
    path = tmp_path / "run.jsonl"
    server.stops_at = 150
    with subprocess.Popen([sys.executable, "-c", WRITER, server.url, str(path)]) as writer:
        until(lambda: path.exists() and b"word-140 " in path.read_bytes())
        view = continued(path, server)
        until(lambda: "word-140 " in view.text)
        assert view.status == "streaming"
        server.stops_at = len(WORDS)
        writer.kill()
    assert view.wait(WAIT_S).status == "finished"
    assert view.text == WHOLE
    assert server.asked[0] == 0
    assert 0 < server.asked[1] <= 150


def test_without_a_position_the_view_says_what_is_missing(tmp_path: Path, server: Server) -> None:
    path = tmp_path / "run.jsonl"
    StreamView(["some ", "text"], journal=path).wait(WAIT_S)
    data = path.read_bytes()
    path.write_bytes(data[: data.index(b'{"end"')])
    view = continued(path, server)
    assert view.wait(WAIT_S).status == "incomplete"
    assert view.error is not None
    assert "no position to continue from" in view.error.message
    assert server.asked == []


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
