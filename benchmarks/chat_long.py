"""A long chat in a real JupyterLab: first paint, typing, and what each turn sends.

    python benchmarks/chat_long.py [--turns 500] [--kilobytes 2000]

First paint: from the click that runs the cell which shows the chat to the frame with its newest
answer. Typing: from each key to the end of the frame that shows it, at rest and while an answer
streams. Bytes: what the kernel sends for one more turn at the beginning and at the end. Prints
Markdown.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from lab import Chromium, Lab, Notebook, end_on_sigterm  # noqa: E402 - found by the line above
from lab.notebook import poll  # noqa: E402

MAKE = """
import asyncio
from streamwidget import Chat
LINE = "A sentence with **strong** words, `code` and a [link](https://example.org). "

async def answer(message):
    if message == "stream":
        for number in range(100_000):
            yield f"word {{number}} "
            await asyncio.sleep(0.01)
    count = 1 if message == "small" else {chars} // len(LINE)
    for number in range(count):
        yield LINE + ("\\n\\n" if number % 4 == 3 else "")

def fill(chat, count):
    for number in range(count):
        chat.ask(f"Question {{number}}, which is about as long as questions are.")
    chat.turns[-1].wait()
chat, short = Chat(answer, title="Long"), Chat(answer, title="Short")
fill(chat, {turns})
fill(short, 2)
print(sum(len(turn.text) for turn in chat.turns), len(chat.turns))
"""
SIZES = """
import json
print(*(len(json.dumps(one.get_state()["snapshot"])) for one in (short, chat)))
"""
WATCH = """() => {
  window.keys = [];
  addEventListener("keydown", () => {
    const at = performance.now();
    requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.onmessage = () => keys.push(performance.now() - at);
      channel.port2.postMessage(null);
    });
  }, { capture: true });
  addEventListener("click", () => { window.clicked = performance.now(); }, { capture: true });
  window.painted = 0;
  const drawn = () => {
    if (document.querySelector(".sw-chat .sw-turn:last-child .sw-part")) {
      const channel = new MessageChannel();
      channel.port1.onmessage = () => { painted = performance.now() - clicked; };
      channel.port2.postMessage(null);
    } else requestAnimationFrame(drawn);
  };
  requestAnimationFrame(drawn);
}"""
TEXT = "How long does it take until a key is seen? " * 3
FIELD = ".sw-chat > .sw-composer .sw-field"


def main() -> int:
    end_on_sigterm()
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--turns", type=int, default=500)
    parser.add_argument("--kilobytes", type=int, default=2000)
    options = parser.parse_args()
    make = MAKE.format(turns=options.turns, chars=options.kilobytes * 1000 // options.turns)
    with (
        tempfile.TemporaryDirectory(prefix="streamwidget-bench-") as work,
        Lab(Path(work) / "lab") as lab,
        Chromium() as chromium,
    ):
        lab.write_notebook("chat.ipynb", [make, "chat", SIZES, "short"])
        report(chromium.open(lab, "chat.ipynb"))
    return 0


def report(notebook: Notebook) -> None:
    notebook.run_cell(0)
    chars, turns = notebook.output_text(0).split()
    notebook.page.evaluate(WATCH)
    notebook.focus_cell(1)
    notebook.press_run(1)
    notebook.wait_for("() => painted > 0")
    first_ms = notebook.page.evaluate("painted")
    poll(lambda: shown(notebook) == int(turns))
    print(f"{turns} turns, {int(chars):,} characters of answers:\n")
    print("| | ms | |\n|---|---:|---:|")
    print(f"| first paint | {first_ms:.0f} | |")
    print(f"| typing at rest, p50 / p95 | {typing(notebook)} | |")
    ask(notebook, "stream")
    notebook.wait_for("() => !!document.querySelector('.sw-chat[data-live]')")
    print(f"| typing while an answer streams, p50 / p95 | {typing(notebook)} | |")
    notebook.page.locator(FIELD).first.press("Escape")
    notebook.wait_for("() => !document.querySelector('.sw-chat[data-live]')")
    long_bytes = turn_bytes(notebook, index=0)
    notebook.run_cell(2)
    sizes = notebook.output_text(2).split()
    notebook.run_cell(3)
    notebook.wait_for("() => document.querySelectorAll('.sw-chat').length === 2")
    short_bytes = turn_bytes(notebook, index=1)
    print(f"\nOne more small turn: {short_bytes} bytes after 2 turns, {long_bytes} after {turns}.")
    print(f"Snapshot: {sizes[0]} bytes of 2 turns, {sizes[1]} of {turns}.")


def shown(notebook: Notebook) -> int:
    return int(
        notebook.page.evaluate("document.querySelectorAll('.sw-chat [role=log] > *').length")
    )


def ask(notebook: Notebook, text: str, index: int = 0) -> None:
    notebook.page.locator(FIELD).nth(index).fill(text)
    notebook.page.keyboard.press("Enter")


def typing(notebook: Notebook) -> str:
    """Type a text, and return how long a key takes to be seen, in ms."""
    field = notebook.page.locator(FIELD).first
    field.focus()
    notebook.page.evaluate("keys.length = 0")
    notebook.page.keyboard.type(TEXT, delay=40)
    poll(lambda: notebook.page.evaluate("keys.length") >= len(TEXT))
    times: list[float] = notebook.page.evaluate("keys")
    field.fill("")
    cuts = statistics.quantiles(times, n=20)
    return f"{statistics.median(times):.0f} / {cuts[18]:.0f}"


def turn_bytes(notebook: Notebook, index: int) -> int:
    """Ask a question with a small answer, and return what the kernel sends in `patch`."""
    notebook.reset_traffic()
    ask(notebook, "small", index)
    line = ".sw-chat >> nth={} >> [role=log] > .sw-turn:last-child[data-state=finished]"
    notebook.page.locator(line.format(index)).wait_for()
    poll(lambda: sent(notebook) > 0)
    return sent(notebook)


def sent(notebook: Notebook) -> int:
    received: dict[str, Any] = notebook.traffic()["received"]["types"].get("comm_msg:patch", {})
    return int(received.get("bytes", 0))


if __name__ == "__main__":
    sys.exit(main())
