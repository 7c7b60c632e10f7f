"""Checks of how a view takes its room: box and whole document, outline, timeline, one column, one rail."""

from __future__ import annotations

from kinds import start
from playwright.sync_api import Page

LONG = "## {n}\\n\\n" + "line\\n\\n" * 12


def _report(page: Page, sections: int = 6) -> None:
    start(page)
    text = "".join(LONG.replace("{n}", f"Section {n}") for n in range(sections))
    page.evaluate(
        f"async () => {{ part('t', 'text', {{text: \"{text}\", state: 'open'}}); await settle(150); }}"
    )


def a_finished_view_can_show_everything(page: Page) -> bool:
    """A run that ends in sight keeps its box and offers everything; one that was over before is shown whole."""
    _report(page)
    box = page.evaluate("() => body.clientHeight < body.scrollHeight")
    page.evaluate("async () => { send([], {state: 'finished'}); await settle(80); }")
    expand = page.get_by_role("button", name="Show everything")
    kept = page.evaluate("() => body.clientHeight < body.scrollHeight")
    expand.click()
    page.evaluate("() => settle(80)")
    whole = page.evaluate("() => body.clientHeight >= body.scrollHeight")
    page.get_by_role("button", name="Show less").click()
    back = page.evaluate("() => body.clientHeight < body.scrollHeight")
    page.evaluate("() => gallery.show(['figures'])")
    page.evaluate("() => settle(150)")
    opened = page.evaluate(
        "() => { const b = document.querySelector('.sw-body'); return b.clientHeight >= b.scrollHeight; }"
    )
    page.evaluate(
        "() => { gallery.scenes.connecting.traits.snapshot.status.state = 'idle'; return gallery.show(['connecting']); }"
    )
    idle = page.locator(".sw-view[data-height=full]").count() == 0
    page.evaluate(
        "() => { gallery.scenes.connecting.traits.snapshot.status.state = 'connecting'; }"
    )
    return box and kept and whole and back and opened and idle


def a_height_is_kept(page: Page) -> bool:
    """The kernel's `height` bounds the box, also of a strange value, which is ignored."""
    _report(page)
    page.evaluate("async () => { op({op: 'run', fields: {height: 200}}); await settle(80); }")
    given = page.evaluate("() => body.clientHeight")
    page.evaluate("async () => { op({op: 'run', fields: {height: 'x'}}); await settle(80); }")
    return given == 200 and page.evaluate("() => body.clientHeight") > 400


def a_long_report_has_an_outline(page: Page) -> bool:
    """At the end four headings or more make an outline; Enter on an entry brings it into sight."""
    _report(page)
    outline = page.get_by_role("button", name="Outline")
    none = outline.count() == 0
    page.evaluate("async () => { send([], {state: 'finished'}); await settle(80); }")
    outline.click()
    items = page.get_by_role("menuitem").all_inner_texts()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.evaluate("() => settle(60)")
    top = page.evaluate(
        "() => view.querySelectorAll('h2')[1].getBoundingClientRect().top - body.getBoundingClientRect().top"
    )
    return none and items == [f"Section {n}" for n in range(6)] and 0 <= top < 60


def a_timeline_has_names_and_times(page: Page) -> bool:
    """Bars carry the names of their steps, the axis times, and the present a mark until the end; one step has none."""
    start(page)
    return page.evaluate(
        """async () => {
          const strip = view.querySelector(".sw-strip");
          step("one"); await settle(60);
          const alone = strip.hidden;
          step("two"); send([], {elapsed_s: 31, first_token_s: 2}); await settle(80);
          const names = [...strip.querySelectorAll(".sw-span")].map((bar) => bar.textContent).join();
          const times = [...strip.querySelectorAll(".sw-axis > span")].map((one) => one.textContent).join();
          const now = strip.querySelector(".sw-now");
          const live = now.checkVisibility() && strip.getAttribute("aria-label").includes("First token after 2.0 s");
          send([], {state: "finished", elapsed_s: 32}); await settle(80);
          return alone && names === "one,two" && times === "0 s,10 s,20 s,30 s" && live && !now.checkVisibility();
        }"""
    )


def everything_stands_in_one_column(page: Page) -> bool:
    """Prose, a table and a chart begin and end at the same place on a wide page; full width is a choice."""
    page.set_viewport_size({"width": 1400, "height": 800})
    _report(page, 1)
    edges = page.evaluate(
        """async () => {
          table = (more) => part("tb", "table", {name: "papers", key: null, row_count: 1, row_cap: 10, items: [], ...more});
          table({columns: Array.from({length: 12}, (_, n) => ({name: `column ${n}`, type: "text"}))});
          op({op: "extend", id: "tb", items: [Array(12).fill("some longer words")]});
          part("m", "metric", {name: "m", series: ["a"], items: [[0, 1, 1], [0, 2, 2]], point_count: 2}); await settle(120);
          return [...new Set([...view.querySelectorAll(".sw-parts > .sw-part")].map((one) => Math.round(one.getBoundingClientRect().right)))];
        }"""
    )
    page.locator(".sw-more").click()
    page.get_by_role("menuitemcheckbox", name="Full width").click()
    wide = page.evaluate("() => view.getBoundingClientRect().width > 1300")
    page.set_viewport_size({"width": 900, "height": 800})
    return len(edges) == 1 and edges[0] < 900 and wide


def narrow_views_have_one_rail(page: Page) -> bool:
    """At 360 pixels only the run's own rail is drawn, however deep the steps are nested."""
    page.set_viewport_size({"width": 360, "height": 800})
    start(page)
    rails = page.evaluate(
        """async () => {
          step("a"); step("b", "a"); step("c", "b"); part("t", "text", {text: "deep", step_id: "c"}); await settle(80);
          const lists = [...view.querySelectorAll(".sw-list")].filter((one) => one.firstChild);
          const deep = of("text").getBoundingClientRect().left;
          return [lists.filter((one) => getComputedStyle(one, "::before").content !== "none").length, deep < 90];
        }"""
    )
    page.set_viewport_size({"width": 900, "height": 800})
    return rails == [1, True]


def names_of_steps_are_legible_in_forced_colours(page: Page) -> bool:
    """With forced colours, a bar of the timeline has another colour than the name in it."""
    page.emulate_media(forced_colors="active")
    try:
        start(page)
        pairs = page.evaluate(
            """async () => {
              await gallery.show(["running", "provider"]); await settle(250);
              return [...document.querySelectorAll(".sw-span")].map((bar) =>
                [getComputedStyle(bar).backgroundColor, getComputedStyle(bar.querySelector(".sw-spanname")).color]);
            }"""
        )
    finally:
        page.emulate_media(forced_colors="none")
    return len(pairs) == 4 and all(background != name for background, name in pairs)


def documents_take_the_colours_of_the_page(page: Page) -> bool:
    """HTML without colours of its own is dark in a dark page; one that chose colours stays on white."""
    start(page)
    found = page.evaluate(
        """async () => {
          view.style.colorScheme = "dark";
          const data = (html) => ({data: {"text/html": html}, metadata: {}, bytes: 1, omitted: [], title: "x"});
          part("a", "artifact", data("<table border=1><tr><td>1</table>")); part("b", "artifact", data("<p style='color: #123'>x</p>"));
          await settle(150);
          return [...view.querySelectorAll("iframe")].map((one) => getComputedStyle(one).colorScheme).join();
        }"""
    )
    return found == "dark,light"


def documents_are_as_high_as_their_content(page: Page) -> bool:
    """A frame of HTML takes the height of its document, also at another width; what measured it is gone."""
    start(page)
    page.evaluate(
        """() => {
          const html = "<p>" + "some words that wrap ".repeat(60) + "</p><table>" + "<tr><td>1</td></tr>".repeat(20) + "</table>";
          part("a", "artifact", {data: {"text/html": html}, metadata: {}, bytes: 1, omitted: [], title: "x"});
        }"""
    )
    fits = """(width) => {
      const [frame] = view.querySelectorAll("iframe");
      const doc = frame.contentDocument; // null: the frame is sealed
      return doc === null && view.querySelectorAll("iframe").length === 1 && frame.clientWidth === width ? frame.clientHeight : 0;
    }"""

    def height(width_px: int) -> int:
        page.evaluate("(px) => { view.style.width = px; }", f"{width_px}px")
        page.evaluate("() => settle(100)")
        width = page.evaluate("() => view.querySelector('iframe.sw-frame').clientWidth")
        page.wait_for_function(fits, arg=width)
        page.evaluate("() => settle(500)")
        page.wait_for_function(fits, arg=width)
        inner = page.frames[-1].evaluate(
            "() => document.documentElement.getBoundingClientRect().height"
        )
        return page.evaluate(fits, width) - round(inner)

    return abs(height(700)) <= 1 and abs(height(380)) <= 1


def a_host_may_give_less_height(page: Page) -> bool:
    """In a flex box of 300 pixels the document scrolls, and the foot stays in sight."""
    _report(page)
    return page.evaluate(
        """async () => {
          const scene = view.parentElement;
          Object.assign(scene.style, {display: "flex", flexDirection: "column", height: "300px"});
          await settle(80);
          const [outer, foot] = [scene, view.querySelector(".sw-foot")].map((one) => one.getBoundingClientRect().bottom);
          return foot <= outer + 1 && body.scrollHeight > body.clientHeight + 100;
        }"""
    )


def a_box_that_grows_still_follows(page: Page) -> bool:
    """A reader at the end stays there when the window, and with it the box, becomes higher."""
    page.set_viewport_size({"width": 900, "height": 500})
    _report(page)
    page.set_viewport_size({"width": 900, "height": 800})
    page.evaluate(
        "async () => { await settle(80); op({op: 'append', id: 't', text: 'more\\n\\n'.repeat(9)}); await settle(80); }"
    )
    return page.evaluate("() => body.scrollHeight - body.scrollTop - body.clientHeight") < 2


RIGHT_TO_LEFT = """async () => {
  document.documentElement.dir = "rtl";
  part("p", "progress", {label: "Reading", completed: 1, total: 4, unit: "files"});
  part("w", "progress", {label: "Waiting", completed: 1, total: null, unit: "files"});
  part("h", "text", {text: "שלום\\n\\n- אחד\\n\\n> ציטוט\\n\\n| שם | מספר |\\n|:--|--:|\\n| א | 1 |\\n", state: "closed"});
  part("l", "text", {text: "Hello\\n\\n- one\\n\\n> quote\\n", state: "closed"});
  step("s"); part("x", "notice", {message: "m", level: "info", step_id: "s"}); end("s");
  await settle(300);
  const box = (one) => one.getBoundingClientRect();
  const fill = (at) => [...view.querySelectorAll('[data-kind="progress"] .sw-bar')].map((bar) => [box(bar), box(bar.firstChild)])[at];
  const [bar, filled] = fill(0);
  const of = (kind, n) => view.querySelectorAll(`[data-kind="text"] ${kind}`)[n];
  const side = (quote) => ["Left", "Right"].filter((name) => parseFloat(getComputedStyle(quote)[`border${name}Width`]) > 0).join();
  const item = (n) => { const [list, one] = [of("ul", n), of("li", n)].map(box); return [one.left - list.left, list.right - one.right].map(Math.round).join(); };
  const [head, cell] = [of("th", 1), of("td", 1)].map((one) => { const range = document.createRange(); range.selectNodeContents(one); return box(range).right; });
  const hairline = view.querySelector(".sw-hairline");
  const found = {
    fill: Math.abs(filled.right - bar.right) < 1 && Math.abs(filled.width - bar.width / 4) < 1,
    mirrored: getComputedStyle(hairline).scale === "-1 1",
    quotes: [side(of("blockquote", 0)), side(of("blockquote", 1))].join() === "Right,Left",
    items: [item(0), item(1)].join(" ") === "0,24 24,0",
    numbers: Math.abs(head - cell) < 2,
    fold: getComputedStyle(view.querySelector(".sw-fold"), "::before").rotate === "45deg",
    inside: body.scrollWidth <= body.clientWidth,
  };
  document.documentElement.dir = "";
  return found;
}"""


def a_page_from_right_to_left_is_mirrored(page: Page) -> bool:
    """Bars fill from the right; lists, quotes and columns follow the direction of their own text."""
    start(page)
    found = page.evaluate(RIGHT_TO_LEFT)
    if not all(found.values()):
        print("   ", found)
    return all(found.values())


CHECKS = [
    a_page_from_right_to_left_is_mirrored,
    a_box_that_grows_still_follows,
    a_host_may_give_less_height,
    documents_take_the_colours_of_the_page, documents_are_as_high_as_their_content,
    a_finished_view_can_show_everything, a_height_is_kept, a_long_report_has_an_outline, a_timeline_has_names_and_times,
    names_of_steps_are_legible_in_forced_colours,
    everything_stands_in_one_column, narrow_views_have_one_rail,
]  # fmt: skip
