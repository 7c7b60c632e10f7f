"""Runs that belong to their cells, and what a job prints, in JupyterLab."""

from __future__ import annotations

from conftest import MakeScene

from lab.notebook import poll

LIVE = "print(len(StreamView.live()), open_producers)"
PRODUCER = """
open_producers = []
def producer(name):
    open_producers.append(name)
    try:
        for index in paced(60_000, 100):
            yield f'{name} {index} '
    finally:
        open_producers.remove(name)
"""


def lines(text: str) -> list[str]:
    return text.splitlines()


def test_a_cell_that_runs_again_stops_its_earlier_run(make_scene: MakeScene) -> None:
    scene = make_scene(PRODUCER, "view = StreamView(producer('again'))\nview", LIVE)
    scene.run(1)
    for _ in range(3):
        scene.run(2)
        scene.wait_views()
        scene.wait_chars(20)

    def live() -> str:
        scene.run(3)
        return scene.notebook.output_text(3).strip()

    poll(lambda: live() == "1 ['again']")
    assert scene.state() == "streaming"
    scene.press_stop()
    scene.wait_state("stopped")


def test_a_moved_slider_of_interact_stops_the_earlier_run(make_scene: MakeScene) -> None:
    scene = make_scene(
        PRODUCER,
        "from ipywidgets import interact\n"
        "def show(x):\n"
        "    global view\n"
        "    view = StreamView(producer(x))\n"
        "    display(view)\n"
        "interact(show, x=(0, 9));",
        LIVE,
    )
    scene.run(1)
    scene.run(2)
    scene.wait_chars(5)
    slider = scene.notebook.output(2).locator(".noUi-handle")
    slider.focus()
    for x in (5, 6, 7):
        slider.press("ArrowRight")
        scene.notebook.wait_for(
            "(begin) => document.querySelector('.sw-view')?.textContent.includes(begin)",
            f"{x} 0 {x} 1 ",
        )

    def live() -> str:
        scene.run(3)
        return scene.notebook.output_text(3).strip()

    poll(lambda: live() == "1 [7]")
    scene.press_stop()
    scene.wait_state("stopped")


def test_a_cell_becomes_a_job_beside_a_cell_that_prints(make_scene: MakeScene) -> None:
    scene = make_scene(
        "%load_ext streamwidget",
        "%%stream view --title Training\n"
        "import sys, warnings\n"
        "from tqdm import tqdm\n"
        "warnings.warn('an old name')\n"
        "for epoch in tqdm(range(3), desc='epochs'):\n"
        "    print('job', epoch)\n"
        "print('waiting', file=sys.stderr)\n"
        "work_until_the_file('go')\n"
        "display(view.title)\n"
        "sum(range(10))",
        "for n in range(3): print('cell', n)",
    )
    scene.run(1)
    scene.run(2)  # returns at once, though its job waits
    scene.wait_chars(10)
    scene.run(3)
    (scene.lab.root / "go").touch()
    scene.wait_state("finished")
    assert lines(scene.notebook.output_text(3)) == ["cell 0", "cell 1", "cell 2"]
    shown = scene.view().inner_text()
    for words in ("job 0\njob 1\njob 2", "Standard error", "an old name", "waiting", "epochs"):
        assert words in shown, words
    assert "'Training'" in shown
    assert "45" in shown
    assert "cell" not in shown
    stderr = scene.view().locator('[data-stream="stderr"]')
    assert "waiting" in stderr.last.inner_text()


def test_a_stop_ends_a_cell_that_is_a_job(make_scene: MakeScene) -> None:
    scene = make_scene(
        "%load_ext streamwidget\nended = []",
        "%%stream view\n"
        "print('begun')\n"
        "try:\n    count = 0\n    while True: count += 1\n"
        "finally:\n    ended.append(1)",
        "print(ended)",
    )
    scene.run(1)
    scene.run(2)
    scene.wait_chars(5)
    scene.press_stop()
    scene.wait_state("stopped")
    scene.run(3)
    assert scene.notebook.output_text(3).strip() == "[1]"


def test_output_of_jobs_is_in_their_own_views(make_scene: MakeScene) -> None:
    scene = make_scene(
        "import threading\n"
        "def job(name):\n"
        "    def work():\n"
        "        for n in range(200): print(name, n)\n"
        "    def run(emit):\n"
        "        emit.text('**begun**')\n"
        "        threads = [threading.Thread(target=work) for _ in range(10)]\n"
        "        for thread in threads: thread.start()\n"
        "        for thread in threads: thread.join()\n"
        "        emit.text('**ended**')\n"
        "    return run",
        "view = StreamView(job('one'), capture=True)\n"
        "other = StreamView(job('two'), capture=True)\n"
        "display(view, other)\n"
        "for n in range(200): print('cell', n)\n"
        "view.wait(), other.wait(); None",
        "print(len(view.text.splitlines()), len(other.text.splitlines()))",
    )
    scene.run(1)
    scene.run(2)
    for index, name in enumerate(("one", "two")):
        scene.wait_state("finished", index=index)
        text = scene.text(index)
        assert text.startswith(f"begun{name} 0\n")
        assert text.endswith("\nended")
        assert text.count("\n") == 2000
        assert set(text.split()) == {"ended", f"begun{name}", name, *map(str, range(200))}
    printed = [line for line in lines(scene.notebook.output_text(2)) if line.startswith("cell")]
    assert printed == [f"cell {n}" for n in range(200)]
