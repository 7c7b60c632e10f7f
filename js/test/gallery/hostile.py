"""Holds the front end to its promise on hostile text, in a real browser with every request in sight.

    python js/test/gallery/hostile.py [part of a name ...]

Each payload of `tests/cases/hostile/` goes, whole and at every cut, through text and reasoning, and
through every field of every other kind. Nothing may run, nothing may be requested, and no element,
attribute, class or address may come into the page that is not on the lists in `hostile.js`. Then
the same payloads go through a careless renderer, which has to be found out.
"""

from __future__ import annotations

import sys
from typing import Any

from main_thread import BusyTime
from playwright.sync_api import Page, Request, sync_playwright
from shoot import ARGS, CHROMIUM, ORIGIN, open_gallery

WHOLE_MS = 10_000
"""Processor time that a payload fed at once may take. What costs the square of its length takes minutes."""

OURS = (
    "",
    "theme.css",
    "host.css",
    "loader.js",
    "app.js.gz",
    "math.js.gz",
    "grammars.js.gz",
    "hostile.json",
)
FOUND_COUNT = 60
"""So many payloads at least have to be found out in a careless renderer."""


class Watch:
    """Requests and windows that nobody asked for."""

    def __init__(self, page: Page) -> None:
        self.seen: list[str] = []
        page.on("request", self._on_request)
        page.on("popup", lambda popup: self.seen.append(f"window {popup.url}"))
        page.on("dialog", lambda dialog: (self.seen.append("dialog"), dialog.dismiss()))
        page.context.route(lambda url: not url.startswith(ORIGIN), lambda route: route.abort())

    def _on_request(self, request: Request) -> None:
        name = request.url.removeprefix(f"{ORIGIN}/").partition("?")[0]
        if request.url.startswith("blob:") or name in OURS or name.endswith(".js"):
            return
        self.seen.append(request.url[:200])

    def take(self) -> list[str]:
        seen, self.seen = self.seen, []
        return seen


def check(page: Page, watch: Watch, busy: BusyTime, at: int, payload: dict[str, Any]) -> bool:
    began_ms = busy.ms()
    page.evaluate("at => hostile.runWhole(hostile.payloads[at])", at)
    whole_ms = busy.ms() - began_ms
    found = page.evaluate("at => hostile.run(hostile.payloads[at])", at)
    problems = [] if found["looked_count"] > 20 else ["nothing was looked at"]
    problems += [*found["faults"][:3], *(f"request {url}" for url in watch.take()[:3])]
    if found["ran"] is not None:
        problems.append("a script ran")
        page.evaluate("() => { delete globalThis.pwned }")
    if whole_ms > WHOLE_MS:
        problems.append(f"took {whole_ms:.0f} ms")
    slow = f"  ({whole_ms:.0f} ms)" if whole_ms > WHOLE_MS / 4 else ""
    if problems or slow:
        print(
            "FAIL" if problems else "ok  ",
            f"hostile: {payload['name']}{slow}",
            *problems[:5],
            flush=True,
        )
    return not problems


def careless_is_found_out(page: Page, watch: Watch) -> bool:
    """The same looks at a careless renderer find scripts, requests, elements and addresses."""
    ran = requested = found = caught = 0
    for at, payload in enumerate(page.evaluate("() => hostile.payloads")):
        if "repeat" in payload or "refresh" in payload["name"] or "base and" in payload["name"]:
            continue
        result = page.evaluate("at => hostile.runCareless(hostile.payloads[at])", at)
        urls = watch.take()
        ran, requested = ran + (result["ran"] is not None), requested + bool(urls)
        found += bool(result["faults"])
        caught += bool(result["faults"] or urls or result["ran"])
    print(
        f"    careless: {caught} found out ({ran} ran, {requested} requested, {found} put in what must not be)"
    )
    return caught >= FOUND_COUNT and ran > 5 and requested > 5 and found > 40


def main() -> int:
    failed_count = 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        page = browser.new_page(viewport={"width": 900, "height": 800})
        watch = Watch(page)
        busy = BusyTime(page)
        open_gallery(page, "light")
        page.add_script_tag(type="module", url="hostile.js")
        page.wait_for_function("() => globalThis.hostile")
        page.evaluate("() => hostile.warmUp()")
        watch.take()
        payloads = page.evaluate("() => hostile.payloads")
        wanted = sys.argv[1:]
        for at, payload in enumerate(payloads):
            if not wanted or any(word in payload["name"] for word in wanted):
                failed_count += not check(page, watch, busy, at, payload)
        print(
            "ok  " if failed_count == 0 else "FAIL",
            f"{len(payloads)} hostile payloads, {failed_count} failed",
        )
        if not wanted:
            passed = careless_is_found_out(page, watch)
            failed_count += not passed
            print("ok  " if passed else "FAIL", careless_is_found_out.__name__)
        browser.close()
    return min(failed_count, 100)


if __name__ == "__main__":
    sys.exit(main())
