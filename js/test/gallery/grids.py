"""Checks of tables as grids: columns that are sized, pinned, moved, hidden, filtered; cells that are copied."""

from __future__ import annotations

import os

from kinds import start
from main_thread import only_in_chromium
from playwright.sync_api import Page

FILL = """async () => {
  table({columns: ["run", "loss", "epochs", "note"].map((name, at) => ({name, type: at === 0 || at === 3 ? "text" : at === 1 ? "number" : "integer"}))});
  op({op: "extend", id: "t", items: Array.from({length: 300}, (_, n) => [`run ${n}`, n / 8, n % 7, "some words"])}); await settle(120);
}"""
NAMES = "() => [...view.querySelectorAll('[data-kind=table] th button:first-child span:first-child')].map((one) => one.textContent).join()"


def _choose(page: Page, column: str, item: str) -> None:
    page.get_by_role("columnheader", name=column).click(button="right")
    page.get_by_role("menuitem", name=item, exact=True).click()
    page.evaluate("() => settle(80)")


def copied(page: Page) -> str:
    """Copy by the keys of a reader, and return what is pasted."""
    page.keyboard.press("ControlOrMeta+C")
    page.evaluate("() => document.body.appendChild(document.createElement('textarea')).focus()")
    page.keyboard.press("ControlOrMeta+V")
    return page.evaluate(
        "() => { const box = document.activeElement; box.remove(); return box.value; }"
    )


def columns_are_arranged(page: Page) -> bool:
    """A column's menu moves, hides, pins and widens it; a pinned one stays in sight when the table scrolls."""
    start(page)
    page.evaluate(FILL)
    _choose(page, "loss", "Move left")
    moved = page.evaluate(NAMES)
    _choose(page, "epochs", "Hide")
    hidden = page.evaluate(NAMES)
    _choose(page, "note", "Show 1 hidden column")
    _choose(page, "note", "Pin")
    pinned = page.evaluate(NAMES)
    for _ in range(12):
        _choose(page, "run", "Wider")
    places = page.evaluate(
        """async () => {
          const scroller = view.querySelector("[data-kind=table] .sw-scroller");
          scroller.scrollLeft = 30; await settle(60);
          const left = (one) => Math.round(one.getBoundingClientRect().left - scroller.getBoundingClientRect().left);
          return [scroller.scrollLeft > 20, left(view.querySelector("tbody td.sw-pinned")), left(view.querySelector("th"))];
        }"""
    )
    return (moved, hidden, pinned, places) == (
        "loss,run,epochs,note",
        "loss,run,note",
        "note,loss,run,epochs",
        [True, 1, 1],
    )


def columns_are_dragged(page: Page) -> bool:
    """A head that is dragged moves its column and sorts nothing; Escape while it is held leaves all as it was."""
    start(page)
    page.evaluate(FILL)

    def drag(name: str, to: str, *, escape: bool = False) -> str:
        boxes = [page.get_by_role("columnheader", name=one).bounding_box() for one in (name, to)]
        assert boxes[0] is not None
        assert boxes[1] is not None
        page.mouse.move(boxes[0]["x"] + 20, boxes[0]["y"] + 12)
        page.mouse.down()
        page.mouse.move(boxes[1]["x"] + boxes[1]["width"] - 6, boxes[1]["y"] + 12, steps=5)
        if escape:
            page.keyboard.press("Escape")
        page.mouse.up()
        page.evaluate("() => settle(80)")
        return page.evaluate(NAMES)

    sorted_by = "() => view.querySelectorAll('th[aria-sort]').length + view.querySelectorAll('.sw-drop').length"
    right = drag("run", "epochs")
    left_alone = drag("loss", "note", escape=True)
    undisturbed = page.evaluate(sorted_by)
    spoken = page.locator(".sw-spoken").first.text_content()
    page.get_by_role("columnheader", name="loss").click()
    page.evaluate("() => settle(80)")
    return (
        right == "loss,epochs,run,note"
        and left_alone == right
        and undisturbed == 0
        and page.evaluate(sorted_by) == 1
        and spoken == "run: column 3 of 4"
    )


def a_column_is_sized_by_its_edge(page: Page) -> bool:
    """Dragging the edge sets the width, a double click gives back that of the content."""
    start(page)
    page.evaluate(FILL)
    width = (
        "() => Math.round(view.querySelector('[data-kind=table] th').getBoundingClientRect().width)"
    )
    before = page.evaluate(width)
    edge = page.locator("[data-kind=table] .sw-grip").first.bounding_box()
    assert edge is not None
    x, y = edge["x"] + edge["width"] / 2, edge["y"] + 8
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 60, y, steps=4)
    page.mouse.up()
    dragged = page.evaluate(width)
    page.locator("[data-kind=table] .sw-grip").first.dblclick()
    after = page.evaluate(width)
    good = abs(dragged - before - 60) <= 2 and abs(after - before) <= 1
    if not good:
        print("   ", before, dragged, after)
    return good


def cells_are_selected_and_copied(page: Page) -> bool:
    """Shift and arrows select cells; a copy has them with tabs; the cursor is what assistive technology follows."""
    start(page)
    page.evaluate(FILL)
    grid = page.get_by_role("grid")
    grid.focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowRight", "Shift+ArrowDown", "Shift+ArrowRight"):
        page.keyboard.press(key)
    selected, active = page.evaluate(
        """() => {
          const grid = view.querySelector("[role=grid]");
          const active = view.querySelector("#" + grid.getAttribute("aria-activedescendant"));
          return [view.querySelectorAll("td[aria-selected=true]").length, active.textContent];
        }"""
    )
    text = copied(page)
    grid.focus()
    page.keyboard.press("Escape")
    none = page.locator("td[aria-selected=true]").count() == 0
    stops = page.evaluate("() => model.sent.filter((m) => m.cmd === 'stop').length")
    found = (text, selected, active, none, stops)
    good = found == ("0.125\t1\n0.25\t2", 4, "2", True, 0)
    if not good:
        print("   ", found)
    return good


def columns_are_filtered_and_sorted_together(page: Page) -> bool:
    """A filter of its own for a column, two sorts at once with their ranks, and words with numbers in order."""
    start(page)
    page.evaluate(FILL)
    _choose(page, "epochs", "Filter…")
    page.keyboard.type(">= 5")
    page.evaluate("() => settle(80)")
    facts = page.evaluate("() => of('table').querySelector('.sw-note').textContent")
    page.get_by_role("columnheader", name="epochs").get_by_role("button").first.click()
    page.get_by_role("columnheader", name="run").get_by_role("button").first.click(
        modifiers=["Shift"]
    )
    page.evaluate("() => settle(80)")
    first = page.evaluate("() => [0, 1, 2].map((at) => cells(at)).join()")
    ranks = page.evaluate(
        "() => [...view.querySelectorAll('th')].map((one) => one.firstElementChild.dataset.value ?? '').join()"
    )
    return (
        facts.startswith("85 matches")
        and first == "run 50.6255some words,run 121.5005some words,run 192.3755some words"
        and ranks == "2,,1,"
    )


def a_wide_table_is_whole_on_paper(page: Page) -> bool:
    """Fourteen columns share the width of a page, and no cell or head is cut."""
    only_in_chromium(page)
    start(page)
    page.evaluate(
        """async () => {
          const names = Array.from({length: 14}, (_, n) => n % 3 ? `measure ${n}` : `description ${n}`);
          table({columns: names.map((name, n) => ({name, type: n % 3 ? "number" : "text"}))});
          op({op: "extend", id: "t", items: Array.from({length: 12}, (_, row) =>
            names.map((_, n) => n % 3 ? row * 1.25 : `some words about ${row} and averylongwordwithoutanyplacetobreak`))});
          await settle(120);
        }"""
    )
    page.set_viewport_size({"width": 720, "height": 900})
    page.emulate_media(media="print")
    page.evaluate("() => settle(120)")
    facts = page.evaluate(
        """() => {
          const box = view.querySelector("[data-kind=table] .sw-scroller");
          const cut = [...box.querySelectorAll("td, th, th button > :first-child")].filter((one) => one.scrollWidth > one.clientWidth + 1 && one.clientWidth);
          return {cut: cut.length, cells: box.querySelectorAll("td").length, over: box.scrollWidth - box.clientWidth};
        }"""
    )
    if folder := os.environ.get("STREAMWIDGET_PICTURES"):
        page.screenshot(path=f"{folder}/wide_table_on_paper.png")
    page.emulate_media(media="screen")
    page.set_viewport_size({"width": 900, "height": 800})
    if facts["cut"] or facts["over"] > 0 or facts["cells"] < 100:
        print("   ", facts)
    return not facts["cut"] and facts["over"] <= 0 and facts["cells"] >= 100


CHECKS = [
    columns_are_arranged, columns_are_dragged, a_column_is_sized_by_its_edge, cells_are_selected_and_copied, columns_are_filtered_and_sorted_together,
    a_wide_table_is_whole_on_paper,
]  # fmt: skip
