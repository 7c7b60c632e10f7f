"""A stream that reports its usage as it goes is stopped at the message that reaches the limit."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from recordings import STREAMS

from streamwidget import Budget, collect
from streamwidget.run import Run
from streamwidget.run.drive import drive
from streamwidget.sources.resolve import resolve
from unit.waiting import WAIT_S

PATH = STREAMS / "gemini_sse" / "thinking-text.sse"


def usage_of(message: bytes) -> int:
    """Return the output tokens that a message reports, with those of thinking."""
    usage = json.loads(message.removeprefix(b"data: ")).get("usageMetadata", {})
    return int(usage.get("candidatesTokenCount", 0)) + int(usage.get("thoughtsTokenCount", 0))


def recorded() -> list[bytes]:
    if not PATH.is_file():
        pytest.skip("the recorded streams are not beside the repository")
    return [part + b"\n\n" for part in re.split(rb"\r?\n\r?\n", PATH.read_bytes()) if part.strip()]


def limits() -> Iterator[tuple[int, int]]:
    """Yield limits, each with the number of messages after which it is reached."""
    counts = [usage_of(message) for message in recorded()]
    for at, count in enumerate(counts):
        if count > max(counts[:at], default=0):
            yield count, at + 1
            yield count - 1, at + 1


def test_an_iterator_is_read_up_to_the_message_that_reaches_the_limit() -> None:
    messages = recorded()
    for limit, needed_count in limits():
        read: list[bytes] = []

        def stream(read: list[bytes] = read) -> Iterator[bytes]:
            for message in messages:
                read.append(message)
                yield message

        budget = Budget(max_tokens=limit)
        result = collect(stream(), content_type="text/event-stream", budget=budget, timeout=WAIT_S)
        assert len(read) <= needed_count
        assert result.status == "stopped" or needed_count == len(messages)


class _OneByOne(BaseHTTPRequestHandler):
    """Sends a message of the recording whenever the test allows one more."""

    protocol_version = "HTTP/1.1"
    allowed: threading.Semaphore
    sent: list[bytes]
    left: threading.Event

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        try:
            for message in recorded():
                assert self.allowed.acquire(timeout=WAIT_S)
                self.wfile.write(f"{len(message):x}\r\n".encode() + message + b"\r\n")
                self.sent.append(message)
            self.wfile.write(b"0\r\n\r\n")
        except OSError:
            pass
        self.left.set()

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing."""


@pytest.mark.parametrize("limit", [300, 700])
def test_a_server_is_left_at_the_message_that_reaches_the_limit(limit: int) -> None:
    counts = [usage_of(message) for message in recorded()]
    needed_count = next(at for at, count in enumerate(counts, 1) if count >= limit)
    handler = type(
        "Handler",
        (_OneByOne,),
        {"allowed": threading.Semaphore(0), "sent": [], "left": threading.Event()},
    )
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    run = Run(budget=Budget(max_tokens=limit))
    changed = threading.Condition()

    def note() -> None:
        with changed:
            changed.notify_all()

    run.wake_me(note)
    drive(run, resolve(f"http://127.0.0.1:{server.server_port}/"))
    reported = 0
    for at in range(1, len(counts) + 1):
        handler.allowed.release()
        reported = max(reported, counts[at - 1])

        def arrived(reported: int = reported) -> bool:
            usage = run.document.usage
            return run.stop_requested() or bool(usage and usage.output_tokens == reported)

        with changed:
            assert changed.wait_for(arrived, WAIT_S)
        if run.stop_requested():
            break
    assert run.finished.wait(WAIT_S)
    assert run.status == "stopped"
    assert len(handler.sent) <= needed_count
    handler.allowed.release()
    server.shutdown()
    server.server_close()
    thread.join(WAIT_S)
