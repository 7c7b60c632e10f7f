"""Streams that are killed at every byte, on real sockets: nothing is lost, and nothing doubled."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import Any

import httpx
import pytest
from faults import Answer, End, FaultyServer, Request
from resumable import MAKERS, Keeper

from streamwidget import Limits, Result, acollect

AT_ONCE = Limits(resume_wait_s=0, resume_attempts_count=1_000_000)
TOGETHER = 16
"""Streams that are read at the same time."""
SEED = 20261125


class Killer:
    """Answers for a keeper, and kills: run `n` where its plan says, one place for each connection.

    A place is a byte of the whole stream; a connection that begins behind it is not killed there.
    """

    def __init__(self, keeper: Keeper, plans: dict[str, list[int]], ends: list[End]) -> None:
        self._keeper = keeper
        self._plans = {run: iter(plan) for run, plan in plans.items()}
        self._ends = ends
        self._count = 0
        self.posts: dict[tuple[str, str], int] = {}

    def __call__(self, request: Request) -> Answer:
        _, run, path = request.path.split("/", 2)
        reply = self._keeper.reply(dataclasses.replace(request, path=f"/{path}"))
        self._count += 1
        end = self._ends[self._count % len(self._ends)]
        if request.method == "POST" and "since" not in (request.json or {}):
            self.posts[run, path] = self.posts.get((run, path), 0) + 1
        for place in self._plans.get(run, iter(())):
            if place >= reply.begins_at:
                cut = place - reply.begins_at
                return dataclasses.replace(reply.answer, body=reply.body, cut=cut, end=end)
        return dataclasses.replace(reply.answer, body=reply.body)


def content(result: Result) -> dict[str, Any]:
    """The document without the notice of drops, and without where it came from."""
    told = result.document.snapshot()
    run = {key: value for key, value in told["run"].items() if key != "source"}
    return {"run": run, "parts": [part for part in told["parts"] if part["id"] != "_resumed"]}


async def read_all(
    keeper: Keeper, plans: dict[str, list[int]], ends: list[End], limits: Limits = AT_ONCE
) -> dict[str, Result]:
    """What each planned run gives."""
    killer = Killer(keeper, plans, ends)
    room = asyncio.Semaphore(TOGETHER)
    results: dict[str, Result] = {}
    async with FaultyServer(killer) as server, httpx.AsyncClient(trust_env=False) as client:

        async def one(run: str) -> None:
            async with room:
                source = keeper.source(f"{server.url}/{run}", client)
                results[run] = await acollect(source, limits=limits)

        await asyncio.gather(*(one(run) for run in plans))
    assert not [key for key, count in killer.posts.items() if count > 1], "a POST was sent twice"
    return results


def check(keeper: Keeper, plans: dict[str, list[int]], ends: list[End]) -> None:
    results = asyncio.run(read_all(keeper, {"whole": [], **plans}, ends))
    wanted = results.pop("whole")
    assert wanted.outcome == "complete"
    assert wanted.text or wanted.document.parts
    for run, result in results.items():
        assert result.outcome == "complete", (run, result.error)
        assert content(result) == content(wanted), run


@pytest.mark.parametrize("name", MAKERS)
def test_a_kill_at_every_byte_of_fifty_events_changes_nothing(name: str) -> None:
    keeper = MAKERS[name](50)
    step = 8  # each run is killed at every eighth byte, so that all runs together have every byte
    size = len(keeper.whole)
    plans = {str(n): list(range(n, size, step)) for n in range(step)}
    check(keeper, plans, ["rst", "fin"])
