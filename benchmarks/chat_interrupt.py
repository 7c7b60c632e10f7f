"""From the question that interrupts an answer until the producer of that answer is closed.

    python benchmarks/chat_interrupt.py [--questions 20]

A reader of a chat in a real JupyterLab sends a question in the middle of an answer that would last
for ten minutes. The time starts at the click on the send button (the page's clock) and ends when
the producer's `finally` has run: that of the generator in the kernel, or of the server, which has
noticed that its reader is gone (their clocks; all are on this machine). Every interrupted answer
must have kept each word from its first one on. Prints a Markdown table.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "browser")]

from conversation import REPORT, TRANSPORTS, cell, ended_at, is_whole  # noqa: E402

from lab import Chromium, Lab, Notebook, address_of, end_on_sigterm  # noqa: E402
from lab.notebook import poll  # noqa: E402

MEDIAN_BOUND_MS = 50.0
WORDS_COUNT = 30
"""An answer is interrupted when the page shows so many of its words."""


def main() -> int:
    """Measure each transport, and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--questions", type=int, default=20)
    count = parser.parse_args().questions
    end_on_sigterm()
    print("| answers over | interrupts | median ms | max ms | words lost |")
    print("|---|---:|---:|---:|---:|")
    with (
        tempfile.TemporaryDirectory(prefix="chat-") as work,
        address_of("lab.answers", log=Path(work) / "log", cwd=ROOT / "tests") as url,
        Lab(Path(work) / "lab") as lab,
        Chromium() as chromium,
    ):
        for transport in TRANSPORTS:
            questions = [f"question {n} over {transport}" for n in range(count + 1)]
            lab.write_notebook("chat.ipynb", [cell(transport, url), REPORT])
            notebook = chromium.open(lab, "chat.ipynb")
            notebook.run_cell(0)
            asked_s = list(asked(notebook, questions))
            notebook.page.keyboard.press("Escape")
            notebook.run_cell(1)
            in_kernel, turns = json.loads(notebook.output_text(1).splitlines()[-1])
            ends = in_kernel if transport.endswith("generator") else ended_at(url)
            ended_s = {question: at_s for question, _, at_s in ends}
            times_ms = [
                (ended_s[question] - asked) * 1000
                for question, asked in zip(questions[:-1], asked_s[1:], strict=True)
            ]
            lost = sum(not is_whole(text, WORDS_COUNT) for _, _, text in turns[:-1])
            median, worst = statistics.median(times_ms), max(times_ms)
            row = f"| {transport} | {len(times_ms)} | {median:.1f} | {worst:.1f} | {lost} |"
            print(row, "" if median <= MEDIAN_BOUND_MS else f"over {MEDIAN_BOUND_MS:g} ms")
            notebook.close()
            lab.end_kernels()
    return 0


def asked(notebook: Notebook, questions: list[str]) -> Iterator[float]:
    """Ask them, each in the middle of the answer before; yield the times of the clicks."""
    page = notebook.page
    turns = page.locator(".sw-chat .sw-turn")
    for number, question in enumerate(questions):
        page.locator(".sw-chat .sw-composer .sw-field").fill(question)
        page.locator(".sw-chat .sw-send").click()
        yield notebook.last_click_s()
        poll(lambda at=number: f"word{WORDS_COUNT}" in turns.nth(at).inner_text())


if __name__ == "__main__":
    sys.exit(main())
