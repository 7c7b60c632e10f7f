"""Checks of every keyboard path that `docs/keyboard.md` writes down; each row there has its function here."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import replaying
from kinds import start
from playwright.sync_api import Page

DOCUMENT = Path(__file__).parents[3] / "docs" / "keyboard.md"
FOCUSED = "() => document.activeElement.className.split(' ').at(-1)"
TEXT = "() => document.activeElement.textContent"
SENT = "(cmd) => model.sent.filter((m) => m.cmd === cmd).length"


def _press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)
    page.evaluate("() => settle(60)")


def _escape_stops(page: Page) -> bool:
    page.locator(".sw-view").focus()
    _press(page, "Escape")
    young = page.evaluate(SENT, "stop")
    start(page)
    page.evaluate("async () => { send([], {elapsed_s: 30}); await settle(60); }")
    page.locator(".sw-view").focus()
    _press(page, "Escape")
    once = page.evaluate(SENT, "stop")
    _press(page, "Escape")
    return (young, once, page.evaluate(SENT, "stop")) == (1, 0, 1)


def _the_view_scrolls(page: Page) -> bool:
    page.evaluate(
        "async () => { part('t', 'text', {text: 'line\\n\\n'.repeat(200)}); await settle(150); }"
    )
    page.locator(".sw-view").focus()
    tops = []
    for key in ("Home", "ArrowDown", "PageDown", "PageUp", "ArrowUp", "End"):
        _press(page, key)
        tops.append(page.evaluate("() => Math.round(body.scrollTop)"))
    home, down, paged, back, up, end = tops
    return home == 0 < down < paged and back == down and up == 0 and end > paged


def _a_menu_is_used(page: Page) -> bool:
    page.locator(".sw-more").focus()
    _press(page, "Enter")
    first = page.evaluate(TEXT)
    _press(page, "End")
    last = page.evaluate(TEXT)
    _press(page, "ArrowDown")
    around = page.evaluate(TEXT)
    _press(page, "Home", "ArrowUp", "Escape")
    return (
        first == around != last
        and page.locator("[role=menu]").count() == 0
        and page.evaluate(FOCUSED) == "sw-more"
        and page.evaluate(SENT, "stop") == 0
    )


def _a_question_is_answered(page: Page) -> bool:
    page.evaluate(
        "async () => { part('x', 'text', {text: 'x', state: 'closed'});"
        " send([], {state: 'finished', can_retry: true, cost: 0.5, elapsed_s: 31}); await settle(60); }"
    )

    def ask(*keys: str) -> tuple[str, int, bool]:
        page.locator(".sw-more").focus()
        _press(page, "Enter", "Enter")
        begins = page.evaluate(TEXT)
        _press(page, *keys)
        return (
            begins,
            page.evaluate(SENT, "retry"),
            page.locator("[role=alertdialog]").is_hidden(),
        )

    return [ask("Escape"), ask("Enter"), ask("Shift+Tab", "Enter")] == [
        ("Cancel", 0, True),
        ("Cancel", 0, True),
        ("Cancel", 1, True),
    ]


def _a_step_folds(page: Page) -> bool:
    page.evaluate(
        "async () => { step('one'); part('p', 'progress', {step_id: 'one', completed: 1, total: 2}); await settle(80); }"
    )
    page.locator(".sw-fold").focus()
    seen = []
    for key in ("Enter", "Space"):
        _press(page, key)
        seen.append(page.evaluate("() => foldedStep('one')"))
    return seen == [True, False]


def _the_timeline_jumps(page: Page) -> bool:
    page.evaluate(
        """async () => {
          step("one"); part("p", "progress", {step_id: "one", completed: 1, total: 2}); await settle(60); end("one");
          step("two"); part("t", "text", {text: "line\\n\\n".repeat(80), step_id: "two"}); await settle(150);
        }"""
    )
    page.locator(".sw-span").nth(1).focus()
    _press(page, "ArrowLeft")
    name = page.evaluate("() => document.activeElement.getAttribute('aria-label').slice(0, 3)")
    _press(page, "Enter")
    return name == "one" and page.evaluate("() => !foldedStep('one') && body.scrollTop < 20")


FILL = (
    "async () => { table(); op({op: 'extend', id: 't', items: rows(0, 300)}); await settle(120); }"
)
ACTIVE = """() => {
  const cell = document.getElementById(view.querySelector("[role=grid]").getAttribute("aria-activedescendant"));
  return cell && [Number(cell.parentElement.getAttribute("aria-rowindex")) - 2, Number(cell.getAttribute("aria-colindex")) - 1];
}"""
SELECTED = "() => view.querySelectorAll('[aria-selected=true]').length"


def _the_cursor_moves(page: Page) -> bool:
    page.evaluate(FILL)
    page.locator("[role=grid]").focus()
    places = []
    for key in ("ArrowDown", "ArrowRight", "PageDown", "Home", "End", "ArrowUp", "Control+Home"):
        _press(page, key)
        places.append(page.evaluate(ACTIVE))
    _press(page, "Shift+ArrowDown", "Shift+ArrowRight")
    return (
        places
        == [
            [0, 0],
            [0, 1],
            [8, 1],
            [8, 0],
            [8, 2],
            [7, 2],
            [0, 0],
        ]
        and page.evaluate(SELECTED) == 4
    )


def _cells_are_copied(page: Page) -> bool:
    page.evaluate(FILL)
    page.evaluate(
        "() => { globalThis.copied = ''; document.addEventListener('copy', (e) => { copied = e.clipboardData.getData('text/plain'); }, {once: true}); }"
    )
    page.locator("[role=grid]").focus()
    _press(page, "ArrowDown", "Control+a", "Control+c")
    return page.evaluate("() => copied.split('\\n').length") == 300


def _a_row_opens(page: Page) -> bool:
    page.evaluate(FILL)
    page.locator("[role=grid]").focus()
    _press(page, "ArrowDown", "Enter")
    shown = page.locator(".sw-record").inner_text()
    _press(page, "Escape")
    return (
        "Row 1" in shown
        and page.locator(".sw-record").is_hidden()
        and page.evaluate(SENT, "stop") == 0
    )


def _heads_sort(page: Page) -> bool:
    page.evaluate(FILL)
    heads = page.locator("th > button:first-child")
    heads.nth(1).focus()
    _press(page, "Enter")
    heads.nth(2).focus()
    _press(page, "Shift+Enter")
    return page.evaluate(
        "() => [...view.querySelectorAll('th')].map((one) => one.getAttribute('aria-sort')).join()"
    ) == (",ascending,ascending")


def _heads_have_menus(page: Page) -> bool:
    page.evaluate(FILL)
    page.locator("th > button:first-child").nth(1).focus()
    _press(page, "Alt+ArrowDown")
    items = page.locator("[role=menuitem]").all_inner_texts()
    at = next(at for at, one in enumerate(items) if one == "Move left")
    _press(page, *["ArrowDown"] * at, "Enter")
    return page.locator("th > button:first-child").first.inner_text().startswith("name")


def _filters_are_left(page: Page) -> bool:
    page.evaluate(FILL)
    page.locator("th > button:first-child").nth(1).focus()
    _press(page, "Alt+ArrowDown", "ArrowDown", "ArrowDown", "ArrowDown", "ArrowDown", "Enter")
    page.keyboard.type("name 3")
    page.evaluate("() => settle(60)")
    some = page.locator("[role=grid]").get_attribute("aria-rowcount")
    _press(page, "Escape")
    all_ = page.locator("[role=grid]").get_attribute("aria-rowcount")
    _press(page, "Escape")
    return (
        int(some or 0) < 100
        and all_ == "301"
        and page.locator(".sw-filters").is_hidden()
        and page.evaluate(SENT, "stop") == 0
    )


CHART = """async () => {
  const items = Array.from({length: 100}, (_, n) => [0, n + 1, 100 / (n + 1)]);
  part("m", "metric", {name: "loss", series: ["loss"], x_label: "step", point_count: 100, last: [1], min: [1], max: [100], items});
  await settle(150);
}"""
FACTS = "() => of('metric').querySelector('.sw-line .sw-note').textContent"


def _a_chart_is_read(page: Page) -> bool:
    page.evaluate(CHART)
    page.locator(".sw-chart").focus()
    seen = []
    for key in ("Home", "ArrowRight", "End", "ArrowLeft", "Escape"):
        _press(page, key)
        seen.append(page.evaluate(FACTS))
    return seen == ["step 1", "step 2", "step 100", "step 99", "100 points"]


def _a_chart_is_zoomed(page: Page) -> bool:
    page.evaluate(CHART)
    page.locator(".sw-chart").focus()
    reset = page.locator("[data-kind=metric] .sw-plain").first
    seen = []
    for key in ("+", "-", "+", "0"):
        _press(page, key)
        seen.append(reset.is_visible())
    return seen == [True, False, True, False]


def _a_tree_is_walked(page: Page) -> bool:
    page.evaluate(
        """async () => { part("v", "value", {name: "answer", text: '{"a": {"b": 1}, "c": 2}', state: "closed", is_json: true}); await settle(100); }"""
    )
    page.locator(".sw-leaf").first.focus()
    seen = []
    for key in ("ArrowDown", "ArrowLeft", "ArrowDown", "ArrowUp", "ArrowRight", "ArrowDown"):
        _press(page, key)
        seen.append(page.evaluate(TEXT).split(":")[0])
    return seen == ["a", "a", "c", "a", "a", "b"]


def _a_message_is_sent(page: Page) -> bool:
    page.evaluate("async () => { send([], {can_send: true}); await settle(60); }")
    field = page.locator(".sw-field")
    field.focus()
    page.keyboard.type("one")
    _press(page, "Shift+Enter")
    page.keyboard.type("two")
    _press(page, "Enter")
    text = page.evaluate("() => model.sent.find((m) => m.cmd === 'send').text")
    _press(page, "Escape")
    return (
        text == "one\ntwo"
        and page.evaluate(FOCUSED) == "sw-view"
        and page.evaluate(SENT, "stop") == 0
    )


ASKED = """async () => {
  const fields = [{name: "name", type: "string", title: "Name", required: true}, {name: "n", type: "integer", title: "N"}];
  part("q1", "ask", {question: "Which?", options: ["a", "b", "c"], fields: []});
  part("q2", "ask", {question: "Who?", options: [], fields});
  send([], {asks: ["q1", "q2"], elapsed_s: 31});
  await settle(60);
}"""
ANSWERS = "() => model.sent.filter((m) => m.cmd === 'answer').map((m) => [m.part_id, m.value])"


def _an_option_is_chosen(page: Page) -> bool:
    page.evaluate(ASKED)
    page.locator(".sw-option").first.focus()
    _press(page, "ArrowRight", "ArrowRight", "ArrowRight", "ArrowLeft")
    last = page.evaluate("() => document.activeElement.lastChild.textContent")
    _press(page, "2", "1")  # the second press comes after the answer was sent
    return last == "c" and page.evaluate(ANSWERS) == [["q1", "b"]]


def _a_form_is_sent_and_left(page: Page) -> bool:
    page.evaluate(ASKED)
    name = page.get_by_label("Name")
    name.focus()
    _press(page, "Enter")
    problem = page.locator(".sw-problem:visible").inner_text()
    page.keyboard.type("d d 2")
    _press(page, "Escape")
    left = page.evaluate(FOCUSED), page.evaluate(SENT, "stop"), name.input_value()
    name.focus()
    _press(page, "Enter")
    return (
        problem == "Name is required."
        and left == ("sw-view", 0, "d d 2")
        and page.evaluate(ANSWERS) == [["q2", {"name": "d d 2"}]]
    )


TURNED = """async () => {
  part("k", "knob", {name: "rate", value: 50, minimum: 0, maximum: 100, step: 1, is_log: false});
  send([], {knobs: ["k"]});
  await settle(60);
}"""
TURNS = "() => model.sent.filter((m) => m.cmd === 'knob').map((m) => m.value)"


def _a_knob_is_turned(page: Page) -> bool:
    page.evaluate(TURNED)
    page.locator(".sw-slider").focus()
    # `settle` waits longer than turns are joined; this kernel keeps the value at 50
    for key in ("ArrowRight", "PageUp", "ArrowDown", "End", "Home"):
        _press(page, key)
    return page.evaluate(TURNS) == [51, 60, 49, 100, 0]


def _a_number_is_entered(page: Page) -> bool:
    page.evaluate(TURNED)
    field = page.locator(".sw-knobfield")
    field.focus()
    field.fill("250")
    _press(page, "Enter")
    entered = page.evaluate(TURNS)
    field.fill("7")
    _press(page, "Escape")
    return (
        entered == [100]
        and page.evaluate(TURNS) == [100]
        and page.evaluate(FOCUSED) == "sw-view"
        and page.evaluate(SENT, "stop") == 0
    )


def _a_recording_is_moved_in(page: Page) -> bool:
    replaying._open_line(page)
    page.locator(".sw-seek").focus()
    for key in ("ArrowRight", "PageUp", "PageDown", "ArrowLeft", "End", "Home"):
        page.keyboard.press(key)
    page.wait_for_function(f"() => ({replaying.MOVES})().length === 6")
    moves = page.evaluate(replaying.MOVES)
    return [at for cmd, at, _ in moves] == [31, 41, 31, 30, 100, 0]


def _marks_are_found(page: Page) -> bool:
    replaying._open_line(page)
    page.locator(".sw-seek").focus()
    for key in ("s", "t", "e", "Shift+E"):
        page.keyboard.press(key)
    page.wait_for_function(f"() => ({replaying.MOVES})().length === 4")
    return page.evaluate(replaying.MOVES) == [
        ["mark", "step", False],
        ["mark", "tool-call", False],
        ["mark", "error", False],
        ["mark", "error", True],
    ]


PATHS: list[tuple[str, Callable[[Page], bool]]] = [
    ("view", _escape_stops),
    ("view", _the_view_scrolls),
    ("menu", _a_menu_is_used),
    ("question", _a_question_is_answered),
    ("step", _a_step_folds),
    ("timeline", _the_timeline_jumps),
    ("table", _the_cursor_moves),
    ("table", _cells_are_copied),
    ("table", _a_row_opens),
    ("column head", _heads_sort),
    ("column head", _heads_have_menus),
    ("filter", _filters_are_left),
    ("chart", _a_chart_is_read),
    ("chart", _a_chart_is_zoomed),
    ("value", _a_tree_is_walked),
    ("message", _a_message_is_sent),
    ("options", _an_option_is_chosen),
    ("form", _a_form_is_sent_and_left),
    ("knob", _a_knob_is_turned),
    ("number of a knob", _a_number_is_entered),
    ("recording", _a_recording_is_moved_in),
    ("recording", _marks_are_found),
]
"""In the order of the rows in the document."""


def keyboard_paths_work(page: Page) -> bool:
    """Each row of docs/keyboard.md does what it says."""
    written = re.findall(r"^\| (\w[\w ]*) \| (?!keys)", DOCUMENT.read_text("utf-8"), re.MULTILINE)
    written = [
        where for where in written if where != "chat"
    ]  # its keys are pressed in tests/browser/test_chat.py
    if written != [where for where, _ in PATHS]:
        print("    written down:", written)
        return False
    failed = []
    for where, check in PATHS:
        start(page)
        if not check(page):
            failed.append(f"{where}: {check.__name__}")
    if failed:
        print("   ", *failed)
    return not failed


def the_tab_key_leads_through_and_out(page: Page) -> bool:
    """Tab reaches every control that is seen and leaves the view at its end; each stop is seen."""
    start(page)
    page.evaluate(FILL)
    page.evaluate(CHART)
    page.evaluate(
        """async () => {
          for (const at of ["beforebegin", "afterend"]) {
            const outside = document.createElement("button"); outside.className = `outside ${at}`; outside.textContent = at;
            view.insertAdjacentElement(at, outside);
          }
          await settle(60);
          document.querySelector(".outside.beforebegin").focus();
        }"""
    )
    stops: list[str] = []
    for _ in range(80):
        page.keyboard.press("Tab")
        stop, seen = page.evaluate(
            """() => {
              const one = document.activeElement, style = getComputedStyle(one);
              const marked = style.outlineStyle !== "none" || style.boxShadow !== "none" || one.closest(":focus-within:not(.sw-view)") !== null;
              return [one.className.split(" ").at(-1), one.checkVisibility() && marked];
            }"""
        )
        if not seen:
            print("    not seen:", stop)
            return False
        if stop == "afterend":
            break
        stops.append(stop)
    page.evaluate("() => document.querySelectorAll('.outside').forEach((one) => one.remove())")
    wanted = {"sw-view", "sw-stop", "sw-more", "sw-filter", "sw-chart"}
    return wanted <= set(stops) and len(stops) < 60


CHECKS = (keyboard_paths_work, the_tab_key_leads_through_and_out)
