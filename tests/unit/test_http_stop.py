"""A stop reaches the connection, whatever it waits for. Over real sockets."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from typing import Any

import pytest

from streamwidget.demo.serve import DemoServer
from streamwidget.sources.http import (
    http,
    http_source_from_url,
    open_response,
)
from unit.http_peer import (
    connections,
    context,
    read,
)
from unit.waiting import WAIT_S, until


@pytest.mark.parametrize("path", ["/silent", "/tokens?n=100000&rate=100"])
def test_cancelling_closes_the_connection(server: DemoServer, path: str) -> None:
    before = connections(server)

    async def main() -> None:
        task = asyncio.ensure_future(read(http_source_from_url(server.address + path)))
        await asyncio.to_thread(until, lambda: connections(server)["open"] == 1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    until(lambda: connections(server)["open"] == 0)
    assert connections(server)["left"] == before["left"] + 1


def test_closing_the_generator_closes_the_connection(library: Any, server: DemoServer) -> None:
    async def main() -> None:
        async with library.AsyncClient() as client:
            url = f"{server.address}/tokens?n=100000&rate=1000"
            stream = http(url, client=client).stream(context())
            async for _ in stream:
                break
            await stream.aclose()
            await asyncio.to_thread(until, lambda: connections(server)["open"] == 0)

    asyncio.run(main())


@pytest.mark.parametrize("opened", [False, True])
def test_interrupt_wakes_a_blocked_read(library: Any, server: DemoServer, opened: bool) -> None:
    stopped, results = threading.Event(), []

    def work() -> None:
        results.extend(batch for batch in source.stream(context(stopped)))

    with library.Client() as client, contextlib.ExitStack() as stack:
        url = f"{server.address}/silent"
        source = http(url, client=client)
        if opened:
            source = open_response(stack.enter_context(client.stream("GET", url)))
        thread = threading.Thread(target=work)
        thread.start()
        until(lambda: connections(server)["open"] == 1)
        stopped.set()
        source.interrupt()
        thread.join(WAIT_S)
        assert not thread.is_alive()
    assert results == []
    until(lambda: connections(server)["open"] == 0)


def test_interrupt_works_before_the_answer_has_begun(library: Any) -> None:
    stopped = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening, library.Client() as client:
        source = http(f"http://127.0.0.1:{listening.getsockname()[1]}", client=client)
        thread = threading.Thread(target=lambda: list(source.stream(context(stopped))))
        thread.start()
        connection, _ = listening.accept()
        with connection:
            connection.recv(1000)
            stopped.set()
            source.interrupt()
            thread.join(WAIT_S)
            assert not thread.is_alive()


def test_stop_before_the_connection_is_made_is_not_lost(library: Any, server: DemoServer) -> None:
    stopped = threading.Event()
    with library.Client() as client:
        source = http(f"{server.address}/silent", client=client)
        stopped.set()
        source.interrupt()  # finds nothing to shut down yet
        assert list(source.stream(context(stopped))) == []
