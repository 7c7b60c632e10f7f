"""Checks of charts: series that are switched, zoom by drag and key, lone points, both axes, files."""

from __future__ import annotations

from kinds import start
from main_thread import only_in_chromium
from playwright.sync_api import Page

CHART = """async () => {
  const items = Array.from({length: 100}, (_, n) => [[0, n + 1, 100 / (n + 1)], [1, n + 1, n % 10 === 0 ? n : null]]).flat();
  part("m", "metric", {name: "loss", series: ["train", "val"], x_label: "step", point_count: 200, last: [1, 90], min: [1, 0], max: [100, 90], items});
  await settle(150);
}"""
TICKS = "() => [...view.querySelectorAll('.sw-plot text[text-anchor=middle]')].map((one) => one.textContent)"


def series_are_switched(page: Page) -> bool:
    """A press in the legend hides a line and shows it again; points between gaps are dots."""
    start(page)
    page.evaluate(CHART)
    lines = "() => view.querySelectorAll('.sw-series').length"
    dots = page.locator(".sw-plot circle").count()
    key = page.get_by_role("button", name="train")
    key.click()
    hidden = (page.evaluate(lines), key.get_attribute("aria-pressed"))
    focused = page.evaluate("() => document.activeElement.textContent.startsWith('train')")
    key.click()
    return (dots, hidden, focused, page.evaluate(lines)) == (10, (1, "false"), True, 2)


def charts_are_zoomed(page: Page) -> bool:
    """A drag shows a part of the axis, a button all of it again; plus and minus do so by key."""
    start(page)
    page.evaluate(CHART)
    whole = page.evaluate(TICKS)
    box = page.locator(".sw-chart").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 200, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 320, box["y"] + 60, steps=5)
    page.mouse.up()
    part = page.evaluate(TICKS)
    page.get_by_role("button", name="Reset zoom").click()
    reset = page.evaluate(TICKS)
    page.locator(".sw-chart").focus()
    page.keyboard.press("+")
    nearer = page.evaluate(TICKS)
    page.keyboard.press("0")
    return part != whole and reset == whole and nearer != whole and page.evaluate(TICKS) == whole


def the_cursor_redraws_no_line(page: Page) -> bool:
    """What the pointer reads off is drawn in a layer of its own; both axes take a logarithmic scale."""
    start(page)
    page.evaluate(CHART)
    page.evaluate("() => { globalThis.line = view.querySelector('.sw-series'); }")
    page.locator(".sw-chart").hover(position={"x": 300, "y": 50})
    page.evaluate("() => settle(50)")
    same = page.evaluate(
        "() => view.querySelector('.sw-series') === line && view.querySelector('.sw-cursor') !== null"
    )
    before = page.evaluate("() => line.getAttribute('d')")
    page.get_by_role("button", name="Log x").click()
    both = page.evaluate("() => view.querySelector('.sw-series').getAttribute('d')")
    titles = page.locator(".sw-axistitle").all_text_contents()
    name = page.locator("[data-kind=metric] .sw-name").first.text_content()
    return same and both != before and "NaN" not in both and titles == ["step", name]


def charts_are_downloaded(page: Page) -> bool:
    """PNG and SVG files have the colours in them, the CSV file every point."""
    only_in_chromium(page)  # Playwright's driver of Firefox reports no downloads
    start(page)
    page.evaluate(CHART)
    files = {}
    for kind in ("PNG", "SVG", "CSV"):
        page.get_by_role("button", name="Download", exact=True).click()
        with page.expect_download() as download:
            page.get_by_role("menuitem", name=f"Download {kind}").click()
        files[kind] = download.value.path().read_bytes()
    return (
        files["PNG"].startswith(b"\x89PNG")
        and b"stroke: rgb" in files["SVG"]
        and b"var(" not in files["SVG"]
        and files["CSV"].startswith(b"series,step,value\r\ntrain,1,100\r\n")
        and files["CSV"].count(b"\r\n") == 201
    )


CHECKS = [series_are_switched, charts_are_zoomed, the_cursor_redraws_no_line, charts_are_downloaded]
