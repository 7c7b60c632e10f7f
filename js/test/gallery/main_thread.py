"""How long the main thread of a page is busy, in processor time: other work on the machine changes nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from playwright.sync_api import CDPSession, Page

CATEGORIES = ["disabled-by-default-devtools.timeline", "devtools.timeline"]


class OnlyInChromium(Exception):
    """Raised by what measures with Chromium's own protocol, in another browser."""


def is_chromium(page: Page) -> bool:
    browser = page.context.browser
    assert browser is not None
    return browser.browser_type.name == "chromium"


def only_in_chromium(page: Page) -> None:
    """End a check of what another browser cannot be told to do, such as to show a page as printed.

    Raises:
        OnlyInChromium: the page is in another browser.
    """
    if not is_chromium(page):
        raise OnlyInChromium


def chromium_session(page: Page) -> CDPSession:
    """Open a session of Chromium's protocol.

    Raises:
        OnlyInChromium: the page is in another browser.
    """
    only_in_chromium(page)
    return page.context.new_cdp_session(page)


class BusyTime:
    """The processor time that the main thread of a page spends from now on."""

    def __init__(self, page: Page) -> None:
        self._session = chromium_session(page)
        self._session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def ms(self) -> float:
        metrics = self._session.send("Performance.getMetrics")["metrics"]
        return next(1000 * one["value"] for one in metrics if one["name"] == "TaskDuration")


def tasks_of(page: Page, act: Callable[[], Any]) -> tuple[Any, list[float]]:
    """Return what `act` returns, and the processor time of the page's tasks meanwhile in ms, longest first."""
    chromium_session(page).detach()
    browser = page.context.browser
    assert browser is not None
    browser.start_tracing(page=page, categories=CATEGORIES)
    try:
        found = act()
    finally:
        events = json.loads(browser.stop_tracing())["traceEvents"]
    named = [one for one in events if one["name"] == "thread_name"]
    main = {(one["pid"], one["tid"]) for one in named if one["args"]["name"] == "CrRendererMain"}
    tasks = [
        one["tdur"] / 1000
        for one in events
        if one["name"] == "RunTask" and "tdur" in one and (one["pid"], one["tid"]) in main
    ]
    return found, sorted(tasks, reverse=True)


WORK = """() => {
  const parts = Array.from({length: 100000}, (_, n) => ({id: `n${n}`, kind: "notice", message: `line ${n}`}));
  return JSON.parse(JSON.stringify(parts)).length;
}"""
WORK_MS = 60.0
"""Processor time of `WORK` where the bounds of the checks were set, inferred from the times of the same floods there and
on a machine where it takes 120 to 175 ms."""


def slowness(page: Page) -> float:
    """Return how many times slower than there this machine is now, at least 1: bounds in processor time grow with it."""
    return max(
        1.0, min(tasks_of(page, lambda: page.evaluate(WORK))[1][0] for _ in range(3)) / WORK_MS
    )
