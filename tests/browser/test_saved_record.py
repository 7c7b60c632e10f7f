"""The saved notebook: a record in the place of the widget, written while the live view stays."""

from __future__ import annotations

import json
from typing import Any

import pytest
from conftest import MakeScene
from scene import Scene, Tab

from lab.notebook import poll

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
MARK = "() => { document.querySelector('.sw-view').marked = true; }"
MARKED = "() => document.querySelector('.sw-view')?.marked === true"
REPORT = """
def report(emit):
    emit.text("# Findings\\n\\nThe *sky* is blue.")
    with emit.step("Search"):
        emit.rows("papers", [{"title": f"Paper {n}", "year": 2000 + n} for n in range(3)])
    for n in range(20):
        emit.metric("loss", 1 / (n + 1))
view = StreamView(report, title="Review")
view
"""
LONG = "view = StreamView(tokens(100_000, rate=100), title='Long')\nview"


def saved_outputs(scene: Scene, cell: int = 1) -> list[dict[str, Any]]:
    scene.notebook.command("docmanager:save")  # not `save()`: the page may write once more
    return json.loads(json.dumps(scene.lab.read_notebook(scene.name).cells[cell].outputs))


def saved_record(scene: Scene, cell: int = 1) -> dict[str, Any]:
    """The first output of the saved cell, once it is a record."""

    def look() -> dict[str, Any] | None:
        output = saved_outputs(scene, cell)[0]
        return None if WIDGET_VIEW in output["data"] else output

    return poll(look, every_s=0.2)


def test_the_saved_cell_has_the_record_while_the_live_view_stays(make_scene: MakeScene) -> None:
    scene = make_scene(REPORT, "view.reopen()")
    scene.run(1)
    scene.wait_views()
    scene.page.evaluate(MARK)
    scene.wait_state("finished")
    output = saved_record(scene)
    assert set(output["data"]) == {"text/html", "text/llm+plain", "text/markdown", "text/plain"}
    assert output["metadata"]["streamwidget"]["status"] == "finished"
    assert scene.page.evaluate(MARKED), "the live view was drawn again"
    text = "".join(output["data"]["text/plain"])
    for words in ("Review", "Findings", "blue", "Paper 2", "2002", "loss"):
        assert words in text
    again = saved_record(scene)
    assert again == output, "a second save changes nothing"

    scene.notebook.reload()
    cell = scene.notebook.output(1)
    cell.locator("h3", has_text="Review").wait_for()
    assert "not found" not in scene.notebook.output_text(1)
    for words in ("Findings", "The sky is blue.", "Paper 2", "loss"):
        assert words in scene.notebook.output_text(1)
    assert cell.locator("img").evaluate("img => img.naturalWidth") > 0
    table = cell.locator("td", has_text="Paper 2")
    assert table.evaluate("cell => getComputedStyle(cell).textAlign") == "left"

    scene.run(2)
    scene.wait_state("finished")
    assert saved_record(scene, 2)["data"] == output["data"]


def test_the_reader_can_put_the_record_in_the_place_of_the_view(make_scene: MakeScene) -> None:
    scene = make_scene(REPORT, "view.reopen()")
    scene.run(1)
    scene.wait_state("finished")
    output = saved_record(scene)
    scene.page.locator(".sw-view .sw-more").click()
    scene.page.get_by_role("menuitem", name="Show the saved record").click()
    scene.page.locator(".sw-view").wait_for(state="detached")
    cell = scene.notebook.output(1)
    cell.locator("td", has_text="Paper 2").wait_for()
    assert saved_record(scene) == output
    scene.run(2)
    scene.wait_state("finished")


def test_while_it_is_live_the_saved_cell_brings_the_view_back_and_says_how_far_it_is(
    make_scene: MakeScene,
) -> None:
    scene = make_scene(LONG)
    scene.run(1)
    scene.wait_chars(50)
    data = poll(
        lambda: (found := saved_outputs(scene)[0]["data"]) and "text/markdown" in found and found
    )
    assert WIDGET_VIEW in data
    assert "Running since" in "".join(data["text/plain"])
    scene.notebook.reload()
    scene.wait_state("streaming")


def test_a_run_that_ends_while_no_tab_is_open_is_recorded_by_the_next_one(
    make_scene: MakeScene,
) -> None:
    scene = make_scene("view = StreamView(tokens(150, rate=50), title='Short')\nview")
    scene.run(1)
    scene.wait_chars(20)
    scene.notebook.save()
    scene.notebook.page.goto("about:blank")
    scene.notebook.page.wait_for_timeout(4000)
    tab = Tab(scene.chromium.open(scene.lab, scene.name))
    tab.wait_state("finished")
    scene.notebook = tab.notebook
    scene.page = tab.page
    record = saved_record(scene)
    assert "Finished" in "".join(record["data"]["text/plain"])


@pytest.mark.expects_console_errors
def test_a_kernel_that_dies_leaves_the_last_state_known(make_scene: MakeScene) -> None:
    scene = make_scene(LONG)
    scene.run(1)
    scene.wait_chars(50)
    poll(lambda: "0020" in "".join(saved_outputs(scene)[0]["data"]["text/plain"]))
    scene.notebook.kernel_process().kill()
    record = saved_record(scene)
    text = "".join(record["data"]["text/plain"])
    assert "The last state known" in text
    assert "plain" in text
    scene.notebook.dismiss_dialogs()


BOARD = """
from streamwidget import StreamBoard
import threading
go = threading.Event()
def slow(emit):
    emit.text("the slow answer")
    emit.metric("loss", 0.25)
    go.wait(120)
board = StreamBoard([StreamView(["the fast answer"], title="fast"), StreamView(slow, title="slow")])
board
"""


def test_a_board_is_saved_as_a_table_of_its_runs_and_each_run(make_scene: MakeScene) -> None:
    scene = make_scene(BOARD, "go.set()")
    scene.run(1)
    scene.page.wait_for_selector(".sw-board >> text=the slow answer")
    live = poll(
        lambda: (found := saved_outputs(scene)[0]["data"]) and "text/markdown" in found and found,
    )
    assert WIDGET_VIEW in live
    assert "slow: Running since" in "".join(live["text/plain"])
    scene.run(2)
    output = saved_record(scene)
    assert output["metadata"]["streamwidget"]["status"] == "finished"
    text = "".join(output["data"]["text/plain"])
    for words in ("2 runs: 2 finished.", "the fast answer", "the slow answer", "0.25"):
        assert words in text
    assert scene.page.locator(".sw-board").count() == 1, "the live board stays"
    assert saved_record(scene) == output, "a second save changes nothing"

    scene.notebook.reload()
    cell = scene.notebook.output(1)
    cell.locator("td", has_text="slow").first.wait_for()
    fold = cell.locator("details", has_text="slow (finished)")
    assert fold.evaluate("fold => fold.open") is False
    fold.locator("summary").click()
    assert "the slow answer" in fold.inner_text()
