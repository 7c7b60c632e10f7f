"""`%%stream` runs a cell as a job beside the notebook."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from types import SimpleNamespace

import ipywidgets
import pytest
from IPython.core.interactiveshell import InteractiveShell

import streamwidget
from streamwidget import StreamView, UsageError
from streamwidget.widget import notebook_cells
from unit.waiting import WAIT_S


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch) -> Iterator[InteractiveShell]:
    shell = InteractiveShell()
    monkeypatch.setattr(notebook_cells, "shell", lambda: shell)
    vars(shell)["get_parent"] = lambda: {"metadata": {"cellId": "a"}}
    streamwidget.load_ipython_extension(shell)
    yield shell
    ipywidgets.Widget.close_all()


def stream(shell: InteractiveShell, cell: str, line: str = "") -> StreamView:
    shell.events.trigger("pre_run_cell", SimpleNamespace(cell_id="a"))
    view = shell.run_cell_magic("stream", line, cell)
    assert isinstance(view, StreamView)
    return view


def test_what_a_cell_prints_streams_and_its_names_are_those_of_the_notebook(
    shell: InteractiveShell,
) -> None:
    shell.user_ns["known"] = 2
    view = stream(shell, "print('one')\nmade = known + 1\nprint(made)\n")
    assert view.wait(WAIT_S).status == "finished"
    assert view.text == "one\n3\n"
    assert shell.user_ns["made"] == 3


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("1 + 1", "2\n"),
        ("1 + 1;", ""),
        ("1 + 1;  # quiet", ""),
        ("None", ""),
        ("[1] if True else 2", "[1]\n"),
        ("print('x')", "x\n"),
        ("x = 1", ""),
        ("# nothing", ""),
        ("import asyncio\nawait asyncio.sleep(0)\nprint('slept')\n3", "slept\n3\n"),
        ("%time 1", None),
        ("(letter for letter in 'abc')", "abc"),
    ],
)
def test_the_last_value_is_shown_as_in_a_plain_cell(
    shell: InteractiveShell, cell: str, text: str | None
) -> None:
    view = stream(shell, cell)
    assert view.wait(WAIT_S).status == "finished", view.error
    if text is not None:
        assert view.text == text


def test_a_stop_ends_code_that_calls_nothing(shell: InteractiveShell) -> None:
    began = shell.user_ns["began"] = threading.Event()
    view = stream(
        shell,
        "try:\n    began.set()\n    while True: pass\n"
        "finally:\n    print('closing')\n    ended = 1",
    )
    assert began.wait(WAIT_S)
    view.stop()
    assert view.wait(WAIT_S).status == "stopped"
    assert (view.text, shell.user_ns["ended"]) == ("closing\n", 1)


def test_a_stop_ends_a_cell_that_prints_without_end_and_loses_no_line(
    shell: InteractiveShell,
) -> None:
    view = stream(shell, "n = 0\nwhile True:\n    n += 1\n    print(n)")
    while len(view.text) < 10_000:
        time.sleep(0.01)
    view.stop()
    assert view.wait(WAIT_S).status == "stopped"
    numbers = [int(line) for line in view.text.split()]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) in (shell.user_ns["n"], shell.user_ns["n"] - 1)


def test_a_cell_that_waits_can_be_cancelled(shell: InteractiveShell) -> None:
    view = stream(shell, "import asyncio\nprint('begun')\nawait asyncio.sleep(3600)")
    while "begun" not in view.text:
        time.sleep(0.01)
    view.stop()
    assert view.wait(WAIT_S).status == "stopped"


def test_an_error_shows_the_line_of_the_cell(shell: InteractiveShell) -> None:
    view = stream(shell, "x = 1\nraise ValueError('broken')")
    view.wait(WAIT_S)
    assert view.status == "failed"
    assert "ValueError: broken" in str(view.error)
    assert "raise ValueError('broken')" in str(view.error.detail)  # type: ignore[union-attr]


def test_the_options_are_a_name_a_title_and_keep(shell: InteractiveShell) -> None:
    cell = "import time\nwhile True: time.sleep(0.01)"
    first = stream(shell, cell, "training --title 'My model'")
    assert shell.user_ns["training"] is first
    assert first.title == "My model"
    kept = stream(shell, cell, "--keep")
    assert first.wait(WAIT_S).summary.startswith("Stopped by a new run of its cell")  # type: ignore[union-attr]
    stream(shell, "1")
    assert kept.status in ("connecting", "streaming")
    kept.stop()
    kept.wait(WAIT_S)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("a b", "does not take 'b'"),
        ("--titel x", "does not take '--titel'"),
        ("--title", "needs a text"),
        ("'", "No closing quotation"),
    ],
)
def test_a_wrong_line_is_refused(shell: InteractiveShell, line: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        stream(shell, "1", line)


def test_a_cell_with_wrong_syntax_starts_nothing(shell: InteractiveShell) -> None:
    before = len(StreamView.live())
    with pytest.raises(SyntaxError):
        stream(shell, "def f(:")
    assert len(StreamView.live()) == before
