"""The recordings once more over real HTTP on the loopback, chunked by the server.

One server serves all bodies with the content type of their framing; `collect` reads them.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from recordings import STREAMS, cases, expected
from test_detection import CONTENT_TYPES, NAMES, OWN

from streamwidget import Result, collect
from unit.waiting import WAIT_S

PIECE_BYTES = 97


class _Handler(BaseHTTPRequestHandler):
    """Answers `/<folder>/<file>` of the recordings and `/own/<name>` of the small streams."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        folder, _, name = self.path.lstrip("/").partition("/")
        if folder == "own":
            content_type, body = OWN[name.replace("%20", " ")][:2]
        else:
            body = (STREAMS / folder / name).read_bytes()
            content_type = CONTENT_TYPES[Path(name).suffix]
        self.send_response(200)
        self.send_header("Content-Type", content_type or "application/octet-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for start in range(0, len(body), PIECE_BYTES):
            piece = body[start : start + PIECE_BYTES]
            self.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join(WAIT_S)


def told(result: Result) -> dict[str, object]:
    usage = result.usage
    return {
        "text": result.text or None,
        "reasoning": result.reasoning or None,
        "tool_calls": [
            {"name": call.tool_name, "arguments": call.arguments} for call in result.tool_calls
        ],
        "usage": usage
        and {"input_tokens": usage.input_tokens, "output_tokens": usage.output_tokens},
        "finish": result.raw_finish_reason,
    }


@pytest.mark.parametrize("folder", NAMES)
def test_recordings_read_by_address_give_what_is_expected(address: str, folder: str) -> None:
    for path in cases(folder):
        wanted = expected(path)
        result = collect(f"{address}/{folder}/{path.name}", timeout=WAIT_S)
        finish = wanted["finish"]
        keys = ("text", "reasoning", "tool_calls", "usage")
        assert told(result) == {
            **{key: wanted[key] for key in keys},
            "finish": None if finish is None else str(finish),
        }, path.name
        if wanted["error"]:
            assert result.error is not None
            assert (result.status, result.error.fault) == ("failed", "provider")
            assert wanted["error"]["message"] in result.error.message


@pytest.mark.parametrize("name", OWN)
def test_small_streams_read_by_address(address: str, name: str) -> None:
    result = collect(f"{address}/own/{name.replace(' ', '%20')}", timeout=WAIT_S)
    _, _, format_name, text = OWN[name]
    assert result.document.format == format_name
    assert not text or result.text == text
