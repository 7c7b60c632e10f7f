"""Twenty views cost one bundle, on the wire, in the page and in the saved notebook."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import MakeScene

import streamwidget

VIEWS = 20
BUNDLE = Path(streamwidget.__file__).parent / "static" / "bundle.js.gz"
# Chosen by the brief of the project: what a view may add to a saved notebook beside its text.
MAX_BYTES_PER_VIEW = 5_000
EVALUATIONS = "() => globalThis[Symbol.for('streamwidget/evaluations')]"
# The part of the front end that every view asks for, and that all of them share.
REST_IS_HERE = """() => [...document.querySelectorAll("style")]
    .some((one) => one.textContent.includes(".sw-copycode"))"""
TOGGLE_STATE = "@jupyter-widgets/jupyterlab-manager:saveWidgetState"
SHOW = "view = StreamView(iter(['few words']), title='one of many')\nview"


@pytest.mark.parametrize("with_state", [False, True], ids=["default", "state saved"])
def test_twenty_views_share_one_bundle(make_scene: MakeScene, with_state: bool) -> None:
    scene = make_scene(*[SHOW] * VIEWS)
    if with_state:
        scene.notebook.command(TOGGLE_STATE)
    try:
        scene.run(1)
        scene.wait_state("finished")
        scene.notebook.wait_for(REST_IS_HERE)
        one_view = scene.notebook.save().stat().st_size
        for cell in range(2, VIEWS + 1):
            scene.run(cell)
        for index in range(VIEWS):
            scene.wait_state("finished", index=index)
        bundles = scene.notebook.received_over(BUNDLE.stat().st_size)
        size = scene.notebook.save().stat().st_size
    finally:
        if with_state:
            scene.notebook.command(TOGGLE_STATE)
    assert scene.page.evaluate(EVALUATIONS) == 1
    assert bundles == 1, "the bundle crossed the websocket more than once, or never"
    bytes_per_view = (size - one_view) / (VIEWS - 1)
    assert bytes_per_view < MAX_BYTES_PER_VIEW
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
