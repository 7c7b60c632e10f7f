"""The demo server: what its endpoints promise, over real sockets."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import httpx
import pytest

from streamwidget import Limits, collect, demo, http, websocket
from streamwidget.decode.sse import ServerSentEvent, SSEDecoder
from streamwidget.demo import job
from streamwidget.demo.serve import DemoServer, prepare
from streamwidget.errors import UsageError
from unit.waiting import WAIT_S, measured_again, until


def events(server: DemoServer, path: str, **headers: str) -> list[ServerSentEvent]:
    response = httpx.get(server.address + path, headers=headers)
    assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert response.headers["cache-control"] == "no-cache"
    assert response.headers["x-accel-buffering"] == "no"
    return SSEDecoder().feed(response.content)


def records(server: DemoServer, path: str) -> list[dict[str, object]]:
    return [json.loads(event.data) for event in events(server, path)]


def text_of(records: list[dict[str, object]]) -> str:
    return "".join(str(r["content"]) for r in records if r["type"] == "response")


def test_research_runs_from_start_to_end(server: DemoServer) -> None:
    got = records(server, "/research?rate=0")
    assert got[0]["type"] == "start"
    assert got[-1] == {"type": "end", "finish_reason": "stop"}
    kinds = {record["type"] for record in got}
    assert {"step_start", "step_end", "progress", "thinking", "response"} <= kinds
    starts = [record["id"] for record in got if record["type"] == "step_start"]
    ends = [record["id"] for record in got if record["type"] == "step_end"]
    assert sorted(map(str, starts)) == sorted(map(str, ends))
    assert text_of(got) == job.report()


def test_report_is_long_and_varied() -> None:
    report = job.report()
    assert 18_000 < len(report.encode()) < 30_000
    for sign in (
        "\n## ",
        "\n### ",
        "\n| ",
        "\n```python",
        "\n  - ",
        "$$",
        "日本",
        "🙂",
        "\n1. ",
        "\n> ",
    ):
        assert sign in report, sign


def test_tokens_are_small_and_lose_nothing() -> None:
    pieces = job.tokens(job.report())
    assert "".join(pieces) == job.report()
    assert max(map(len, pieces)) <= 6


def test_lines_and_text_are_twins_of_the_events(server: DemoServer) -> None:
    lines = httpx.get(f"{server.address}/research.ndjson?rate=0&sections=1")
    assert lines.headers["content-type"].startswith("application/x-ndjson")
    parsed = [json.loads(line) for line in lines.content.split(b"\n")[:-1]]
    assert parsed == records(server, "/research?rate=0&sections=1")
    text = httpx.get(f"{server.address}/research.txt?rate=0&sections=1")
    assert text.headers["content-type"] == "text/plain; charset=utf-8"
    assert text.text == text_of(parsed) == job.sections(1)


def test_tokens_are_counted(server: DemoServer) -> None:
    assert text_of(records(server, "/tokens?n=3&rate=0")) == "tok1 tok2 tok3 "


@measured_again
def test_rate_is_kept(server: DemoServer) -> None:
    start = time.monotonic()
    records(server, "/tokens?n=20&rate=100")
    assert 0.19 < time.monotonic() - start < 2


def test_fail_reports_its_error_and_ends(server: DemoServer) -> None:
    got = records(server, "/fail?rate=0")
    assert got[-1]["type"] == "error"
    assert text_of(got)


def test_cut_ends_in_good_order_without_a_marker(server: DemoServer) -> None:
    assert records(server, "/cut?rate=0")[-1]["type"] == "response"


def test_drop_breaks_the_body(server: DemoServer) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.get(f"{server.address}/drop?rate=0")


def resumed(server: DemoServer, drop_after: int) -> Iterator[ServerSentEvent]:
    """The records for a client that reconnects with the last ID after every lost connection."""
    last, complete = "", False
    while not complete:
        decoder = SSEDecoder(last)
        url = f"{server.address}/resume?n=10&rate=0&drop_after={drop_after}"
        try:
            with httpx.stream("GET", url, headers={"Last-Event-ID": last}) as response:
                for chunk in response.iter_bytes():
                    yield from decoder.feed(chunk)
                complete = True
        except httpx.RemoteProtocolError:
            assert decoder.reconnection_time_ms == 200
        last = decoder.last_event_id


@pytest.mark.parametrize("drop_after", [1, 3, 10, 11, 99])
def test_resuming_loses_and_repeats_nothing(server: DemoServer, drop_after: int) -> None:
    got = [json.loads(event.data) for event in resumed(server, drop_after)]
    assert text_of(got) == "".join(f"tok{n} " for n in range(1, 11))
    assert [record["type"] for record in got].count("start") == 1
    assert got[-1]["type"] == "end"


def test_nothing_to_resume_is_204(server: DemoServer) -> None:
    url = f"{server.address}/resume?n=10&rate=0"
    assert httpx.get(url, headers={"Last-Event-ID": "11"}).status_code == 204


def test_other_answers(server: DemoServer) -> None:
    assert httpx.get(f"{server.address}/missing").status_code == 404
    assert "message" in httpx.get(f"{server.address}/missing").json()["error"]
    assert httpx.get(f"{server.address}/html").headers["content-type"].startswith("text/html")
    assert httpx.get(f"{server.address}/empty").content == b""
    line = httpx.get(f"{server.address}/long-line?bytes=200000").content
    assert len(line) == 200_002
    assert line.index(b"\n") == 200_000
    assert "/research" in httpx.get(server.address).text
    assert httpx.get(f"{server.address}/tokens?rate=fast").status_code == 400
    with pytest.raises(UnicodeDecodeError):
        httpx.get(f"{server.address}/invalid-utf8").content.decode()


def test_connections_are_counted_exactly(server: DemoServer) -> None:
    def counts() -> dict[str, int]:
        return dict(httpx.get(f"{server.address}/connections").json())

    def wait_for(open_count: int) -> None:
        until(lambda: counts()["open"] == open_count, counts)

    before = counts()
    with httpx.Client() as client:
        with client.stream("GET", f"{server.address}/silent"):
            wait_for(1)
            with client.stream("GET", f"{server.address}/tokens?rate=10"):
                wait_for(2)
            wait_for(1)
        wait_for(0)
    after = counts()
    assert after["total"] == before["total"] + 2
    assert after["left"] == before["left"] + 2


def test_demo_url_is_that_of_the_environment_or_of_one_server(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("STREAMWIDGET_DEMO_URL", "http://demo.example/")
    assert demo.demo_url() == "http://demo.example"
    monkeypatch.delenv("STREAMWIDGET_DEMO_URL")
    address = demo.demo_url()
    assert demo.demo_url() == address
    assert httpx.get(f"{address}/connections").json()["open"] == 0


def test_taken_port_is_reported() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(UsageError, match="cannot listen"),
    ):
        prepare("127.0.0.1", taken.getsockname()[1])


def test_missing_packages_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    with pytest.raises(UsageError, match=r"pip install 'streamwidget\[demo\]'"):
        prepare("127.0.0.1", 0)


def test_command_prints_its_address_and_ends_on_interrupt() -> None:
    command = [sys.executable, "-W", "error", "-m", "streamwidget.demo", "--server"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    address = process.stdout.readline().strip()
    with httpx.stream("GET", f"{address}/silent") as response:
        assert response.status_code == 200
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=WAIT_S)
    assert (output, errors, process.returncode) == ("", "", 0)


def test_what_drops_is_whole_when_it_is_resumed(server: DemoServer) -> None:
    url = f"{server.address}/resume?n=30&rate=0&drop_after=7&retry=0"
    whole = "".join(f"tok{n} " for n in range(1, 31))
    limits = Limits(resume_wait_s=0)
    result = collect(http(url, resume="last-event-id"), limits=limits)
    assert (result.text, result.status) == (whole, "finished")
    undeclared = collect(url)
    assert (undeclared.text, undeclared.status) == (whole[: whole.index("tok8")], "failed")
    assert undeclared.error is not None
    assert "resume='last-event-id'" in undeclared.error.message


def test_the_chat_answers_until_one_says_bye(server: DemoServer) -> None:
    chat = websocket(
        f"{server.address.replace('http', 'ws')}/chat", send=["Cost?", "and drop", "bye"]
    )
    result = collect(chat)
    assert (result.status, result.error) == ("finished", None)
    phrases = ("Ask me", "budget estimates", "continues where", "Bye.")
    positions = [result.text.find(phrase) for phrase in phrases]
    assert positions == sorted(positions)
    assert positions[0] == 0
