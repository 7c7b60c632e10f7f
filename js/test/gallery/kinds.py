"""Checks of the part kinds that the extras draw, and of accessibility; run by `check.py`."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from main_thread import chromium_session, is_chromium
from playwright.sync_api import CDPSession, Page, Route
from tries import measured_again

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
STATES_FOR_AXE = {
    "as it begins": "() => settle(60)",
    "unfolded": """async () => {
      for (const one of document.querySelectorAll("details")) one.open = true;
      for (const one of document.querySelectorAll(".sw-fold[aria-expanded=false], .sw-gap")) one.click();
      await settle(60);
    }""",
    "with a menu, a filter and a row open": """async () => {
      const of = (selector) => document.querySelector(selector);
      of(".sw-colmenu")?.click(); await settle(50);
      [...document.querySelectorAll("[role=menuitem]")].find((one) => one.textContent.startsWith("Filter"))?.click();
      of("[role=grid] tbody td")?.click(); of("[role=grid]")?.dispatchEvent(new KeyboardEvent("keydown", {key: "Enter"}));
      of(".sw-more")?.click(); await settle(60);
    }""",
}
"""What is done to a scene, one after the other."""

SETUP = """async () => {
  globalThis.wait = (ms) => new Promise((done) => setTimeout(done, ms));
  globalThis.statusOf = (more) => ({rev: 1, state: "streaming", title: "T", elapsed_s: 1, first_token_s: 0.1,
    token_count: 1, tokens_estimated: false, char_count: 1, stop: null, ...more});
  await gallery.show(["connecting"]);
  globalThis.model = gallery.models.connecting;
  globalThis.view = document.querySelector(".sw-view");
  globalThis.body = view.querySelector(".sw-body");
  globalThis.seq = 0;
  globalThis.rev = 1;
  globalThis.send = (ops, more) => {
    model.patch({run_id: "view.2", from_seq: seq, seq: seq + 1, ops: [ops], status: statusOf({rev: rev++, ...more})});
    seq += 1;
  };
  globalThis.op = (...ops) => send(ops, {});
  globalThis.part = (id, kind, more) => op({op: "add", part: {id, kind, state: "open", step_id: null, ...more}});
  globalThis.set = (id, fields) => op({op: "set", id, fields});
  globalThis.step = (id, parent_id = null, state = "running") =>
    part(id, "step", {name: id, parent_id, state, started_s: 0.1, ended_s: null, message: null});
  globalThis.end = (id, state = "done", message = null) => set(id, {state, ended_s: 0.9, message});
  globalThis.of = (kind) => view.querySelector(`.sw-part[data-kind="${kind}"]`);
  globalThis.stepOf = (name) => [...view.querySelectorAll('[data-kind="step"]')]
    .find((one) => one.querySelector(".sw-name").textContent === name);
  globalThis.foldedStep = (name) => stepOf(name).querySelector(":scope > .sw-list").hasAttribute("hidden");
  globalThis.rows = (from, count) => Array.from({length: count}, (_, n) => [from + n, `name ${(from + n) % 97}`, (from + n) / 8]);
  globalThis.table = (more) => part("t", "table", {name: "papers", key: null, row_count: 0, row_cap: 10000, items: [],
    columns: [{name: "n", type: "integer"}, {name: "name", type: "text"}, {name: "x", type: "number", unit: "kg"}], ...more});
  globalThis.cells = (at) => [...view.querySelectorAll("tbody tr:not(.sw-spacer)")][at]?.textContent;
  step("warm up"); await settle(300); op({op: "remove", ids: ["warm up"]}); await settle(60);
}"""


def start(page: Page) -> None:
    page.evaluate(SETUP)


def parts_stand_in_their_steps(page: Page) -> bool:
    """Nested steps and their parts stand where the document puts them, in its order."""
    start(page)
    return page.evaluate(
        """async () => {
          step("a"); step("b", "a"); part("t1", "text", {text: "in b", step_id: "b"});
          part("t2", "text", {text: "in a", step_id: "a"}); step("c"); part("t3", "text", {text: "free"});
          await settle(120);
          const inside = (name) => [...stepOf(name).querySelectorAll(":scope > .sw-list > .sw-part")].map((p) =>
            p.dataset.kind === "step" ? p.querySelector(".sw-name").textContent : p.textContent);
          const top = [...view.querySelectorAll(".sw-parts > .sw-part")].map((p) => p.dataset.kind).join();
          return inside("a").join() === "b,in a" && inside("b").join() === "in b" && top === "step,step,text";
        }"""
    )


def finished_steps_fold(page: Page) -> bool:
    """Done steps fold to their result, unless they hold the answer; the reader's choice is kept."""
    start(page)
    return page.evaluate(
        """async () => {
          step("work"); part("p", "progress", {step_id: "work", completed: 1, total: 2});
          step("answer"); part("t", "text", {text: "The answer.", step_id: "answer"});
          step("data"); part("tb", "table", {name: "x", columns: [], items: [], row_count: 0, row_cap: 9, step_id: "data"});
          step("broken"); part("q", "progress", {step_id: "broken", completed: 1, total: 2});
          await settle(100);
          const before = foldedStep("work");
          end("work", "done", "12 kept"); end("answer", "done", "said"); end("data"); end("broken", "failed");
          await settle(100);
          const folded = [foldedStep("work"), foldedStep("answer"), foldedStep("data"), foldedStep("broken")].join();
          const message = stepOf("work").querySelector(".sw-note").textContent;
          const fold = stepOf("work").querySelector(".sw-fold");
          fold.click(); set("work", {message: "13 kept"}); await settle(100);
          const chosen = !foldedStep("work") && fold.getAttribute("aria-expanded") === "true";
          return !before && folded === "true,false,false,false" && message === "12 kept" && chosen;
        }"""
    )


def failed_calls_show_on_folded_steps(page: Page) -> bool:
    """A folded step counts the failed tool calls in it and in its steps; an open one shows the calls themselves."""
    start(page)
    seen = page.evaluate(
        """async () => {
          const call = (id, step_id) => part(id, "tool-call", {step_id, tool_name: "search", text: "{}", result: null, is_error: false, started_s: 0.1, ended_s: null});
          const answer = (id, is_error) => set(id, {state: "closed", result: "no", is_error, ended_s: 0.5});
          step("good"); call("a", "good"); answer("a", false); end("good");
          step("outer"); step("inner", "outer"); call("b", "inner"); call("c", "inner"); answer("b", true); answer("c", true); end("inner"); end("outer");
          await settle(100);
          const marks = () => ["good", "outer"].map((name) => {
            const mark = stepOf(name).querySelector(":scope > .sw-head > .sw-failures");
            return mark.checkVisibility() ? mark.textContent : "";
          }).join();
          const result = [foldedStep("outer"), marks()];
          answer("b", false); await settle(60); result.push(marks());
          op({op: "remove", ids: ["c"]}); await settle(60); result.push(marks());
          answer("b", true); stepOf("outer").querySelector(".sw-fold").click(); await settle(60); result.push(marks());
          return result;
        }"""
    )
    if seen != [True, ",2 failed", ",1 failed", ",", ","]:
        print("   ", seen)
    return seen == [True, ",2 failed", ",1 failed", ",", ","]


def nothing_folds_under_the_readers_eyes(page: Page) -> bool:
    """A step that ends while the reader is further up stays open, and what is read stays in place."""
    start(page)
    return page.evaluate(
        """async () => {
          step("work"); for (let n = 0; n < 40; n++) part(`p${n}`, "progress", {step_id: "work", completed: n, total: 50});
          step("next"); part("t", "text", {text: "line\\n\\n".repeat(60), step_id: "next"});
          await settle(150);
          body.scrollTop = 300; await settle(80);
          const mark = view.querySelectorAll('[data-kind="progress"]')[20];
          const top = mark.getBoundingClientRect().top;
          end("work"); op({op: "append", id: "t", text: "more\\n\\n"}); await settle(150);
          return !foldedStep("work") && Math.abs(mark.getBoundingClientRect().top - top) < 1;
        }"""
    )


def many_steps_are_counted(page: Page) -> bool:
    """Fifty parallel steps are one line that counts them; failed ones stay in sight; all come when asked."""
    start(page)
    return page.evaluate(
        """async () => {
          step("all"); for (let n = 0; n < 54; n++) step(`s${n}`, "all");
          for (let n = 0; n < 40; n++) end(`s${n}`); end("s40", "failed"); end("s41", "failed");
          await settle(150);
          const crowd = of("step-group");
          const words = crowd.querySelector(".sw-name").textContent;
          const seen = () => [...crowd.querySelectorAll('[data-kind="step"]')].filter((one) => one.checkVisibility()).length;
          const few = seen();
          crowd.querySelector("button").click(); await settle(50);
          return words === "12 running, 40 done, 2 failed" && few === 2 && seen() === 54;
        }"""
    )


def failures_in_a_folded_group_stay_in_sight(page: Page) -> bool:
    """Steps that failed, and steps in which a call failed, are seen while their group is folded, however many."""
    start(page)
    return page.evaluate(
        """async () => {
          step("all"); for (let n = 0; n < 30; n++) step(`s${n}`, "all");
          for (let n = 0; n < 8; n++) end(`s${n}`, "failed");
          for (let n = 8; n < 30; n++) {
            part(`c${n}`, "tool-call", {step_id: `s${n}`, tool_name: "f", text: "{}", state: "closed", started_s: 1, ended_s: null});
          }
          await settle(150);
          for (let n = 8; n < 30; n++) set(`c${n}`, {result: "x", is_error: n % 10 === 0, ended_s: 2});
          for (let n = 8; n < 30; n++) end(`s${n}`);
          await settle(150);
          const crowd = of("step-group");
          const seen = () => [...crowd.querySelectorAll('[data-kind="step"]')].filter((one) => one.checkVisibility());
          const failures = () => seen().map((one) => one.querySelector(".sw-failures")).filter((one) => one.checkVisibility()).length;
          const [first, counted] = [seen().length, failures()];
          set("c10", {is_error: false}); await settle(80);
          return first === 10 && counted === 2 && seen().length === 9;
        }"""
    )


@measured_again
def progress_tells_pace_calmly(page: Page) -> bool:
    """Rate and time left appear once known; the bar is a progressbar whose value is spoken at most once a second."""
    start(page)
    return page.evaluate(
        """async () => {
          part("p", "progress", {label: "Reading", completed: 0, total: 100, unit: "papers", started_s: 0, updated_s: 0, message: null});
          await settle(100);
          const bar = view.querySelector('[role="progressbar"]');
          let spoken = 0;
          new MutationObserver(() => spoken++).observe(bar, {attributeFilter: ["aria-valuenow"]});
          const shown = new Set();
          for (let n = 1; n <= 30; n++) {
            send([{op: "set", id: "p", fields: {completed: n, updated_s: n / 10}}], {elapsed_s: n / 10});
            await wait(33);
            shown.add(of("progress").querySelector(".sw-pace").textContent);
          }
          set("p", {state: "closed", completed: 30, total: null}); await settle(100);
          const last = of("progress").querySelector(".sw-pace").textContent;
          return shown.size <= 5 && [...shown].some((words) => words.includes("10/s") && words.includes("left"))
            && spoken <= 3 && last === "3.0 s" && bar.getAttribute("aria-valuemax") === null;
        }"""
    )


def tables_show_types(page: Page) -> bool:
    """Numbers stand right, null is null, addresses are links only if they may be."""
    start(page)
    return page.evaluate(
        """async () => {
          part("t", "table", {name: "x", row_cap: 10, row_count: 12, columns: [{name: "n", type: "number"}, {name: "d", type: "datetime"},
            {name: "l", type: "link"}, {name: "b", type: "boolean"}],
            items: [[1.25, "2024-05-01T10:20:30", "https://a.example/x", true], ["NaN", null, "javascript:alert(1)", null], [3]]});
          await settle(120);
          const td = [...view.querySelectorAll("tbody td")];
          const right = getComputedStyle(td[0]).textAlign === "end";
          const texts = td.map((one) => one.textContent).join("|");
          const links = [...view.querySelectorAll("tbody td a[href]")].map((one) => one.getAttribute("href") + one.rel).join();
          const facts = of("table").querySelector(".sw-note").textContent;
          return right && texts === "1.25|2024-05-01 10:20:30|a.example/x|true|NaN|null|javascript:alert(1)|null|3.00|null|null|null"
            && links === "https://a.example/xnoopener noreferrer nofollow" && facts === "Showing the first 3 of 12 rows. Sorting and filtering use these rows · loading";
        }"""
    )


def tables_sort_and_filter_a_stream(page: Page) -> bool:
    """Sorting and filtering hold for what is there and for what still comes, and for rows that change."""
    start(page)
    return page.evaluate(
        """async () => {
          table(); op({op: "extend", id: "t", items: rows(0, 500)}); await settle(120);
          const head = view.querySelectorAll("th button")[0];
          head.click(); head.click(); await settle(60);
          const down = cells(0);
          op({op: "extend", id: "t", items: rows(500, 500)}); await settle(400);
          const newest = cells(0);
          op({op: "put", id: "t", items: [[3, [5000, "changed", 1]]]}); await settle(400);
          const changed = cells(0);
          const sorted = view.querySelector("th").getAttribute("aria-sort");
          const filter = view.querySelector(".sw-filter"); filter.value = "name 7"; filter.dispatchEvent(new Event("input"));
          await settle(60);
          const found = of("table").querySelector(".sw-note").textContent;
          const expected = rows(0, 1000).filter(([n, name]) => n !== 3 && name.startsWith("name 7")).length;
          head.click(); filter.value = ""; filter.dispatchEvent(new Event("input")); await settle(60);
          return down.startsWith("499") && newest.startsWith("999") && changed.startsWith("5000changed") && sorted === "descending"
            && found.startsWith(`${expected} matches · `) && cells(0).startsWith("0name 0");
        }"""
    )


def tables_are_used_by_keyboard(page: Page) -> bool:
    """Arrows move the cursor, Enter opens its record, Escape closes it and stops nothing, letters stay in the filter."""
    start(page)
    page.evaluate(
        "async () => { table(); op({op: 'extend', id: 't', items: rows(0, 300)}); await settle(120); }"
    )
    page.evaluate(
        "() => { globalThis.keysSeen = []; document.addEventListener('keydown', (e) => keysSeen.push(e.key)); }"
    )
    page.locator("[role=grid]").focus()
    for key in ("ArrowDown", "ArrowDown", "Control+End", "Enter"):
        page.keyboard.press(key)
    record = page.locator(".sw-record").inner_text()
    page.keyboard.press("Escape")
    closed = page.locator(".sw-record").is_hidden()
    page.locator(".sw-filter").focus()
    page.keyboard.type("ddx")
    page.keyboard.press("Escape")
    emptied = page.locator(".sw-filter").input_value() == ""
    stops = page.evaluate("() => model.sent.filter((m) => m.cmd === 'stop').length")
    return (
        "name 8" in record
        and "299" in record
        and closed
        and emptied
        and stops == 0
        and page.evaluate("() => keysSeen.filter((key) => key !== 'Control').length") == 0
    )


@measured_again
def tables_take_thousands_of_rows(page: Page) -> bool:
    """5,000 rows a second beside text, 100,000 in the kernel and 10,000 here: the page's work for each
    message, which is at most one frame's, stays far below a frame of 16 ms."""
    start(page)
    page.evaluate("async () => { table(); part('x', 'text', {text: ''}); await settle(200); }")
    session = chromium_session(page)
    session.send(
        "Performance.enable", {"timeDomain": "threadTicks"}
    )  # CPU, whoever else is at work
    before = _work_ms(session)
    drawn, facts = page.evaluate(
        """async () => {
          for (let n = 0; n < 120; n++) {
            const more = [{op: "append", id: "x", text: "some words and "}, {op: "set", id: "t", fields: {row_count: (n + 1) * 834}}];
            if (n < 60) more.push({op: "extend", id: "t", items: rows(n * 167, 167)});
            send(more, {});
            await wait(33);
          }
          return [view.querySelectorAll("tbody tr").length, of("table").querySelector(".sw-note").textContent];
        }"""
    )
    each_ms = (_work_ms(session) - before) / 120
    session.detach()
    print(
        f"    {each_ms:.1f} ms of CPU for script, style and layout of each message; {drawn} rows drawn; {facts}"
    )
    return (
        drawn < 80 and each_ms < 8 and facts.startswith("Showing the first 10,020 of 100,080 rows")
    )


def _work_ms(session: CDPSession) -> float:
    found = {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}
    return 1000 * sum(found[f"{name}Duration"] for name in ("Script", "Layout", "RecalcStyle"))


def values_grow(page: Page) -> bool:
    """A value is a tree at every cut; its last scalar is provisional; what is no JSON is shown as text."""
    start(page)
    text = json.dumps(
        {"a": [1, {"b": 'caf\u00e9 "x"'}], "c": None, "d": -1.5e3, "e": {}}, ensure_ascii=True
    )
    return page.evaluate(
        """async (text) => {
          part("v", "value", {name: "v", text: ""});
          for (const char of text.slice(0, 24)) op({op: "append", id: "v", text: char});
          await settle(120);
          const open = view.querySelectorAll('.sw-value[data-state="open"]:not([data-type="object"], [data-type="array"])').length;
          op({op: "append", id: "v", text: text.slice(24)}); set("v", {state: "closed", is_json: true}); await settle(120);
          const leaves = [...view.querySelectorAll(".sw-leaf")].filter((one) => !one.classList.contains("sw-branch")).map((one) => one.textContent).join("|");
          const rest = view.querySelectorAll('.sw-value[data-state="open"]').length;
          part("w", "value", {name: "w", text: '{"a": nope'}); set("w", {state: "closed", is_json: false}); await settle(80);
          const plain = view.querySelectorAll('[data-kind="value"]')[1].querySelector("pre");
          return open === 1 && rest === 0 && leaves === '1|b: “café "x"”|c: null|d: -1500.0' && !plain.hidden && plain.textContent === '{"a": nope';
        }""",
        text,
    )


def charts_are_drawn_and_read(page: Page) -> bool:
    """One line for each series, a value read off by keyboard, a logarithmic scale, no drawing of what cannot be drawn."""
    start(page)
    page.evaluate(
        """async () => {
          part("m", "metric", {name: "loss", series: ["train", "val"], x_label: "step", point_count: 5, last: [0.5, 2], min: [0.5, 1], max: [3, 2],
            items: [[0, 0, 3], [0, 1, 1], [0, 2, 0.5], [1, 0, 1], [1, 1, null], [1, 2, 2]]});
          await settle(150);
        }"""
    )
    paths = page.evaluate(
        "() => [...view.querySelectorAll('.sw-series')].map((one) => one.getAttribute('d'))"
    )
    page.locator(".sw-chart").focus()
    page.keyboard.press("Home")
    page.evaluate("() => settle(50)")
    first = page.locator(".sw-legend").inner_text()
    facts = page.locator("[data-kind=metric] .sw-note").first.inner_text()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Log y").click()
    page.evaluate("() => settle(50)")
    logged = page.evaluate("() => view.querySelector('.sw-series').getAttribute('d')")
    stops = page.evaluate("() => model.sent.filter((m) => m.cmd === 'stop').length")
    gap = paths[1].count("M") == 2
    return (
        len(paths) == 2
        and gap
        and "NaN" not in "".join(paths)
        and "3" in first
        and facts == "step 0"
        and logged != paths[0]
        and stops == 0
    )


def logs_are_filtered(page: Page) -> bool:
    """By level and by word; what was dropped is told; folded it builds nothing."""
    start(page)
    return page.evaluate(
        """async () => {
          const lines = (from, count) => Array.from({length: count}, (_, n) => [n, ["info", "error"][(from + n) % 2], "a", `line ${from + n}`]);
          part("l", "log", {keep: 100, line_count: 0, items: []}); op({op: "extend", id: "l", items: lines(0, 250)}); set("l", {line_count: 250});
          await settle(100);
          const folded = view.querySelectorAll(".sw-logline").length;
          const last = of("log").querySelector(".sw-lastline").textContent;
          of("log").open = true; await settle(80);
          const all = view.querySelectorAll(".sw-logline").length;
          const level = of("log").querySelector("select"); level.value = "error"; level.dispatchEvent(new Event("change")); await settle(50);
          const errors = view.querySelectorAll(".sw-logline").length;
          op({op: "extend", id: "l", items: lines(250, 10)}); set("l", {line_count: 260}); await settle(80);
          const words = [...view.querySelectorAll(".sw-logline .sw-words")].at(-1).textContent;
          const facts = of("log").querySelector("summary .sw-word").textContent;
          return folded === 0 && last === "line 249" && all === 100 && errors === 50 && words === "a: line 259" && facts.startsWith("latest ") && facts.endsWith("of 260 lines");
        }"""
    )


class Elsewhere:
    """A server that everything can reach, and that remembers what was requested."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        paths = self.paths

        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                paths.append(self.path)
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Elsewhere:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def figures_are_sealed(page: Page) -> bool:
    """HTML and SVG of artifacts run nothing, load nothing and reach nothing; damaged pixels are said to be so."""
    start(page)
    with Elsewhere() as server:
        if not is_chromium(
            page
        ):  # whose driver reports requests that are blocked before they are sent
            return _sealed(page, server)

        def catch(route: Route) -> None:  # Chromium lets no page reach this machine's servers
            server.paths.append(route.request.url.removeprefix(server.url))
            route.fulfill(status=204)

        page.route(f"{server.url}/**", catch)
        try:
            return _sealed(page, server)
        finally:
            page.unroute(f"{server.url}/**", catch)


def _sealed(page: Page, server: Elsewhere) -> bool:
    url = server.url
    evil = (
        f"<script>parent.pwned=1</script><img src={url}/i><link rel=stylesheet href={url}/c>"
        f"<meta http-equiv=refresh content='0;url={url}/m'><form action={url}/f><button>go</button></form>"
        f"<style>@import url({url}/s); body{{background:url({url}/b)}}</style>"
        f"<iframe src={url}/n></iframe><object data={url}/o></object><svg onload=parent.pwned=1>"
        f"<image href={url}/g /></svg><base href={url}/><video src=v poster=p></video>"
    )
    shown = page.evaluate(
        """async (evil) => {
          part("a", "artifact", {title: evil, data: {"text/html": evil}, metadata: {}, bytes: 9, omitted: []});
          part("b", "artifact", {title: "b", data: {"image/svg+xml": `<svg viewBox="0 0 10 5">${evil}</svg>`}, metadata: {}, bytes: 9, omitted: []});
          part("c", "artifact", {title: "c", data: {"image/png": 'x" onerror="pwned=1'}, metadata: {}, bytes: 9, omitted: []});
          part("d", "artifact", {title: "d", data: {"image/png": "iVBORw0KGgo="}, metadata: {}, bytes: 9, omitted: ["text/html"]});
          await settle(900);
          const frames = [...view.querySelectorAll("iframe")].map((one) => one.getAttribute("sandbox")).join("|");
          return [globalThis.pwned, frames, view.querySelectorAll("img").length, of("artifact").querySelectorAll("script").length, view.textContent.includes("image data is invalid")];
        }""",
        evil,
    )
    page.evaluate("(url) => fetch(`${url}/proof`, {mode: 'no-cors'})", url)
    good = (shown, server.paths) == ([None, "|", 1, 0, True], ["/proof"])
    if not good:
        print("   ", shown, server.paths)
    return good


def own_kinds_fail_alone(page: Page) -> bool:
    """A custom part's module draws and redraws; one that throws shows its data and harms nothing else."""
    page.evaluate("() => gallery.show(['figures'])")
    for words in ("no such canvas", "★★★★☆"):
        page.get_by_text(words).wait_for()
    texts = page.evaluate(
        "() => [...document.querySelectorAll('[data-kind=custom]')].map((one) => one.textContent)"
    )
    page.locator("[data-kind=unknown] > summary").click()
    data = page.locator("[data-kind=unknown] pre", has_text="}").inner_text()
    rest = page.locator("[data-kind=text]", has_text=".").inner_text()
    good = (
        '"why": "it throws"' in data
        and texts[0] == "★★★★☆"
        and "no such canvas" in texts[1]
        and "it throws" not in texts[0]
        and rest == "Four figures, one claim."
    )
    if not good:
        print("   ", data, texts, rest)
    return good


def menu_works_by_keyboard(page: Page) -> bool:
    """Opens with its first item focused, moves, closes with Escape and stops nothing, exports what is asked."""
    start(page)
    page.evaluate(
        "async () => { table(); op({op: 'extend', id: 't', items: rows(0, 3)}); await settle(100); }"
    )
    button = page.locator(".sw-more")
    button.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("[role=menu]")
    first = page.evaluate("() => document.activeElement.textContent")
    page.keyboard.press("ArrowUp")
    last = page.evaluate("() => document.activeElement.getAttribute('role')")
    page.keyboard.press("Escape")
    closed = page.locator("[role=menu]").count() == 0 and page.evaluate(
        "() => document.activeElement.classList.contains('sw-more')"
    )
    button.click()
    page.get_by_role("menuitem", name="CSV").click()
    page.evaluate("() => settle(50)")
    asked = page.evaluate(
        "() => model.sent.filter((m) => m.cmd === 'export').map((m) => [m.what, m.part_id])"
    )
    wanted = ("Copy as Markdown", "menuitemcheckbox", True, [["csv", "t"]])
    saved = True
    if is_chromium(page):  # Playwright's driver of Firefox reports no downloads
        with page.expect_download() as download:
            page.evaluate(
                "() => model.custom({export: model.sent.find((m) => m.cmd === 'export').request_id, name: 'papers.csv', mime: 'text/csv', error: null},"
                " [new DataView(new TextEncoder().encode('n\\n1\\n').buffer)])"
            )
        saved = Path(download.value.path()).read_text() == "n\n1\n"
    stops = page.evaluate("() => model.sent.filter((m) => m.cmd === 'stop').length")
    return (first, last, closed, asked) == wanted and saved and stops == 0


def commands_are_sent(page: Page) -> bool:
    """Pause, resume and retry send their command once when the status allows it, and are not there when not."""
    start(page)
    return page.evaluate(
        """async () => {
          const button = (name) => view.querySelector(`.sw-${name}`);
          part("x", "text", {text: "x"}); await settle(60);
          const none = button("pause").hidden && button("retry").hidden;
          send([], {can_pause: true}); await settle(60); button("pause").click();
          send([], {can_pause: true, state: "paused"}); await settle(60);
          const words = button("pause").title; button("pause").click();
          part("e", "error", {fault: "provider", message: "m", retryable: true, hint: "Wait."});
          send([], {state: "failed", can_retry: true}); await settle(60);
          button("retry").click(); button("retry").click();
          const sent = model.sent.map((m) => m.cmd).filter((cmd) => ["pause", "resume", "retry"].includes(cmd)).join();
          return none && words === "Resume" && sent === "pause,resume,retry" && of("error").textContent.includes("Wait.");
        }"""
    )


def timeline_jumps(page: Page) -> bool:
    """Two steps make two bars; a click brings the step into sight and opens it."""
    start(page)
    page.evaluate(
        """async () => {
          step("one"); part("p", "progress", {step_id: "one", completed: 1, total: 2}); await settle(60); end("one");
          step("two"); part("t", "text", {text: "line\\n\\n".repeat(80), step_id: "two"}); await settle(150);
        }"""
    )
    bars = page.locator(".sw-span")
    hidden = page.evaluate("() => foldedStep('one') && body.scrollTop > 300")
    bars.first.click()
    page.evaluate("() => settle(80)")
    return (
        bars.count() == 2
        and hidden
        and page.evaluate("() => !foldedStep('one') && body.scrollTop < 20")
    )


@measured_again
def unseen_views_catch_up(page: Page) -> bool:
    """A view out of sight is drawn by a slow timer, the kernel is told, and it is right when it comes back."""
    start(page)
    return page.evaluate(
        """async () => {
          document.body.style.paddingTop = "3000px"; part("x", "text", {text: "Two.\\n\\nBlocks: "}); scrollTo(0, 0); await settle(200);
          let draws = 0;
          new MutationObserver(() => draws++).observe(view, {subtree: true, childList: true, characterData: true});
          for (let n = 0; n < 40; n++) { op({op: "append", id: "x", text: "word "}); await wait(30); }
          const unseen = draws;
          scrollTo(0, 3000); await settle(150);
          const text = of("text").textContent.match(/word/g).length;
          document.body.style.paddingTop = ""; scrollTo(0, 0);
          const told = model.sent.filter((m) => m.cmd === "look"); // by each store of the model, if there are several
          const looks = told.filter(({page}) => page === told.at(-1).page).map((m) => m.seen).join();
          return unseen <= 8 && text === 40 && looks === "false,true";
        }"""
    )


def boards_show_and_stop(page: Page) -> bool:
    """One line for each run, sorted when asked, one opened in full, all stopped at once."""
    page.evaluate("() => gallery.show(['board'])")
    page.wait_for_selector(".sw-boardrow")
    page.evaluate("() => settle(400)")
    first = page.locator(".sw-boardline .sw-name").all_inner_texts()[0]
    page.locator(".sw-board select").select_option(label="Status")
    page.mouse.move(5, 5)
    page.evaluate("() => settle(100)")
    failed_first = page.locator(".sw-boardline .sw-name").all_inner_texts()[0]
    page.get_by_role("button", name="Open large-model", exact=True).click()
    opened = page.locator(".sw-room .sw-view [data-kind=text]").inner_text()
    page.locator(".sw-board > .sw-header .sw-stop").click()
    stopped = page.evaluate(
        "() => Object.entries(gallery.models).filter(([, m]) => m.sent.some((c) => c.cmd === 'stop')).map(([id]) => id).join()"
    )
    return (first, failed_first, stopped) == (
        "small-model",
        "baseline",
        "run1,run2,run3",
    ) and "twelve studies" in opened


@measured_again
def screen_readers_hear_boundaries(page: Page) -> bool:
    """Start, steps and end are said, at most every three seconds; tokens never."""
    start(page)
    return page.evaluate(
        """async () => {
          const said = [];
          const spoken = view.querySelector(":scope > .sw-spoken");
          new MutationObserver(() => said.push(spoken.textContent)).observe(spoken, {childList: true, characterData: true, subtree: true});
          step("Searching"); part("x", "text", {text: ""});
          for (let n = 0; n < 30; n++) { op({op: "append", id: "x", text: "word "}); await wait(10); }
          end("Searching"); await settle(3300);
          send([], {state: "finished", elapsed_s: 4, token_count: 30}); await settle(3300);
          const live = [...view.querySelectorAll("[aria-live], [role=status], [role=alert]")].length;
          return said.length <= 3 && said.at(-1) === "Finished: 4.0 s, ~30 tokens." && !said.join().includes("word") && said.some((one) => one.startsWith("Searching"))
            && view.querySelector(".sw-body").closest("[aria-live]") === null && live <= 2;
        }"""
    )


def everything_is_accessible(page: Page) -> bool:
    """axe-core finds nothing against WCAG 2.2 A and AA in any scene and state, in this theme."""
    problems = 0
    page.emulate_media(reduced_motion="reduce")  # colours that fade are those of no moment
    page.evaluate(AXE.read_text())
    scenes = page.evaluate("() => Object.keys(gallery.scenes)")
    for scene in scenes:
        page.evaluate("(name) => gallery.show([name])", scene)
        for state, act in STATES_FOR_AXE.items():
            page.evaluate(act)
            found = page.evaluate(
                "async (tags) => (await axe.run(document.body, {runOnly: tags, iframes: false, rules: {'target-size': {enabled: true}}})).violations"
                ".map((v) => [v.id, v.nodes.length, v.nodes[0].html.slice(0, 160), v.nodes[0].any.map((a) => a.message).join('; ').slice(0, 200)])",
                AXE_RULES,
            )
            for one in found:
                print("    axe:", scene, state, *one)
            problems += len(found)
    page.emulate_media(reduced_motion="no-preference")
    return problems == 0 and len(scenes) > 20


CHECKS = [
    parts_stand_in_their_steps, finished_steps_fold, failed_calls_show_on_folded_steps, nothing_folds_under_the_readers_eyes, many_steps_are_counted,
    failures_in_a_folded_group_stay_in_sight,
    progress_tells_pace_calmly, tables_show_types, tables_sort_and_filter_a_stream, tables_are_used_by_keyboard,
    tables_take_thousands_of_rows, values_grow, charts_are_drawn_and_read, logs_are_filtered, figures_are_sealed, own_kinds_fail_alone,
    menu_works_by_keyboard, commands_are_sent, timeline_jumps, unseen_views_catch_up, boards_show_and_stop,
    screen_readers_hear_boundaries, everything_is_accessible,
]  # fmt: skip
