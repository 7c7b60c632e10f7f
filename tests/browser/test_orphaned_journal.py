"""A journal whose kernel died, attached in another notebook."""

from __future__ import annotations

import pytest
from conftest import MakeScene
from scene import Scene

WRITER = "view = StreamView(tokens(100_000, rate=100), title='Long', journal='orphan.jsonl')\nview"
READER = "view = StreamView.attach('orphan.jsonl')\nview"


@pytest.mark.expects_console_errors
def test_the_view_of_a_journal_whose_kernel_died_says_so_and_keeps_what_it_has(
    make_scene: MakeScene,
) -> None:
    first = make_scene(WRITER)
    first.run(1)
    first.wait_chars(500)
    second = Scene(first.lab, first.chromium, "reader.ipynb", (READER,), kernel="python3")
    second.run(1)
    second.wait_chars(500)
    assert second.state() == "streaming"
    process = first.notebook.kernel_process()
    process.kill()
    second.wait_state("incomplete")
    shown = second.notebook.output_text(1)
    assert f"pid {process.pid}" in shown
    assert "has ended without finishing it" in shown
    assert len(second.text()) >= 500
