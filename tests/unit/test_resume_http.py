"""Resuming over sockets: every client, credentials, the stop button, the status, the advice."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from types import ModuleType
from typing import Any

import httpx
import pytest
from faults import Answer, FaultyServer, Request, ThreadedServer
from resumable import sse

from streamwidget import Limits, Result, acollect, collect, http
from streamwidget.run import Run, begin
from unit.waiting import WAIT_S, until

LIBRARIES: list[ModuleType] = [httpx]
with contextlib.suppress(ImportError):  # httpx2 needs Python 3.11
    import httpx2

    LIBRARIES.append(httpx2)

AT_ONCE = Limits(resume_wait_s=0)
FIRST = sse("a", id="1") + sse("b", id="2")
REST = sse("c", id="3") + sse("[DONE]")
RUN = "/threads/t/runs/r/stream"


def drops_once(request: Request) -> Answer:
    if request.headers.get("last-event-id") == "2":
        return Answer(REST)
    return Answer(FIRST, end="rst")


@pytest.mark.parametrize("library", LIBRARIES, ids=lambda library: library.__name__)
def test_the_callers_clients_continue_and_stay_open(library: Any) -> None:
    with ThreadedServer(drops_once) as server, library.Client(base_url=server.url) as client:
        source = http("/x", params={"a": "1"}, client=client, resume="last-event-id")
        result = collect(source, limits=AT_ONCE)
        assert (result.text, result.status, client.is_closed) == ("abc", "finished", False)
        assert [(r.path, r.query) for r in server.requests] == [("/x", {"a": "1"})] * 2

    async def main() -> Result:
        async with FaultyServer(drops_once) as server, library.AsyncClient() as client:
            made = library.Request("GET", server.url, headers={"X-Key": "k"})
            result = await acollect(
                http(made, client=client, resume="last-event-id"), limits=AT_ONCE
            )
            assert [r.headers["x-key"] for r in server.requests] == ["k", "k"]
            assert not client.is_closed
            return result

    assert asyncio.run(main()).text == "abc"


def test_a_run_again_is_from_the_start() -> None:
    with ThreadedServer(drops_once) as server:
        source = http(server.url, resume="last-event-id")
        for _ in range(2):
            assert collect(source, limits=AT_ONCE).text == "abc"
        assert [r.headers.get("last-event-id") for r in server.requests] == [None, "2"] * 2


@pytest.mark.parametrize("elsewhere", [False, True])
def test_credentials_go_to_the_same_origin_only(elsewhere: bool) -> None:
    chunk = [{"type": "AIMessageChunk", "id": "m", "content": "a"}, {"langgraph_node": "n"}]
    first = Answer(sse(chunk, name="messages", id="1-0"), end="rst")
    with (
        ThreadedServer(lambda _: Answer(b"")) as other,
        ThreadedServer(
            lambda request: (
                dataclasses.replace(first, headers={"Location": where})
                if request.method == "POST"
                else Answer(b"")
            )
        ) as server,
    ):
        where = f"{other.url}{RUN}" if elsewhere else RUN
        client = httpx.Client(headers={"X-Api-Key": "of the client"}, auth=("me", "secret"))
        with client:
            source = http(
                f"{server.url}/threads/t/runs/stream",
                method="POST",
                json={"stream_resumable": True},
                headers={"Cookie": "a=b", "X-Trace": "t"},
                client=client,
                resume="langgraph",
            )
            assert collect(source, limits=AT_ONCE).text == "a"
        got = (other if elsewhere else server).requests[-1]
        assert (got.method, got.path) == ("GET", RUN)
        assert got.headers.get("x-trace") == (None if elsewhere else "t")
        assert "content-type" not in got.headers
        secret = {"authorization", "x-api-key", "cookie"} & set(got.headers)
        assert secret == (set() if elsewhere else {"authorization", "x-api-key", "cookie"})


@pytest.mark.parametrize("blocking", [False, True])
def test_a_stop_does_not_wait_for_the_next_attempt(blocking: bool) -> None:
    seen: list[str] = []
    with ThreadedServer(lambda _: Answer(FIRST, end="rst")) as server:
        client = httpx.Client() if blocking else None
        run = Run(limits=Limits(resume_wait_s=600, resume_wait_most_s=600))
        run.on_change = lambda: seen.append(run.status)
        begin(run, http(server.url, client=client, resume="last-event-id"))
        until(lambda: run.status == "reconnecting")
        waking = run.on_stop

        def stop() -> None:
            seen.append(run.status)  # here: its thread may have ended the run before the next look
            waking()

        run.on_stop = stop
        run.request_stop()
        assert run.finished.wait(WAIT_S)
        assert (run.status, run.document.text) == ("stopped", "ab")
        assert len(server.requests) == 1
        if client:
            client.close()
    assert list(dict.fromkeys(seen)) == [
        "connecting", "streaming", "reconnecting", "stopping", "stopped",
    ]  # fmt: skip


def test_the_status_says_that_it_reconnects_and_then_streams_again() -> None:
    seen: list[str] = []
    with ThreadedServer(drops_once) as server:
        run = Run(limits=AT_ONCE)
        run.on_change = lambda: seen.append(run.status)
        begin(run, http(server.url, resume="last-event-id"))
        assert run.finished.wait(WAIT_S)
    assert [status for n, status in enumerate(seen) if status != (seen[n - 1] if n else "")] == [
        "connecting", "streaming", "reconnecting", "streaming", "finished",
    ]  # fmt: skip
    (notice,) = (part for part in run.document.parts if part.kind == "notice")
    assert str(notice.fields["message"]).startswith("The connection was lost after 2 events; resum")


START = {"type": "start"}
ADVICE: dict[str, tuple[str, bytes, dict[str, str], str]] = {
    "ids": ("GET", sse(START, id="1"), {}, "resume='last-event-id') it would resume"),
    "ids of a POST": ("POST", sse(START, id="1"), {}, "resume=lambda position: http(...)"),
    "none": ("GET", sse(START), {}, "no position to resume from; running it again starts over."),
    "none of a POST": ("POST", sse(START), {}, "running it again requests a new answer."),
    "a durable stream": (
        "GET", sse(START), {"Stream-Next-Offset": "1"}, "http(..., resume='durable-streams')",
    ),
    "a response": (
        "POST",
        sse({"type": "response.created", "response": {"id": "r", "object": "response"}}),
        {},
        "Create it with background: true and store: true, and with http(..., resume='openai-",
    ),
}  # fmt: skip


@pytest.mark.parametrize("end", ["rst", "clean"])
@pytest.mark.parametrize(
    ("method", "body", "headers", "message"), ADVICE.values(), ids=ADVICE.keys()
)
def test_a_stream_that_breaks_says_whether_it_could_have_been_resumed(
    method: str, body: bytes, headers: dict[str, str], message: str, end: Any
) -> None:
    with ThreadedServer(lambda _: Answer(body, headers=headers, end=end)) as server:
        result = collect(http(server.url, method=method))
        assert len(server.requests) == 1
    assert result.status == ("incomplete" if end == "clean" else "failed")
    assert result.error is not None
    assert message in result.error.message
