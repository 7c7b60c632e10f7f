"""Holds the front end in a real browser to what fakes without layout cannot show.

    python js/test/gallery/check.py [--firefox] [check ...]

Needs what `shoot.py` needs. Prints one line for each check; the exit code is the number that failed.
With `--firefox` in Firefox (STREAMWIDGET_FIREFOX, else /usr/bin/firefox-esr): what only Chromium can
measure is skipped.
"""

from __future__ import annotations

import functools
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterable

import boards
import charts
import focus
import forms
import grids
import keyboard
import kinds
import replaying
import robust
import shapes
import speaking
import texts
from main_thread import OnlyInChromium
from playwright.sync_api import Browser, Page, Playwright, sync_playwright
from shoot import ARGS, CHROMIUM, open_gallery
from tries import measured_again

FIREFOX = os.environ.get("STREAMWIDGET_FIREFOX", "/usr/bin/firefox-esr")
TIMEOUT_MS = 120_000
"""The longest wait for what comes within seconds on an idle machine."""
PROCESS_S = 300
"""The longest time of one check in Firefox: a process without its driver waits for ever."""
SETUP = """async () => {
  globalThis.wait = (ms) => new Promise((done) => setTimeout(done, ms));
  globalThis.statusOf = (more) => ({rev: 1, state: "streaming", title: "T", elapsed_s: 1, first_token_s: 0.1,
    token_count: 1, tokens_estimated: false, char_count: 1, stop: null, ...more});
  await gallery.show(["connecting"]);
  globalThis.model = gallery.models.connecting;
  globalThis.view = document.querySelector(".sw-view");
  globalThis.body = view.querySelector(".sw-body");
  globalThis.seq = 0;
  globalThis.op = (...ops) => {
    model.patch({run_id: "view.2", from_seq: seq, seq: seq + 1, ops: [ops], status: statusOf()});
    seq += 1;
  };
  globalThis.add = (id, kind = "text") => op({op: "add", part: {id, kind, state: "open", text: "", step_id: null}});
  globalThis.append = (id, text) => op({op: "append", id, text});
  globalThis.shown = () => view.querySelector(".sw-part[data-kind=text]").textContent;
}"""


def text_does_not_depend_on_cuts(page: Page) -> bool:
    """Whatever the text and its cuts, the part shows what the same text in one piece shows."""
    rng = random.Random(5)
    alphabet = [
        "\n", "\n", "\n\n", "\r\n", " ", "a", "word ", "👩‍🚀", "é", "\t", "x" * 700, "日本語",
        "# ", "- ", "**", "`", "| a | b |\n|---|---|\n", "```\n", "[", "](", ")", "> ",
    ]  # fmt: skip
    shown = """async (pieces) => {
      add("t");
      for (const [at, piece] of pieces.entries()) {
        append("t", piece);
        if (at % 3 === 0) await wait(1);
      }
      op({op: "set", id: "t", fields: {state: "closed"}});
      const html = () => view.querySelector(".sw-part[data-kind=text]")?.innerHTML ?? null;
      for (let before = ""; before === null || before !== html(); await settle(50)) before = html();
      return html();
    }"""
    for _ in range(25):
        pieces = ["".join(rng.choices(alphabet, k=rng.randrange(1, 30))) for _ in range(30)]
        page.evaluate(SETUP)
        cut = page.evaluate(shown, pieces)
        page.evaluate(SETUP)
        if cut != page.evaluate(shown, ["".join(pieces)]):
            return False
    return True


def hostile_text_is_text(page: Page) -> bool:
    """Markup in any field stays text: no element of it, no script, no request."""
    page.evaluate(SETUP)
    evil = "<img src=x onerror=globalThis.pwned=1><script>globalThis.pwned=1</script>"
    return page.evaluate(
        """async (evil) => {
          for (const kind of ["text", "reasoning", "step", "progress", "notice", "error", "unknown", "ask", "knob", evil])
            op({op: "add", part: {id: kind, kind, state: evil, text: evil, name: evil, message: evil,
              unit: evil, question: evil, options: [evil], fields: [{name: evil, title: evil, type: evil}], problem: evil, fault: evil, detail: evil, data: evil, level: evil, code: evil, step_id: null}});
          await settle(60);
          for (const d of view.querySelectorAll("details")) d.open = true;
          await settle(60);
          return !globalThis.pwned && view.querySelectorAll("img, script, a, iframe").length === 0
            && view.querySelectorAll(".sw-part").length === 10;
        }""",
        evil,
    )


def follows_and_lets_go(page: Page) -> bool:
    """Stuck to the end until the reader scrolls up; the pill brings it back; the page never moves."""
    page.evaluate(SETUP)
    fill = "async () => { add('t'); for (let n = 0; n < 80; n++) append('t', `line ${n}\\n\\n`); await settle(80); }"
    page.evaluate(fill)
    gap = "() => body.scrollHeight - body.scrollTop - body.clientHeight"
    stuck = page.evaluate(gap) < 2
    page.mouse.move(300, 300)
    page.mouse.wheel(0, -120)
    page.evaluate("() => settle(150)")
    top = page.evaluate("() => body.scrollTop")
    page.evaluate(
        "async () => { for (let n = 0; n < 20; n++) append('t', `more ${n}\\n\\n`); await settle(80); }"
    )
    let_go = page.evaluate("() => body.scrollTop") == top and page.evaluate(gap) > 100
    page.locator(".sw-jump").press("Enter")
    page.evaluate("async () => { append('t', 'last\\n'); await settle(80); }")
    back = page.evaluate(gap) < 2 and page.locator(".sw-jump").is_hidden()
    focused = page.evaluate("() => document.activeElement === view")
    return stuck and let_go and back and focused and page.evaluate("() => scrollY") == 0


def escape_stops(page: Page) -> bool:
    """Escape in the view stops, and the key goes no further."""
    page.evaluate(SETUP)
    page.evaluate(
        "() => { add('t'); document.addEventListener('keydown', (e) => (globalThis.leaked = e.key)); }"
    )
    page.locator(".sw-view").focus()
    page.keyboard.press("Escape")
    sent = page.evaluate("() => model.sent.filter((m) => m.cmd === 'stop').length")
    return sent == 1 and page.evaluate("() => globalThis.leaked") is None


def frames_stay_short(page: Page, text: str, pieces: int) -> float:
    """Milliseconds of the last tenth of the appends over those of the first tenth."""
    page.evaluate(SETUP)
    times = page.evaluate(
        """async ([text, pieces]) => {
          add("t"); await settle(50);
          const times = [];
          for (let n = 0; n < pieces; n++) {
            append("t", text);
            const t = performance.now();
            await new Promise(requestAnimationFrame);
            void body.offsetHeight;
            await new Promise((done) => { const c = new MessageChannel(); c.port1.onmessage = done; c.port2.postMessage(0); });
            times.push(performance.now() - t);
          }
          return times;
        }""",
        [text, pieces],
    )
    tenth = max(1, pieces // 10)
    first, last = sorted(times[:tenth]), sorted(times[-tenth:])
    print(
        f"    {pieces * len(text)} characters: median {first[tenth // 2]:.1f} ms, then {last[tenth // 2]:.1f} ms"
    )
    return last[tenth // 2] / first[tenth // 2]


@measured_again
def long_report_stays_fast(page: Page) -> bool:
    """400 kB in paragraphs: the last appends cost about what the first did."""
    return frames_stay_short(page, ("So the year needs a stronger half. " * 28 + "\n\n"), 400) < 2.5


@measured_again
def giant_paragraph_stays_fast(page: Page) -> bool:
    """200 kB without one line end stay usable."""
    return frames_stay_short(page, "So the year needs a stronger half. " * 14, 400) < 4


def repair_without_carrier(page: Page) -> bool:
    """No carrier: the kernel is asked for the code, and the view comes all the same."""
    page.evaluate("() => gallery.reset()")
    page.evaluate(
        """async () => {
          const { default: widget } = await import("./loader.js?repair");
          const bytes = await (await fetch("app.js.gz")).arrayBuffer();
          const model = gallery.fake("finished", null);
          model.send = (content) => { if (content.cmd === "code")
            model.custom({ code: "hash" }, [new DataView(bytes)]); };
          const { initialize, render } = widget();
          initialize({ model });
          globalThis.el = document.createElement("div"); document.body.replaceChildren(el);
          await render({ model, el });
        }"""
    )
    return page.locator(".sw-view[data-state=finished]").count() == 1


def plain_text_without_code(page: Page) -> bool:
    """No carrier, no kernel: the snapshot's text is shown, and markup in it is text."""
    page.evaluate("() => gallery.reset()")
    shown = page.evaluate(
        """async () => {
          const { default: widget } = await import("./loader.js?plain");
          const model = gallery.fake("finished", null);
          model.answers = false;
          const { initialize, render } = widget();
          initialize({ model });
          const el = document.createElement("div"); document.body.replaceChildren(el);
          await render({ model, el });
          return el.textContent;
        }"""
    )
    return "could not load its interface" in shown and "Three things stand out" in shown


def evaluated_once(page: Page) -> bool:
    """Many views, one evaluation of the bundle, and no style sheet twice."""
    page.reload()
    page.wait_for_function("() => globalThis.gallery")
    page.evaluate("() => gallery.show(['finished', 'stopped', 'incomplete', 'provider'])")
    page.wait_for_function("() => document.querySelector('.sw-errorbody')")  # the extras are there
    count = """() => {
      return [globalThis[Symbol.for("streamwidget/evaluations")], document.adoptedStyleSheets.length];
    }"""
    return page.evaluate(count) == [1, 1]


def views_share_a_store(page: Page) -> bool:
    """Two views of one model show the same; closing one leaves the other alive."""
    page.evaluate(SETUP)
    return page.evaluate(
        """async () => {
          const { default: widget } = await import("./loader.js");
          const bytes = await (await fetch("app.js.gz")).arrayBuffer();
          globalThis.model = gallery.fake("connecting", { get: () => new DataView(bytes) });
          const { initialize, render } = widget();
          initialize({ model });
          const [one, two] = [document.createElement("div"), document.createElement("div")];
          document.body.replaceChildren(one, two);
          const close = await render({ model, el: one });
          await render({ model, el: two });
          seq = 0; add("t"); append("t", "first "); await settle(60);
          const text = (el) => el.querySelector("[data-kind=text]")?.textContent;
          const same = text(one) === "first" && text(two) === "first";
          close();
          append("t", "second"); await settle(60);
          return same && one.childElementCount === 0 && text(two) === "first second"
            && model.sent.filter((m) => m.cmd === "hello").length === 1;
        }"""
    )


CHECKS = [
    views_share_a_store, evaluated_once, text_does_not_depend_on_cuts, hostile_text_is_text, follows_and_lets_go, escape_stops,
    long_report_stays_fast, giant_paragraph_stays_fast, repair_without_carrier, plain_text_without_code,
]  # fmt: skip


def with_setup(check: Callable[[Page, str], bool]) -> Callable[[Page], bool]:
    @functools.wraps(check)
    def run(page: Page) -> bool:
        return check(page, SETUP)

    return run


def launch(playwright: Playwright, *, firefox: bool) -> Browser:
    if firefox:
        return playwright.firefox.launch(
            channel="moz-firefox", executable_path=FIREFOX, timeout=TIMEOUT_MS
        )
    return playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS, timeout=TIMEOUT_MS)


def each_in_a_process(names: Iterable[str]) -> int:
    """Run each check of Firefox in its own process, and return how many failed.

    What goes wrong in Playwright's driver of Firefox does not take other checks along.
    """
    failed = [name for name in names if not _passes_in_a_process(name)]
    print(f"{len(failed)} failed in Firefox: {', '.join(failed)}" if failed else "none failed")
    return min(len(failed), 100)


def _passes_in_a_process(name: str) -> bool:
    command = [sys.executable, __file__, "--firefox", name]
    # The driver fails to look at a frame that is gone already, and must not end because of it.
    environment = os.environ | {"NODE_OPTIONS": "--unhandled-rejections=warn"}
    try:
        done = subprocess.run(command, check=False, timeout=PROCESS_S, env=environment)
        return done.returncode == 0
    except subprocess.TimeoutExpired:
        print("FAIL", name, f"took longer than {PROCESS_S} s", flush=True)
        return False


def main() -> int:
    passed_count = failed_count = skipped_count = 0
    firefox = "--firefox" in sys.argv
    wanted = [argument for argument in sys.argv[1:] if argument != "--firefox"]
    ours = [with_setup(check) for check in texts.CHECKS]
    runs = [
        ("light", check)
        for check in [
            *CHECKS,
            *ours,
            *kinds.CHECKS,
            *grids.CHECKS,
            *forms.CHECKS,
            *charts.CHECKS,
            *boards.CHECKS,
            *robust.CHECKS,
            *shapes.CHECKS,
            *speaking.CHECKS,
            *replaying.CHECKS,
            *focus.CHECKS,
            *keyboard.CHECKS,
        ]
    ] + [(theme, kinds.everything_is_accessible) for theme in ("dark", "contrast")]
    if firefox and not wanted:
        return each_in_a_process(dict.fromkeys(check.__name__ for _, check in runs))
    with sync_playwright() as playwright:
        browser, shown, page = launch(playwright, firefox=firefox), "", None
        for theme, check in runs:
            if wanted and check.__name__ not in wanted:
                continue
            began = time.monotonic()
            try:
                if not browser.is_connected():
                    browser, shown, page = launch(playwright, firefox=firefox), "", None
                if page is None or theme != shown:
                    if page is not None:
                        page.close()
                    page = browser.new_page(viewport={"width": 900, "height": 800})
                    page.set_default_timeout(TIMEOUT_MS)
                    open_gallery(page, theme)
                passed = check(page)
            except OnlyInChromium:
                skipped_count += 1
                print("skip", check.__name__, flush=True)
                continue
            except Exception as error:  # the others are to be run all the same
                print("    ", type(error).__name__, *str(error).splitlines()[:1])
                passed = False
            shown = theme if passed else ""  # a page on which a check failed may be broken
            passed_count, failed_count = passed_count + passed, failed_count + (not passed)
            print(
                "ok  " if passed else "FAIL",
                check.__name__,
                theme if theme != "light" else "",
                f"({time.monotonic() - began:.1f} s)",
                flush=True,
            )
        browser.close()
    skipped = f", {skipped_count} skipped" if firefox else ""
    print(f"{passed_count} passed, {failed_count} failed{skipped}")
    return min(failed_count, 100)


if __name__ == "__main__":
    sys.exit(main())
