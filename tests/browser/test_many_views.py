"""Twenty views cost one bundle, on the wire, in the page and in the saved notebook."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import MakeScene
from scene import Scene

import streamwidget
from lab.notebook import poll

VIEWS = 20
APP = Path(streamwidget.__file__).parent / "static" / "app.js.gz"
# Chosen by the brief of the project: what a view may add to a saved notebook beside its text, which
# is the record of its run.
MAX_BYTES_PER_VIEW = 5_000
MAX_BYTES_PER_RECORD = 3_000
EVALUATIONS = "() => globalThis[Symbol.for('streamwidget/evaluations')]"
TOGGLE_STATE = "@jupyter-widgets/jupyterlab-manager:saveWidgetState"
SHOW = "view = StreamView(iter(['few words']), title='one of many')\nview"


def records(scene: Scene) -> list[object] | None:
    """The saved outputs of all views, once each is a record."""
    scene.notebook.command("docmanager:save")
    cells = scene.lab.read_notebook(scene.name).cells[1 : VIEWS + 1]
    outputs = [cell.outputs[0] for cell in cells if cell.outputs]
    done = [output for output in outputs if "streamwidget" in output.get("metadata", {})]
    return done if len(done) == VIEWS else None


@pytest.mark.parametrize("with_state", [False, True], ids=["default", "state saved"])
def test_twenty_views_share_one_bundle(make_scene: MakeScene, with_state: bool) -> None:
    scene = make_scene(*[SHOW] * VIEWS)
    if with_state:
        scene.notebook.command(TOGGLE_STATE)
    try:
        scene.run(1)
        scene.wait_state("finished")
        one_view = scene.notebook.save().stat().st_size
        for cell in range(2, VIEWS + 1):
            scene.run(cell)
        for index in range(VIEWS):
            scene.wait_state("finished", index=index)
        bundles = scene.notebook.received_over(APP.stat().st_size)
        outputs = poll(lambda: records(scene), every_s=0.5)
        size = scene.notebook.save().stat().st_size
    finally:
        if with_state:
            scene.notebook.command(TOGGLE_STATE)
    assert scene.page.evaluate(EVALUATIONS) == 1
    assert bundles == 1, "the bundle crossed the websocket more than once, or never"
    of_records = sum(len(json.dumps(output)) for output in outputs)
    assert of_records / VIEWS < MAX_BYTES_PER_RECORD, "each holds two words"
    assert (size - one_view - of_records) / (VIEWS - 1) < MAX_BYTES_PER_VIEW
    assert scene.kernel_facts() == scene.facts(VIEWS - 1)


def test_a_reload_evaluates_the_bundle_once_for_all_views(make_scene: MakeScene) -> None:
    scene = make_scene("display(*[StreamView(tokens(4000, rate=100)) for _ in range(3)])")
    scene.run(1)
    scene.wait_views(3)
    scene.notebook.save()
    scene.notebook.reload()
    for index in range(3):
        scene.wait_chars(100, index)
    assert scene.page.evaluate(EVALUATIONS) == 1
