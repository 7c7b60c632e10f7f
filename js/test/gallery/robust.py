"""Checks of failures, floods and depth; run by `check.py`."""

from __future__ import annotations

import os

import kinds
from main_thread import chromium_session, slowness, tasks_of
from playwright.sync_api import Page
from tries import measured_again

SEED = int(os.environ.get("FUZZ_SEED", "1"))
"""What the strange fields are; another number tries others."""

LONGEST_TASK_MS = 200
"""Processor time that one task of a flood may take; measured: 16 to 126 ms."""
METRICS_MS = 4_000
"""Processor time for 10,000 charts of which 200 are drawn; measured: 1,050 ms, 7,200 ms if each is drawn once."""
LONGEST_DEPTH_MS = 250
"""The longest task for 5,000 steps within each other and a list of 1,000 levels; measured: 131 and 51 ms beside other
work. Without a bound on depth the tab crashed, or stood still for 14 s."""


def a_broken_renderer_shows_its_data(page: Page) -> bool:
    """A renderer that throws, at the start or later, leaves its data; the others go on."""
    kinds.start(page)
    return page.evaluate(
        """async () => {
          const errors = [], error = console.error, Observer = globalThis.ResizeObserver;
          console.error = (...words) => errors.push(String(words[0]));
          globalThis.ResizeObserver = class { constructor() { throw new Error("no observer"); } };
          part("m", "metric", {name: "loss", series: ["a"], items: []});
          part("t", "text", {text: "after"}); await settle(80);
          globalThis.ResizeObserver = Observer;
          part("p", "progress", {label: "bar", completed: 1, total: 2}); await settle(80);
          const fill = of("progress").querySelector(".sw-fill");
          Object.defineProperty(fill, "style", {get() { throw new Error("no style"); }});
          set("p", {completed: 2}); op({op: "append", id: "t", text: " it"}); await settle(80);
          set("p", {completed: 3}); set("m", {name: "x"}); await settle(80);
          console.error = error;
          const broken = [...view.querySelectorAll('[data-kind="broken"]')];
          for (const one of broken) one.querySelector("details").open = true;
          await settle(60);
          return broken.length === 2 && errors.length === 2 && errors[0].includes('"metric"') && of("text").textContent === "after it"
            && broken[0].textContent.includes('"series"') && broken[1].textContent.includes("3");
        }"""
    )


def strange_fields_break_nothing(page: Page) -> bool:
    """Every kind with every field of every type: all is drawn, the rest goes on, nothing is thrown past us."""
    kinds.start(page)
    thrown: list[str] = []
    page.on("pageerror", lambda error: thrown.append(str(error)))
    shown = page.evaluate(
        """async (seed) => {
          const KINDS = ["text", "reasoning", "notice", "error", "step", "progress", "tool-call", "ask", "knob", "source", "table", "value",
            "metric", "log", "artifact", "custom", "unknown"];
          const FIELDS = ["state", "text", "name", "label", "message", "level", "fault", "detail", "hint", "completed", "total",
            "unit", "started_s", "ended_s", "updated_s", "tool_name", "result", "is_error", "title", "url", "columns", "items",
            "row_count", "series", "last", "min", "max", "x_label", "data", "renderer", "step_id", "parent_id", "keep", "plain",
            "question", "options", "fields", "value", "minimum", "maximum", "step", "is_log", "timeout_s", "default", "outcome", "answer",
            "problem", "problem_s", "about_part_id", "decline"];
          const VALUES = [null, true, -1, 1e308, "x", "", [], [null], [[]], [[0, 1, 2]], {}, {a: [{}]}, ["a", 5], {"image/svg+xml": "<svg>"}];
          const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647; // the same in every run
          let n = 0;
          for (const kind of KINDS) for (let turn = 0; turn < 30; turn++) {
            const more = Object.fromEntries(FIELDS.map((name) => [name, VALUES[Math.floor(random() * VALUES.length)]]));
            const id = `p${n++}`;
            part(id, kind, more); set(id, {[FIELDS[turn % FIELDS.length]]: VALUES[turn % VALUES.length]});
            if (turn % 10 === 0) await wait(1);
          }
          part("end", "text", {text: "all the same"}); await settle(300);
          for (const one of view.querySelectorAll("details")) one.open = true;
          await settle(300);
          const broken = [...view.querySelectorAll('[data-kind="broken"]')].map((one) => one.querySelector(".sw-name").textContent);
          return {end: view.textContent.includes("all the same"), broken};
        }""",
        SEED,
    )
    if thrown or shown["broken"]:
        print("   ", thrown[:3], shown["broken"][:5])
    return shown["end"] and not thrown and not shown["broken"]


FLOOD = """async ([kind, count, more]) => {
  const make = new Function("n", `return ${more}`);
  const all = (from, to) => Array.from({length: to - from}, (_, at) => ({op: "add",
    part: {id: `f${from + at}`, kind, state: "closed", step_id: null, ...make(from + at)}}));
  send(all(0, count * 0.9), {}); await settle(100);
  for (let from = count * 0.9; from < count; from += count / 100) { send(all(from, from + count / 100), {}); await wait(16); }
  part("end", "text", {text: "the end"}); await settle(400);
  for (let turn = 0; turn < 600 && !view.textContent.includes("the end"); turn++) await wait(50);
  const nodes = view.querySelectorAll("*").length, gap = view.querySelector(".sw-gap");
  const before = view.querySelectorAll(".sw-part").length;
  gap?.click(); await settle(50);
  return {nodes, end: view.textContent.includes("the end"), words: gap?.textContent,
    more: view.querySelectorAll(".sw-part").length - before};
}"""


def flood(page: Page, kind: str, count: int, more: str) -> bool:
    """`count` parts, in one snapshot and then live, hold the page for no long time and are a bounded number of elements."""
    kinds.start(page)
    found, tasks = tasks_of(page, lambda: page.evaluate(FLOOD, [kind, count, more]))
    print(
        f"    {count:,} {kind}: {found['nodes']:,} elements, longest task {tasks[0]:.0f} ms,"
        f" all {sum(tasks):.0f} ms, {found['words']!r}"
    )
    slow = slowness(page) if tasks[0] >= LONGEST_TASK_MS or sum(tasks) >= METRICS_MS else 1.0
    return (
        found["end"]
        and found["nodes"] < 25_000
        and tasks[0] < LONGEST_TASK_MS * slow
        and (kind != "metric" or sum(tasks) < METRICS_MS * slow)
        and found["more"] == 100
    )


def floods_do_not_hold_the_page(page: Page) -> bool:
    """Notices, tool calls, charts, steps and texts by the thousand."""
    chart = '{name: `m${n}`, series: ["a"], items: [[0, 0, 1], [0, 1, 2]], last: [2], min: [1], max: [2]}'
    floods = [
        ("notice", 100_000, "{message: `line ${n}`, level: 'info'}"),
        ("tool-call", 10_000, "{tool_name: 'search', text: '{\"q\": 1}', result: 'x', started_s: 0, ended_s: 1}"),
        ("metric", 10_000, chart),
        ("step", 10_000, "{name: `step ${n}`, state: 'done', started_s: n / 100, ended_s: (n + 1) / 100}"),
        ("text", 10_000, "{text: `text ${n}`}"),
    ]  # fmt: skip
    return all(flood(page, *one) for one in floods)


@measured_again
def depth_is_bounded(page: Page) -> bool:
    """Five thousand steps within each other, and a deep list, are drawn at a bounded depth in a bounded time."""
    kinds.start(page)
    found, tasks = tasks_of(page, lambda: page.evaluate(DEEP))
    print("   ", found, f"longest task {tasks[0]:.0f} ms")
    return (
        found["steps"] < 60
        and found["kept"]
        and found["lists"] < 160
        and tasks[0] < LONGEST_DEPTH_MS * slowness(page)
    )


DEEP = """async () => {
  send(Array.from({length: 5000}, (_, n) => ({op: "add", part: {id: `d${n}`, kind: "step", state: "running",
    name: `d${n}`, parent_id: n ? `d${n - 1}` : null, started_s: n / 1000, ended_s: null}})), {});
  part("x", "text", {step_id: "d4999", text: "deep inside"}); await settle(400);
  for (let turn = 0; turn < 600 && !view.textContent.includes("deep inside"); turn++) await wait(50);
  const deepest = () => { let most = 0; for (const one of view.querySelectorAll(".sw-part, li")) {
    let depth = 0; for (let at = one; at !== view; at = at.parentElement) depth++; most = Math.max(most, depth); } return most; };
  const steps = deepest();
  op({op: "remove", ids: Array.from({length: 5000}, (_, n) => `d${n}`)}); await settle(200);
  const kept = view.textContent.includes("deep inside");
  part("l", "text", {text: Array.from({length: 1000}, (_, n) => "  ".repeat(n) + "- x").join("\\n"), state: "closed"}); await settle(300);
  return {steps, kept, lists: deepest()};
}"""


def hosts_and_views_leave_each_other_alone(page: Page) -> bool:
    """JupyterLab's rules for outputs break no words of ours; none of ours changes an element of the page's."""
    kinds.start(page)
    return page.evaluate(
        """async () => {
          const outside = document.createElement("div");
          outside.innerHTML = '<pre data-kind="error">x</pre><button>y</button><table data-kind="source"><tr><td>z</td></tr></table>';
          document.body.append(outside);
          const look = () => JSON.stringify([...outside.querySelectorAll("*")].map((one) => Object.fromEntries(
            ["display", "color", "font", "padding", "margin", "background"].map((name) => [name, getComputedStyle(one)[name]]))));
          const ours = look();
          const sheets = [...document.adoptedStyleSheets]; document.adoptedStyleSheets = [];
          const bare = look(); document.adoptedStyleSheets = sheets;
          part("t", "text", {text: "word ".repeat(4000), plain: true}); part("n", "notice", {message: "m", level: "info"});
          part("c", "tool-call", {tool_name: "x", text: "{}", result: "words", state: "closed"}); await settle(100);
          for (const one of view.querySelectorAll("details")) one.open = true; await settle(60);
          const breaks = [...view.querySelectorAll("pre")].map((one) => getComputedStyle(one).wordBreak);
          const host = document.querySelector(".scene").appendChild(document.createElement("pre"));
          const there = getComputedStyle(host).wordBreak; host.remove();
          const printed = view.querySelector(".sw-printed");
          outside.remove();
          return ours === bare && there === "break-all" && breaks.length > 2 && breaks.every((one) => one === "normal")
            && printed.scrollHeight <= printed.clientHeight + 1 && getComputedStyle(printed).maxHeight === "none";
        }"""
    )


def views_are_styled_in_a_shadow_root(page: Page) -> bool:
    """A view that is put into a shadow root after it was drawn is styled there, and its menu works."""
    kinds.start(page)
    styled = page.evaluate(
        """async () => {
          const host = document.body.appendChild(document.createElement("div"));
          const root = host.attachShadow({mode: "open"});
          const { default: widget } = await import("./loader.js");
          const { initialize, render } = widget();
          const bytes = await (await fetch("app.js.gz")).arrayBuffer();
          const model = gallery.fake("finished", { get: () => new DataView(bytes) });
          initialize({ model });
          const el = document.createElement("div");
          const close = await render({ model, el });
          root.append(el); await settle(200);
          const style = getComputedStyle(el.querySelector(".sw-view"));
          const good = style.borderRadius === "6px" && style.display === "flex" && root.adoptedStyleSheets.length > 0;
          globalThis.leaveShadow = () => { close(); host.remove(); };
          return good;
        }"""
    )
    shadow = page.locator(".sw-view").last
    shadow.locator(".sw-more").click()
    shadow.get_by_role("menuitemcheckbox", name="Full width").click()
    shadow.locator(".sw-more").click()
    page.mouse.click(2, 2)
    closed = shadow.locator(".sw-menu").count() == 0
    wide = shadow.get_attribute("data-width") == "full"
    page.evaluate("() => leaveShadow()")
    return styled and wide and closed


def selection_survives_growth(page: Page) -> bool:
    """What the reader has marked in a paragraph that grows stays marked."""
    kinds.start(page)
    return page.evaluate(
        """async () => {
          part("t", "text", {text: "Mark these words"}); await settle(80);
          const node = view.querySelector("[data-kind=text] p").firstChild;
          getSelection().setBaseAndExtent(node, 5, node, 10);
          for (let n = 0; n < 5; n++) { op({op: "append", id: "t", text: " more"}); await settle(40); }
          return getSelection().toString() === "these";
        }"""
    )


@measured_again
def closed_models_leave_nothing(page: Page) -> bool:
    """A thousand models, made, shown and closed, are collected."""
    page.reload()
    page.wait_for_function("() => globalThis.gallery")
    kinds.start(page)
    session = chromium_session(page)

    def heap() -> float:
        for _ in range(3):
            session.send("HeapProfiler.collectGarbage")
        return session.send("Runtime.getHeapUsage")["usedSize"] / 1e6

    make = """async (count) => {
      const { default: widget } = await import("./loader.js");
      const bytes = await (await fetch("app.js.gz")).arrayBuffer();
      const carrier = { get: () => new DataView(bytes) };
      for (let n = 0; n < count; n++) {
        const model = gallery.fake("finished", carrier);
        model.traits.snapshot = { ...model.traits.snapshot, run_id: `model${n}.1` };
        const { initialize, render } = widget();
        const close = initialize({ model });
        const el = document.createElement("div"); document.body.append(el);
        const end = await render({ model, el });
        if (n % 50 === 0) await wait(1);
        end(); close(); el.remove();
      }
      await settle(1500);
    }"""
    page.evaluate(make, 100)
    before = heap()
    page.evaluate(make, 1000)
    after = heap()
    print(f"    1,000 models: {before:.1f} MB before, {after:.1f} MB after")
    return after - before < 3


def costly_and_lasting_acts_are_asked_for_twice(page: Page) -> bool:
    """Escape stops a long run at the second press; a retry that costs money names the last cost first."""
    kinds.start(page)
    return page.evaluate(
        """async () => {
          const escape = () => view.dispatchEvent(new KeyboardEvent("keydown", {key: "Escape", bubbles: true}));
          const sent = (cmd) => model.sent.filter((m) => m.cmd === cmd).length;
          send([], {elapsed_s: 30}); await settle(60);
          escape(); const first = sent("stop"), asked = view.textContent.includes("Press Esc again to stop.");
          escape(); const second = sent("stop");
          part("x", "text", {text: "x", state: "closed"}); send([], {state: "finished", can_retry: true, cost: 0.5, elapsed_s: 31}); await settle(60);
          const hidden = view.querySelector(".sw-retry").hidden;
          const ask = () => {
            view.querySelector(".sw-more").click();
            [...view.querySelectorAll("[role=menuitem]")].find((item) => item.textContent === "Retry…").click();
            return view.querySelector("[role=alertdialog]");
          };
          const words = ask().textContent;
          document.activeElement.click(); // Cancel has the focus
          const before = sent("retry");
          ask().querySelector(".sw-go").click();
          return first === 0 && asked && second === 1 && hidden && before === 0 && words.includes("The last run cost $0.50.") && sent("retry") === 1;
        }"""
    )


CHECKS = [
    costly_and_lasting_acts_are_asked_for_twice,
    hosts_and_views_leave_each_other_alone, views_are_styled_in_a_shadow_root, selection_survives_growth, closed_models_leave_nothing,
    a_broken_renderer_shows_its_data, strange_fields_break_nothing, floods_do_not_hold_the_page, depth_is_bounded,
]  # fmt: skip
