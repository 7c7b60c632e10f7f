"""Streams that are killed on real sockets: nothing is lost, nothing doubled, no POST sent twice.

One small stream is killed at every byte here; `test_resume_every_byte` does that for every design,
with the sockets left out. `STREAMWIDGET_EVERY_BYTE=1` does all of it on sockets (some minutes).
"""

from __future__ import annotations

import asyncio
import dataclasses
import importlib.util
import os
import random
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import httpx
import pytest
from faults import NO_ANSWER, Answer, End, FaultyServer, Request
from resumable import MAKERS, Keeper

from streamwidget import Limits, Result, acollect

AT_ONCE = Limits(resume_wait_s=0, resume_attempts_count=1000)
TOGETHER = 16
"""Streams that are read at the same time."""
SEED = os.environ.get("STREAMWIDGET_SEED", "20261125")
EVERY = set(MAKERS) if os.environ.get("STREAMWIDGET_EVERY_BYTE") else {"small_events"}


@pytest.fixture(autouse=True)
def quick_imports(monkeypatch: pytest.MonkeyPatch) -> None:
    """httpcore looks for sniffio seven times a request, a third of all time where it is absent."""
    if importlib.util.find_spec("sniffio") is None:
        monkeypatch.setitem(sys.modules, "sniffio", None)


class Killer:
    """Answers for a keeper, and kills: run `n` where its plan says, one place for each connection.

    A place is a byte of the whole stream; a connection that begins behind it is not killed there.
    """

    def __init__(
        self, keeper: Keeper, plans: Mapping[str, Sequence[int]], ends: Sequence[End]
    ) -> None:
        self.post_counts: dict[str, int] = {}
        self.kill_count = 0
        self._keeper = keeper
        self._plans = {run: iter(plan) for run, plan in plans.items()}
        self._ends = ends

    def __call__(self, request: Request) -> Answer:
        _, run, path = request.path.split("/", 2)
        reply = self._keeper.reply(dataclasses.replace(request, path=f"/{path}"))
        headers = {
            name: f"/{run}{value}" if name == "Content-Location" else value
            for name, value in reply.answer.headers.items()
        }
        answer = dataclasses.replace(reply.answer, headers=headers, body=reply.body)
        if request.method == "POST" and not path.endswith("stream/events"):
            self.post_counts[run] = self.post_counts.get(run, 0) + 1
        for place in self._plans[run]:
            if place >= reply.begins_at:
                end = self._ends[self.kill_count % len(self._ends)]
                self.kill_count += 1
                cut = place - reply.begins_at
                return dataclasses.replace(answer, cut=cut, end=end)
        return answer


def content(result: Result) -> dict[str, Any]:
    """The document without the notice of drops, where it came from and when its parts came."""
    snapshot = result.document.snapshot()
    run = {key: value for key, value in snapshot["run"].items() if key != "source"}
    parts = [part for part in snapshot["parts"] if part["id"] != "_resumed"]
    return {"run": run, "parts": [_without_times(part) for part in parts]}


def _without_times(part: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in part.items() if not key.endswith("_s")}


async def read_all(keeper: Keeper, killer: Killer, runs: Sequence[str]) -> dict[str, Result]:
    """The results of all runs, several at a time."""
    room = asyncio.Semaphore(TOGETHER)
    results: dict[str, Result] = {}
    async with FaultyServer(killer) as server, httpx.AsyncClient(trust_env=False) as client:

        async def one(run: str) -> None:
            async with room:
                source = keeper.source(f"{server.url}/{run}", client)
                results[run] = await acollect(source, limits=AT_ONCE)

        await asyncio.gather(*map(one, runs))
    return results


def check(keeper: Keeper, plans: Mapping[str, Sequence[int]], ends: Sequence[End]) -> int:
    """Reads every run and compares; gives how many connections were killed."""
    plans = {"whole": (), **plans}
    killer = Killer(keeper, plans, ends)
    results = asyncio.run(read_all(keeper, killer, list(plans)))
    wanted = results["whole"]
    assert wanted.status == "finished"
    for run, result in results.items():
        assert result.status == "finished", (run, result.error)
        assert content(result) == content(wanted), run
    assert set(killer.post_counts.values()) <= {1}
    return killer.kill_count


@pytest.mark.parametrize("name", sorted(EVERY))
def test_a_kill_at_every_byte_of_fifty_events_changes_nothing(name: str) -> None:
    keeper, runs = MAKERS[name](50), 8
    first, size = keeper.resumable_from, len(keeper.whole)
    plans = {str(n): range(first + n, size, runs) for n in range(runs)}
    assert check(keeper, plans, ["rst", "fin"]) >= size - first - 50


def test_random_kills_of_a_long_stream_change_nothing() -> None:
    keeper, dice = MAKERS["event_source"](1000), random.Random(SEED)
    count = 1000 if "event_source" in EVERY else 150
    places = [dice.randrange(len(keeper.whole)) for _ in range(count)]
    plans = {str(n): sorted(places[n::10]) for n in range(10)}
    assert check(keeper, plans, ["rst", "fin", "clean"]) > count * 0.95


@pytest.mark.parametrize("name", sorted(MAKERS))
def test_random_kills_of_every_design_change_nothing(name: str) -> None:
    keeper, dice = MAKERS[name](100), random.Random(f"{SEED} {name}")
    ends: list[End] = ["rst", "fin", "clean"] if keeper.is_marked else ["rst", "fin"]
    span = range(keeper.resumable_from, len(keeper.whole))
    plans = {str(n): sorted(dice.choices(span, k=1 + n * 3)) for n in range(3)}
    check(keeper, plans, ends)


def test_connections_that_die_before_they_are_answered_cost_nothing() -> None:
    keeper, count = MAKERS["event_source"](50), 0
    killer = Killer(keeper, {"x": range(0, len(keeper.whole), 97)}, ["rst"])

    def answer(request: Request) -> Answer:
        nonlocal count
        count += 1
        return NO_ANSWER if count % 2 else killer(request)

    results = asyncio.run(read_all(keeper, answer, ["x"]))  # type: ignore[arg-type]
    assert results["x"].status == "finished"
    whole = asyncio.run(read_all(keeper, Killer(keeper, {"x": ()}, []), ["x"]))["x"]
    assert content(results["x"]) == content(whole)
