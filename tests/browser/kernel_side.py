"""Imported by the test notebooks in their kernel. Must not know the page or the test."""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
import urllib.request
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

# Pieces that break careless code: a surrogate pair, a joined emoji, CJK, a combining accent, a line
# end, markup, an empty token.
HOSTILE = ("plain ", "日本語", "😀", "👩‍🚀 ", "e\u0301", "\n", "<b>&amp;</b>", "", "`*_", "한국 ")
closed: list[float] = []


def piece(index: int) -> str:
    return f"{index:04x} {HOSTILE[index % len(HOSTILE)]}"


def paced(count: int, rate: float) -> Iterator[int]:
    """Counts to `count` at `rate` per second, catching up after a delay."""
    start = time.monotonic()
    for index in range(count):
        time.sleep(max(0.0, start + index / rate - time.monotonic()))
        yield index


def tokens(count: int, rate: float) -> Iterator[str]:
    """A generator of hostile text; its end or its closing notes the time in `closed`."""
    try:
        for index in paced(count, rate):
            yield piece(index)
    finally:
        closed.append(time.time())


async def async_tokens(count: int, rate: float) -> AsyncIterator[str]:
    """The same, asynchronous."""
    try:
        for index in range(count):
            await asyncio.sleep(1 / rate)
            yield piece(index)
    finally:
        closed.append(time.time())


def work_until_the_file(name: str) -> None:
    """Keeps the kernel's main thread busy until the test writes the file."""
    while not Path(name).exists():
        time.sleep(0.05)


def facts(view: object) -> str:
    """One line for the test to read: the kernel's own idea of the view."""
    text = view.text  # type: ignore[attr-defined]
    error = view.error  # type: ignore[attr-defined]
    return "FACTS " + json.dumps(
        {
            "sha1": hashlib.sha1(text.encode()).hexdigest(),
            "chars": len(text),
            "status": view.status,  # type: ignore[attr-defined]
            "error": error and {"message": error.message, "fault": error.fault},
            "closed": closed,
            "answers": [
                [event.outcome, event.answer]
                for event in view.events  # type: ignore[attr-defined]
                if event.type == "ask-end"
            ],
        }
    )


def open_connections(demo_url: str) -> int:
    with urllib.request.urlopen(f"{demo_url}/connections", timeout=60) as response:
        return int(json.load(response)["open"])
