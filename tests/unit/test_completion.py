"""The public names are those that `dir`, the Tab key and `?` show of a view."""

from __future__ import annotations

import inspect
from collections.abc import Callable

import ipywidgets
import jedi
import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell

from streamwidget import Limits, StreamBoard, StreamView, collect

VIEW = {"status", "error", "finish_reason", "summary", "title", "text", "reasoning", "tool_calls"}
VIEW |= {"tables", "values", "metrics", "logs", "steps", "usage", "cost", "stop", "pause", "resume"}
VIEW |= {"retry", "send_message", "wait", "result", "to_markdown", "to_html", "to_jsonl", "live"}
NOISE = {"observe", "traits", "keys", "comm", "patch", "snapshot", "flush", "set_state", "blur"}


def in_jedi(thing: object) -> set[str]:
    completions = jedi.Interpreter("thing.", [{"thing": thing}]).complete()
    return {completion.name for completion in completions}


def in_ipython(thing: object) -> set[str]:
    shell = InteractiveShell()
    shell.user_ns["thing"] = thing
    with provisionalcompleter():
        return {one.text.lstrip(".") for one in shell.Completer.completions("thing.", 6)}


@pytest.mark.parametrize("names_of", [dir, in_jedi, in_ipython])
def test_a_view_lists_its_names_and_not_those_of_its_libraries(
    names_of: Callable[[object], set[str]],
) -> None:
    view = StreamView(["x"])
    view.wait()
    names = set(names_of(view))
    assert names >= VIEW
    assert not names & NOISE
    assert not [name for name in names if name.startswith("_") and not name.endswith("__")]
    ipywidgets.Widget.close_all()


@pytest.mark.parametrize("names_of", [dir, in_jedi, in_ipython])
def test_a_result_and_a_board_can_be_completed(names_of: Callable[[object], set[str]]) -> None:
    assert set(names_of(collect(["x"]))) >= {"status", "text", "raise_for_error", "to_html"}
    assert set(names_of(StreamBoard([]))) >= {"views", "stop", "wait", "title"}
    ipywidgets.Widget.close_all()


def test_signatures_are_short() -> None:
    shown = str(inspect.signature(StreamView))
    assert "object at 0x" not in shown
    assert "limits: 'Limits' = Limits()" in shown
    assert len(shown) < 800
    assert repr(Limits(stall_s=5.0)) == "Limits(stall_s=5.0)"
