"""A silent connection is reported; comments, pings and pongs end the silence."""

from __future__ import annotations

import asyncio
import threading

from websockets.asyncio.server import ServerConnection, serve

from streamwidget import websocket
from streamwidget.demo.serve import DemoServer
from streamwidget.limits import Limits
from streamwidget.run import Run, begin
from streamwidget.run.silence import Silence
from streamwidget.widget.port import Port
from streamwidget.widget.status import status_of
from unit.waiting import WAIT_S, measured_again


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_silence_is_a_stall_after_its_bound_and_any_sign_of_life_ends_it() -> None:
    clock = Clock()
    silence = Silence(clock, 20.0)
    assert silence.look() == 20.0
    clock.now += 15
    assert silence.look() == 5.0
    assert silence.stalled_s is None
    assert silence.heard() is False
    clock.now += 21
    assert silence.stalled_s is None, "nobody has looked yet"
    silence.look()
    assert silence.stalled_s == 21
    assert silence.heard() is True
    assert silence.stalled_s is None


def stalled(source: object, stall_s: float, until_s: float) -> tuple[bool, Run]:
    """True if a run stalls within `until_s` seconds."""
    run = Run(limits=Limits(stall_s=stall_s))
    begin(run, source)
    stalled_event = threading.Event()
    run.wake_me(lambda: stalled_event.set() if run.silence.stalled_s is not None else None)
    found = stalled_event.wait(until_s)
    return found, run


def test_a_silent_server_is_reported_in_the_status(server: DemoServer) -> None:
    found, run = stalled(f"{server.address}/silent", 0.2, WAIT_S)
    assert found
    stalled_s = status_of(Port(run, run_id="a.1", title=""))["stalled_s"]
    assert stalled_s is not None
    assert stalled_s >= 0.2
    run.request_stop()
    assert run.finished.wait(WAIT_S)


@measured_again
def test_a_stream_that_continues_is_not_stalled(server: DemoServer) -> None:
    found, run = stalled(f"{server.address}/tokens?n=60&rate=40", 1.0, 1.5)
    assert not found
    run.request_stop()
    assert run.finished.wait(WAIT_S)


@measured_again
def test_pongs_are_signs_of_life() -> None:
    """The peer says nothing, but answers pings: it is there."""

    async def quiet(connection: ServerConnection) -> None:
        for _ in range(12):
            await asyncio.sleep(0.1)
            await connection.ping()  # and their pings count like their answers to ours
        await connection.send("done")

    async def main() -> None:
        async with serve(quiet, "127.0.0.1", 0) as ws:
            port = ws.sockets[0].getsockname()[1]
            run = Run(limits=Limits(stall_s=0.8))
            stalls: list[float] = []
            run.wake_me(lambda: stalls.append(1) if run.silence.stalled_s is not None else None)
            begin(run, websocket(f"ws://127.0.0.1:{port}"))
            await asyncio.to_thread(run.finished.wait, WAIT_S)
            assert run.document.text == "done"
            assert stalls == []

    asyncio.run(main())


@measured_again
def test_a_function_that_says_nothing_is_not_stalled() -> None:
    over = threading.Event()
    found, run = stalled(lambda emit: over.wait(WAIT_S), 0.05, 0.3)
    over.set()
    assert not found
    assert run.finished.wait(WAIT_S)
