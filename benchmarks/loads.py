"""The streams that the notebooks of `rows_page.py` and `many_views.py` import in their kernel."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator

from streamwidget import Emitter

CHUNK_S = 0.02
GO = threading.Event()
"""Set when all views are shown; the streams wait for it."""


def word(index: int) -> str:
    """Yield distinct tokens; a paragraph ends after 60."""
    return f"{index:04x}" + ("\n\n" if index % 60 == 59 else " ")


async def words(count: int, rate: float) -> AsyncIterator[str]:
    """`count` tokens, `rate` a second from `GO` on; what is late is made up for."""
    while not GO.is_set():
        await asyncio.sleep(0.05)
    start = time.monotonic()
    for index in range(count):
        wait_s = start + index / rate - time.monotonic()
        if wait_s > 0:
            await asyncio.sleep(wait_s)
        yield word(index)


def row(index: int) -> dict[str, object]:
    return {
        "id": index,
        "title": f"Paper number {index} about streams and what they are good for",
        "year": 1990 + index % 36,
        "score": index / 7,
        "url": f"https://papers.example/{index}",
        "open": index % 3 == 0,
        "note": None if index % 10 else "naïve",
    }


def rows_and_text(emit: Emitter, *, count: int, rate: float) -> None:
    """`count` rows, `rate` a second, in chunks of 20 ms, and two tokens of text with each chunk."""
    size = round(rate * CHUNK_S)
    start = time.monotonic()
    for chunk, first in enumerate(range(0, count, size)):
        emit.rows("papers", [row(index) for index in range(first, min(count, first + size))])
        emit.text(word(2 * chunk))
        emit.text(word(2 * chunk + 1))
        wait_s = start + (chunk + 1) * CHUNK_S - time.monotonic()
        if wait_s > 0:
            time.sleep(wait_s)
