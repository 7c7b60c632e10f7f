"""Checks of Markdown that need a real browser: pictures, and what comes later; run by `check.py`."""

from __future__ import annotations

import base64
import re
from typing import Any

from main_thread import is_chromium, only_in_chromium
from playwright.sync_api import Page, Route

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
PICTURES = {
    "good": "https://good.example/a.png",
    "other port": "https://good.example:8443/b.png",
    "other scheme": "http://good.example/c.png",
    "longer host": "https://good.example.evil.example/d.png",
    "user part": "https://good.example@evil.example/e.png",
    "own server": "/api/f.png",
    "data": f"data:image/png;base64,{PNG}",
    "svg": "data:image/svg+xml;base64,PHN2Zy8+",
    "svg named png": "data:image/png,<svg/onload=alert(1)>",
    "too large": f"data:image/png;base64,{'A' * 2_000_000}",
    "script": "javascript:alert(1)",
    "file": "file:///etc/passwd",
}
"""What each is, by its words."""
ELSEWHERE_URL = re.compile(r"^https?://[^/]*example")
ELSEWHERE = {"good", "other port", "other scheme", "longer host", "user part"}

SHOW = """async ([images, text]) => {
  op({op: "run", fields: {source: "x", format: "text", ...(images === "none" ? {} : {images})}});
  add("t");
  for (let at = 0; at < text.length; at += 4096) append("t", text.slice(at, at + 4096));
  await settle(400);
  const names = (kind) => [...view.querySelectorAll(kind)].map((one) => one.alt ?? one.textContent);
  return {drawn: names("img"), asked: names("button.sw-image"), words: names("span.sw-image")};
}"""


class Network:
    """Answers every request for something elsewhere, and remembers it."""

    def __init__(self, page: Page) -> None:
        self.urls: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.works = True
        self.page = page

    def __enter__(self) -> Network:
        self.page.route(ELSEWHERE_URL, self._answer)
        return self

    def __exit__(self, *_: object) -> None:
        self.page.unroute(ELSEWHERE_URL)

    def _answer(self, route: Route) -> None:
        self.urls.append(route.request.url)
        self.headers.append(route.request.headers)
        if self.works:
            route.fulfill(content_type="image/png", body=base64.b64decode(PNG))
        else:
            route.fulfill(status=404)


def pictures_load_as_far_as_the_option_says(page: Page, setup: str) -> bool:
    """`none`, `data`, `click` and a list of origins: what is drawn, offered and requested is just that."""
    text = "\n\n".join(f"![{name}]({address})" for name, address in PICTURES.items())
    wanted: list[tuple[Any, set[str], set[str]]] = [
        ("none", set(), set()),
        ("data", {"data"}, set()),
        ("click", {"data"}, ELSEWHERE),
        (["https://good.example"], {"data", "good"}, set()),
        (["https://good.example:8443", "https://other.example"], {"data", "other port"}, set()),
    ]
    for images, drawn, asked in wanted:
        with Network(page) as network:
            page.evaluate(setup)
            shown = page.evaluate(SHOW, [images, text])
        names = {name.removeprefix("Load ") for name in shown["asked"]}
        words = PICTURES.keys() - drawn - asked
        requested = {PICTURES[name] for name in drawn - {"data"}}
        found = set(shown["drawn"]), names, set(shown["words"]), set(network.urls)
        if found != (drawn, asked, words, requested):
            print("   ", images, found)
            return False
    return True


def a_picture_that_is_asked_for_comes_by_key(page: Page, setup: str) -> bool:
    """Enter loads it without telling where from; the focus stays; one that fails can be tried again."""
    text = "[![chart](https://a.example/chart.png)](https://b.example/page) and ![map](https://c.example/map.png)"
    with Network(page) as network:
        page.evaluate(setup)
        shown = page.evaluate(SHOW, ["click", text])
        opened: list[object] = []
        page.on("popup", lambda popup: opened.append(popup.url))
        page.locator("button.sw-image").first.press("Enter")
        page.wait_for_selector(".sw-view img")
        focused = page.evaluate("() => document.activeElement.alt")
        network.works = False
        page.locator("button.sw-image").press("Enter")
        page.wait_for_function(
            "() => view.querySelector('button.sw-image').textContent.startsWith('Could not load map')"
        )
        network.works = True
        page.evaluate("() => append('t', ' and more, so that the line is drawn again')")
        page.locator("button.sw-image").press("Enter")
        page.wait_for_function("() => view.querySelectorAll('img').length === 2")
    silent = all("referer" not in headers for headers in network.headers)
    chart, map_ = "https://a.example/chart.png", "https://c.example/map.png"
    return (
        shown["asked"] == ["Load chart", "Load map"]
        and focused == "chart"
        and network.urls[0] == chart
        and set(network.urls) == {chart, map_}
        and silent
        and opened == []
    )


REPORT = (
    "# Report\n\nFirst.[^n]\n\n| a | b |\n|---|--:|\n| 1 | **2** |\n\n```js\nlet a = 1;\n```\n\n"
    "> - quoted\n>\n>       code\n\n$$\nx^2\n$$\n\n[^n]: A *note*.\n"
)


def what_comes_later_ends_the_same(page: Page, setup: str) -> bool:
    """Formulas show their TeX until their code arrives; then the page is as if it had been there."""
    page.evaluate(setup)
    feed = "async (text) => { add('t'); append('t', text); op({op: 'set', id: 't', fields: {state: 'closed'}}); await settle(500); }"
    html = "() => view.querySelector('[data-kind=text]').innerHTML"
    page.evaluate(feed, REPORT)
    at_once = page.evaluate(html)
    page.reload()
    page.wait_for_function("() => globalThis.gallery")
    page.evaluate("() => { gallery.slow = true; }")  # the page has no code for formulas yet
    page.evaluate(setup)
    page.evaluate(
        "() => { gallery.slow = false; model.send = (content) => model.sent.push(content); }"
    )
    page.evaluate(feed, REPORT)
    plain = page.evaluate("() => view.querySelector('[data-kind=text]').textContent")
    asked = page.evaluate("() => model.sent.filter((m) => m.cmd === 'code').map((m) => m.what)")
    page.evaluate(
        "async () => { model.give('grammars'); await settle(300); model.give('math'); await settle(600); }"
    )
    later = page.evaluate(html)
    all_there = all(word in plain for word in ("let a = 1;", "code", "x^2"))
    if later != at_once:
        print("   ", at_once, "\n   ", later)
    return (
        all_there
        and sorted(asked) == ["grammars", "math"]
        and later == at_once
        and "<table" in later
    )


def a_text_is_moved_not_drawn_anew(page: Page, setup: str) -> bool:
    """When a run turns out to be more than text, the text that is there stays the same elements."""
    page.evaluate(setup)
    return page.evaluate(
        """async () => {
          add("t"); append("t", "# Title\\n\\nFirst paragraph.\\n\\n"); await settle(60);
          const before = [view.querySelector("h1"), view.querySelector(".sw-markdown > .sw-chunk")];
          op({op: "add", part: {id: "e", kind: "error", state: "closed", fault: "transport",
            message: "It broke.", retryable: false, code: null, detail: null, step_id: null}});
          while (!view.querySelector(".sw-errorbody")) await wait(10);
          append("t", "Second paragraph.\\n"); await settle(60);
          const after = [view.querySelector("h1"), view.querySelector(".sw-markdown > .sw-chunk")];
          return before[0] !== null && before.every((one, at) => one === after[at])
            && view.querySelectorAll(".sw-part").length === 2 && shown().includes("Second paragraph.");
        }"""
    )


def one_engine_sets_all_words(page: Page, setup: str) -> bool:
    """Messages of steps, results of tools and cells that ask for it are Markdown; hostile ones stay text."""
    page.evaluate(setup)
    found = page.evaluate(
        """async () => {
          const evil = "<img src=x onerror=globalThis.pwned=1> **bold** [x](javascript:alert(1))";
          op({op: "add", part: {id: "s", kind: "step", state: "done", step_id: null, parent_id: null, name: "S",
            message: `3. ${evil}`, started_s: 0, ended_s: 1}});
          op({op: "add", part: {id: "c", kind: "tool-call", state: "closed", step_id: null, text: "{}", tool_name: "t",
            tool_call_id: null, by_provider: false, result: `# Found\\n\\n${evil}`, is_error: false, started_s: 0, ended_s: 1}});
          op({op: "add", part: {id: "t", kind: "table", state: "closed", step_id: null, name: "papers", row_count: 1, row_cap: 10,
            key: null, columns: [{name: "note", type: "markdown"}, {name: "raw", type: "text"}], items: [[evil, evil]]}});
          while (!view.querySelector("td[data-type=markdown]")) await wait(20);
          view.querySelector("[data-kind=tool-call]").open = true;
          await settle(100);
          const of = (selector) => { const one = view.querySelector(selector); return one && [one.querySelectorAll("strong").length, one.querySelectorAll("img, ol, a[href^=java]").length]; };
          const raw = view.querySelector("td[data-type=text]").querySelectorAll("*").length;
          return {note: of(".sw-note"), result: of("[data-kind=tool-call] .sw-markdown"), cell: of("td[data-type=markdown]"), raw,
            heading: view.querySelectorAll("[data-kind=tool-call] h1").length, pwned: globalThis.pwned ?? null};
        }"""
    )
    wanted = {
        "note": [1, 0],
        "result": [1, 0],
        "cell": [1, 0],
        "raw": 0,
        "heading": 1,
        "pwned": None,
    }
    if found != wanted:
        print("   ", found)
    return found == wanted


def text_is_found_selected_and_printed(page: Page, setup: str) -> bool:
    """What is out of sight is found by the page's own search, copied in order, and printed whole."""
    page.evaluate(setup)
    found = page.evaluate(
        """async () => {
          const rows = Array.from({length: 250}, (_, n) => `| row${n} | ${n} |`).join("\\n");
          const code = Array.from({length: 120}, (_, n) => `line${n} = ${n}`).join("\\n");
          const words = Array.from({length: 200}, (_, n) => `word${n}.\\n\\n`).join("");
          add("t"); append("t", `${words}| a | b |\\n|---|---|\\n${rows}\\n\\n\\`\\`\\`python\\n${code}\\n\\`\\`\\`\\n\\nlast.\\n`);
          op({op: "set", id: "t", fields: {state: "closed"}}); await settle(800);
          body.scrollTop = body.scrollHeight; await settle(100);
          const searched = [];
          for (const one of ["word3.", "word150.", "row200", "line60"]) {
            getSelection().removeAllRanges();
            const there = find(one, true, false, true);
            await settle(60); // Firefox gives the text of what it has laid out, a frame later
            searched.push(there && getSelection().toString() === one);
          }
          getSelection().selectAllChildren(view.querySelector("[data-kind=text]"));
          await settle(60);
          const copied = getSelection().toString();
          const order = ["word0.", "word199.", "row0", "row249", "line0 =", "line119", "last."].map((one) => copied.indexOf(one));
          return {searched: searched.every(Boolean), order: order.every((at, n) => at >= 0 && (n === 0 || at > order[n - 1])),
            lines: /row7\\s+7\\s+row8/.test(copied) && copied.includes("line7 = 7\\nline8 = 8")};
        }"""
    )
    if not is_chromium(page):  # another browser cannot be told to show the page as printed
        return all(found.values())
    page.emulate_media(media="print")
    printed = page.evaluate(
        """() => ({whole: body.scrollHeight <= body.clientHeight + 1,
          drawn: [...view.querySelectorAll(".sw-chunk, .sw-lines, tbody")].every((one) => getComputedStyle(one).contentVisibility === "visible")})"""
    )
    page.emulate_media(media="screen")
    if not all({**found, **printed}.values()):
        print("   ", found, printed)
    return all({**found, **printed}.values())


def printed_parts_keep_their_distance(page: Page, setup: str) -> bool:
    """On paper a part stands as far below a text as on the screen."""
    only_in_chromium(page)
    page.evaluate(setup)
    page.evaluate(
        """async () => {
          const more = {state: "closed", step_id: null};
          op({op: "add", part: {id: "t", kind: "text", text: "One.\\n\\nTwo.\\n", ...more}}, {op: "add", part: {id: "e", kind: "error",
            message: "It broke.", fault: "source", fatal: false, error_type: "X", retryable: false, code: null, detail: null, ...more}});
          await settle(100);
        }"""
    )
    below = """() => view.querySelector(".sw-errorbody").getBoundingClientRect().top
      - [...view.querySelectorAll("p")].at(-1).getBoundingClientRect().bottom"""
    screen = page.evaluate(below)
    page.emulate_media(media="print")
    paper = page.evaluate(below)
    page.emulate_media(media="screen")
    if screen != paper:
        print("   ", screen, paper)
    return screen == paper and screen > 4


def marks_and_headings_stand_right(page: Page, setup: str) -> bool:
    """Chunks leave room for the numbers of items, and items their space; only the first heading has none above."""
    page.evaluate(setup)
    found = page.evaluate(
        """async () => {
          const list = (mark) => Array.from({length: 1000}, (_, n) => `${mark} item ${n}`).join("\\n");
          const heads = Array.from({length: 1000}, (_, n) => `## head ${n}`).join("\\n\\n");
          add("t"); append("t", `# First\\n\\n${list("-")}\\n\\n${list("1.")}\\n\\n${heads}\\n`); await settle(300);
          const room = [...view.querySelectorAll("li")].map((item) => {
            const chunk = item.closest(".sw-chunk");
            return Math.min(...[chunk, chunk.parentElement].map((box) => item.getBoundingClientRect().left - box.getBoundingClientRect().left));
          });
          const above = [...view.querySelectorAll("h1, h2")].map((head) => parseFloat(getComputedStyle(head).paddingTop));
          const below = new Set([...view.querySelectorAll("li")].map((item) => getComputedStyle(item).paddingBottom));
          return {items: room.length, below: [...below], room: Math.min(...room), first: above[0], others: Math.min(...above.slice(1))};
        }"""
    )
    good = (
        found["items"] == 2000
        and found["room"] >= 24
        and found["first"] == 0
        and found["others"] > 0
    )
    if not good:
        print("   ", found)
    return good


CHECKS = [
    marks_and_headings_stand_right, pictures_load_as_far_as_the_option_says, a_picture_that_is_asked_for_comes_by_key,
    what_comes_later_ends_the_same, a_text_is_moved_not_drawn_anew, one_engine_sets_all_words,
    text_is_found_selected_and_printed, printed_parts_keep_their_distance,
]  # fmt: skip
